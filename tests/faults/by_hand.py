"""Picture files put together byte by byte, so that what they hold is known without any decoder."""

import io
import struct
import zlib

import numpy as np
from PIL import Image

TIFF_SHORT, TIFF_LONG = 3, 4
ADAM7 = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))


def encoded(pixels: np.ndarray, format: str, **options) -> bytes:
    """What Pillow writes of an array."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format, **options)
    return file.getvalue()


def chunk(kind: bytes, body: bytes, checksum: int | None = None) -> bytes:
    right = zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", right if checksum is None else checksum)


def png(
    rows: np.ndarray,
    width: int,
    depth: int = 8,
    colour: int = 2,
    before: bytes = b"",
    idat: bytes | None = None,
    checksum: int | None = None,
    height: int | None = None,
) -> bytes:
    """`rows` (height, bytes a row) as in the file; colour 0 gray, 2 RGB, 3 palette, 4 gray + alpha, 6 RGBA."""
    body = zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows)) if idat is None else idat
    head = struct.pack(">IIBBBBB", width, len(rows) if height is None else height, depth, colour, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + before
        + chunk(b"IDAT", body, checksum)
        + chunk(b"IEND", b"")
    )  # fmt: skip


def rgb_png(rgb: np.ndarray, **more) -> bytes:
    return png(rgb.reshape(len(rgb), -1), rgb.shape[1], **more)


def interlaced_png(rgb: np.ndarray, without: int = 0) -> bytes:
    """Without so many bytes at the end of its rows."""
    passes = [rgb[top::down, left::right] for top, left, down, right in ADAM7]
    raw = b"".join(b"\0" + row.tobytes() for part in passes if part.size for row in part)
    file = rgb_png(rgb, idat=zlib.compress(raw[: len(raw) - without]))
    head = struct.pack(">IIBBBBB", rgb.shape[1], rgb.shape[0], 8, 2, 0, 0, 1)
    return file[:8] + chunk(b"IHDR", head) + file[8 + 25 :]


def tiff(
    strips: list[bytes],
    width: int,
    height: int,
    bits: tuple[int, ...] = (8, 8, 8),
    photometric: int = 2,
    order: str = "<",
    more: dict[int, tuple[int, ...]] | None = None,
    next_page: int = 0,
) -> bytes:
    """An uncompressed TIFF of one page; `more` adds or changes tags, a tag set to () is left out."""
    data_at, offsets = 8, []
    for strip in strips:
        offsets.append(data_at)
        data_at += len(strip) + len(strip) % 2
    tags = {
        256: (width,), 257: (height,), 258: bits, 259: (1,), 262: (photometric,), 273: tuple(offsets),
        277: (len(bits),), 278: (height,), 279: tuple(map(len, strips)),
    }  # fmt: skip
    tags = {tag: values for tag, values in sorted({**tags, **(more or {})}.items()) if values}
    body = b"".join(strip + b"\0" * (len(strip) % 2) for strip in strips)
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", data_at)
    return head + body + _directory(tags, data_at, order, next_page)


def _directory(tags: dict[int, tuple[int, ...]], start: int, order: str, next_page: int) -> bytes:
    values_at = start + 2 + 12 * len(tags) + 4
    entries, values = b"", b""
    for tag, numbers in tags.items():
        kind, letter, size = (TIFF_LONG, "I", 4) if tag in (273, 279, 324, 325) else (TIFF_SHORT, "H", 2)
        packed = struct.pack(f"{order}{len(numbers)}{letter}", *numbers)
        entries += struct.pack(order + "HHI", tag, kind, len(numbers))
        if len(numbers) * size <= 4:
            entries += packed.ljust(4, b"\0")
        else:
            entries += struct.pack(order + "I", values_at + len(values))
            values += packed
    return struct.pack(order + "H", len(tags)) + entries + struct.pack(order + "I", next_page) + values


def tiled_tiff(rgb: np.ndarray) -> bytes:
    """In tiles of 16 x 16, those at the edges filled up."""
    height, width = rgb.shape[:2]
    full = np.pad(rgb, ((0, -height % 16), (0, -width % 16), (0, 0)))
    tiles = [full[y : y + 16, x : x + 16].tobytes() for y in range(0, height, 16) for x in range(0, width, 16)]
    offsets, sizes = tuple(8 + 768 * i for i in range(len(tiles))), tuple(map(len, tiles))
    no_strips = {273: (), 278: (), 279: ()}
    return tiff(tiles, width, height, more={**no_strips, 322: (16,), 323: (16,), 324: offsets, 325: sizes})


def bmp(rows: np.ndarray, width: int, height: int, depth: int, compression: int = 0, after_head: bytes = b"") -> bytes:
    """`rows` (height, bytes a row) or plain bytes, as they stand in the file: the lowest first unless height < 0."""
    body = b"".join(row.tobytes() + b"\0" * (-len(row.tobytes()) % 4) for row in rows)
    start = 14 + 40 + len(after_head)
    head = struct.pack("<IiiHHIIiiII", 40, width, height, 1, depth, compression, len(body), 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", start + len(body), 0, 0, start) + head + after_head + body


def exif(orientation: int) -> bytes:
    tags = Image.Exif()
    tags[0x0112] = orientation
    return tags.tobytes()


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def with_segment(jpeg: bytes, marker: int, body: bytes) -> bytes:
    """The JPEG with one more segment behind its first two bytes."""
    return jpeg[:2] + segment(marker, body) + jpeg[2:]


def without_segments(jpeg: bytes, marker: int) -> bytes:
    kept, place = jpeg[:2], 2
    while jpeg[place + 1] != 0xDA:
        length = 2 + struct.unpack(">H", jpeg[place + 2 : place + 4])[0]
        if jpeg[place + 1] != marker:
            kept += jpeg[place : place + length]
        place += length
    return kept + jpeg[place:]


def in_frame(jpeg: bytes, place: int, value: bytes) -> bytes:
    """The JPEG with bytes of its frame header changed: at 1 the marker, 4 the precision, 5 the height, 7 the width."""
    at = max(jpeg.find(b"\xff\xc0"), jpeg.find(b"\xff\xc2")) + place
    return jpeg[:at] + value + jpeg[at + len(value) :]
