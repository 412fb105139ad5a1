"""Files of at most 1 MB that ask for much more: by compression, by counting, by nesting."""

import struct
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "modelfile"))
from mat_bytes import CELL, CHAR, COMPRESSED, DOUBLES, MATRIX, SINGLES, STRUCT, UINT8, UTF8, Writer

WRITER = Writer()
EMPTY = WRITER.element(MATRIX, b"")
SINGLE, DOUBLE = 7, 9
MUCH = "must hold at most 100,000 values and 8,388,608 bytes of text besides its arrays"


def zeros(kind: int, shape: tuple[int, ...], stored: int, size: int, name: str = "") -> Iterator[bytes]:
    """A matrix with so many bytes of zeros."""
    yield from around(WRITER.matrix(kind, shape, struct.pack("<II", stored, size), name), size)
    yield from (bytes(1 << 16) for _ in range(size >> 16))


def around(opening: bytes, size: int) -> Iterator[bytes]:
    """The opening of a matrix that goes on for so many bytes more."""
    kind, own = struct.unpack_from("<II", opening)
    yield struct.pack("<II", kind, (own + size) % (1 << 32)) + opening[8:]


def packed(parts: Iterator[bytes]) -> bytes:
    press = zlib.compressobj(9)
    data = b"".join([*(press.compress(part) for part in parts), press.flush()])
    return struct.pack("<II", COMPRESSED, len(data)) + data


def network(**fields: bytes) -> bytes:
    return WRITER.cell(WRITER.struct({"type": WRITER.text("conv"), **fields}), name="layers")


def kernel_of(size: int) -> Iterator[bytes]:
    """A network whose one kernel has so many bytes of zeros."""
    parts = list(zeros(SINGLES, (size >> 2, 1), SINGLE, size))
    whole = network(weights=parts[0])
    for level, place in enumerate(_tags(whole)):
        own = struct.unpack_from("<I", whole, place + 4)[0]
        whole = whole[: place + 4] + struct.pack("<I", own + (size if level < 2 else 0)) + whole[place + 8 :]
    yield whole
    yield from parts[1:]


def _tags(whole: bytes) -> tuple[int, int]:
    """Where the tags of the cell and of the struct in it begin."""
    return 0, whole.index(struct.pack("<I", MATRIX), 8)


def nested(depth: int) -> bytes:
    """Cells in cells, the innermost first."""
    inner = WRITER.numbers([1])
    heads = [inner]
    size = len(inner)
    for level in range(depth):
        head = WRITER.matrix(CELL, (1, 1), b"", "layers" if level == depth - 1 else "")
        heads.append(struct.pack("<II", MATRIX, len(head) - 8 + size) + head[8:])
        size += len(head)
    return b"".join(reversed(heads))


def many_cells(count: int) -> Iterator[bytes]:
    yield from around(WRITER.matrix(CELL, (1, count), b"", "layers"), 8 * count)
    yield from (EMPTY * 1000 for _ in range(count // 1000))


def many_fields(count: int) -> Iterator[bytes]:
    """Structs with 1,000 fields each."""
    names = b"".join(f"f{number}".encode().ljust(8, b"\0") for number in range(1000))
    body = WRITER.integers([8]) + WRITER.element(1, names)
    yield from around(WRITER.matrix(STRUCT, (1, count), body, "meta"), 8000 * count)
    yield from (EMPTY * 1000 for _ in range(count))


def many_texts(count: int, blank: bool) -> Iterator[bytes]:
    data = b"" if blank else b" " * 65536
    text = WRITER.matrix(CHAR, (1, 65536), WRITER.element(UINT8 if blank else UTF8, data))
    yield from around(WRITER.matrix(CELL, (1, count), b"", "classes"), len(text) * count)
    yield from (text for _ in range(count))


def cells_of_numbers(count: int, values: int) -> Iterator[bytes]:
    one = WRITER.numbers(range(values), "B")
    yield from around(WRITER.matrix(CELL, (1, count), b"", "layers"), len(one) * count)
    yield from (one for _ in range(count))


def relus(count: int) -> bytes:
    return WRITER.cell(*[WRITER.struct({"type": WRITER.text("relu")}, length=8)] * count, name="layers")


def _file(*variables: bytes) -> bytes:
    return WRITER.file(*variables).getvalue()


def _variables_of_64_mb() -> bytes:
    names = ("layers", "classes", "normalization", "meta", "net")
    return _file(*(packed(zeros(DOUBLES, (1, 8 << 20), DOUBLE, 64 << 20, name)) for name in names))


def _mean_picture() -> bytes:
    picture = next(zeros(DOUBLES, (1 << 13, 1 << 13), DOUBLE, 1 << 29))
    return _file(WRITER.struct({"averageImage": picture}, "normalization"))


def _numbers(name: str) -> bytes:
    return packed(zeros(DOUBLES, (1, 75 << 19), DOUBLE, 300 << 20, name))


# What they are, how they are made, and what is said of them; nothing of those that do no harm.
BOMBS = {
    "15,000 deep": (lambda: _file(nested(15_000)), "at most 20 deep"),
    "200,000 deep": (lambda: _file(packed(iter([nested(200_000)]))), "at most 20 deep"),
    "120,000 empty cells": (lambda: _file(b"".join(many_cells(120_000))), MUCH),
    "20 million empty cells": (lambda: _file(packed(many_cells(20_000_000))), MUCH),
    "a million fields": (lambda: _file(packed(many_fields(1_000))), MUCH),
    "10,000 blank texts": (lambda: _file(b"".join(many_texts(10_000, blank=True))), MUCH),
    "1,000 long texts": (lambda: _file(packed(many_texts(1_000, blank=False))), MUCH),
    "90,000 arrays of 64 values": (lambda: _file(packed(cells_of_numbers(90_000, 64))), MUCH),
    "90,000 arrays of 65 values": (lambda: _file(packed(cells_of_numbers(90_000, 65))), "at most 10,000 layers"),
    "4,000 layers": (lambda: _file(relus(4_000)), ""),
    "33,000 layers": (lambda: _file(packed(iter([relus(33_000)]))), "at most 10,000 layers"),
    "12,000 variables": (lambda: _file(WRITER.numbers([1], name="x") * 12_000), "at most 1,000 variables"),
    "8,000 packed variables": (
        lambda: _file(packed(iter([WRITER.numbers([1], name="x")])) * 8_000),
        "at most 1,000 variables",
    ),
    "a kernel of 300 MB": (lambda: _file(packed(kernel_of(300 << 20))), "must unpack to at most"),
    "a kernel of 60 MB": (lambda: _file(packed(kernel_of(60 << 20))), ""),
    "numbers of 300 MB": (lambda: _file(_numbers("meta")), "must unpack to at most"),
    "an unwanted variable of 300 MB": (lambda: _file(_numbers("x"), network()), ""),
    "five variables of 64 MB": (_variables_of_64_mb, "must hold one network"),
    "a mean picture of 512 MB that is not there": (_mean_picture, "536,870,960 bytes can't stand"),
    "nothing, packed": (
        lambda: _file(struct.pack("<IIH", COMPRESSED, 1 << 19, 0x9C78) + bytes((1 << 19) - 2)),
        "does not inflate",
    ),
}
