"""Convolutions."""

from kerasvgg.modelfile.fields import Fields, Shape, UnknownShapeError
from kerasvgg.modelfile.layers.built import Built, joined, parted, single
from kerasvgg.modelfile.layers.windows import slid, spread


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
