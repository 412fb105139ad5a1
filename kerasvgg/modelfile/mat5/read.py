"""Reads the part of MAT v5 that MatConvNet uses, in one pass, in memory that does not grow with the arrays."""

import struct
from collections.abc import Collection, Generator
from typing import BinaryIO

from kerasvgg.errors import ModelFileError
from kerasvgg.modelfile.mat5.budget import Budget
from kerasvgg.modelfile.mat5.elements import Elements, damaged
from kerasvgg.modelfile.mat5.header import SIZE, byte_order
from kerasvgg.modelfile.mat5.matrix import Matrices
from kerasvgg.modelfile.mat5.stream import Inflated, Plain, Stream, read_at
from kerasvgg.modelfile.mat5.values import Passing, Value

MATRIX, COMPRESSED = 14, 15
MOST_VARIABLES = 1_000
LONGEST = 8 + (1 << 32)  # bytes

Reading = Generator[Passing, None, dict[str, Value]]


def read_mat5(file: BinaryIO, wanted: Collection[str]) -> Reading:
    """Yields every array of the wanted variables as its values pass by; returns the variables.

    Raises ModelFileError for a file that is damaged, is not MAT v5 or asks for too much.
    """
    order, budget, size = byte_order(file), Budget(), file.seek(0, 2)
    found: dict[str, Value] = {}
    start = SIZE
    for _ in range(MOST_VARIABLES):
        if start == size:
            return found
        stream, most, stop = _open(file, start, size, order)
        matrices = Matrices(Elements(stream, order), budget)
        head = matrices.head(most)
        if head and head.name in wanted:
            if head.name in found:
                raise damaged(f"it has two variables {head.name!a}")
            found[head.name] = yield from matrices.body(head, (head.name,))
            stream.finish()
        start = stop
    raise ModelFileError(f"must hold at most {MOST_VARIABLES:,} variables; it has more")


def _open(file: BinaryIO, start: int, size: int, order: str) -> tuple[Stream, int, int]:
    """Returns the bytes of the variable at `start`, how many they may be at most, and where the next one starts."""
    kind, length = struct.unpack(f"{order}II", read_at(file, start, 8).ljust(8, b"\0"))
    stop = start + 8 + length
    if kind not in (MATRIX, COMPRESSED):
        raise damaged(f"no variable begins at {start:,}, where one should")
    if stop > size:
        raise damaged(f"a variable ends at {stop:,}; the file, at {size:,}")
    if kind == COMPRESSED:
        return Inflated(file, start + 8, length), LONGEST, stop
    return Plain(file, start), stop - start, stop
