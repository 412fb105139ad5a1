"""What all recipes can be told, and what they assume otherwise."""

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any, TypedDict


class Options(TypedDict, total=False):
    """Keyword arguments that every recipe takes; each recipe's text names the defaults it changes."""

    base: str  # small_cnn, vgg16 or vgg19; "vgg16"
    weights: str | None  # "imagenet", or None for random ones; "imagenet"
    class_names: Sequence[str]  # in the order of the label numbers; the folders' names in alphabetical order
    image_size: tuple[int, int]  # height, width in pixels; (150, 150)
    interpolation: str  # nearest, bilinear, bicubic, lanczos, box or hamming; "bilinear"
    preprocessing: str  # vgg (BGR minus the ImageNet mean), unit (0..1) or half (-1..1); "vgg"
    pooling: str  # flatten or average; "flatten"
    units: Sequence[int]  # of the head's dense layers; (256,)
    input_dropout: float  # share dropped before the first dense layer, 0..1; 0
    dropout: float  # share dropped after each dense layer, 0..1; 0
    optimizer: str  # rmsprop, adam or sgd; "rmsprop"
    batch_size: int  # 20
    steps_per_epoch: int | None  # batches an epoch; None: one pass over the pictures
    validation_steps: int | None  # likewise
    augment: Mapping[str, Any] | None  # arguments of kerasvgg.data.augment.Augmentation; None
    augment_copies: int | None  # views of each picture, cycled through; None: a fresh one in every epoch
    feature_folder: str | PathLike[str] | None  # where frozen layers' outputs are kept; None: nowhere
    feature_dtype: str  # float32, or float16 for half the room and rounded features; "float32"
    keep: str  # "best" by validation accuracy, or "last"; "best"
    seed: int  # 0
    run_folder: str | PathLike[str] | None  # where the run is written; None: nowhere


DEFAULTS = Options(
    base="vgg16",
    weights="imagenet",
    image_size=(150, 150),
    interpolation="bilinear",
    preprocessing="vgg",
    pooling="flatten",
    units=(256,),
    input_dropout=0.0,
    dropout=0.0,
    optimizer="rmsprop",
    batch_size=20,
    steps_per_epoch=None,
    validation_steps=None,
    augment=None,
    augment_copies=None,
    feature_folder=None,
    feature_dtype="float32",
    keep="best",
    seed=0,
    run_folder=None,
)
