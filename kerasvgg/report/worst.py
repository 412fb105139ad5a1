"""The worst mistakes of a run as small pictures, each with the heat of what it was taken for: written when the model is
at hand, read where it is not.
"""

import base64
import csv
import shutil
from collections.abc import Iterator, Sequence
from io import BytesIO, StringIO
from pathlib import Path
from typing import NamedTuple

import numpy as np

from kerasvgg.errors import DataError
from kerasvgg.evaluation.predictions import Prediction
from kerasvgg.files.atomic import write_bytes, write_text
from kerasvgg.files.reading import read_bytes, read_small
from kerasvgg.files.text import write_rows

MOST = 12
SIDE = 224  # pixels of the longer side
QUALITY = 80
LARGEST = 200_000  # bytes of one small picture
TABLE = "worst.csv"
COLUMNS = ("number", "path", "true", "predicted", "probability", "heat_of")
JPEG = b"\xff\xd8\xff"


class Seen(NamedTuple):
    """Pixels, uint8 (height, width, 3), and the same with the heat of a class; None for what there isn't."""

    pixels: np.ndarray | None
    heat: np.ndarray | None
    heat_of: str


class Worst(NamedTuple):
    """A mistake as a page shows it; both pictures are data addresses, "" for what there is not.

    `probability` is that of what was said, None where pictures have several classes; `heat_of` is the class whose
    evidence the heat shows.
    """

    path: str
    true: str
    predicted: str
    probability: float | None
    heat_of: str
    picture: str
    heat: str


def write_worst(folder: Path, mistakes: Sequence[Prediction], seen: Sequence[Seen], *, multi_label: bool) -> None:
    """Writes the mistakes, in this order, and their pictures into a folder of their own; what was there is replaced."""
    if folder.is_symlink():
        folder.unlink()
    shutil.rmtree(folder, ignore_errors=True)
    if not mistakes:
        return
    folder.mkdir()
    text = StringIO()
    write_rows(text, [COLUMNS])
    for number, (one, pictures) in enumerate(zip(mistakes, seen, strict=True), start=1):
        share = "" if multi_label else f"{max(one.probabilities):.9g}"
        write_rows(text, [(str(number), one.path, one.true, one.predicted, share, pictures.heat_of)])
        for pixels, name in zip((pictures.pixels, pictures.heat), _names(number), strict=True):
            if pixels is not None:
                write_bytes(folder / name, jpeg(pixels))
    write_text(folder / TABLE, text.getvalue())  # the last, because a folder without it is none


def jpeg(pixels: np.ndarray, side: int = SIDE) -> bytes:
    """Returns a small JPEG of a picture, uint8 (height, width, 3)."""
    from PIL import Image

    picture = Image.fromarray(pixels)
    picture.thumbnail((side, side))
    content = BytesIO()
    picture.save(content, "JPEG", quality=QUALITY)
    return content.getvalue()


def read_worst(folder: Path) -> list[Worst]:
    """Returns the mistakes that were written, none without such a folder. Raises DataError for a damaged one."""
    table = folder / TABLE
    if not table.exists():
        return []
    try:
        rows = list(csv.DictReader(StringIO(read_small(table), newline="")))[:MOST]
        if rows and (lacking := [name for name in COLUMNS if name not in rows[0]]):
            raise ValueError(f"it lacks {', '.join(lacking)}")
        return [_worst(folder, row) for row in rows]
    except (csv.Error, LookupError, TypeError, ValueError) as error:
        raise DataError(f"`{table}` is damaged: {str(error)[:200]}") from error


def _worst(folder: Path, row: dict[str, str]) -> Worst:
    picture, heat = (_address(folder / name) for name in _names(int(row["number"])))
    share = float(row["probability"]) if row["probability"] else None
    return Worst(row["path"], row["true"], row["predicted"], share, row["heat_of"], picture, heat)


def _names(number: int) -> Iterator[str]:
    yield f"{number}.jpg"
    yield f"{number}-heat.jpg"


def _address(path: Path) -> str:
    if not path.exists():
        return ""
    content = read_bytes(path, LARGEST)
    if not content.startswith(JPEG):
        raise DataError(f"`{path}` must be a JPEG")
    return as_address(content)


def jpeg_address(pixels: np.ndarray) -> str:
    """Returns a small JPEG of a picture as a data address."""
    return as_address(jpeg(pixels))


def as_address(content: bytes) -> str:
    """Returns a JPEG as a data address."""
    return f"data:image/jpeg;base64,{base64.b64encode(content).decode()}"
