"""Class folders in which nothing is a picture."""

from collections.abc import Iterable

from kerasvgg.data.scan import Found


def without_pictures(found: Iterable[Found], good: Iterable[Found]) -> list[tuple[str, str]]:
    """Returns (path, reason) for each class folder that has files, but none among the `good` ones."""
    before, after = ({file.path.removesuffix(file.place) for file in files} for files in (found, good))
    return [(folder.rstrip("/"), "a class without a picture") for folder in sorted(before - after) if folder]
