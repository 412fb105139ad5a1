"""What a MatConvNet file says of its network, as plain data that JSON can hold."""

from dataclasses import dataclass

RGB = "RGB"


@dataclass(frozen=True)
class MatArray:
    """Weights of a layer: `role` is kernel, bias, multiplier or moments; `shape` is as in the file."""

    role: str
    shape: tuple[int, ...]
    dtype: str


@dataclass(frozen=True)
class MatLayer:
    """`type` is MatConvNet's word: conv, relu, pool, softmax, lrn (once normalize), dropout, bnorm ...

    `kernel` is the shape in Keras' order (height, width, in, out) and `bias` the number of its values, for convolutions
    that have them. `pad` is (top, bottom, left, right), `stride` and `pool` are (vertical, horizontal), as is
    `dilate`; None and "" where they mean nothing. `leak` is what a relu leaves of numbers below 0.
    """

    name: str
    type: str
    arrays: tuple[MatArray, ...]
    parameters: int
    kernel: tuple[int, ...] | None
    bias: int | None
    pad: tuple[int, ...] | None
    stride: tuple[int, ...] | None
    pool: tuple[int, ...] | None
    method: str
    dilate: tuple[int, ...] | None = None
    leak: float = 0.0


@dataclass(frozen=True)
class MatConvNet:
    """`layout` is "new" for files with `meta`, "old" for those with `classes` and `normalization`.

    `class_names` are the file's short ones (WordNet's for ImageNet), `class_descriptions` the readable ones.
    `image_size` is (height, width, channels), maybe more; `mean_picture` the shape of the mean picture or pixel.
    Whatever the file does not say is empty.
    """

    layout: str
    layers: tuple[MatLayer, ...]
    parameters: int
    class_names: tuple[str, ...]
    class_descriptions: tuple[str, ...]
    image_size: tuple[int, ...]
    mean_picture: tuple[int, ...]
    mean_pixel: tuple[float, ...]
    colour_order: str = RGB  # MATLAB's own, in every MatConvNet file
