"""The one decoder: every picture that kerasvgg looks at passes through here, and so looks the same everywhere."""

from pathlib import Path
from typing import TYPE_CHECKING

from kerasvgg.data.pillow_warnings import PillowWarnings
from kerasvgg.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image

DECODER_VERSION = 1
PILLOW_WARNINGS = PillowWarnings()
FORMATS = ("JPEG", "PNG", "BMP", "GIF", "WEBP", "TIFF", "PPM")
INTERPOLATIONS = ("nearest", "bilinear", "bicubic", "lanczos", "box", "hamming")


def decode(path: Path, image_size: tuple[int, int], interpolation: str = "bilinear") -> "np.ndarray":
    """Returns the picture as uint8 RGB, shape (height, width, 3), resized by Pillow to `image_size`.

    The picture is turned upright by its EXIF orientation, transparency is dropped, 16-bit gray keeps its upper
    8 bits, and of an animation the first frame is taken. The aspect ratio is not kept.

    Raises DataError, naming the file and the reason, for what is not a whole picture of a known format.
    """
    import numpy as np
    from PIL.Image import Resampling

    height, width = image_size
    picture = _open(path)
    if picture.size != (width, height):
        picture = picture.resize((width, height), Resampling[interpolation.upper()])
    return np.asarray(picture, dtype=np.uint8)


def trouble(path: Path) -> str | None:
    """Returns why `decode` would refuse the file, or None for a picture. Decodes to the end, but small and gray."""
    try:
        _open(path, draft=True)
    except DataError as error:
        return str(error).removeprefix(f"{path}: ")
    return None


def _open(path: Path, draft: bool = False) -> "Image":
    from PIL import Image, UnidentifiedImageError

    try:
        with PILLOW_WARNINGS, path.open("rb") as file, Image.open(file, formats=FORMATS) as picture:
            if draft:  # a JPEG is then read to its end, but at an eighth of its size
                picture.draft("L", (picture.width // 8 or 1, picture.height // 8 or 1))
            picture.load()
            return _rgb(picture)
    except UnidentifiedImageError:
        reason = _why_unknown(path)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        reason = f"more than {Image.MAX_IMAGE_PIXELS:,} pixels"
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, TypeError, AttributeError) as error:
        # Pillow's readers raise all of these on damaged files.
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
    raise DataError(f"{path}: {reason}")


def _rgb(picture: "Image") -> "Image":
    from PIL import ImageOps

    ImageOps.exif_transpose(picture, in_place=True)
    if picture.mode == "RGB":
        return picture
    if picture.mode.startswith("I;16"):
        return picture.point(lambda value: value / 256, "L").convert("RGB")
    if picture.mode in ("I", "F"):
        raise ValueError("32 bits a pixel have no agreed black and white; save it with 8 or 16 bits")
    plain = picture.convert("RGBA") if picture.mode == "P" else picture
    return plain.convert("RGB")


def _why_unknown(path: Path) -> str:
    start = path.read_bytes()[:16] if path.stat().st_size < 1 << 30 else b"?"
    if not start:
        return "the file is empty"
    return f"not a picture (known are {', '.join(FORMATS)}); it begins with {start!r}"
