"""What all recipes can be told, and what they assume otherwise."""

from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any, TypedDict

from kerasvgg.data.pictures.loading import POLICIES
from kerasvgg.errors import ConfigError

FEATURE_DTYPES = ("float32", "float16")


class Options(TypedDict, total=False):
    """Keyword arguments that every recipe takes; each recipe's text names the defaults it changes."""

    base: str  # one of kerasvgg.models.base.BASES; "vgg16"
    weights: str | None  # "imagenet", or None for random ones; "imagenet"
    class_names: Sequence[str]  # in the order of the label numbers; the folders' names in alphabetical order
    image_size: tuple[int, int]  # height, width in pixels; (150, 150)
    interpolation: str  # nearest, bilinear, bicubic, lanczos, box or hamming; "bilinear"
    preprocessing: str  # one of kerasvgg.models.preprocessing.KINDS; "vgg"
    accept_preprocessing: bool  # do not warn of one that imagenet weights were not trained on; False
    batch_normalization: bool  # of every convolution of the base; False
    weight_decay: float  # L2 penalty on kernels; 0
    initialization: str  # of random weights, one of kerasvgg.models.initialization.SCHEMES; "glorot_uniform"
    pooling: str  # flatten or average; "flatten"
    units: Sequence[int]  # of the head's dense layers; (256,)
    input_dropout: float  # share dropped before the first dense layer, 0..1; 0
    dropout: float  # share dropped after each dense layer, 0..1; 0
    output: str | None  # sigmoid (two classes) or softmax; None: sigmoid for two classes
    optimizer: str  # rmsprop, adam or sgd; "rmsprop"
    loss: str  # mean or sum of a batch's cross entropies; "mean"
    class_weight: str | None  # "balanced": every class has the same say in the loss; None
    windows: Mapping[str, Any] | None  # arguments of kerasvgg.data.windows.Windows; None: shuffled batches
    batch_size: int  # 20
    steps_per_epoch: int | None  # batches an epoch; None: one pass over the pictures
    validation_steps: int | None  # likewise
    early_stopping: Mapping[str, Any] | None  # arguments of kerasvgg.recipes.schedule.EarlyStopping, each phase; None
    reduce_learning_rate: Mapping[str, Any] | None  # likewise of ReduceLearningRate; None
    augment: Mapping[str, Any] | None  # arguments of kerasvgg.data.augment.Augmentation; None
    augment_copies: int | None  # views of each picture, cycled through; None: a fresh one in every epoch
    feature_folder: str | PathLike[str] | None  # keeps frozen layers' outputs for later calls; None: they go at the end
    feature_dtype: str  # float32, or float16 for half the room and rounded features; "float32"
    on_bad_file: str  # when a file goes missing or bad meanwhile: "stop", or "skip" it; "stop"
    keep: str  # "best" by validation accuracy, or "last"; "best"
    stop_when_dead: bool  # raise DeadRunError when nothing is learnt; True
    log_iterations: bool  # note every training batch too; False
    seed: int  # 0
    run_folder: str | PathLike[str] | None  # where the run is written; None: nowhere
    resume: bool  # go on from the newest state in `run_folder`, if there is one; False
    force: bool  # resume although settings, pictures or versions have changed since; False


DEFAULTS = Options(
    base="vgg16",
    weights="imagenet",
    image_size=(150, 150),
    interpolation="bilinear",
    preprocessing="vgg",
    accept_preprocessing=False,
    batch_normalization=False,
    weight_decay=0.0,
    initialization="glorot_uniform",
    pooling="flatten",
    units=(256,),
    input_dropout=0.0,
    dropout=0.0,
    output=None,
    optimizer="rmsprop",
    loss="mean",
    class_weight=None,
    windows=None,
    batch_size=20,
    steps_per_epoch=None,
    validation_steps=None,
    early_stopping=None,
    reduce_learning_rate=None,
    augment=None,
    augment_copies=None,
    feature_folder=None,
    feature_dtype="float32",
    on_bad_file="stop",
    keep="best",
    stop_when_dead=True,
    log_iterations=False,
    seed=0,
    run_folder=None,
    resume=False,
    force=False,
)


def check_options(options: Mapping[str, Any]) -> None:
    """Raises ConfigError for options that no recipe knows, and for wrong ones that would only show after hours."""
    unknown = sorted(set(options) - Options.__annotations__.keys())
    if unknown:
        raise ConfigError(f"options must be among {', '.join(Options.__annotations__)}; received {', '.join(unknown)}")
    copies, dtype, folder = (options[name] for name in ("augment_copies", "feature_dtype", "feature_folder"))
    if copies is not None and (type(copies) is not int or copies < 1 or not options["augment"]):
        raise ConfigError(
            "`augment_copies` must be a whole number from 1 on, together with `augment`, or None; "
            f"received {copies!r}, with augment={options['augment']!r}"
        )
    if dtype not in FEATURE_DTYPES:
        raise ConfigError(f"`feature_dtype` must be one of {', '.join(FEATURE_DTYPES)}, received {dtype!r}")
    if folder is not None and Path(folder).exists() and not Path(folder).is_dir():
        raise ConfigError(f"`feature_folder` must be a folder, received the file {str(folder)!r}")
    if options["on_bad_file"] not in POLICIES:
        raise ConfigError(f"`on_bad_file` must be one of {', '.join(POLICIES)}, received {options['on_bad_file']!r}")
    if options["resume"] and not options["run_folder"]:
        raise ConfigError("`resume` must go together with `run_folder`, whose state it takes up; received none")
