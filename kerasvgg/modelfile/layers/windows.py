"""How many places a window takes on a side."""

from kerasvgg.modelfile.fields import Fields, Shape, UnknownShapeError


def slid(sides: Shape, window: tuple[int, ...], strides: tuple[int, ...], fields: Fields) -> Shape:
    """Returns the sides that come out when a window slides over them, with the layer's `padding` and dilation."""
    padding = fields.text("padding", "valid")
    reach = _reach(window, fields)
    return tuple(_places(side, one, step, padding) for side, one, step in zip(sides, reach, strides, strict=True))


def spread(sides: Shape, window: tuple[int, ...], strides: tuple[int, ...], fields: Fields) -> Shape:
    """Returns the sides that come out of a transposed convolution."""
    rank = len(window)
    given = fields.get("output_padding") is not None
    extra: tuple[int | None, ...] = fields.wholes("output_padding", rank, least=0) if given else (None,) * rank
    same = fields.text("padding", "valid") == "same"
    parts = zip(sides, _reach(window, fields), strides, extra, strict=True)
    return tuple(side and _grown(side, reach, step, more, same) for side, reach, step, more in parts)


def _reach(window: tuple[int, ...], fields: Fields) -> list[int]:
    dilation = fields.wholes("dilation_rate", len(window), 1)
    return [(size - 1) * rate + 1 for size, rate in zip(window, dilation, strict=True)]


def _grown(side: int, reach: int, step: int, more: int | None, same: bool) -> int:
    if same:
        return side * step if more is None else (side - 1) * step + reach % 2 + more
    return (side - 1) * step + reach + (max(0, step - reach) if more is None else more)


def _places(side: int | None, reach: int, step: int, padding: str) -> int | None:
    if side is None:
        return None
    if padding != "valid":
        return -(-side // step)
    if side < reach:
        raise UnknownShapeError(f"a side of {side} is smaller than the window of {reach}")
    return (side - reach) // step + 1
