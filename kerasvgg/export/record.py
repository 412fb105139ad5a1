"""What was exported, for a program and as export.json."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kerasvgg import __version__
from kerasvgg.export.proof import Proof
from kerasvgg.export.source import Source
from kerasvgg.files.atomic import write_text
from kerasvgg.files.run_folder import EXPORTED
from kerasvgg.process.threads import processors


@dataclass(frozen=True)
class Exported:
    """One export. `file` is where it lies, None where it was refused, for `refusals`, and not kept.

    `bytes` is the size of all its files, `milliseconds` the median for one picture, `memory` the most bytes that its
    process has held. `floats` are layers that stayed in float32. `test` only tells, and is None without test pictures.
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

    The pictures that decided are `n` of `part`; "drawn" are none of the user's. `test_seen` is None unless this was
    another look at test pictures.
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


def read_record(folder: Path) -> dict[str, Any] | None:
    """Returns what export.json in a folder says, None where there is none that can be read."""
    try:
        found = json.loads((folder / EXPORTED).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def write_record(made: Exports, source: Source, max_shift: float) -> None:
    """Writes these exports, and keeps what is said of earlier ones of the same model in other formats."""
    now = [_row(one) for one in made.files]
    known = {(row["format"], row["int8"]) for row in now}
    before = (read_record(made.folder) or {}).get("exports", [])
    earlier = [row for row in before if (row["format"], row["int8"]) not in known]
    keras = {"bytes": made.bytes, "milliseconds": made.milliseconds, "memory": made.memory}
    about = {"kerasvgg": __version__, "model": source.name, "identity": source.identity}
    proven = {"part": made.part, "n": made.n, "threads": processors(), "max_shift": max_shift}
    said = {**about, **proven, "test_seen": made.test_seen, "keras": keras, "exports": [*earlier, *now]}
    write_text(made.folder / EXPORTED, json.dumps(said, indent=2, ensure_ascii=False) + "\n")


def _row(one: Exported) -> dict[str, Any]:
    return {**asdict(one), "file": one.file.name if one.file else None}
