"""Which engine was chosen for what on which machine, remembered in one file of the cache."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from kerasvgg.engines.engine import ENGINES, TRANSLATION
from kerasvgg.engines.ncnn import instruction_set, ncnn_version
from kerasvgg.errors import KerasVGGError
from kerasvgg.files.atomic import write_text
from kerasvgg.files.locations import cache
from kerasvgg.files.lock import locked
from kerasvgg.process.threads import processors
from kerasvgg.settings import Engine

FILE = "engines.json"
MOST = 1000  # rows, of which the oldest go
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
    made = f"numpy {version('numpy')}, translation {TRANSLATION}"
    here = f"{processors()} processors of the kind {instruction_set()}"
    return f"{versions()['graph']}, {versions()['ncnn']}, {made}, {here}"


def recall(key: str) -> Measured | None:
    """Returns what is remembered for this machine under the key, which is a network's or a file's SHA-256."""
    return everything().get((machine(), key))


def remember(key: str, found: Measured) -> None:
    """Remembers it for this machine; where nothing can be written, it is measured again the next time."""
    row = {"machine": machine(), "key": key, **asdict(found)}
    with suppress(OSError, KerasVGGError), locked((cache() / FILE).with_suffix(".lock")):
        others = [one for one in _rows() if [one.get(name) for name in ("machine", "key")] != [machine(), key]]
        write_text(cache() / FILE, json.dumps([*others, row][-MOST:], indent=1) + "\n")


def forget() -> int:
    """Forgets all that was measured, on other machines too, and returns how many times that was."""
    count = len(_rows())
    (cache() / FILE).unlink(missing_ok=True)
    return count


def everything() -> dict[tuple[str, str], Measured]:
    """Returns all that is remembered, of other machines and versions too, by machine and key."""
    found = {}
    for row in _rows():
        with suppress(ValueError, TypeError, LookupError, AttributeError, ArithmeticError):  # of a later version
            found[str(row["machine"]), str(row["key"])] = _measured(row)
    return found


def _rows() -> list[dict[str, Any]]:
    """Returns what the file holds; what can't be read is measured again."""
    try:
        rows = json.loads((cache() / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return []
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _measured(row: Mapping[str, Any]) -> Measured:
    if row["engine"] not in ENGINES:
        raise ValueError(row["engine"])
    rates, differences = (
        {str(name): float(one) for name, one in row[part].items()} for part in ("rates", "differences")
    )
    refused = {str(name): str(why) for name, why in row["refused"].items()}
    return Measured(str(row["network"]), row["engine"], rates, differences, refused)


def _tensorflow() -> str:
    for name in TENSORFLOW:
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    return "not installed"
