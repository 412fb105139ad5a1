"""A training's state in one file: a zip archive of raw arrays with a checksum of each, which runs no code."""

import json
import math
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kerasvgg.errors import DataError
from kerasvgg.files.atomic import replacing
from kerasvgg.files.reading import why_not_plain
from kerasvgg.settings import Engine
from kerasvgg.training.schedule import Row

ABOUT = "state.json"
GROUPS = ("weights", "best_weights", "optimizer")
LONGEST = 50_000_000  # bytes of JSON; an epoch takes about 200


class DamagedStateError(DataError):
    """The file is not a whole state."""


@dataclass(frozen=True)
class State:
    """Where a training stood at an epoch's end.

    `facts` must be the same for whoever goes on; `engine` is what computed features; `resumed_after` are the epochs
    where other processes took up; `skipped` are pictures that had gone bad, with the reasons; `starts` are the places
    in `rows` where phases began; `best` is the number of the best epoch. The arrays are those of the trained layers, at
    this epoch and at the best, and of the present phase's optimizer.
    """

    facts: dict[str, Any]
    engine: Engine | None
    resumed_after: list[int]
    skipped: dict[str, str]
    rows: list[Row]
    starts: list[int]
    best: int
    weights: list[np.ndarray]
    best_weights: list[np.ndarray]
    optimizer: list[np.ndarray]

    @property
    def epoch(self) -> int:
        """How many epochs are over."""
        return len(self.rows)


def write_state(path: Path, state: State) -> None:
    """Writes the state in one atomic step. Raises WriteError, with the bytes it needs, when the disk is full."""
    about = {name: value for name, value in vars(state).items() if name not in GROUPS}
    about |= {group: [[array.dtype.name, array.shape] for array in getattr(state, group)] for group in GROUPS}
    text = json.dumps(about).encode()
    needed = len(text) + sum(array.nbytes for group in GROUPS for array in getattr(state, group)) + 1000
    with replacing(path, needed) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(ABOUT, text)
        for group in GROUPS:
            with archive.open(group, "w", force_zip64=True) as member:
                for array in getattr(state, group):
                    member.write(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)


def read_state(path: Path) -> State:
    """Reads a state and verifies its checksums. Raises DamagedStateError, naming the file, for anything else."""
    try:
        if reason := why_not_plain(path):
            raise ValueError(reason)
        with zipfile.ZipFile(path) as archive:
            about = json.loads(_read(archive, ABOUT, LONGEST))
            about["engine"] = about.pop("mode", None) or about.get("engine")  # as states from before engines say it
            groups: dict[str, Any] = {group: list(_arrays(_read(archive, group), about.pop(group))) for group in GROUPS}
        return _checked(State(**about, **groups))
    except Exception as error:  # zipfile raises whatever the damaged part happens to cause
        raise DamagedStateError(f"`{path}` must be a whole state of a training; reading it failed: {error}") from error


def _read(archive: zipfile.ZipFile, name: str, at_most: int | None = None) -> bytes:
    member = archive.getinfo(name)
    # Members that are not compressed can't grow beyond the file itself, so that a bomb has no way in.
    if member.compress_type != zipfile.ZIP_STORED or (at_most is not None and member.file_size > at_most):
        raise ValueError(f"{name} must be stored as it is, received {member.file_size:,} bytes in another way")
    return archive.read(member)


def _arrays(content: bytes, kinds: list[tuple[str, list[int]]]) -> Iterator[np.ndarray]:
    place = 0
    for name, shape in kinds:
        dtype, count = np.dtype(name), math.prod(shape)
        if dtype.kind not in "fiub" or count < 0:
            raise ValueError(f"arrays must be of numbers, received {name} {shape}")
        yield np.frombuffer(content, dtype, count, place).reshape(shape)
        place += count * dtype.itemsize
    if place != len(content):
        raise ValueError(f"{len(content):,} bytes can't be arrays of {place:,}")


def _checked(state: State) -> State:
    """Raises ValueError, TypeError or LookupError where the state's parts do not fit together."""
    rows, starts = state.rows, state.starts
    ascending = starts[:1] == [0] and starts == sorted(set(starts)) and starts[-1] < len(rows)
    if not (ascending and 1 <= state.best <= len(rows)):
        raise ValueError(f"{len(rows)} epochs can't have the best at {state.best} and phases that begin at {starts}")
    if [row["epoch"] for row in rows] != list(range(1, len(rows) + 1)) or not isinstance(state.facts, dict):
        raise ValueError("its epochs must be counted from 1")
    return state
