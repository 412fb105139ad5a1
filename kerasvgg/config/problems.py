"""What was read, with where it stood, and all that is wrong with it, gathered to be told at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from kerasvgg.errors import ConfigError


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


def node_of(value: Any) -> Node:
    """Returns settings that a program has, which stand nowhere, as nodes; NumPy's numbers become Python's."""
    nowhere = Place("")
    if isinstance(value, dict):
        return Node({key: node_of(inner) for key, inner in value.items()}, nowhere, nowhere)
    if isinstance(value, list | tuple):
        return Node([node_of(inner) for inner in value], nowhere, nowhere)
    if type(value).__module__ == "numpy" and value.shape:
        return node_of(value.tolist())
    return Node(value.item() if type(value).__module__ == "numpy" and not value.shape else value, nowhere, nowhere)


MOST = 100


class Mistakes:
    """The mistakes found so far. More than a hundred help nobody: they are told, and the reading ends there."""

    def __init__(self) -> None:
        self._found: list[Mistake] = []

    def __iter__(self) -> Iterator[Mistake]:
        return iter(self._found)

    def __bool__(self) -> bool:
        return bool(self._found)

    def append(self, mistake: Mistake) -> None:
        """Adds a mistake; raises the ConfigError of all of them with the hundredth."""
        self._found.append(mistake)
        if len(self._found) == MOST:
            raise self.error()

    def error(self) -> ConfigError:
        """Returns the error that tells each mistake once, those of the file first, in its order."""
        in_order = sorted(dict.fromkeys(self._found), key=lambda mistake: (not mistake.place.line, mistake.place))
        lines = [f"{mistake.place}: {mistake.text}" for mistake in in_order]
        if len(self._found) == MOST:
            lines.append(f"{self._found[-1].place}: {MOST} mistakes are enough, the rest was not looked at")
        return ConfigError("\n".join(lines))
