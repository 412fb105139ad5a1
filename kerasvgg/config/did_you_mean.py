"""The question at the end of a message about a wrong word."""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(word: str, allowed: Iterable[str]) -> str:
    """Returns `; did you mean `near`?`, or nothing where none of the allowed words is near."""
    names = {name.lower(): name for name in allowed}
    close = get_close_matches(word[:60].lower(), names, n=1, cutoff=0.5)
    return f"; did you mean `{names[close[0]]}`?" if close else ""
