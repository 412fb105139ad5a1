"""What a picture shows, in words and in numbers: one class, or several of them joined by |."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from kerasvgg.errors import DataError

if TYPE_CHECKING:
    import numpy as np

JOINT = "|"


def joined_classes(names: Iterable[str]) -> str:
    """Returns several classes as one label, in alphabetical order; "" for none."""
    return JOINT.join(sorted(names))


def classes_of(label: str, multi_label: bool = True) -> tuple[str, ...]:
    """Returns the classes of a label, which is one class itself unless labels are `multi_label`."""
    if not multi_label:
        return (label,)
    return tuple(label.split(JOINT)) if label else ()


def all_classes(labels: Iterable[str], multi_label: bool) -> tuple[str, ...]:
    """Returns the classes that there are, in alphabetical order."""
    return tuple(sorted({name for label in labels for name in classes_of(label, multi_label)}))


def targets(labels: Sequence[str], class_names: Sequence[str], multi_label: bool) -> "np.ndarray":
    """Returns int32: class numbers (n,) or, where labels are `multi_label`, 0 and 1 for each class (n, classes).

    Raises DataError for a class that is none of the names.
    """
    import numpy as np

    numbers = {name: number for number, name in enumerate(class_names)}
    try:
        found = [[numbers[name] for name in classes_of(label, multi_label)] for label in labels]
    except KeyError as error:
        raise DataError(f"a class must be one of {', '.join(class_names[:50])}; received {error}") from None
    if not multi_label:
        return np.array(found, dtype=np.int32).reshape(len(found))
    rows = np.zeros((len(found), len(class_names)), dtype=np.int32)
    for row, places in zip(rows, found, strict=True):
        row[places] = 1
    return rows


def strata(wanted: "np.ndarray") -> "np.ndarray":
    """Returns numbers (n,) of pictures that are to be divided alike: class numbers or, of rows, the rarest class.

    Of a row without a class it is the number of classes.
    """
    import numpy as np

    if wanted.ndim == 1:
        return wanted
    counts = np.where(wanted > 0, wanted.sum(axis=0), len(wanted) + 1)
    rarest: np.ndarray = np.where(wanted.any(axis=1), counts.argmin(axis=1), wanted.shape[1])
    return rarest
