"""What can be said of the network."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from kerasvgg.backbones.registry import BACKBONES, OWN, PRETRAINED
from kerasvgg.settings import Count, Section, Share, Text, as_tuple

Counts = Annotated[
    tuple[Count, ...],
    Field(strict=False),
    BeforeValidator(as_tuple, json_schema_input_type=Count | tuple[Count, ...]),
]
if TYPE_CHECKING:
    Base = str
else:
    Base = Literal[(*BACKBONES, OWN)]


class Head(Section):
    """The dense layers on top of the base."""

    pooling: Literal["flatten", "average"] = Field(
        default="flatten", description="How the base's feature maps become one vector."
    )
    stages: tuple[Text, ...] | None = Field(
        default=None,
        strict=False,
        min_length=1,
        description="Take the averages of what several stages of the base end with, each scaled to length 1, side by "
        "side: [block4, block5]; what comes after the last of them is left away. null: the base's last output.",
    )
    units: Counts = Field(default=(), description="Units of each hidden dense layer: a number or a list; []: none.")
    input_dropout: Share = Field(default=0.0, description="Dropout before the first dense layer.")
    dropout: Share | Annotated[tuple[Share, ...], Field(strict=False)] = Field(
        default=0.0, description="Dropout after each hidden dense layer: a share, or a list with one for each."
    )
    output: Literal["sigmoid", "softmax"] | None = Field(
        default=None,
        description="sigmoid: one unit for two classes, or one for each class where pictures have several; softmax: a "
        "unit per class. Default: sigmoid for two classes, and where pictures have several.",
    )

    @property
    def drops(self) -> bool:
        """Whether there is any dropout."""
        return bool(self.input_dropout) or any(self.dropout if isinstance(self.dropout, tuple) else (self.dropout,))

    @field_validator("stages")
    @classmethod
    def _stages_are_averaged(cls, stages: tuple[str, ...] | None, info: ValidationInfo) -> tuple[str, ...] | None:
        if stages and info.data.get("pooling") != "average":
            raise ValueError("must go together with `pooling: average`")
        return stages

    @field_validator("dropout")
    @classmethod
    def _one_for_each(cls, dropout: float | tuple[float, ...], info: ValidationInfo) -> float | tuple[float, ...]:
        units = info.data.get("units", ())
        if isinstance(dropout, tuple) and len(dropout) != len(units):
            raise ValueError(f"must be one share, or one for each of the {len(units)} `units`")
        return dropout


def _weights(data: dict[str, Any]) -> Literal["imagenet"] | None:
    return "imagenet" if data["base"] in PRETRAINED else None


def _preprocessing(data: dict[str, Any]) -> Any:
    return BACKBONES[data["base"]].preprocessing if data["weights"] == "imagenet" else "unit"


class Model(Section):
    """The network: a base, where its weights come from, and a head."""

    base: Base = Field(
        description="The convolutional part: small networks, VGG's columns A, A-LRN, B, C (vgg16_c), D (vgg16), E, or "
        "one of the other families; own: a keras.Model that a program gives."
    )
    weights: Literal["imagenet"] | None = Field(
        default_factory=_weights,
        description="What the base starts from; null: random. Default: imagenet for bases that have such weights.",
    )
    preprocessing: Literal["vgg", "unit", "half", "gray", "bgr", "rgb_mean", "torch", "none"] = Field(
        default_factory=_preprocessing,
        description="What the model does to pixels first. vgg: BGR minus ImageNet's mean; unit: 0 to 1; "
        "half: -1 to 1; gray: one channel, 0 to 1; bgr: BGR, 0 to 255; rgb_mean: RGB minus ImageNet's mean; "
        "torch: 0 to 1, minus ImageNet's mean, by its deviation; none: RGB, 0 to 255. Default: what imagenet "
        "weights want, else unit.",
    )
    accept_preprocessing: bool = Field(
        default=False,
        description="Say nothing of a preprocessing that imagenet weights were not trained on, because it is meant.",
    )
    batch_normalization: bool = Field(
        default=False, description="Normalise the output of every convolution of the base before its relu."
    )
    weight_decay: float = Field(
        default=0.0,
        ge=0,
        lt=1,
        description="L2 penalty on the kernels of convolutions and dense layers; of other families than VGG and the "
        "small networks, on the head's alone.",
    )
    batch_statistics: Literal["fixed", "trained"] | None = Field(
        default=None,
        description="Whether batch normalisation of the base trains with the layers around it, and its statistics "
        "follow the pictures; null: fixed with imagenet weights or a base of a program's own, else trained.",
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

    @field_validator("head")
    @classmethod
    def _stages_are_the_bases(cls, head: Head, info: ValidationInfo) -> Head:
        known = BACKBONES[base].stages if (base := info.data.get("base")) in BACKBONES else ()
        if base and head.stages and (strange := [stage for stage in head.stages if stage not in known]):
            raise ValueError(f"must have `stages` among {', '.join(known) or 'none'} for {base}, not {strange[0]}")
        return head

    @field_validator("batch_normalization", "initialization")
    @classmethod
    def _layers_can_be_made_so(cls, value: Any, info: ValidationInfo) -> Any:
        base, plain = info.data.get("base"), cls.model_fields[str(info.field_name)].default
        if value != plain and base and (base == OWN or not BACKBONES[base].takes_style):
            raise ValueError(f"must be {str(plain).lower()} for {base}, whose layers are made in one way only")
        return value
