"""What an experiment file may say of the pictures' changes and of the network."""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from kerasvgg.config.section import Count, Positive, Section, Share, as_tuple

# A strict tuple would refuse the lists that YAML has; the items stay strict.
Pair = Annotated[tuple[Positive, Positive], Field(strict=False)]


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
    crop_scale: Pair | None = Field(
        default=None,
        description="Crop to a random share of the area, from [lower, upper] of it, and enlarge to the whole size; "
        "null: no crop.",
    )
    crop_ratio: Pair = Field(
        default=(3 / 4, 4 / 3), description="The crop's width by its height, in shares of the picture's own."
    )
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

    @field_validator("zoom_range", "crop_scale", "crop_ratio")
    @classmethod
    def _lower_first(cls, bounds: float | tuple[float, float] | None) -> float | tuple[float, float] | None:
        if isinstance(bounds, tuple) and bounds[0] > bounds[1]:
            raise ValueError("must be [lower, upper], the lower bound first")
        return bounds

    @field_validator("crop_scale")
    @classmethod
    def _part_of_the_whole(cls, scale: tuple[float, float] | None) -> tuple[float, float] | None:
        if scale and scale[1] > 1:
            raise ValueError("must be shares of at most 1")
        return scale

    @model_validator(mode="after")
    def _keras_does_not_crop(self) -> Self:
        if self.crop_scale and self.quirks == "keras":
            raise ValueError("must not have `crop_scale` with `quirks: keras`, because Keras does not crop")
        return self


Counts = Annotated[
    tuple[Count, ...],
    Field(strict=False),
    BeforeValidator(as_tuple, json_schema_input_type=Count | tuple[Count, ...]),
]
Base = Literal[
    "small_cnn",
    "mnist_cnn",
    "gender_cnn",
    "expression_cnn",
    "vgg11",
    "vgg11_lrn",
    "vgg13",
    "vgg16_c",
    "vgg16",
    "vgg19",
]
PRETRAINED = ("vgg16", "vgg19")


class Head(Section):
    """The dense layers on top of the base."""

    pooling: Literal["flatten", "average"] = Field(
        default="flatten", description="How the base's feature maps become one vector."
    )
    units: Counts = Field(default=(), description="Units of each hidden dense layer: a number or a list; []: none.")
    input_dropout: Share = Field(default=0.0, description="Dropout before the first dense layer.")
    dropout: Share | Annotated[tuple[Share, ...], Field(strict=False)] = Field(
        default=0.0, description="Dropout after each hidden dense layer: a share, or a list with one for each."
    )
    output: Literal["sigmoid", "softmax"] | None = Field(
        default=None,
        description="sigmoid: one unit for two classes; softmax: a unit per class. Default: sigmoid for two classes.",
    )

    @property
    def drops(self) -> bool:
        """Whether there is any dropout."""
        return bool(self.input_dropout) or any(self.dropout if isinstance(self.dropout, tuple) else (self.dropout,))

    @field_validator("dropout")
    @classmethod
    def _one_for_each(cls, dropout: float | tuple[float, ...], info: ValidationInfo) -> float | tuple[float, ...]:
        units = info.data.get("units", ())
        if isinstance(dropout, tuple) and len(dropout) != len(units):
            raise ValueError(f"must be one share, or one for each of the {len(units)} `units`")
        return dropout


def _weights(data: dict[str, Any]) -> Literal["imagenet"] | None:
    return "imagenet" if data["base"] in PRETRAINED else None


def _preprocessing(data: dict[str, Any]) -> Literal["vgg", "unit"]:
    return "vgg" if data["weights"] == "imagenet" else "unit"


class Model(Section):
    """The network: a base, where its weights come from, and a head."""

    base: Base = Field(
        description="The convolutional part: small networks, or VGG's columns A, A-LRN, B, C (vgg16_c), D (vgg16), E."
    )
    weights: Literal["imagenet"] | None = Field(
        default_factory=_weights,
        description="What the base starts from; null: random. Default: imagenet for vgg16 and vgg19.",
    )
    preprocessing: Literal["vgg", "unit", "half", "gray", "bgr", "rgb_mean"] = Field(
        default_factory=_preprocessing,
        description="What the model does to pixels first. vgg: BGR minus ImageNet's mean; unit: 0 to 1; "
        "half: -1 to 1; gray: one channel, 0 to 1; bgr: BGR, 0 to 255; rgb_mean: RGB minus ImageNet's mean. "
        "Default: vgg with imagenet weights, else unit.",
    )
    accept_preprocessing: bool = Field(
        default=False,
        description="Say nothing of a preprocessing that imagenet weights were not trained on, because it is meant.",
    )
    batch_normalization: bool = Field(
        default=False, description="Normalise the output of every convolution of the base before its relu."
    )
    weight_decay: float = Field(
        default=0.0, ge=0, lt=1, description="L2 penalty on the kernels of convolutions and dense layers."
    )
    initialization: Literal["glorot_uniform", "he_normal", "vgg_blog", "gender_blog"] = Field(
        default="glorot_uniform",
        description="Where random weights come from: Keras' default, He's for relu, or two sources' own.",
    )
    head: Head = Field(default=Head(), description="The dense layers on top.")

    @field_validator("weights")
    @classmethod
    def _weights_exist(cls, weights: str | None, info: ValidationInfo) -> str | None:
        base = info.data.get("base")
        if weights and base and base not in PRETRAINED:
            raise ValueError(f"must be null for {base}, which has no pretrained weights")
        return weights

    @field_validator("preprocessing")
    @classmethod
    def _colours_fit(cls, kind: str, info: ValidationInfo) -> str:
        if kind == "gray" and info.data.get("weights"):
            raise ValueError("must keep the three colours that imagenet weights are for")
        return kind

    @field_validator("batch_normalization")
    @classmethod
    def _weights_fit(cls, normalized: bool, info: ValidationInfo) -> bool:
        if normalized and info.data.get("weights"):
            raise ValueError("must be false with imagenet weights, which were trained without it")
        return normalized
