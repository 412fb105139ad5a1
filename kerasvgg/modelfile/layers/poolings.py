"""Poolings, and what enlarges or cuts pictures."""

from kerasvgg.modelfile.fields import Fields, Shape, UnknownShapeError
from kerasvgg.modelfile.layers.built import Built, joined, parted, single
from kerasvgg.modelfile.layers.windows import slid


def pooling(rank: int, fields: Fields, inputs: list[Shape]) -> Built:
    """MaxPooling and AveragePooling; the stride is the window unless it is given."""
    sides, channels = parted(single(inputs), rank, fields)
    window = fields.wholes("pool_size", rank, 2)
    strides = window if fields.get("strides") is None else fields.wholes("strides", rank)
    return Built(joined(inputs[0][0], slid(sides, window, strides, fields), channels, fields))


def over_all(rank: int, fields: Fields, inputs: list[Shape]) -> Built:
    """GlobalMaxPooling and GlobalAveragePooling."""
    _, channels = parted(single(inputs), rank, fields)
    if fields.flag("keepdims", False):
        return Built(joined(inputs[0][0], (1,) * rank, channels, fields))
    return Built((inputs[0][0], channels))


def upsampling(rank: int, fields: Fields, inputs: list[Shape]) -> Built:
    """UpSampling, which repeats rows and columns."""
    sides, channels = parted(single(inputs), rank, fields)
    times = fields.wholes("size", rank, 2)
    sides = tuple(side and side * time for side, time in zip(sides, times, strict=True))
    return Built(joined(inputs[0][0], sides, channels, fields))


def zero_padding(rank: int, fields: Fields, inputs: list[Shape]) -> Built:
    """ZeroPadding: a number for all sides, one per side, or two per side."""
    return _moved(rank, fields, inputs, "padding", 1)


def cropping(rank: int, fields: Fields, inputs: list[Shape]) -> Built:
    """Cropping, the opposite of ZeroPadding."""
    return _moved(rank, fields, inputs, "cropping", -1)


def resized(fields: Fields, inputs: list[Shape]) -> Built:
    """Resizing, CenterCrop and RandomCrop."""
    _, channels = parted(single(inputs), 2, fields)
    return Built(joined(inputs[0][0], (fields.whole("height"), fields.whole("width")), channels, fields))


def _moved(rank: int, fields: Fields, inputs: list[Shape], name: str, sign: int) -> Built:
    sides, channels = parted(single(inputs), rank, fields)
    moves = _pairs(fields, name, rank)
    moved = tuple(_side(side, sign * sum(pair)) for side, pair in zip(sides, moves, strict=True))
    return Built(joined(inputs[0][0], moved, channels, fields))


def _side(side: int | None, change: int) -> int | None:
    if side is not None and side + change <= 0:
        raise UnknownShapeError(f"nothing is left of a side of {side}")
    return None if side is None else side + change


def _pairs(fields: Fields, name: str, rank: int) -> list[tuple[int, ...]]:
    value = fields.get(name, 1)
    if isinstance(value, list | tuple) and rank == 1 and len(value) == 2:
        return [fields.wholes(name, 2, least=0)]
    if isinstance(value, list | tuple):
        if len(value) != rank:
            raise UnknownShapeError(f"`{name}` must have {rank} parts, received {len(value)}")
        return [Fields({name: one}).wholes(name, 2, least=0) for one in value]
    return [(fields.whole(name, 1, least=0),) * 2] * rank
