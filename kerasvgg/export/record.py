"""What was exported, for a program and as export.json."""

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kerasvgg.errors import KerasVGGError
from kerasvgg.export.proof import Proof
from kerasvgg.export.source import Source
from kerasvgg.files.atomic import write_text
from kerasvgg.files.run_folder import EXPORTED
from kerasvgg.process.environment import own_version
from kerasvgg.process.threads import processors
from kerasvgg.report.figures import Exports as Record
from kerasvgg.report.figures import read_said


@dataclass(frozen=True)
class Exported:
    """One export. `file` is where it lies, None where it was refused, for `refusals`, and not kept.

    `bytes` is the size of all its files, `milliseconds` the median for one picture, `memory` the most bytes that its
    process has held, 0 where the system does not say. `floats` are layers that stayed in float32. `test` only tells,
    and is None without test pictures.
    """

    format: str
    int8: bool
    file: Path | None
    bytes: int
    milliseconds: float
    memory: int
    floats: tuple[str, ...]
    proof: Proof
    test: Proof | None
    refusals: tuple[str, ...]


@dataclass(frozen=True)
class Exports:
    """What was exported into `folder`, beside Keras: its `milliseconds`, `memory`, and the `bytes` of the model's file.

    The pictures that decided are `n` of `part`, which is "" where they were drawn for it. `test_seen` is None unless
    this was another look at test pictures.
    """

    folder: Path
    part: str
    n: int
    bytes: int
    milliseconds: float
    memory: int
    files: tuple[Exported, ...]
    test_seen: int | None

    @property
    def refused(self) -> tuple[Exported, ...]:
        """Those that may not leave."""
        return tuple(one for one in self.files if one.refusals)


def read_record(folder: Path) -> Record | None:
    """Returns what export.json in a folder says, None where there is none that can be read."""
    try:
        return read_said(folder / EXPORTED, Record)
    except (KerasVGGError, OSError, ValueError, RecursionError):
        return None


def write_record(made: Exports, source: Source, max_shift: float) -> None:
    """Writes these exports, and keeps what is said of earlier ones of the same model in other formats."""
    now = [{**_row(one), "part": made.part, "threads": processors(), "max_shift": max_shift} for one in made.files]
    known, before = {(row["format"], row["int8"]) for row in now}, read_record(made.folder)
    earlier = [row.model_dump() for row in (before.exports if before else ()) if (row.format, row.int8) not in known]
    keras = {"bytes": made.bytes, "milliseconds": made.milliseconds, "memory": made.memory}
    about = {"kerasvgg": own_version(), "model": source.name, "identity": source.identity, "keras": keras}
    seen = made.test_seen or (before.test_seen if before else None)
    said = {**about, "test_seen": seen, "exports": [*earlier, *now]}
    write_text(made.folder / EXPORTED, json.dumps(said, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def _row(one: Exported) -> dict[str, Any]:
    row = {**asdict(one), "file": one.file.name if one.file else None}
    for proof in (row["proof"], row["test"] or {}):
        if not math.isfinite(proof.get("largest", 0)):
            proof["largest"] = None
    return row
