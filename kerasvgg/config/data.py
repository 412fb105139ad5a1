"""What an experiment says of its pictures: which, split how, at what size."""

from math import fsum
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from kerasvgg.data.pictures.resizing import Fit, Interpolation, Resizing
from kerasvgg.settings import Count, Fraction, Section, Text

AnyFit = Literal[Fit, "auto"]
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
        "to a folder already split into train, validation and test, or to one that `kerasvgg features` has filled; "
        "or a path for each part."
    )
    labels: Text | None = Field(
        default=None,
        description="Path of a CSV file that says the classes instead of folders, with the columns path (from the data "
        "set's folder), class (or several, joined by |) and, where wanted, split and group; null: labels.csv in the "
        "folder, where no names do.",
    )
    classes: tuple[Text, ...] | None = Field(
        default=None, strict=False, min_length=2, description="Take only these classes; null: all of them."
    )
    split: Split | None = Field(default=None, description="How to split; null: the source is already split.")
    parts_of: Text | None = Field(
        default=None,
        description="Path of the split.csv of an earlier run: pictures that it has, by content, keep their part, what "
        "belongs together with them or shows the same comes to it, and `split` divides the others of a folder that is "
        "not split; null: all are divided.",
    )
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
    fit: AnyFit = Field(
        default="squeeze",
        description="What becomes of other proportions than image_size has. squeeze: the picture is distorted to them, "
        "as in the book. pad: it keeps its own, with ImageNet's mean colour on both sides. crop: it keeps its own, and "
        "its middle is cut out. auto: the best of these by folds, unless nearly all pictures have the proportions of "
        "image_size (only with `auto`).",
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
        """How each picture comes to the size that the model takes; until it is chosen, squeezed."""
        return Resizing(self.image_size, self.interpolation, "squeeze" if self.fit == "auto" else self.fit)

    @property
    def folders(self) -> dict[str, str]:
        """The path of each part, where the data set has one for each; else nothing."""
        named = self.dataset.model_dump() if isinstance(self.dataset, Folders) else {}
        return {part: path for part, path in named.items() if path}

    @field_validator("labels", "split", "parts_of")
    @classmethod
    def _parts_are_given_once(cls, given: Any, info: ValidationInfo) -> Any:
        if given and isinstance(info.data.get("dataset"), Folders):
            raise ValueError("must be null, because `data.dataset` names the parts")
        return given

    @field_validator("parts_of")
    @classmethod
    def _new_pictures_are_divided(cls, parts_of: str | None, info: ValidationInfo) -> str | None:
        if parts_of and "split" in info.data and info.data["split"] is None:
            raise ValueError("must go together with `data.split`, which says how new pictures are divided")
        return parts_of

    @field_validator("classes")
    @classmethod
    def _classes_differ(cls, classes: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if classes and len(set(classes)) < len(classes):
            raise ValueError("must name each class once")
        return classes
