"""What runs are called where several are shown together."""

from collections.abc import Sequence
from pathlib import Path


def run_names(paths: Sequence[Path]) -> list[str]:
    """Returns the end of each path, long enough to tell them apart; one alone needs no name."""
    parts = [path.absolute().parts for path in paths]
    if len(parts) == 1:
        return [""]
    for count in range(2, max(map(len, parts)) + 1):
        names = ["/".join(one[-count:]) for one in parts]
        if len(set(names)) == len(names):
            return names
    return [str(path) for path in paths]
