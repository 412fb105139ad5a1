"""The classifier that a recipe is about to train."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kerasvgg import __version__
from kerasvgg.data.bad_files import BadFiles
from kerasvgg.features.frozen import Frozen
from kerasvgg.modelfile.description import Description
from kerasvgg.models.classifier import build_classifier, check_classifier
from kerasvgg.models.mismatch import mismatch
from kerasvgg.models.transfer import cuts, part
from kerasvgg.progress import say
from kerasvgg.recipes.batch_memory import check_batch_memory, check_forward_memory
from kerasvgg.recipes.phase import Phase
from kerasvgg.weights.sources import imagenet_weights


@dataclass(frozen=True)
class Classifier:
    """A keras.Model from pictures 0..255 to probabilities, and what its file will say of it."""

    model: Any
    description: Description


def build(
    phases: Sequence[Phase],
    *,
    class_names: Sequence[str],
    image_size: tuple[int, int],
    base: str,
    weights: str | None,
    preprocessing: str,
    interpolation: str,
    seed: int,
    batch_size: int,
    experiment: str = "",
    test_time_flip: bool = False,
    accept_preprocessing: bool = False,
    **style: Any,
) -> Classifier:
    """Builds the model, with ImageNet weights if asked, and makes sure that the phases can train it.

    `style` is what else `build_classifier` takes: the head, and how the base is made.
    Raises ConfigError or WeightsError before anything is trained or written.
    """
    check_classifier(base, image_size, len(class_names), style["pooling"])
    if warning := mismatch(weights, preprocessing, accept_preprocessing):
        say(warning)
    model = build_classifier(
        base,
        image_size,
        len(class_names),
        kind=preprocessing,
        weights=imagenet_weights(base) if weights else None,
        seed=seed,
        **style,
    )
    for cut, phase in zip(cuts(model, [phase.layers for phase in phases]), phases, strict=True):
        check_batch_memory(part(model, cut, None), phase.largest_batch(batch_size))
        if cut:
            check_forward_memory(part(model, None, cut))
    names = tuple(class_names)
    said = (names, image_size, interpolation, preprocessing, base, experiment, __version__)
    return Classifier(model, Description(*said, test_time_flip=test_time_flip))


def freeze(
    classifier: Classifier, phases: Sequence[Phase], folder: Path | None, *, dtype: str = "float32", on_bad_file: str
) -> Frozen:
    """Returns the layers that the phases leave as they are, with their features kept in `folder`."""
    places = cuts(classifier.model, [phase.layers for phase in phases])
    return Frozen(
        classifier.model, places, classifier.description, folder, dtype=dtype, bad_files=BadFiles(on_bad_file)
    )
