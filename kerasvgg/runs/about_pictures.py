"""data.json: what there is to know of a run's pictures besides their split, for its report."""

import json
from collections.abc import Iterator
from contextlib import suppress

import numpy as np

from kerasvgg.data.folder.split import Split
from kerasvgg.data.pictures.decode import size_of
from kerasvgg.errors import DataError
from kerasvgg.files.atomic import write_text
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.files.text import printable

MOST = 500  # pictures whose sizes are looked up


def write_about_pictures(split: Split, folder: RunFolder, *, in_files: bool) -> None:
    """Writes what was left out, the sizes of some pictures, and those in different parts that show the same.

    Pictures that do not lie `in_files` have no sizes, and nobody looked whether they show the same.
    """
    doubles = split.doubles if in_files else None
    found = {
        "left_out": [(printable(path), printable(reason)) for path, reason in split.left_out],
        "sizes": list(_sizes(split)) if in_files else [],
        "doubles": doubles
        and [
            {
                "first": printable(one.first.path),
                "second": printable(one.second.path),
                "parts": (one.first.split, one.second.split),
                "likeness": round(one.likeness, 4),
            }
            for one in doubles
        ],
    }
    write_text(folder.data, json.dumps(found, ensure_ascii=False) + "\n")


def _sizes(split: Split) -> Iterator[tuple[int, int]]:
    """Yields (width, height) of pictures that are evenly taken from all."""
    count = len(split.pictures)
    for place in np.unique(np.linspace(0, count - 1, min(MOST, count)).astype(int)):
        with suppress(DataError, OSError):  # gone since it was looked at
            yield size_of(split.root / split.pictures[place].path)
