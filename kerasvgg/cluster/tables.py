"""What a job leaves in its folder: tables of any length, written row by row, in CSV and, with pyarrow, in Parquet."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from kerasvgg.cluster.ledger import Ledger, Seen
from kerasvgg.evaluation.predictions import FIXED, Prediction
from kerasvgg.evaluation.thresholds import called
from kerasvgg.files.atomic import replacing
from kerasvgg.files.text import printable, write_rows
from kerasvgg.modelfile.description import Description

PREDICTIONS, PICTURES, COPIES, BAD = "predictions", "pictures", "copies", "bad"
ROWS = 10_000  # that are held at a time


def write_predictions(ledger: Ledger, folder: Path, about: Description, unknown: bool) -> None:
    """Writes predictions.csv and .parquet: path, true, predicted, the distance if it was asked for, probabilities."""
    numbers = [*(["distance"] if unknown else []), *(f"p:{name}" for name in about.class_names)]

    def rows() -> Iterator[tuple[Any, ...]]:
        for one, seen in predictions(ledger, about, unknown):
            far = () if one.distance is None else (one.distance,)
            yield one.path, one.true, one.predicted, _hex(seen), *far, *one.probabilities

    texts = ((*row[:3], *map("{:.9g}".format, row[4:])) for row in rows())
    _write_csv(folder / f"{PREDICTIONS}.csv", [*FIXED, *numbers], texts)
    columns = {**dict.fromkeys([*FIXED, "sha256"], "string"), **dict.fromkeys(numbers, "float32")}
    _write_parquet(folder / f"{PREDICTIONS}.parquet", columns, rows())


def write_pictures(ledger: Ledger, folder: Path) -> None:
    """Writes pictures.csv and pictures.parquet: path, class, sha256 and, where it has one, the file of its features."""
    columns = ["path", "class", "sha256", "shard"]

    def rows() -> Iterator[tuple[str, ...]]:
        for seen, payload in ledger.rows():
            if seen.sha256:
                yield printable(seen.address), printable(seen.label), _hex(seen), (payload or b"").decode()

    _write_csv(folder / f"{PICTURES}.csv", columns, rows())
    _write_parquet(folder / f"{PICTURES}.parquet", dict.fromkeys(columns, "string"), rows())


def write_copies(ledger: Ledger, folder: Path) -> None:
    """Writes copies.csv: sha256, path and class of pictures whose files are the same, byte by byte."""
    copies = ((_hex(seen), printable(seen.address), printable(seen.label)) for seen in ledger.copies())
    _write_csv(folder / f"{COPIES}.csv", ["sha256", "path", "class"], copies)


def write_bad(ledger: Ledger, folder: Path) -> None:
    """Writes bad.csv: path and reason of what could not be decoded."""
    bad = ((printable(seen.address), printable(seen.reason)) for seen, _ in ledger.rows() if seen.reason)
    _write_csv(folder / f"{BAD}.csv", ["path", "reason"], bad)


def predictions(ledger: Ledger, about: Description, unknown: bool) -> Iterator[tuple[Prediction, Seen]]:
    """Yields the predictions that there are, in the order of addresses; with distances if they were asked for."""
    for seen, payload in ledger.rows():
        if payload is not None:
            row = np.frombuffer(payload, "<f4")
            row, distance = (row[:-1], float(row[-1])) if unknown else (row, None)
            said = called(row, about.class_names, about.thresholds)
            yield Prediction(printable(seen.address), printable(seen.label), said, tuple(row.tolist()), distance), seen


def _hex(seen: Seen) -> str:
    return (seen.sha256 or b"").hex()


def _write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        write_rows(file, [header])
        write_rows(file, rows)


def _write_parquet(path: Path, columns: dict[str, str], rows: Iterator[tuple[Any, ...]]) -> None:
    try:
        import pyarrow as arrow
        from pyarrow.parquet import ParquetWriter
    except ImportError:
        return
    schema = arrow.schema([(name, arrow.type_for_alias(kind)) for name, kind in columns.items()])
    with replacing(path) as temporary, ParquetWriter(temporary, schema) as writer:
        while some := list(islice(rows, ROWS)):
            arrays = [
                arrow.array(values, one.type) for one, values in zip(schema, zip(*some, strict=True), strict=True)
            ]
            writer.write_table(arrow.table(arrays, schema=schema))
