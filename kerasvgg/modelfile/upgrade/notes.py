"""What was changed, told once for all the layers it was done to."""

from collections.abc import Iterable


class Notes:
    """Collects texts by layer; layers with the same text share a line."""

    def __init__(self) -> None:
        self._changes: dict[str, list[str]] = {}
        self._obstacles: dict[str, list[str]] = {}

    def change(self, name: str, texts: Iterable[str]) -> None:
        """Notes what was changed in a layer."""
        for text in texts:
            self._changes.setdefault(text, []).append(name)

    def obstacle(self, name: str, text: str) -> None:
        """Notes why a layer can't be upgraded."""
        self._obstacles.setdefault(text, []).append(name)

    def changes(self) -> tuple[str, ...]:
        """Returns a line for each change, in the order in which they were first made."""
        return tuple(f"{who(names)}: {text}" for text, names in self._changes.items())

    def obstacles(self) -> tuple[str, ...]:
        """Returns a line for each obstacle."""
        return tuple(f"{who(names)}: {text}" for text, names in self._obstacles.items())


def who(names: list[str]) -> str:
    """Returns the first two names, and how many more there are."""
    shown = ", ".join(name[:80] for name in names[:2])
    return f"{shown} and {len(names) - 2} more" if len(names) > 2 else shown
