"""MatConvNet networks as scipy writes them: VGG19's topology in the old layout and in the new one."""

import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import scipy.io

LAYOUTS = ("old", "new")
CONVOLUTIONS = (2, 2, 4, 4, 4)
SMALL = (2, 3, 4, 5, 6)
REAL = (64, 128, 256, 512, 512)

Variables = dict[str, Any]


def cell(*items: Any) -> np.ndarray:
    """A row of cells."""
    row = np.empty((1, len(items)), object)
    for place, item in enumerate(items):
        row[0, place] = item
    return row


def mat_file(variables: Variables, compressed: bool = False) -> io.BytesIO:
    file = io.BytesIO()
    scipy.io.savemat(file, variables, do_compression=compressed)
    file.seek(0)
    return file


def vgg19(layout: str = "new", channels: tuple[int, ...] = SMALL, top: int = 7, classes: int = 3) -> Variables:
    """The 43 layers, with random weights, and all that stands besides them; `top` is the width of fc6 and fc7."""
    random = np.random.default_rng(0)
    layers = cell(*_layers(layout, channels, top, classes, random))
    named = {
        "name": cell(*(f"n{number:08}" for number in range(classes))).T,
        "description": cell(*(f"class {number}, \u00e9" for number in range(classes))).T,
    }
    size = np.array([[224, 224, 3]], float)
    normalization = {"imageSize": size, "keepAspect": True, "border": [32.0, 32.0], "interpolation": "bicubic"}
    if layout == "old":
        normalization = {"averageImage": random.uniform(90, 130, (224, 224, 3)), **normalization}
        return {"layers": layers, "classes": named, "normalization": normalization}
    normalization["averageImage"] = random.uniform(90, 130, (1, 1, 3)).astype(np.float32)
    return {"layers": layers, "meta": {"inputs": {"size": size}, "classes": named, "normalization": normalization}}


def _layers(
    layout: str, channels: tuple[int, ...], top: int, classes: int, random: np.random.Generator
) -> Iterator[dict[str, Any]]:
    before = 3
    for block, (count, width) in enumerate(zip(CONVOLUTIONS, channels, strict=True), start=1):
        for number in range(1, count + 1):
            yield _convolution(layout, f"conv{block}_{number}", (3, 3, before, width), 1, random)
            yield {"type": "relu", "name": f"relu{block}_{number}"}
            before = width
        yield _pool(layout, f"pool{block}")
    yield _convolution(layout, "fc6", (7, 7, before, top), 0, random)
    yield {"type": "relu", "name": "relu6"}
    yield _convolution(layout, "fc7", (1, 1, top, top), 0, random)
    yield {"type": "relu", "name": "relu7"}
    yield _convolution(layout, "fc8", (1, 1, top, classes), 0, random)
    yield {"type": "softmax", "name": "prob"}


def _convolution(
    layout: str, name: str, shape: tuple[int, ...], pad: int, random: np.random.Generator
) -> dict[str, Any]:
    kernel = random.standard_normal(shape, np.float32)
    bias = random.standard_normal((1, shape[-1]), np.float32)
    sides, steps = np.full((1, 4), pad, np.uint8), np.ones((1, 2), np.uint8)
    if layout == "old":
        return {"weights": cell(kernel, bias), "pad": sides, "type": "conv", "name": name, "stride": steps}
    first = {"name": name, "type": "conv", "weights": cell(kernel, bias.T), "size": np.array([shape], float)}
    return {**first, "pad": sides, "stride": steps, "precious": False, "dilate": 1.0, "opts": np.empty((0, 0), object)}


def _pool(layout: str, name: str) -> dict[str, Any]:
    two, pad = np.array([[2.0, 2.0]]), np.array([[0, 1, 0, 1]], np.uint8)
    if layout == "old":
        return {"name": name, "stride": two, "pad": pad, "type": "pool", "method": "max", "pool": two}
    first = {"name": name, "type": "pool", "method": "max", "pool": two, "stride": two, "pad": pad}
    return {**first, "precious": False, "opts": np.empty((0, 0), object)}


def tiny(layout: str, compressed: bool) -> io.BytesIO:
    """A few layers of several kinds, in a file of a few kilobytes."""
    random = np.random.default_rng(0)
    layers = [
        _convolution(layout, "conv1_1", (3, 3, 3, 2), 1, random),
        {"type": "relu", "name": "relu1_1"},
        _pool(layout, "pool1"),
        {"type": "bnorm", "name": "bn", "weights": cell(np.ones((2, 1)), np.zeros((2, 1)), np.ones((2, 2)))},
        {"type": "dropout", "rate": 0.5},
        _convolution(layout, "fc8", (4, 4, 2, 3), 0, random),
        {"type": "softmax", "name": "prob"},
    ]
    normalization = {"averageImage": random.uniform(90, 130, (5, 5, 3)), "imageSize": np.array([[5.0, 5, 3]])}
    besides = {"classes": {"name": cell("cat", "dog", "horse")}, "normalization": normalization}
    return mat_file({"layers": cell(*layers), **({"meta": besides} if layout == "new" else besides)}, compressed)
