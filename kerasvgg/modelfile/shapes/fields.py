"""A layer's settings as numbers, and what it becomes when it is built."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kerasvgg.errors import ModelFileError

MOST = 1 << 31
Shape = tuple[int | None, ...]  # the batch first, None where it is open


class UnknownShapeError(ModelFileError):
    """What a layer makes of its inputs can't be told from its settings."""


class Fields:
    """Reads settings by name; raises UnknownShapeError for what a layer could not have there."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings

    def whole(self, name: str, default: int | None = None, least: int = 1) -> int:
        """Returns a whole number from `least` to 2**31."""
        value = self._settings.get(name, default)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= MOST:
            raise UnknownShapeError(f"`{name}` must be a whole number from {least} to {MOST:,}, received {value!r:.60}")
        return value

    def wholes(self, name: str, rank: int, default: int | None = None, least: int = 1) -> tuple[int, ...]:
        """Returns `rank` whole numbers; one number stands for all of them."""
        value = self._settings.get(name)
        if value is None and default is not None:
            return (default,) * rank
        if not isinstance(value, list | tuple):
            return (self.whole(name, default, least),) * rank
        if len(value) != rank:
            raise UnknownShapeError(f"`{name}` must be {rank} whole numbers, received {len(value)}")
        return tuple(Fields({name: one}).whole(name, least=least) for one in value)

    def flag(self, name: str, default: bool) -> bool:
        """Returns a yes or no."""
        return bool(self._settings.get(name, default))

    def text(self, name: str, default: str) -> str:
        """Returns a text in small letters; the default where there is none."""
        value = self._settings.get(name, default)
        return value.lower() if isinstance(value, str) else default

    def get(self, name: str, default: Any = None) -> Any:
        """Returns a setting as it is."""
        return self._settings.get(name, default)

    def items(self) -> list[tuple[str, Any]]:
        """Returns all settings."""
        return list(self._settings.items())

    def shape(self, *names: str) -> Shape | None:
        """Returns the first of these settings that is a shape, or None."""
        for name in names:
            if isinstance(value := self._settings.get(name), list | tuple):
                return as_shape(value)
        return None


def as_shape(value: Any) -> Shape:
    """Returns a list of whole numbers and None as a shape."""
    if not isinstance(value, list | tuple) or len(value) > 8 or not all(map(_is_side, value)):
        raise UnknownShapeError(f"a shape must be a list of whole numbers, received {value!r:.60}")
    return tuple(value)


def _is_side(value: Any) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST)


@dataclass(frozen=True)
class Built:
    """`trained` are the shapes of the weights that training may change, `kept` of those it never does.

    `unsaved` are those that Keras makes beside them, and that this kind of file does not hold.
    """

    output: Shape
    trained: tuple[Shape, ...] = ()
    kept: tuple[Shape, ...] = ()
    unsaved: tuple[Shape, ...] = ()


def single(inputs: list[Shape]) -> Shape:
    """Returns the only input."""
    if len(inputs) != 1:
        raise UnknownShapeError(f"the layer takes one input, received {len(inputs)}")
    return inputs[0]


def known(side: int | None) -> int:
    """Returns a side that must not be open."""
    if side is None:
        raise UnknownShapeError("the number of the layer's inputs is open")
    return side


def parted(shape: Shape, rank: int, fields: Fields) -> tuple[Shape, int]:
    """Returns the `rank` sides of pictures and their number of channels."""
    if len(shape) != rank + 2:
        raise UnknownShapeError(f"the layer takes {rank + 2} dimensions, received {len(shape)}")
    if fields.text("data_format", "channels_last") == "channels_first":
        return shape[2:], known(shape[1])
    return shape[1:-1], known(shape[-1])


def joined(batch: int | None, sides: Shape, channels: int, fields: Fields) -> Shape:
    """Returns the shape that has these sides and channels."""
    if fields.text("data_format", "channels_last") == "channels_first":
        return (batch, channels, *sides)
    return (batch, *sides, channels)


def lora_matrices(kernel: Shape, rank: int) -> tuple[Shape, Shape]:
    """Returns the shapes of the matrices whose product Keras adds to a kernel, by `enable_lora`."""
    return (*kernel[:-1], rank), (rank, kernel[-1])
