"""Models that would take far more memory than their files hold, found out before a byte of it is taken."""

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from kerasvgg.errors import ModelFileError
from kerasvgg.models.without_variables import without_variables

MOST_NUMBERS = 1 << 28  # of one layer's output for one picture: VGG16's at 2,048 pixels


def refuse_bomb(path: Path, build: Callable[[], Any]) -> None:
    """Builds the model of a file without its weights, and raises ModelFileError if it claims too much.

    A weight takes at least a byte in the file. What Keras raises for a configuration it can't build is passed on.
    """
    size = path.stat().st_size
    with without_variables():
        model = build()
        weights = sum(math.prod(variable.shape) for variable in model.variables)
        numbers = max((_numbers(layer) for layer in _layers(model)), default=0)
    if weights > size:
        raise ModelFileError(f"`{path}` must hold its weights: the model has {weights:,}, the file {size:,} bytes")
    if numbers > MOST_NUMBERS:
        text = f"must have layers of at most {MOST_NUMBERS:,} numbers for a picture, received {numbers:,}"
        raise ModelFileError(f"`{path}` {text}")


def _layers(model: Any) -> Iterator[Any]:
    for layer in model.layers:
        yield layer
        yield from _layers(layer) if hasattr(layer, "layers") else ()


def _numbers(layer: Any) -> int:
    outputs = layer.output if isinstance(layer.output, list) else [layer.output]
    return max(math.prod(side for side in output.shape[1:] if side) for output in outputs)
