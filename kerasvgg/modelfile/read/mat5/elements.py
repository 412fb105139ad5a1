"""The data elements of MAT v5, with their heads and texts."""

import codecs
import struct
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

import numpy as np

from kerasvgg.errors import ModelFileError
from kerasvgg.modelfile.read.mat5.stream import Stream, read_at

SIZE = 128
ORDERS = {b"IM": "<", b"MI": ">"}
FOREIGN = (
    (b"\x89HDF\r\n\x1a\n", "HDF5, as .h5 model files are"),
    (b"PK\x03\x04", "a ZIP archive, as .keras model files are"),
    (b"<", "a web page or XML: the download went wrong"),
)


def byte_order(file: BinaryIO) -> str:
    """Returns "<" for a little-endian MAT v5 file and ">" for a big-endian one.

    Raises ModelFileError for every other file, and says what it is if that can be told.
    """
    header = read_at(file, 0, SIZE)
    order = ORDERS.get(header[126:], "")
    version = header[124:126] if order == ">" else header[125:123:-1]
    if order and version == b"\x01\x00":
        return order
    raise ModelFileError(
        f"must be MAT v5, as MATLAB's `save -v7` and `-v6` write it, received {_kind(header, version)}"
    )


def _kind(header: bytes, version: bytes) -> str:
    if not header:
        return "an empty file"
    if header[126:] in ORDERS and version == b"\x02\x00":
        return "MAT v7.3, which is HDF5 inside"
    for start, kind in FOREIGN:
        if header.startswith(start):
            return kind
    if _is_v4(header):
        return "MAT v4"
    return "another kind of file" if len(header) == SIZE else f"only {len(header)} bytes"


def _is_v4(header: bytes) -> bool:
    """A v4 file opens with five whole numbers: a code of four digits, rows, columns, complex or not, length of name."""
    for order in ORDERS.values():
        code, *_, is_complex, length = struct.unpack(f"{order}5I", header[:20].ljust(20, b"\xff"))
        machine, reserved, precision, kind = (code // tens % 10 for tens in (1000, 100, 10, 1))
        in_range = code < 5000 and not reserved and precision <= 5 and kind <= 2
        if in_range and machine <= 4 and is_complex <= 1 and 1 <= length <= 64:
            return True
    return False


ENCODINGS = {1: "ascii", 2: "ascii", 4: "utf-16", 16: "utf-8", 17: "utf-16", 18: "utf-32"}
WIDE = {"<": "-le", ">": "-be"}
# Looked up at once: Python reads them from files, which a process with limits can't open any more.
DECODERS = {
    (kind, order): codecs.getdecoder(name + wide if name in ("utf-16", "utf-32") else name)
    for kind, name in ENCODINGS.items()
    for order, wide in WIDE.items()
}


def rows(data: bytes, kind: int, order: str, shape: tuple[int, ...]) -> tuple[str, ...]:
    """Returns the rows of a char matrix, from the data of its element; what can't be decoded is U+FFFD.

    MATLAB counts a character beyond U+FFFF as two; a matrix without data is blank.
    """
    if kind not in ENCODINGS or len(shape) != 2:
        raise damaged(f"there is no text of {len(shape)} dimensions with data of kind {kind}")
    height, width = shape
    text, _ = DECODERS[kind, order](data, "replace") if data else (" " * (height * width), 0)
    if height == 1 and width == len(text) + sum(character > "\uffff" for character in text):
        return (text,) if width else ()
    if len(text) != height * width:
        raise damaged(f"a text of {height:,} x {width:,} characters has {len(text):,}")
    return tuple(text[row::height] for row in range(height)) if width else ()


BLOCK = 1 << 20  # bytes


class Tag(NamedTuple):
    """`data` is that of an element of at most four bytes, which stands in the tag itself; `next` is what follows."""

    kind: int
    size: int
    data: bytes | None
    next: int


class Elements:
    """Reads elements off a stream, one after the other; `order` is that of their bytes, "<" or ">"."""

    def __init__(self, stream: Stream, order: str) -> None:
        self.order, self._stream, self._tag = order, stream, struct.Struct(f"{order}II")

    @property
    def position(self) -> int:
        """How far the stream has been read."""
        return self._stream.position

    def tag(self, end: int) -> Tag:
        """Returns the next tag. Raises ModelFileError where its element would reach beyond `end`."""
        if self._stream.position + 8 > end:
            raise damaged("something is missing")
        tag = self._stream.read(8)
        kind, size = self._tag.unpack(tag)
        start = self._stream.position
        if small := kind >> 16:
            if small > 4:
                raise damaged(f"{small:,} bytes can't stand where there is room for 4")
            return Tag(kind & 0xFFFF, small, tag[4 : 4 + small], start)
        if start + size > end:
            raise damaged(f"{size:,} bytes can't stand where there is room for {end - start:,}")
        return Tag(kind, size, None, min(start + size + -size % 8, end))

    def content(self, tag: Tag, most: int, what: str) -> bytes:
        """Returns the data of an element. Raises ModelFileError for more than `most` bytes."""
        if tag.size > most:
            raise ModelFileError(
                f"is damaged or a trap: {what} must have at most {most:,} bytes; received {tag.size:,}"
            )
        data = self._stream.read(tag.size) if tag.data is None else tag.data
        self.skip_to(tag.next)
        return data

    def integers(self, tag: Tag, most: int, what: str) -> list[int]:
        """Returns the data of an element of 32-bit numbers."""
        data = self.content(tag, 4 * most, what)
        return list(struct.unpack(f"{self.order}{len(data) // 4}i", data[: len(data) & ~3]))

    def blocks(self, tag: Tag, stored: np.dtype) -> Iterator[np.ndarray]:
        """Yields the data of an element in arrays of at most 1 MiB."""
        if tag.data is not None:
            yield np.frombuffer(tag.data, stored)
            return
        left = tag.size
        while left:
            data = self._stream.read(min(BLOCK, left))
            left -= len(data)
            yield np.frombuffer(data, stored)

    def skip_to(self, position: int) -> None:
        """Passes over what stands before a position."""
        self._stream.skip(position - self._stream.position)


def damaged(what: str) -> ModelFileError:
    """Returns the error for a file that contradicts itself."""
    return ModelFileError(f"is damaged: {what}")
