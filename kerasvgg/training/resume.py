"""Whether a training may go on from a state: only if what it follows from is still the same."""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

from kerasvgg.data.pictures.loading import Pictures
from kerasvgg.features.cache_key import threads
from kerasvgg.features.extractor import FeatureExtractor
from kerasvgg.features.table import FeatureTable
from kerasvgg.files.hashing import fingerprint
from kerasvgg.modelfile.safety.allowed import OF_KERASVGG, OLD_HOMES
from kerasvgg.process.environment import environment
from kerasvgg.training.build import Classifier
from kerasvgg.training.phase import Phase, TrainingSettings

NEWER = ("layer_decay", "weight_decay")


def facts(
    classifier: Classifier,
    settings: TrainingSettings,
    train: Pictures,
    validation: Pictures,
    extractor: FeatureExtractor,
) -> dict[str, Any]:
    """Returns what a training's numbers follow from, as JSON has it."""
    model, about = classifier.model, classifier.description
    before_cut = classifier.cut_model.before(extractor.root).weights if extractor.root else []
    found = {
        "train": [_as_older(phase) for phase in settings.phases],
        "augment": settings.augmentation.model_dump() if settings.augmentation else None,
        "augment_copies": settings.augment_copies,
        "batch_size": settings.batch_size,
        "seed": settings.seed,
        "keep": settings.keep,
        "class_names": about.class_names,
        **about.resizing.settings,
        "layers": _hash(_as_ever(model.to_json())),
        "frozen weights": fingerprint(before_cut),
        "training pictures": _contents(train),
        "validation pictures": _contents(validation),
        "feature_dtype": extractor.dtype,
        "versions": environment(),
        "threads": threads(),
        "TF_ENABLE_ONEDNN_OPTS": os.environ.get("TF_ENABLE_ONEDNN_OPTS", ""),
    }
    if settings.precision != "float32":
        found["precision"] = settings.precision
    if settings.workers > 1:
        found["workers"] = settings.workers
    if settings.teacher:
        found["teacher"] = settings.teacher.about
    if settings.given:  # most trainings, and all older states, have none
        found["given by a program"] = settings.given
    as_written: dict[str, Any] = json.loads(json.dumps(found, default=str))
    return as_written


def _contents(pictures: Pictures) -> str:
    if isinstance(pictures, FeatureTable):  # of any number
        return pictures.fingerprint
    return _hash("\n".join(pictures.keys) + str(pictures.labels.tolist()))


def _as_older(phase: Phase) -> dict[str, Any]:
    """Returns a phase without what older states do not say, where it makes no difference."""
    return phase.model_dump(
        exclude={name for name in NEWER if getattr(phase, name) == Phase.model_fields[name].default}
    )


def _as_ever(layers: str) -> str:
    """Returns a configuration with the place that kerasvgg's own layer had when older states were written."""
    for name, old in OLD_HOMES.items():
        layers = layers.replace(OF_KERASVGG[name], old)
    return layers


def changed_settings(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Returns a sentence for each thing that is no longer what it was."""
    flat_before, flat_now = dict(_flat(before)), dict(_flat(now))
    names = list(dict.fromkeys([*flat_before, *flat_now]))
    return [
        f"{name}: was {flat_before.get(name, 'not there')}, is {flat_now.get(name, 'not there')}"
        for name in names
        if flat_before.get(name) != flat_now.get(name)
    ]


def _flat(tree: Any, path: str = "") -> Iterator[tuple[str, str]]:
    items = tree.items() if isinstance(tree, Mapping) else enumerate(tree) if isinstance(tree, list | tuple) else ()
    if not items:
        yield path, str(tree)
    for key, value in items:
        yield from _flat(value, f"{path}.{key}" if path else str(key))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
