"""What was read, with where it stood."""

from dataclasses import dataclass
from typing import Any, NamedTuple


class Place(NamedTuple):
    """A spot in a file (line and column count from 1), or an override as a whole (line 0)."""

    source: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.source}:{self.line}:{self.column}" if self.line else self.source


class Mistake(NamedTuple):
    """Something wrong at a place, in one line."""

    place: Place
    text: str


@dataclass(frozen=True)
class Node:
    """A value (scalar, list of nodes, mapping from text to nodes) with its own place and that of its key.

    A mapping or list in block style stands at its key, because its first line is somewhere below.
    """

    value: Any
    place: Place
    key: Place

    def plain(self) -> Any:
        """Returns the value without places."""
        if isinstance(self.value, dict):
            return {key: child.plain() for key, child in self.value.items()}
        if isinstance(self.value, list):
            return [child.plain() for child in self.value]
        return self.value


def shown(value: object) -> str:
    """Returns the value's repr in at most 60 characters, of which none breaks a line."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def shown_key(key: object) -> str:
    """Returns a key as `shown` does, without quotes."""
    text = repr(str(key))[1:-1]
    return text if len(text) <= 60 else text[:57] + "..."
