"""What a MAT v5 file holds, and how much of it may be held."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from kerasvgg.errors import ModelFileError


@dataclass(frozen=True)
class Numbers:
    """`values` are held for small arrays only (None for others), in the file's own shape."""

    shape: tuple[int, ...]
    dtype: str
    values: np.ndarray | None = None


@dataclass(frozen=True)
class Text:
    """The rows of a char matrix, padded with blanks as they are saved; an empty one has no row."""

    rows: tuple[str, ...]


@dataclass(frozen=True)
class Cell:
    """`items` are in MATLAB's order, the first dimension running fastest."""

    shape: tuple[int, ...]
    items: tuple["Value", ...]


@dataclass(frozen=True)
class Struct:
    """`items` hold a value for every field, in MATLAB's order, the first dimension running fastest."""

    shape: tuple[int, ...]
    items: tuple[dict[str, "Value"], ...]


@dataclass(frozen=True)
class Unread:
    """Something that MatConvNet's models do not need; `kind` says what."""

    kind: str


Value = Numbers | Text | Cell | Struct | Unread
Path = tuple[str | int, ...]


class Passing(NamedTuple):
    """An array at the moment its values pass by: the blocks are to be read before anything else is, or not at all.

    `path` leads to it: a variable's name, then fields' names and places in cells and structs. Blocks are flat, of the
    array's dtype, at most 1 MiB, with the first dimension running fastest.
    """

    path: Path
    array: Numbers
    blocks: Iterator[np.ndarray]


MOST_ITEMS = 100_000
MOST_HELD = 8 << 20  # bytes of texts and of small arrays


class Budget:
    """What may still be held of a file."""

    def __init__(self) -> None:
        self._items, self._held = MOST_ITEMS, MOST_HELD

    def take(self, items: int, held: int = 0) -> None:
        """Raises ModelFileError where so many values more, with so many bytes, are too many."""
        self._items -= items
        self._held -= held
        if self._items < 0 or self._held < 0:
            most = f"{MOST_ITEMS:,} values and {MOST_HELD:,} bytes of text"
            raise ModelFileError(f"must hold at most {most} besides its arrays; it has more")
