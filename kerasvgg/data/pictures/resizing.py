"""How a picture of any size becomes one of the size that a model takes."""

from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

if TYPE_CHECKING:
    from PIL.Image import Image

Interpolation = Literal["nearest", "bilinear", "bicubic", "lanczos", "box", "hamming"]
Fit = Literal["squeeze", "pad", "crop"]
INTERPOLATIONS: tuple[str, ...] = get_args(Interpolation)
FITS: tuple[str, ...] = get_args(Fit)
FILLING = (124, 117, 104)  # ImageNet's mean colour: what VGG's preprocessing takes away
Size = tuple[int, int]


class Resizing(NamedTuple):
    """`image_size` is (height, width); `fit` says what becomes of other proportions than it has (see `resize`)."""

    image_size: Size
    interpolation: str = "bilinear"
    fit: str = "squeeze"

    @property
    def settings(self) -> dict[str, str]:
        """What pixels follow from, besides the size. Features and states from before there was a `fit` have none."""
        return {"interpolation": self.interpolation} | ({} if self.fit == "squeeze" else {"fit": self.fit})


def resize(picture: "Image", image_size: Size, interpolation: str, fit: str) -> "Image":
    """Returns an RGB picture of the size (height, width), in one resampling by Pillow.

    squeeze: the whole picture, whatever its proportions. pad: the whole picture in its proportions, as large as there
    is room, in the middle of ImageNet's mean colour. crop: its middle in its proportions, as much of it as there is
    room for.
    """
    from PIL import Image

    size, how = image_size[::-1], Image.Resampling[interpolation.upper()]
    if picture.size == size:
        return picture
    if fit == "squeeze":
        return picture.resize(size, how)
    if fit == "crop":
        return picture.resize(size, how, box=_middle(picture.size, size))
    inner = _inside(picture.size, size)
    padded = Image.new("RGB", size, FILLING)
    padded.paste(picture.resize(inner, how), ((size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2))
    return padded


def _middle(whole: Size, shape: Size) -> tuple[float, float, float, float]:
    """Returns the largest box in the middle of `whole` that has the proportions of `shape`; all are (width, height)."""
    left = max(0, whole[0] - whole[1] * shape[0] / shape[1]) / 2
    top = max(0, whole[1] - whole[0] * shape[1] / shape[0]) / 2
    return left, top, whole[0] - left, whole[1] - top


def _inside(whole: Size, room: Size) -> Size:
    """Returns the largest size within `room` that has the proportions of `whole`, of at least 1 pixel each way."""
    width = round(whole[0] * room[1] / whole[1])
    height = round(whole[1] * room[0] / whole[0])
    return max(1, min(width, room[0])), max(1, min(height, room[1]))
