"""Which engine was chosen for what on which machine, remembered in one file of the cache."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from kerasvgg.engines.engine import ENGINES
from kerasvgg.engines.ncnn import instruction_set, ncnn_version
from kerasvgg.files.atomic import write_text
from kerasvgg.files.locations import cache
from kerasvgg.process.threads import processors
from kerasvgg.settings import Engine

FILE = "engines.json"
TENSORFLOW = ("tensorflow-cpu", "tensorflow")


@dataclass(frozen=True)
class Measured:
    """The `engine` that was chosen for a `network`, in words, and what it was chosen by.

    `rates` are pictures a second, `differences` from TensorFlow's graph (relative L2 of features, largest of
    probabilities), `refused` the reasons why an engine is not taken, all by engine.
    """

    network: str
    engine: Engine
    rates: Mapping[str, float] = field(default_factory=dict)
    differences: Mapping[str, float] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)


def versions() -> dict[str, str]:
    """Returns the version of what each engine is of, or that it is not installed."""
    tensorflow = f"TensorFlow {_tensorflow()}"
    return {"graph": tensorflow, "xla": tensorflow, "ncnn": f"ncnn {ncnn_version() or 'not installed'}"}


def machine() -> str:
    """Returns in words what speed and bits depend on here: versions, processors and their kind."""
    return f"{versions()['graph']}, {versions()['ncnn']}, {processors()} processors of the kind {instruction_set()}"


def recall(key: str) -> Measured | None:
    """Returns what is remembered for this machine under the key, which is a network's or a file's SHA-256."""
    return everything().get((machine(), key))


def remember(key: str, found: Measured) -> None:
    """Remembers it for this machine."""
    known = {**everything(), (machine(), key): found}
    rows = [{"machine": where, "key": what, **asdict(one)} for (where, what), one in known.items()]
    (cache() / FILE).parent.mkdir(parents=True, exist_ok=True)
    write_text(cache() / FILE, json.dumps(rows, indent=1) + "\n")


def forget() -> int:
    """Forgets all that was measured, on other machines too, and returns how many times that was."""
    count = len(everything())
    (cache() / FILE).unlink(missing_ok=True)
    return count


def everything() -> dict[tuple[str, str], Measured]:
    """Returns all that is remembered, of other machines and versions too, by machine and key."""
    try:
        rows = json.loads((cache() / FILE).read_text(encoding="utf-8"))
        return dict(map(_entry, rows))
    except (OSError, ValueError, TypeError, LookupError, AttributeError):  # what can't be read is measured again
        return {}


def _entry(row: dict[str, Any]) -> tuple[tuple[str, str], Measured]:
    where, what = str(row.pop("machine")), str(row.pop("key"))
    if row["engine"] not in ENGINES:
        raise ValueError(row["engine"])
    rates, differences = (
        {str(name): float(one) for name, one in row[part].items()} for part in ("rates", "differences")
    )
    refused = {str(name): str(why) for name, why in row["refused"].items()}
    return (where, what), Measured(str(row["network"]), row["engine"], rates, differences, refused)


def _tensorflow() -> str:
    for name in TENSORFLOW:
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    return "not installed"
