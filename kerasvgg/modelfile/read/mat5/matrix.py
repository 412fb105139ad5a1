"""The variables of a MAT v5 file, read one after the other."""

import math
import struct
from collections.abc import Collection, Generator, Iterator
from typing import BinaryIO, NamedTuple

import numpy as np

from kerasvgg.errors import ModelFileError
from kerasvgg.modelfile.read.mat5.elements import SIZE, Elements, Tag, byte_order, damaged, rows
from kerasvgg.modelfile.read.mat5.stream import Inflated, Plain, Stream, read_at
from kerasvgg.modelfile.read.mat5.values import Budget, Cell, Numbers, Passing, Path, Struct, Text, Unread, Value

MATRIX, INTEGERS, NAMES = (14,), (5, 6), (1, 2, 16)  # what an element's tag says
STORED = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
CELL, STRUCT, CHAR, OPAQUE = 1, 2, 4, 17  # what a matrix's flags say
NUMBERS = {
    **{6: "float64", 7: "float32", 8: "int8", 9: "uint8", 10: "int16", 11: "uint16", 12: "int32", 13: "uint32"},
    **{14: "int64", 15: "uint64"},
}
UNREAD = {3: "an object", 5: "a sparse matrix", 16: "a function", OPAQUE: "an object"}
IS_COMPLEX, IS_LOGICAL = 0x0800, 0x0200

MOST_TEXT = 1 << 16  # bytes
MOST_NAME = 256  # bytes
MOST_FIELDS = 1_000
MOST_DIMENSIONS = 32
MOST_DEPTH = 20
SMALL = 64  # values that are held

Reading = Generator[Passing, None, Value]


class Head(NamedTuple):
    """What opens a matrix; `end` is where its data ends, `next` where another one can begin."""

    kind: int
    flags: int
    shape: tuple[int, ...]
    name: str
    end: int
    next: int

    @property
    def size(self) -> int:
        """How many values the shape has room for."""
        return math.prod(self.shape)


class Matrices:
    """Reads matrices off a stream: the head of each, then the body."""

    def __init__(self, elements: Elements, budget: Budget) -> None:
        self._elements, self._budget = elements, budget

    def head(self, end: int) -> Head | None:
        """Returns the head of the next matrix; None for an empty one, which has neither head nor body."""
        self._budget.take(1)
        tag = self._tag(end, MATRIX)
        if not tag.size:
            return None
        end = tag.next if tag.data else self._elements.position + tag.size
        flags, *_ = self._integers(end, 2, "the flags of a matrix") or [0]
        shape = () if flags & 0xFF == OPAQUE else self._shape(end)
        name = self._elements.content(self._tag(end, NAMES), MOST_NAME, "a name")
        return Head(flags & 0xFF, flags, shape, name.decode("latin-1"), end, tag.next)

    def body(self, head: Head, path: Path, depth: int = 0) -> Reading:
        """Yields the arrays in a matrix as they pass by, and returns its value."""
        if depth > MOST_DEPTH:
            raise ModelFileError(f"must have cells and structs at most {MOST_DEPTH} deep; they are deeper")
        if head.kind in UNREAD or head.flags & IS_COMPLEX:
            self._elements.skip_to(head.end)
            value: Value = Unread(UNREAD.get(head.kind, "complex numbers"))
        elif head.kind == CELL:
            value = yield from self._cell(head, path, depth)
        elif head.kind == STRUCT:
            value = yield from self._struct(head, path, depth)
        elif head.kind == CHAR:
            value = self._text(head)
        else:
            value = yield from self._numbers(head, path)
        if self._elements.position < head.end:
            raise damaged(f"a matrix has {head.end - self._elements.position:,} bytes more than it needs")
        self._elements.skip_to(head.next if depth else head.end)
        return value

    def _inner(self, end: int, path: Path, depth: int) -> Reading:
        head = self.head(end)
        if head is None:
            return Numbers((0, 0), "float64", np.empty((0, 0)))
        return (yield from self.body(head, path, depth + 1))

    def _cell(self, head: Head, path: Path, depth: int) -> Reading:
        self._room(head, head.size)
        items = []
        for place in range(head.size):
            items.append((yield from self._inner(head.end, (*path, place), depth)))
        return Cell(head.shape, tuple(items))

    def _struct(self, head: Head, path: Path, depth: int) -> Reading:
        fields = self._fields(head.end)
        self._room(head, head.size * len(fields))
        self._budget.take(head.size)
        items = []
        for place in range(head.size):
            item = {}
            for field in fields:
                item[field] = yield from self._inner(head.end, (*path, place, field), depth)
            items.append(item)
        return Struct(head.shape, tuple(items))

    def _text(self, head: Head) -> Text:
        self._budget.take(0, head.size)
        tag = self._elements.tag(head.end)
        data = self._elements.content(tag, MOST_TEXT, "a text")
        if head.size > MOST_TEXT:
            raise damaged(f"a text of {head.size:,} characters has {tag.size:,} bytes")
        return Text(rows(data, tag.kind, self._elements.order, head.shape))

    def _numbers(self, head: Head, path: Path) -> Reading:
        tag = self._elements.tag(head.end)
        stored, dtype = self._types(head, tag)
        if head.size * stored.itemsize != tag.size:
            raise damaged(f"an array of {head.size:,} values of {stored.itemsize} bytes has {tag.size:,} bytes")
        blocks = self._blocks(tag, stored, dtype)
        array = Numbers(head.shape, dtype.name)
        if head.size <= SMALL:
            self._budget.take(0, head.size * dtype.itemsize)
            values = np.concatenate([np.empty(0, dtype), *blocks])
            array, blocks = Numbers(head.shape, dtype.name, values.reshape(head.shape, order="F")), iter([values])
        yield Passing(path, array, blocks)
        self._elements.skip_to(tag.next)
        return array

    def _blocks(self, tag: Tag, stored: np.dtype, dtype: np.dtype) -> Iterator[np.ndarray]:
        for block in self._elements.blocks(tag, stored):
            with np.errstate(all="ignore"):
                yield block.astype(dtype)

    def _types(self, head: Head, tag: Tag) -> tuple[np.dtype, np.dtype]:
        """Returns the type that is stored, often a smaller one, and the type that is meant."""
        if head.kind not in NUMBERS or tag.kind not in STORED:
            raise damaged(f"there is no kind {head.kind} of matrix with data of kind {tag.kind}")
        stored = np.dtype(self._elements.order + STORED[tag.kind])
        meant = np.dtype(NUMBERS[head.kind])
        if not np.can_cast(stored, meant, "same_kind"):
            raise damaged(f"values of type {meant} can't be stored as {stored.newbyteorder('=')}")
        return stored, np.dtype(bool) if head.flags & IS_LOGICAL else meant

    def _shape(self, end: int) -> tuple[int, ...]:
        shape = self._integers(end, MOST_DIMENSIONS, "a shape")
        if len(shape) < 2 or min(shape) < 0:
            raise damaged(f"a shape must be two numbers or more, none below 0; received {shape}")
        return tuple(shape)

    def _fields(self, end: int) -> list[str]:
        (length,) = self._integers(end, 1, "the length of names") or (0,)
        if not 1 <= length <= MOST_NAME:
            raise damaged(f"names of fields must have 1 to {MOST_NAME} bytes; received {length:,}")
        names = self._elements.content(self._tag(end, NAMES), length * MOST_FIELDS, "names of fields")
        fields = [names[at : at + length].partition(b"\0")[0].decode("latin-1") for at in range(0, len(names), length)]
        if len(set(fields)) < len(fields) or len(names) % length:
            raise damaged("a struct must name its fields, each once")
        return fields

    def _room(self, head: Head, count: int) -> None:
        """Raises ModelFileError where so many matrices do not fit in, before any is read."""
        if count * 8 > head.end - self._elements.position:
            raise damaged(f"{count:,} matrices can't stand in {head.end - self._elements.position:,} bytes")

    def _integers(self, end: int, most: int, what: str) -> list[int]:
        return self._elements.integers(self._tag(end, INTEGERS), most, what)

    def _tag(self, end: int, kinds: tuple[int, ...]) -> Tag:
        tag = self._elements.tag(end)
        if tag.kind not in kinds:
            raise damaged(f"data of kind {tag.kind} stands where only {', '.join(map(str, kinds))} can")
        return tag


MATRIX_TAG, COMPRESSED = 14, 15
MOST_VARIABLES = 1_000
LONGEST = 8 + (1 << 32)  # bytes

FileReading = Generator[Passing, None, dict[str, Value]]


def read_mat5(file: BinaryIO, wanted: Collection[str]) -> FileReading:
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
    if kind not in (MATRIX_TAG, COMPRESSED):
        raise damaged(f"no variable begins at {start:,}, where one should")
    if stop > size:
        raise damaged(f"a variable ends at {stop:,}; the file, at {size:,}")
    if kind == COMPRESSED:
        return Inflated(file, start + 8, length), LONGEST, stop
    return Plain(file, start), stop - start, stop
