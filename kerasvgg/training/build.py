"""The classifier that a recipe is about to train, and whether its batches fit into memory."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from kerasvgg.backbones.registry import BACKBONES, preprocessing_warning
from kerasvgg.backbones.weights.sources import imagenet_weights
from kerasvgg.data.pictures.resizing import Resizing
from kerasvgg.errors import ConfigError
from kerasvgg.evaluation.thresholds import USUAL
from kerasvgg.modelfile.description import Description
from kerasvgg.models.classifier import build_classifier
from kerasvgg.models.forward import BATCH
from kerasvgg.models.freezing import CutModel
from kerasvgg.process.environment import own_version
from kerasvgg.process.memory import available_memory
from kerasvgg.process.progress import warn
from kerasvgg.training.phase import Phase


def check_forward_memory(model: Any) -> None:
    """Raises ConfigError if two neighbouring layers' outputs of a batch of frozen features are more than there is."""
    sizes = [math.prod(layer.output.shape[1:]) for layer in model.layers]
    needed = 4 * BATCH * max(map(sum, pairwise(sizes)), default=0)
    available = available_memory()
    if available is not None and needed > available:
        raise ConfigError(
            f"the frozen layers need at least {needed / 1e9:.1f} GB of memory for {BATCH} pictures, and "
            f"{available / 1e9:.1f} GB are there: try a smaller `image_size`"
        )


def check_batch_memory(model: Any, batch_size: int) -> None:
    """Raises ConfigError, with a batch size to try, if the layers' outputs alone are more than the memory there is.

    Training keeps every layer's float32 output of a batch until its gradient is known, so that this is the least that
    it needs; with the gradients and the next batches it needs about twice as much.
    """
    each = 4 * sum(math.prod(layer.output.shape[1:]) for layer in model.layers)
    available = available_memory()
    if available is None or batch_size * each <= available:
        return
    fits = max(1, 1 << ((available // (2 * each)) or 1).bit_length() - 1)
    raise ConfigError(
        f"`batch_size` {batch_size:,} needs at least {batch_size * each / 1e9:.1f} GB of memory for training, and "
        f"{available / 1e9:.1f} GB are there: try {fits:,}, or a smaller `image_size`"
    )


@dataclass(frozen=True)
class Classifier:
    """A keras.Model from pictures 0..255 to probabilities, cut for its training, and what its file will say of it."""

    cut_model: CutModel
    description: Description

    @property
    def model(self) -> Any:
        """The whole keras.Model."""
        return self.cut_model.whole


def build(
    phases: Sequence[Phase],
    *,
    class_names: Sequence[str],
    resizing: Resizing,
    base: str,
    weights: str | None,
    preprocessing: str,
    seed: int,
    batch_size: int,
    experiment: str = "",
    test_time_flip: bool = False,
    accept_preprocessing: bool = False,
    own_base: Any = None,
    batch_statistics: str | None = None,
    multi_label: bool = False,
    **style: Any,
) -> Classifier:
    """Builds the model, with ImageNet weights if asked, and makes sure that the phases can train it.

    `style` is what else `build_classifier` takes: the head, and how the base is made. A keras.Model as `own_base`, with
    the weights it has, takes the place of the one that is called `base`. With `multi_label` a picture may have several
    classes.
    Raises ConfigError or WeightsError before anything is trained or written.
    """
    if multi_label and any(phase.class_weight for phase in phases):
        raise ConfigError("`class_weight` must be null where pictures have several classes, received 'balanced'")
    if warning := preprocessing_warning(base, weights, preprocessing, accept_preprocessing):
        warn(warning)
    arrays = imagenet_weights(base) if weights and own_base is None else None
    how: dict[str, Any] = {"kind": preprocessing, "weights": arrays, "own_base": own_base, "seed": seed, **style}
    model = build_classifier(base, resizing.image_size, len(class_names), multi_label=multi_label, **how)
    fixed = batch_statistics == "fixed" or (batch_statistics is None and bool(weights or own_base is not None))
    stages = BACKBONES[base].stages if base in BACKBONES else {}
    cut_model = CutModel(model, [phase.layers for phase in phases], stages=stages, fixed_statistics=fixed)
    _check_memory(cut_model, phases, batch_size)
    image_size, interpolation, fit = resizing
    said = (tuple(class_names), image_size, interpolation, preprocessing, model.name, experiment, own_version())
    thresholds = (USUAL,) * len(class_names) if multi_label else None  # until some are found by validation
    return Classifier(cut_model, Description(*said, fit=fit, test_time_flip=test_time_flip, thresholds=thresholds))


def _check_memory(cut_model: CutModel, phases: Sequence[Phase], batch_size: int) -> None:
    for cut, phase in zip(cut_model.cuts, phases, strict=True):
        check_batch_memory(cut_model.after(cut), phase.largest_batch(batch_size))
        if cut:
            check_forward_memory(cut_model.before(cut))
