"""A part of a file as a stream of bytes that is read once, forwards, as it stands or inflated."""

import zlib
from typing import BinaryIO, Protocol

from kerasvgg.errors import ModelFileError

CHUNK = 1 << 16  # bytes
# Weights hardly shrink: what inflates to ten times its size is no model.
MOST_TIMES = 10
ALWAYS_ALLOWED = 64 << 20  # bytes
END = "is damaged: it ends in the middle of an array"


class Stream(Protocol):
    """`position` counts the bytes read and skipped."""

    position: int

    def read(self, count: int) -> bytes:
        """Returns exactly so many bytes. Raises ModelFileError where there are fewer."""

    def skip(self, count: int) -> None:
        """Passes over so many bytes."""

    def finish(self) -> None:
        """Raises ModelFileError where more follows, or where a checksum is wrong."""


def read_at(file: BinaryIO, place: int, count: int) -> bytes:
    """Returns so many bytes from a place on, fewer at the end. Raises ModelFileError where the system can't read."""
    try:
        file.seek(place)
        return file.read(count)
    except OSError as error:
        raise ModelFileError(f"can't be read: {error.strerror}") from error


class Plain:
    """The bytes of a file from `start` on; skipping costs nothing."""

    def __init__(self, file: BinaryIO, start: int) -> None:
        self.position, self._file, self._start = 0, file, start

    def read(self, count: int) -> bytes:
        """Reads on."""
        data = read_at(self._file, self._start + self.position, count)
        self.position += count
        if len(data) < count:
            raise ModelFileError(END)
        return data

    def skip(self, count: int) -> None:
        """Goes on."""
        self.position += count

    def finish(self) -> None:
        """Does nothing: what stands in the file as it is has neither an end of its own nor a checksum."""


class Inflated:
    """What `size` bytes of a file from `start` on inflate to, in constant memory."""

    def __init__(self, file: BinaryIO, start: int, size: int) -> None:
        self.position, self._file, self._next, self._stop = 0, file, start, start + size
        self._most = ALWAYS_ALLOWED + MOST_TIMES * size
        self._inflate, self._ready = zlib.decompressobj(), memoryview(b"")

    def read(self, count: int) -> bytes:
        """Inflates so much."""
        data = bytearray()
        while len(data) < count:
            data += self._some(count - len(data))
        return bytes(data)

    def skip(self, count: int) -> None:
        """Inflates so much, a little at a time."""
        while count:
            count -= len(self._some(count))

    def finish(self) -> None:
        """Inflates the rest, which is padding at most; the checksum is compared on the way."""
        left = len(self._ready)
        while left < 8 and not self._inflate.eof and (more := self._more()):
            left += len(more)
        if left >= 8 or not self._inflate.eof:
            raise ModelFileError("is damaged: a compressed variable has another size than it says")

    def _some(self, most: int) -> memoryview:
        if not self._ready:
            self._ready = memoryview(self._more())
        if not self._ready:
            raise ModelFileError(END)
        some, self._ready = self._ready[:most], self._ready[most:]
        self.position += len(some)
        if self.position > self._most:
            raise ModelFileError(f"must unpack to at most {self._most:,} bytes, for its size; there are more")
        return some

    def _more(self) -> bytes:
        data, more = b"not yet", b""
        while data and not more and not self._inflate.eof:
            data = self._inflate.unconsumed_tail or self._compressed()
            try:
                more = self._inflate.decompress(data, CHUNK)
            except zlib.error as error:
                raise ModelFileError(f"is damaged: a variable does not inflate: {error}") from error
        return more

    def _compressed(self) -> bytes:
        data = read_at(self._file, self._next, min(CHUNK, self._stop - self._next))
        self._next += len(data)
        return data
