"""The elements that a MAT v5 file consists of: a tag that says kind and size, then the data, padded to eight bytes."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from kerasvgg.errors import ModelFileError
from kerasvgg.modelfile.mat5.stream import Stream

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
