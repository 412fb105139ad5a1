"""How much of the picture a number in a feature map was made from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from kerasvgg.errors import ConfigError

POINTWISE = (
    *("InputLayer", "Activation", "BatchNormalization", "Dropout", "LocalResponseNormalization", "ReLU", "Rescaling"),
    *("Softmax", "ZeroPadding2D"),
)
WHOLE = ("Flatten", "Dense", "GlobalAveragePooling2D", "GlobalMaxPooling2D")

Step = tuple[int, int]  # kernel and stride along one side


@dataclass(frozen=True)
class Seen:
    """What a layer's numbers see: `field` (height, width) in pixels, None for the whole picture.

    `stride` is how far apart, in pixels, what two neighbours see is.
    """

    layer: Any
    field: tuple[int, int] | None
    stride: tuple[int, int] | None


def receptive_field(steps: Sequence[Step]) -> int:
    """Returns the pixels along one side that one number behind all the steps is made from."""
    field = 1
    for kernel, stride in reversed(steps):
        field = (field - 1) * stride + kernel
    return field


def receptive_fields(model: Any) -> Iterator[Seen]:
    """Yields each layer of a model that is one chain, in order. Raises ConfigError for another model or layer."""
    rows: list[Step] = []
    columns: list[Step] = []
    is_whole = False
    for place, layer in enumerate(model.layers):
        _require_in_chain(model, place)
        is_whole = is_whole or type(layer).__name__ in WHOLE
        if is_whole:
            yield Seen(layer, None, None)
            continue
        row, column = _steps(layer)
        rows.append(row)
        columns.append(column)
        yield Seen(layer, (receptive_field(rows), receptive_field(columns)), (_stride(rows), _stride(columns)))


def _steps(layer: Any) -> tuple[Step, Step]:
    kernel = getattr(layer, "kernel_size", None) or getattr(layer, "pool_size", None)
    if kernel is None or len(kernel) != 2:
        if type(layer).__name__ not in POINTWISE:
            raise ConfigError(f"`model` must have layers whose windows are known, received a {type(layer).__name__}")
        return (1, 1), (1, 1)
    dilation = getattr(layer, "dilation_rate", (1, 1))
    height, width = ((side - 1) * gap + 1 for side, gap in zip(kernel, dilation, strict=True))
    return (height, layer.strides[0]), (width, layer.strides[1])


def _stride(steps: Sequence[Step]) -> int:
    stride = 1
    for _, step in steps:
        stride *= step
    return stride


def _require_in_chain(model: Any, place: int) -> None:
    layer = model.layers[place]
    before = model.layers[place - 1].output if place else None
    if hasattr(layer, "layers") or (before is not None and layer.input is not before):
        raise ConfigError(f"`model` must be one chain of layers, received {model.name} with {layer.name} in it")
