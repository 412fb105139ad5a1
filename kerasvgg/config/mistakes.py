"""All that is wrong, gathered to be told at once."""

from collections.abc import Iterator

from kerasvgg.config.tree import Mistake
from kerasvgg.errors import ConfigError

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
