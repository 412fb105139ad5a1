"""MAT v5 written byte by byte, for what scipy does not write."""

import io
import math
import struct
import zlib
from collections.abc import Sequence

MATRIX, COMPRESSED = 14, 15
UINT8, INT32, UINT32, DOUBLE, UTF8, UTF16, UTF32 = 2, 5, 6, 9, 16, 17, 18
CELL, STRUCT, CHAR, SPARSE, DOUBLES, SINGLES, FUNCTION, OPAQUE = 1, 2, 4, 5, 6, 7, 16, 17
COMPLEX, LOGICAL = 0x800, 0x200


class Writer:
    """`order` is that of the bytes; `small` puts data of four bytes at most into the tag, as MATLAB does."""

    def __init__(self, order: str = "<", small: bool = True, padding: bytes = b"\0") -> None:
        self.order, self.small, self.padding = order, small, padding

    def element(self, kind: int, data: bytes, size: int | None = None) -> bytes:
        """An element, which may lie about its size."""
        if self.small and 0 < len(data) <= 4 and size is None:
            return struct.pack(f"{self.order}I", len(data) << 16 | kind) + data.ljust(4, self.padding)
        tag = struct.pack(f"{self.order}II", kind, len(data) if size is None else size)
        return tag + data + self.padding * (-len(data) % 8)

    def integers(self, numbers: Sequence[int]) -> bytes:
        return self.element(INT32, struct.pack(f"{self.order}{len(numbers)}i", *numbers))

    def matrix(self, kind: int, shape: Sequence[int], body: bytes, name: str = "", size: int | None = None) -> bytes:
        flags = self.element(UINT32, struct.pack(f"{self.order}II", kind, 0))
        return self.element(MATRIX, flags + self.integers(shape) + self.element(1, name.encode()) + body, size)

    def numbers(
        self, values: Sequence[float], stored: str = "d", kind: int = DOUBLES, name: str = "", shape: Sequence[int] = ()
    ) -> bytes:
        """`stored` is a letter of struct's."""
        code = {"b": 1, "B": 2, "h": 3, "H": 4, "i": 5, "I": 6, "f": 7, "d": 9, "q": 12, "Q": 13}[stored]
        data = struct.pack(f"{self.order}{len(values)}{stored}", *values)
        return self.matrix(kind, shape or (1, len(values)), self.element(code, data), name)

    def text(
        self, text: str, kind: int = UTF8, encoding: str = "utf-8", width: int | None = None, name: str = ""
    ) -> bytes:
        shape = (1, len(text) if width is None else width)
        return self.matrix(CHAR, shape, self.element(kind, text.encode(encoding)), name)

    def cell(self, *items: bytes, name: str = "", shape: Sequence[int] = ()) -> bytes:
        return self.matrix(CELL, shape or (1, len(items)), b"".join(items), name)

    def struct(
        self, fields: dict[str, bytes], name: str = "", length: int = 32, shape: Sequence[int] = (1, 1)
    ) -> bytes:
        names = b"".join(field.encode().ljust(length, b"\0") for field in fields)
        body = self.integers([length]) + self.element(1, names)
        return self.matrix(STRUCT, shape, body + b"".join(fields.values()) * math.prod(shape), name)

    def compressed(self, variable: bytes) -> bytes:
        """A compressed variable, which is not padded."""
        data = zlib.compress(variable, 9)
        return struct.pack(f"{self.order}II", COMPRESSED, len(data)) + data

    def file(self, *variables: bytes, version: int = 0x0100) -> io.BytesIO:
        text = b"MATLAB 5.0 MAT-file, by hand".ljust(124)
        end = struct.pack(f"{self.order}H", version) + (b"IM" if self.order == "<" else b"MI")
        return io.BytesIO(text + end + b"".join(variables))
