"""Outputs of a frozen trunk, computed once and kept on disk."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

from kerasvgg.atomic import replacing
from kerasvgg.data.images import DECODER_VERSION
from kerasvgg.data.pictures import ArrayPictures, Pictures
from kerasvgg.data.pipeline import ordered_batches
from kerasvgg.models.forward import forward
from kerasvgg.progress import track
from kerasvgg.weights.fingerprint import fingerprint

BATCH = 32


def features(trunk: Any, pictures: Pictures, folder: Path | None, reading: str = "") -> ArrayPictures:
    """Returns the trunk's float32 outputs for the pictures, with their labels.

    With a `folder`, and where the contents' hashes are known, they are kept there under a name that says what they
    depend on: the trunk's layers and weights, how pictures are read (`reading`), the decoder, and each content.
    """
    if folder is None or pictures.sha256 is None:
        return ArrayPictures(_compute(trunk, pictures, None), pictures.labels)
    path = folder / f"{_key(trunk, pictures.sha256, reading)}.npy"
    if not path.exists():
        with replacing(path) as temporary:
            _compute(trunk, pictures, temporary)
    return ArrayPictures(np.load(path, mmap_mode="r"), pictures.labels)


def _key(trunk: Any, contents: tuple[str, ...], reading: str) -> str:
    weights = fingerprint(np.asarray(weight) for weight in trunk.weights)
    layers = [[type(layer).__name__, layer.get_config()] for layer in trunk.layers]
    whole = [layers, weights, list(trunk.inputs[0].shape), reading, DECODER_VERSION, contents]
    return hashlib.sha256(json.dumps(whole).encode()).hexdigest()


def _compute(trunk: Any, pictures: Pictures, path: Path | None) -> np.ndarray:
    shape = (len(pictures), *trunk.outputs[0].shape[1:])
    made: np.ndarray
    if path:
        made = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=shape)
    else:
        made = np.empty(shape, dtype=np.float32)
    batches = ordered_batches(pictures, BATCH)
    start = 0
    for outputs in track(forward(trunk, batches), "frozen layers", -(-len(pictures) // BATCH)):
        made[start : start + len(outputs)] = outputs
        start += len(outputs)
    return made
