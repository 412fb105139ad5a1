"""What a layer makes of its inputs: the shape that comes out, and the weights it needs."""

from dataclasses import dataclass

from kerasvgg.modelfile.fields import Fields, Shape, UnknownShapeError


@dataclass(frozen=True)
class Built:
    """`trained` are the shapes of the weights that training may change, `kept` of those it never does."""

    output: Shape
    trained: tuple[Shape, ...] = ()
    kept: tuple[Shape, ...] = ()


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
