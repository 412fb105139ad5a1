"""What is in a MAT v5 file, as plain data: numbers, texts, cells, structs, and what is not read."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


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
