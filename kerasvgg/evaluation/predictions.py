"""predictions.csv, the file that every figure comes from."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kerasvgg.errors import DataError
from kerasvgg.files.atomic import replacing
from kerasvgg.files.text import write_rows

FIXED = ("path", "true", "predicted")
NO_CLASS = "none of the classes"  # what is said where that many are possible


@dataclass(frozen=True, slots=True)
class Prediction:
    """One picture: `probabilities` in the order of the class names; `true` is empty where it is not known.

    Several classes are joined by |, in alphabetical order; none is empty. `distance` is how far its features lie from
    the training pictures', where that was asked for: above 1 the picture is like none of them, whatever is `predicted`.
    """

    path: str
    true: str
    predicted: str
    probabilities: tuple[float, ...]
    distance: float | None = None

    @property
    def is_unknown(self) -> bool:
        """Tells whether the picture is like none of the training pictures, as far as that was asked for."""
        return self.distance is not None and not self.distance <= 1


def write_predictions(path: Path, class_names: Sequence[str], predictions: Iterable[Prediction]) -> None:
    """Writes one line per picture; probabilities with 9 digits, enough for every float32."""
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        write_rows(file, [[*FIXED, *(f"p:{name}" for name in class_names)]])
        write_rows(file, ([p.path, p.true, p.predicted, *(f"{s:.9g}" for s in p.probabilities)] for p in predictions))


def read_predictions(path: Path) -> tuple[tuple[str, ...], list[Prediction]]:
    """Returns the class names and the predictions. Raises DataError for a file of another kind or a damaged one."""
    header: list[str] = []
    try:
        with path.open(encoding="utf-8", newline="") as file:
            header, found = next(rows := csv.reader(file), []), []
            if tuple(header[:3]) == FIXED and {column[:2] for column in header[3:]} == {"p:"}:
                found = [_prediction(path, len(header), row) for row in rows]
                return tuple(column.removeprefix("p:") for column in header[3:]), found
    except (UnicodeError, csv.Error):  # no text at all
        header = []
    received = ", ".join(header) or "none"
    raise DataError(f"`{path}` must begin with the columns {', '.join(FIXED)}, p:CLASS ...; received {received}")


def _prediction(path: Path, width: int, row: Sequence[str]) -> Prediction:
    try:
        if len(row) == width:
            return Prediction(row[0], row[1], row[2], tuple(map(float, row[3:])))
    except ValueError:
        pass
    raise DataError(f"`{path}` must have {width} columns with probabilities from the fourth on; received {row}")
