"""Everything kerasvgg raises on purpose, and words that its messages share."""

from collections.abc import Iterable
from difflib import get_close_matches


class KerasVGGError(Exception):
    """Says what is wrong, where, what is allowed and what was received."""


class ConfigError(KerasVGGError):
    """An experiment file, an override or an argument is wrong."""


class DataError(KerasVGGError):
    """A folder, a picture, an archive or a download is not what it should be."""


class WeightsError(KerasVGGError):
    """Pretrained weights are missing or are not the known ones."""


class ModelFileError(KerasVGGError):
    """A saved model cannot be opened or does not say what is needed."""


class WriteError(KerasVGGError):
    """A file can't be written; what stood in its place before is still there."""


def did_you_mean(word: str, allowed: Iterable[str]) -> str:
    """Returns `; did you mean `near`?`, or nothing where none of the allowed words is near."""
    names = {name.lower(): name for name in allowed}
    close = get_close_matches(word[:60].lower(), names, n=1, cutoff=0.5)
    return f"; did you mean `{names[close[0]]}`?" if close else ""


class TooMuchError(ModelFileError):
    """The file would take more memory or time than a model of its size."""


class AmbiguousError(ModelFileError):
    """Two readers could take the file for two different things."""


def brief(value: object) -> str:
    """Returns the value's repr in at most 60 characters, of which none breaks a line."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def brief_key(key: object) -> str:
    """Returns a key as `brief` does, without quotes."""
    text = repr(str(key))[1:-1]
    return text if len(text) <= 60 else text[:57] + "..."
