"""What an experiment file may say: frozen, validated types, each field with the sentence that documents it."""

from math import fsum
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from kerasvgg.config.section import Count, Fraction, Positive, Section, Text, as_tuple
from kerasvgg.config.training import Phase

Side = Annotated[int, Field(ge=8, le=2048)]
Share = Annotated[float, Field(ge=0, lt=1)]
# A strict tuple would refuse the lists that YAML has; the items stay strict.
Pair = Annotated[tuple[Positive, Positive], Field(strict=False)]
Counts = Annotated[
    tuple[Count, ...],
    Field(strict=False),
    BeforeValidator(as_tuple, json_schema_input_type=Count | tuple[Count, ...]),
]


class Split(Section):
    """How many pictures of each class go where: all whole numbers or all fractions."""

    train: Count | Fraction | None = Field(
        default=None,
        description="Training pictures per class, or the fraction of them; left out: the rest (fractions only).",
    )
    validation: Count | Fraction = Field(description="Validation pictures per class, or the fraction of each class.")
    test: Count | Fraction | None = Field(
        default=None, description="Test pictures per class, or the fraction of each class; null: no test split."
    )

    @model_validator(mode="after")
    def _amounts_agree(self) -> Self:
        amounts = [amount for amount in (self.train, self.validation, self.test) if amount is not None]
        whole = [isinstance(amount, int) for amount in amounts]
        if any(whole) and not all(whole):
            raise ValueError("must be all whole numbers (pictures per class) or all fractions (of each class)")
        if all(whole) and self.train is None:
            raise ValueError("must say `train` too, because whole numbers are pictures per class")
        if not any(whole) and fsum(amounts) > 1:
            raise ValueError("must be fractions that sum to at most 1")
        if self.train is None and fsum(amounts) >= 1:
            raise ValueError("must leave pictures to train on")
        return self


class Data(Section):
    """Which pictures, split how, at what size."""

    dataset: Text = Field(
        description="A catalog name, or a path to class folders, to a flat folder of cat.0.jpg and dog.0.jpg, "
        "or to a folder already split into train, validation and test."
    )
    classes: tuple[Text, ...] | None = Field(
        default=None, strict=False, min_length=2, description="Take only these classes; null: all of them."
    )
    split: Split | None = Field(default=None, description="How to split; null: the source is already split.")
    image_size: tuple[Side, Side] = Field(strict=False, description="[height, width] in pixels.")
    interpolation: Literal["nearest", "bilinear", "bicubic", "lanczos", "box", "hamming"] = Field(
        default="bilinear", description="How pictures are resized; the book's scripts used nearest."
    )
    batch_size: Count = Field(default=32, description="Pictures per batch.")
    on_bad_file: Literal["stop", "skip"] = Field(
        default="stop",
        description="When a picture's file goes missing or bad while the run goes on: stop and name it, or skip it and "
        "go on with the others. Files that are bad from the start never come into the split.",
    )

    @field_validator("classes")
    @classmethod
    def _classes_differ(cls, classes: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if classes and len(set(classes)) < len(classes):
            raise ValueError("must name each class once")
        return classes


class Augment(Section):
    """Random changes to the training pictures."""

    rotation_range: float = Field(default=0.0, ge=0, le=180, description="Rotate by up to so many degrees.")
    width_shift_range: Share = Field(default=0.0, description="Shift by up to this fraction of the width.")
    height_shift_range: Share = Field(default=0.0, description="Shift by up to this fraction of the height.")
    shear_range: float = Field(
        default=0.0, ge=0, description="Shear by up to this angle: in radians, or in degrees with quirks: keras."
    )
    zoom_range: Share | Pair = Field(
        default=0.0, description="Zoom by a factor from 1 - zoom_range to 1 + zoom_range, or from [lower, upper]."
    )
    horizontal_flip: bool = Field(default=False, description="Mirror every second picture, at random.")
    vertical_flip: bool = Field(default=False, description="Turn every second picture upside down, at random.")
    fill_mode: Literal["nearest", "constant", "reflect", "wrap"] = Field(
        default="nearest", description="What fills the places that a change leaves empty."
    )
    cval: float = Field(default=0.0, ge=0, le=255, description="The pixel value for fill_mode: constant.")
    engine: Literal["tfdata", "imagedatagenerator"] = Field(
        default="tfdata", description="Who does it: one affine transform in tf.data, or Keras' ImageDataGenerator."
    )
    quirks: Literal["fixed", "keras"] = Field(
        default="fixed",
        description="fixed: height_shift_range moves pictures up and down, width_shift_range sideways, and "
        "shear_range is in radians, as the recipes of 2017 meant. keras: today's ImageDataGenerator to the letter, "
        "where height_shift_range moves pictures sideways and shear_range is in degrees.",
    )

    @field_validator("zoom_range")
    @classmethod
    def _lower_first(cls, zoom: float | tuple[float, float]) -> float | tuple[float, float]:
        if isinstance(zoom, tuple) and zoom[0] > zoom[1]:
            raise ValueError("must be [lower, upper], the lower bound first")
        return zoom


class Head(Section):
    """The dense layers on top of the base."""

    pooling: Literal["flatten", "average"] = Field(
        default="flatten", description="How the base's feature maps become one vector."
    )
    units: Counts = Field(default=(), description="Units of each hidden dense layer: a number or a list; []: none.")
    input_dropout: Share = Field(default=0.0, description="Dropout before the first dense layer.")
    dropout: Share = Field(default=0.0, description="Dropout after each hidden dense layer.")


def _weights(data: dict[str, Any]) -> Literal["imagenet"] | None:
    return None if data["base"] == "small_cnn" else "imagenet"


def _preprocessing(data: dict[str, Any]) -> Literal["vgg", "unit"]:
    return "vgg" if data["weights"] == "imagenet" else "unit"


class Model(Section):
    """The network: a base, where its weights come from, and a head."""

    base: Literal["small_cnn", "vgg16", "vgg19"] = Field(description="The convolutional part.")
    weights: Literal["imagenet"] | None = Field(
        default_factory=_weights,
        description="What the base starts from; null: random. Default: imagenet for vgg16 and vgg19.",
    )
    preprocessing: Literal["vgg", "unit", "half"] = Field(
        default_factory=_preprocessing,
        description="What the model does to pixels first. vgg: BGR minus ImageNet's mean; unit: 0 to 1; "
        "half: -1 to 1. Default: vgg with imagenet weights, else unit.",
    )
    head: Head = Field(default=Head(), description="The dense layers on top.")

    @field_validator("weights")
    @classmethod
    def _weights_exist(cls, weights: str | None, info: ValidationInfo) -> str | None:
        if weights and info.data.get("base") == "small_cnn":
            raise ValueError("must be null for small_cnn, which has no pretrained weights")
        return weights


class Experiment(Section):
    """A whole experiment: what `kerasvgg run` needs to know."""

    seed: int = Field(
        default=0, ge=0, le=2**32 - 1, description="Where all randomness comes from; equal seeds, equal runs."
    )
    data: Data = Field(description="Which pictures, split how, at what size.")
    augment: Augment | None = Field(default=None, description="Random changes to the training pictures; null: none.")
    augment_copies: Count | Literal["fresh"] = Field(
        default="fresh",
        description="How many augmented views of each training picture there are, used in turn epoch by epoch, so that "
        "frozen layers see each view once. fresh: a new view in every epoch, as the chapter has it, which costs more.",
    )
    model: Model = Field(description="The network.")
    feature_dtype: Literal["float32", "float16"] = Field(
        default="float32",
        description="How the frozen layers' outputs are kept. float16 takes half the room and rounds them.",
    )
    train: tuple[Phase, ...] = Field(
        strict=False, min_length=1, description="The rounds of training, one after the other."
    )
    keep: Literal["best", "last"] = Field(
        default="best",
        description="Which epoch's weights become the model file. best: the highest validation accuracy, "
        "ties by lower validation loss.",
    )

    @field_validator("augment_copies")
    @classmethod
    def _copies_are_augmented(cls, copies: int | str, info: ValidationInfo) -> int | str:
        if copies != "fresh" and "augment" in info.data and info.data["augment"] is None:
            raise ValueError("must go together with `augment`, which says how the copies differ")
        return copies
