"""The one decoder: every picture that kerasvgg looks at passes through here, and so looks the same everywhere."""

import io
import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, TypeVar

from kerasvgg.data.pictures.completeness import load
from kerasvgg.data.pictures.formats import PillowWarnings, format_of
from kerasvgg.data.pictures.resizing import resize
from kerasvgg.data.pictures.thumbnail import SIDE, tells, thumbnail
from kerasvgg.errors import DataError
from kerasvgg.files.reading import why_not_plain
from kerasvgg.files.text import escape

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image

DECODER_VERSION = 2
PILLOW_WARNINGS = PillowWarnings()
FORMATS = ("JPEG", "PNG", "BMP", "GIF", "WEBP", "TIFF", "PPM")
ORIENTATION, LYING = 0x0112, (5, 6, 7, 8)  # EXIF's tag, and what it has for a picture that lies on its side
SCALES = (8, 4, 2, 1)  # which the JPEG decoder has beside others
LARGE = 1 << 24  # pixels: where memory ends at fewer, it is not the picture that is too large
Found = TypeVar("Found")


class Content(NamedTuple):
    """A picture's bytes, where they are no file of their own; errors call it by its `name`."""

    name: str
    data: bytes

    def __str__(self) -> str:
        return self.name


Encoded = Path | Content


class Glance(NamedTuple):
    """What a quick look finds: the size in the file, (width, height), and a gray thumbnail, if it tells anything.

    `spread` is the standard deviation of the thumbnail's levels, also of one that tells nothing.
    """

    size: tuple[int, int]
    spread: float
    thumbnail: "np.ndarray | None"


def decode(
    path: Encoded, image_size: tuple[int, int], interpolation: str = "bilinear", fit: str = "squeeze"
) -> "np.ndarray":
    """Returns the picture as uint8 RGB, shape (height, width, 3), resized to `image_size` (see `Resizing`).

    The picture is turned upright by its EXIF orientation, transparency is dropped, deeper gray keeps its upper
    8 bits, and of an animation the first frame is taken. A large JPEG is decoded at `jpeg_scale`.

    Raises DataError, naming the file and the reason, for what is not a whole picture of a known format.
    """
    import numpy as np

    def large_enough(picture: "Image", file: BinaryIO) -> "Image":
        if (scale := _scale_of(picture, image_size, interpolation)) > 1:
            picture.draft(None, (picture.size[0] // scale, picture.size[1] // scale))
        return _rgb(picture, file)

    return np.asarray(resize(_open(path, large_enough), image_size, interpolation, fit), dtype=np.uint8)


def jpeg_scale(path: Encoded, image_size: tuple[int, int], interpolation: str = "bilinear") -> int:
    """Returns 8, 4 or 2 where `decode` reads a JPEG at that part of its size, else 1: also for what is no picture.

    Both sides are then at least twice those of `image_size`, so that the resizing after it has what it needs, and
    the decoder leaves out the finest waves of each block, which it would have averaged away. "nearest" takes single
    pixels, as the chapter's generator does, and has them all.
    """
    try:
        return _open(path, lambda picture, file: _scale_of(picture, image_size, interpolation))
    except DataError:
        return 1


def _scale_of(picture: "Image", image_size: tuple[int, int], interpolation: str) -> int:
    if picture.format not in ("JPEG", "MPO") or interpolation == "nearest":
        return 1
    sides = picture.size[::-1]
    if min(sides) < 4 * min(image_size) - 1:  # as most, whose orientation need not be asked then
        return 1
    upright = sides[::-1] if picture.getexif().get(ORIENTATION) in LYING else sides
    return next(scale for scale in SCALES if _leaves_twice(upright, scale, image_size))


def _leaves_twice(sides: tuple[int, int], scale: int, image_size: tuple[int, int]) -> bool:
    return scale == 1 or all(-(-side // scale) >= 2 * wanted for side, wanted in zip(sides, image_size, strict=True))


def glance(path: Encoded, look: "Callable[[Image], object]" = lambda picture: None) -> Glance:
    """Decodes a picture to its end, but small and gray. `look` is shown the opened file before that.

    Raises DataError for what `decode` would refuse.
    """

    def quickly(picture: "Image", file: BinaryIO) -> Glance:
        look(picture)
        size = picture.size
        picture.draft("L", (max(size[0] // 8, SIDE), max(size[1] // 8, SIDE)))  # a JPEG's blocks are then one pixel
        small = thumbnail(_rgb(picture, file))
        spread = float(small.std())
        return Glance(size, spread, small if tells(spread, size) else None)

    return _open(path, quickly)


def gray(pixels: "np.ndarray") -> "np.ndarray":
    """Returns RGB pixels, uint8 (height, width, 3), as gray ones (height, width, 1)."""
    import numpy as np
    from PIL import Image

    return np.asarray(Image.fromarray(pixels).convert("L"))[:, :, None]


def upright_size(path: Path) -> tuple[int, int]:
    """Returns the size as `decode` sees the picture, turned by its EXIF orientation: (width, height) in pixels.

    Raises DataError for what `decode` would refuse.
    """
    turned: list[bool] = []
    width, height = glance(path, lambda picture: turned.append(picture.getexif().get(ORIENTATION) in LYING)).size
    return (height, width) if turned[0] else (width, height)


def size_of(path: Encoded) -> tuple[int, int]:
    """Returns the same size by what the head of the file says alone, whatever the rest is worth. Raises DataError."""

    def told(picture: "Image", _: BinaryIO) -> tuple[int, int]:
        width, height = picture.size
        return (height, width) if picture.getexif().get(ORIENTATION) in LYING else (width, height)

    return _open(path, told)


def may_be_picture(start: bytes) -> bool:
    """Tells whether a file that begins with these 16 bytes may be one that `decode` takes."""
    return format_of(start) in FORMATS or start[:1] == b"P"


def trouble(path: Path) -> str | None:
    """Returns why `decode` would refuse the file, or None for a picture."""
    try:
        glance(path)
    except DataError as error:
        return str(error).removeprefix(f"{escape(path)}: ")
    return None


def _open(path: Encoded, take: "Callable[[Image, BinaryIO], Found]") -> Found:
    try:
        reason = why_not_plain(path) if isinstance(path, Path) else None
        if reason is None:
            return _read(path, take)
    except DataError as error:
        reason = str(error)
    except OSError as error:
        reason = error.strerror or str(error)
    raise DataError(escape(f"{path}: {reason}"))


def _read(path: Encoded, take: "Callable[[Image, BinaryIO], Found]") -> Found:
    from PIL import Image, UnidentifiedImageError

    size: tuple[int, ...] = ()
    with PILLOW_WARNINGS, path.open("rb") if isinstance(path, Path) else io.BytesIO(path.data) as file:
        try:
            with Image.open(file, formats=FORMATS) as picture:
                size = picture.size
                return take(picture, file)
        except UnidentifiedImageError:
            raise DataError(_why_unknown(_start(file))) from None
        except (Image.DecompressionBombWarning, Image.DecompressionBombError):
            raise DataError(f"more than {Image.MAX_IMAGE_PIXELS:,} pixels") from None
        except MemoryError:
            if math.prod(size) < LARGE:
                raise
            raise DataError(f"{' x '.join(map(str, size))} pixels are more than memory can hold") from None
        except DataError:
            raise
        except Exception as error:  # Pillow's readers raise whatever the damaged part happens to cause
            if isinstance(error, OSError) and error.errno:  # the disk's trouble, not the picture's
                raise
            raise DataError(f"a damaged {format_of(_start(file))}: {str(error) or type(error).__name__}") from error


def _start(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read(16)


def _rgb(picture: "Image", file: BinaryIO) -> "Image":
    from PIL import ImageOps

    picture = load(picture, file)
    ImageOps.exif_transpose(picture, in_place=True)
    if picture.mode == "RGB":
        return picture
    if picture.mode.startswith("I;16") or (picture.mode, picture.format) == ("I", "PPM"):
        return _upper_bits(picture)
    if picture.mode in ("I", "F"):
        raise DataError("signed, float and 32 bits a pixel have no agreed black and white; save it with 8 or 16 bits")
    plain = picture.convert("RGBA") if picture.mode == "P" else picture
    return plain.convert("RGB")


def _upper_bits(picture: "Image") -> "Image":
    import numpy as np
    from PIL import Image

    tags = getattr(picture, "tag_v2", {})  # a TIFF's: 258 is its bits a pixel, 262 is 0 where white is zero
    gray = (np.asarray(picture) >> (tags.get(258, (16,))[0] - 8)).astype(np.uint8)
    return Image.fromarray(255 - gray if tags.get(262) == 0 else gray).convert("RGB")


def _why_unknown(start: bytes) -> str:
    if not start:
        return "the file is empty"
    kind = format_of(start)
    if kind in FORMATS:
        return f"it begins as {kind} does, but its head is damaged or of a kind that can't be read"
    told = f"it looks like {kind}" if kind else f"it begins with {start!r}"
    return f"not a picture (known are {', '.join(FORMATS)}); {told}"
