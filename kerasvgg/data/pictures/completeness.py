"""Whole pictures only: JPEG and PNG files whose rows are missing, which Pillow fills with gray or black."""

import struct
import zlib
from typing import TYPE_CHECKING, BinaryIO

from kerasvgg.errors import DataError

if TYPE_CHECKING:
    from PIL.Image import Image

MOST = 1 << 30  # bytes of a JPEG file, of which 90 million pixels hardly take a tenth
# libjpeg's words for data that is not there or not what was written; at others, such as "extraneous bytes before
# marker", nothing is missing.
DAMAGE = ("premature end", "bad huffman code", "instead of rst")


def load(picture: "Image", file: BinaryIO) -> "Image":
    """Returns the picture that was opened from the file with its pixels, as Pillow would give them.

    Raises DataError where some of them are not in the file; what else is wrong with it, Pillow says.
    """
    if picture.format in ("JPEG", "MPO") and picture.mode in ("RGB", "L"):
        return _jpeg(picture, file) or _loaded(picture)
    _loaded(picture)
    if picture.format == "PNG" and _may_lack_rows(picture):
        _require_rows(file)
    return picture


def _loaded(picture: "Image") -> "Image":
    picture.load()
    return picture


def _jpeg(picture: "Image", file: BinaryIO) -> "Image | None":
    """Returns what libjpeg decodes, which is what Pillow has too; None for what it warns of."""
    import simplejpeg
    from PIL import Image

    file.seek(0)
    content = file.read(MOST)
    width, height = picture.size  # smaller than in the file after `draft`
    space = "RGB" if picture.mode == "RGB" else "GRAY"
    try:
        pixels = simplejpeg.decode_jpeg(content, space, min_height=height, min_width=width, strict=True)
    except ValueError as error:
        if any(sign in str(error).lower() for sign in DAMAGE):
            raise DataError(f"a damaged JPEG: truncated or changed: {error}") from error
        return None
    if pixels.shape[:2] != (height, width):
        return None
    whole = Image.fromarray(pixels if space == "RGB" else pixels[..., 0])
    whole.info = picture.info  # EXIF says which side is up
    return whole


CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by PNG's kinds of colour
# Of the seven passes of an interlaced PNG: the first column and row, and the steps.
PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def _may_lack_rows(picture: "Image") -> bool:
    """Tells whether the last row is empty, as one that was never read; interlaced rows come in turns."""
    width, height = picture.size
    last = picture.crop((0, height - 1, width, height))
    return bool(picture.info.get("interlace")) or not any(last.tobytes())


def _require_rows(file: BinaryIO) -> None:
    """Raises DataError where the stream of pixels ends before the last row."""
    file.seek(8)
    stream, missing, expected = zlib.decompressobj(), 0, 0
    while head := file.read(8):
        size, kind = struct.unpack(">I4s", head)
        if kind == b"IHDR":
            missing = expected = _bytes_of_rows(file.read(size))
        elif kind == b"IDAT":
            for start in range(0, size, 1 << 16):
                data = file.read(min(1 << 16, size - start))
                while data and missing > 0:
                    missing -= len(stream.decompress(data, 1 << 20))
                    data = stream.unconsumed_tail
        elif kind == b"IEND" or missing <= 0:
            break
        else:
            file.seek(size, 1)
        file.seek(4, 1)  # the checksum
    if missing > 0:
        raise DataError(f"a damaged PNG: truncated: {missing:,} of {expected:,} bytes of its rows are missing")


def _bytes_of_rows(head: bytes) -> int:
    width, height, bits, colour, _, _, interlaced = struct.unpack(">IIBBBBB", head)
    total = 0
    for left, top, across, down in PASSES if interlaced else ((0, 0, 1, 1),):
        columns, rows = -(-(width - left) // across), -(-(height - top) // down)
        total += rows * (1 + -(-columns * CHANNELS[colour] * bits // 8)) if columns > 0 else 0
    return total
