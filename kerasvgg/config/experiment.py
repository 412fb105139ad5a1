"""What an experiment file may say: frozen, validated types, each field with the sentence that documents it."""

from math import fsum
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from kerasvgg.config.model import Head, Model
from kerasvgg.data.augmentation.augment import Augmentation
from kerasvgg.data.pictures.resizing import Fit, Interpolation, Resizing
from kerasvgg.settings import Count, Fraction, Positive, Section, Text
from kerasvgg.training.phase import Phase

CHOSEN_BY_AUTO = ("train", "augment", "keep", "log_iterations", "stochastic_passes", "test_time_flip")
Side = Annotated[int, Field(ge=8, le=2048)]


class Split(Section):
    """How many pictures of each class go where: all whole numbers or all fractions."""

    train: Count | Fraction | None = Field(
        default=None,
        description="Training pictures per class, or the fraction of them; left out: the rest (fractions only).",
    )
    validation: Count | Fraction | None = Field(
        default=None, description="Validation pictures per class, or the fraction of each class; needed unless `folds`."
    )
    test: Count | Fraction | None = Field(
        default=None, description="Test pictures per class, or the fraction of each class; null: no test split."
    )
    folds: Annotated[int, Field(ge=2, le=20)] | None = Field(
        default=None,
        description="Instead of parts: hold each picture out once, in one of so many folds (only with `auto`); the "
        "figures are of pictures held out, the saved model is fitted on all.",
    )
    stratify: bool = Field(
        default=True,
        description="Fractions of each class; false: of all pictures together, so that classes may differ a little.",
    )

    keep_together: bool = Field(
        default=False,
        description="Put pictures that show the same (copies, resized, cropped by a little, mirrored) into one part.",
    )

    @model_validator(mode="after")
    def _amounts_or_folds(self) -> Self:
        given = self.train, self.validation, self.test
        amounts = [amount for amount in given if amount is not None]
        if self.folds and (amounts or not self.stratify):
            raise ValueError("must say either `folds`, which are stratified, or amounts for each part")
        if not self.folds and self.validation is None:
            raise ValueError("must say `validation`, or `folds`")
        if amounts:
            self._check_amounts(amounts)
        return self

    def _check_amounts(self, amounts: list[float]) -> None:
        whole = [isinstance(amount, int) for amount in amounts]
        if any(whole) and not all(whole):
            raise ValueError("must be all whole numbers (pictures per class) or all fractions (of each class)")
        if all(whole) and self.train is None:
            raise ValueError("must say `train` too, because whole numbers are pictures per class")
        if not any(whole) and fsum(amounts) > 1:
            raise ValueError("must be fractions that sum to at most 1")
        if self.train is None and fsum(amounts) >= 1:
            raise ValueError("must leave pictures to train on")
        if all(whole) and not self.stratify:
            raise ValueError("must be fractions with `stratify: false`, because whole numbers are pictures per class")


class Folders(Section):
    """Folders of class folders, or flat folders of cat.0.jpg and dog.0.jpg, one for each part."""

    train: Text = Field(description="Path of the training pictures.")
    validation: Text = Field(description="Path of the validation pictures.")
    test: Text | None = Field(default=None, description="Path of the test pictures; null: no test split.")


class Data(Section):
    """Which pictures, split how, at what size."""

    dataset: Text | Folders = Field(
        description="A catalog name, or a path to class folders, to a flat folder of cat.0.jpg and dog.0.jpg, "
        "or to a folder already split into train, validation and test; or a path for each of these."
    )
    labels: Text | None = Field(
        default=None,
        description="Path of a CSV file that says the classes instead of folders, with the columns path (from the data "
        "set's folder), class and, where wanted, split and group; null: labels.csv in the folder, where no names do.",
    )
    classes: tuple[Text, ...] | None = Field(
        default=None, strict=False, min_length=2, description="Take only these classes; null: all of them."
    )
    split: Split | None = Field(default=None, description="How to split; null: the source is already split.")
    accept_duplicates: bool = Field(
        default=False,
        description="Train although the same file or group lies in two parts of the split, as published data sets have "
        "it; false: refuse to.",
    )
    leave_out_last: int = Field(
        default=0, ge=0, description="Leave out the last so many files of each class, by their names; 0: none."
    )
    image_size: tuple[Side, Side] = Field(strict=False, description="[height, width] in pixels.")
    interpolation: Interpolation = Field(
        default="bilinear", description="How pictures are resized; the book's scripts used nearest."
    )
    fit: Fit = Field(
        default="squeeze",
        description="What becomes of other proportions than image_size has. squeeze: the picture is distorted to them, "
        "as in the book. pad: it keeps its own, with ImageNet's mean colour on both sides. crop: it keeps its own, and "
        "its middle is cut out.",
    )
    batch_size: Count = Field(default=32, description="Pictures per batch.")
    on_conflicting_labels: Literal["keep", "skip"] = Field(
        default="keep",
        description="What becomes of the same file in two classes, of which one must be wrong: keep both, or skip both "
        "and say so.",
    )
    on_bad_file: Literal["stop", "skip"] = Field(
        default="stop",
        description="When a picture's file goes missing or bad while the run goes on: stop and name it, or skip it and "
        "go on with the others. Files that are bad from the start never come into the split.",
    )

    @property
    def resizing(self) -> Resizing:
        """How each picture comes to the size that the model takes."""
        return Resizing(self.image_size, self.interpolation, self.fit)

    @property
    def folders(self) -> dict[str, str]:
        """The path of each part, where the data set has one for each; else nothing."""
        named = self.dataset.model_dump() if isinstance(self.dataset, Folders) else {}
        return {part: path for part, path in named.items() if path}

    @field_validator("labels", "split")
    @classmethod
    def _parts_are_given_once(cls, given: Any, info: ValidationInfo) -> Any:
        if given and isinstance(info.data.get("dataset"), Folders):
            raise ValueError("must be null, because `data.dataset` names the parts")
        return given

    @field_validator("classes")
    @classmethod
    def _classes_differ(cls, classes: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if classes and len(set(classes)) < len(classes):
            raise ValueError("must name each class once")
        return classes


class Auto(Section):
    """Head and training chosen by validation, in place of `model.head` and `train`."""

    minutes: Positive | None = Field(
        default=None, description="About how long a run may take; what would take longer is not tried. null: no limit."
    )
    fine_tuning: bool = Field(
        default=True, description="Try fine-tuning the base's last stage too, if it fits into the time."
    )


class Experiment(Section):
    """A whole experiment: what `kerasvgg run` needs to know."""

    seed: int = Field(
        default=0, ge=0, le=2**32 - 1, description="Where all randomness comes from; equal seeds, equal runs."
    )
    data: Data = Field(description="Which pictures, split how, at what size.")
    augment: Augmentation | None = Field(
        default=None, description="Random changes to the training pictures; null: none."
    )
    augment_copies: Count | Literal["fresh"] = Field(
        default="fresh",
        description="How many augmented views of each training picture there are, used in turn epoch by epoch, so that "
        "frozen layers see each view once; where mirroring is all, two: the picture and its mirror image. fresh: a new "
        "view in every epoch, as the chapter has it, which costs more.",
    )
    model: Model = Field(description="The network.")
    feature_dtype: Literal["float32", "float16"] = Field(
        default="float32",
        description="How the frozen layers' outputs are kept. float16 takes half the room and rounds them.",
    )
    train: tuple[Phase, ...] = Field(
        default=(),
        strict=False,
        description="The rounds of training, one after the other; left out where `auto` chooses.",
    )
    auto: Auto | None = Field(
        default=None,
        description="Choose the head and how it is trained by validation: logistic regression on the averages of "
        "several stages, then fine-tuning where that is better. null: train as `train` says.",
    )
    keep: Literal["best", "last"] = Field(
        default="best",
        description="Which epoch's weights become the model file. best: the highest validation accuracy, "
        "ties by lower validation loss.",
    )
    stop_when_dead: bool = Field(
        default=True,
        description="Stop with advice when training learns nothing: a loss that is no number or stuck where a guess "
        "is, one class for everything, validation below chance. false: go on to the end.",
    )
    log_iterations: bool = Field(
        default=False, description="Note loss and accuracy of every training batch too, in iterations.csv."
    )
    stochastic_passes: Count | None = Field(
        default=None,
        le=10_000,
        description="Score with dropout at work, so many times, and take the mean of the probabilities; "
        "null: score once without dropout, as is right.",
    )

    test_time_flip: bool = Field(
        default=False,
        description="Predict each picture as the mean of its own probabilities and of its mirror image's; the model "
        "file says so, and kerasvgg's predictions follow it.",
    )

    @field_validator("augment")
    @classmethod
    def _engine_knows_the_fit(cls, augment: Augmentation | None, info: ValidationInfo) -> Augmentation | None:
        fit = info.data["data"].fit if "data" in info.data else "squeeze"
        if augment and augment.engine == "imagedatagenerator" and fit != "squeeze":
            raise ValueError(f"must have `engine: tfdata` with `data.fit: {fit}`, because flow_from_directory squeezes")
        return augment

    @field_validator("augment_copies")
    @classmethod
    def _copies_are_augmented(cls, copies: int | str, info: ValidationInfo) -> int | str:
        if copies != "fresh" and "augment" in info.data and info.data["augment"] is None:
            raise ValueError("must go together with `augment`, which says how the copies differ")
        return copies

    @model_validator(mode="after")
    def _trained_in_one_way(self) -> Self:
        if not self.train and self.auto is None:
            raise ValueError("must say in `train` which rounds of training there are, or `auto: {}` to have it chosen")
        if self.auto is None and self.data.split and self.data.split.folds:
            raise ValueError(
                "must have `auto` for `data.split.folds`, because rounds of training need a validation part"
            )
        if self.auto is None:
            return self
        if said := [name for name in CHOSEN_BY_AUTO if getattr(self, name) != type(self).model_fields[name].default]:
            raise ValueError(f"must leave out `{said[0]}` with `auto`, which chooses itself")
        if self.model.head != Head():
            raise ValueError("must leave out `model.head` with `auto`, which chooses it")
        if not self.model.weights:
            raise ValueError("must have a `model.base` with imagenet weights for `auto`, which trains only its end")
        return self

    @model_validator(mode="after")
    def _passes_differ(self) -> Self:
        if self.stochastic_passes and not self.model.head.drops:
            raise ValueError("must have dropout in `model.head` for `stochastic_passes` to differ")
        if self.stochastic_passes and self.test_time_flip:
            raise ValueError("must have either `stochastic_passes` or `test_time_flip`")
        return self
