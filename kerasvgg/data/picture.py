"""One labelled picture of a folder, and what its class and its part may be called."""

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


UNWRITABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")  # Python has surrogates for bytes that are not UTF-8
SPLITS = {
    "train": "train",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "test": "test",
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture with its place: `path` from the split's root, `place` below its class folder, `sha256` of the file.

    One that was just looked at has a gray `thumbnail`, if that tells anything. Pictures of the same `group` (of a
    patient, an object, a burst of photos) belong into one part; "" is a group of its own.
    """

    path: str
    place: str
    label: str
    split: str
    sha256: str
    thumbnail: "np.ndarray | None" = field(default=None, compare=False, repr=False)
    group: str = ""
