"""The chapter's five stages as a table, and what the report of one says of its time."""

from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.measure import reported

REFERENCE_GFLOPS = 280  # of the machine and the moment when the seconds below were measured


@dataclass(frozen=True)
class Stage:
    """`epochs` of the chapter; `seconds` on the reference machine: of an epoch of 2,000 and 1,000 pictures, or of the
    features of 4,000."""

    title: str
    epochs: int
    seconds: float
    parts: tuple[str, ...] = ("train", "validation")
    pictures: int = 3_000


STAGES = {
    "small_cnn": Stage("small CNN", 30, 42),
    "augmented_cnn": Stage("small CNN, augmented", 100, 43),
    "features": Stage("VGG16's features, head", 30, 256, ("train", "validation", "test"), 4_000),
    "frozen_base": Stage("frozen VGG16, augmented", 30, 203),
    "fine_tuning": Stage("block5, augmented", 100, 264),
}
Report = dict[str, Any]


def measure(name: str, split: Path, epochs: int) -> Report:
    """Runs a stage in a fresh child on a split folder; see `listing` for what it reports."""
    return reported(["-m", f"benchmarks.book.{name}", split, "--epochs", epochs])


def epoch_seconds(report: Report) -> float:
    """Returns the seconds of an epoch that does not trace."""
    return median(report["epoch_seconds"])


def of_reference(name: str, report: Report) -> float:
    """Returns how long the stage takes beside the reference, at its machine's rate and for as many pictures."""
    stage = STAGES[name]
    pictures = sum(report["images"][part] for part in stage.parts)
    expected = stage.seconds * pictures / stage.pictures * REFERENCE_GFLOPS / report["gflops"]
    return report.get("features_seconds", epoch_seconds(report)) / expected


def whole_seconds(name: str, report: Report) -> float:
    """Returns the seconds of the stage as the chapter has it, imports and features included, from fewer epochs."""
    measured = report["first_epoch_seconds"] + sum(report["epoch_seconds"])
    before = report["seconds"] - report["probe_seconds"] - measured
    return before + report["first_epoch_seconds"] + (STAGES[name].epochs - 1) * epoch_seconds(report)
