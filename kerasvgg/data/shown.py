"""A file's name on a screen."""

from pathlib import PurePath


def shown(name: str | PurePath) -> str:
    """Returns the name in one line, with what is not UTF-8, can't be seen or would steer a terminal as escapes."""
    text = str(name).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in text)
