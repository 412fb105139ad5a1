"""Layers that look at windows: convolutions and poolings."""

from kerasvgg.modelfile.shapes.fields import Built, Fields, Shape, UnknownShapeError, joined, parted, single


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


def convolution(rank: int, fields: Fields, inputs: list[Shape]) -> Built:
    """Conv1D, Conv2D, Conv3D."""
    sides, channels = parted(single(inputs), rank, fields)
    window, filters, groups = _window(rank, fields), fields.whole("filters"), fields.whole("groups", 1)
    if channels % groups:
        raise UnknownShapeError(f"`groups` must divide the {channels} channels, received {groups}")
    output = _slid(inputs[0], sides, filters, rank, fields)
    return Built(output, ((*window, channels // groups, filters), *_bias(fields, filters)))


def depthwise(rank: int, fields: Fields, inputs: list[Shape]) -> Built:
    """DepthwiseConv1D, DepthwiseConv2D."""
    sides, channels = parted(single(inputs), rank, fields)
    times = fields.whole("depth_multiplier", 1)
    output = _slid(inputs[0], sides, channels * times, rank, fields)
    return Built(output, ((*_window(rank, fields), channels, times), *_bias(fields, channels * times)))


def separable(rank: int, fields: Fields, inputs: list[Shape]) -> Built:
    """SeparableConv1D, SeparableConv2D."""
    sides, channels = parted(single(inputs), rank, fields)
    times, filters = fields.whole("depth_multiplier", 1), fields.whole("filters")
    kernels = ((*_window(rank, fields), channels, times), (*(1,) * rank, channels * times, filters))
    return Built(_slid(inputs[0], sides, filters, rank, fields), (*kernels, *_bias(fields, filters)))


def transposed(rank: int, fields: Fields, inputs: list[Shape]) -> Built:
    """Conv1DTranspose, Conv2DTranspose, Conv3DTranspose."""
    sides, channels = parted(single(inputs), rank, fields)
    window, filters = _window(rank, fields), fields.whole("filters")
    sides = spread(sides, window, fields.wholes("strides", rank, 1), fields)
    output = joined(inputs[0][0], sides, filters, fields)
    return Built(output, ((*window, filters, channels), *_bias(fields, filters)))


def _window(rank: int, fields: Fields) -> tuple[int, ...]:
    return fields.wholes("kernel_size", rank)


def _slid(shape: Shape, sides: Shape, filters: int, rank: int, fields: Fields) -> Shape:
    strides = fields.wholes("strides", rank, 1)
    return joined(shape[0], slid(sides, _window(rank, fields), strides, fields), filters, fields)


def _bias(fields: Fields, filters: int) -> tuple[Shape, ...]:
    return ((filters,),) if fields.flag("use_bias", True) else ()


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
