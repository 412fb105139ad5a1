"""One labelled picture of a folder."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture with its place: `path` from the split's root, `place` below its class folder, `sha256` of the file.

    One that was just looked at has a gray `thumbnail`, if that tells anything.
    """

    path: str
    place: str
    label: str
    split: str
    sha256: str
    thumbnail: "np.ndarray | None" = field(default=None, compare=False, repr=False)
