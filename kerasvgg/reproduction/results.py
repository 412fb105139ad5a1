"""What the runs of a claim came to."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kerasvgg.data.small_text import read_small
from kerasvgg.errors import DataError
from kerasvgg.reproduction.claim import Claim
from kerasvgg.run_folder import RunFolder

PLACE = "reproduce"  # below the folder of runs


@dataclass(frozen=True)
class Result:
    """One finished run: right pictures and all by split, and its seconds."""

    seed: int
    counts: dict[str, tuple[int, int]]
    seconds: float


@dataclass(frozen=True)
class Pooled:
    """Several seeds of one split: each one's accuracy, and right pictures and all of them together."""

    accuracies: Sequence[float]
    correct: int
    n: int


def run_name(claim: Claim, seed: int) -> str:
    """Returns the place of a claim's runs with this seed."""
    return f"{PLACE}/{claim.name}/seed-{seed}"


def results(claim: Claim, runs: Path) -> list[Result]:
    """Returns the newest finished run of each seed there is, by seed."""
    folder = runs / PLACE / claim.name
    names = [path.name.removeprefix("seed-") for path in folder.iterdir()] if folder.is_dir() else []
    seeds = sorted(int(name) for name in names if name.isdigit())
    newest = [(seed, RunFolder.newest(runs, run_name(claim, seed))) for seed in seeds]
    return [_result(seed, run) for seed, run in newest if run and run.is_finished]


def pool(found: Sequence[Result], split: str) -> Pooled | None:
    """Returns the seeds' figures of a split together, None where no run has scored it."""
    counts = [result.counts[split] for result in found if split in result.counts]
    if not counts:
        return None
    return Pooled([right / n for right, n in counts], sum(right for right, _ in counts), sum(n for _, n in counts))


def _result(seed: int, run: RunFolder) -> Result:
    """Takes validation, and the split that was scored, both by the model that was kept."""
    try:
        metrics, about = (json.loads(read_small(path)) for path in (run.metrics, run.environment))
        splits = {"validation": metrics["validation"], str(metrics["split"]): metrics}
        counts = {name: (int(figures["correct"]), int(figures["n"])) for name, figures in splits.items()}
        return Result(seed, counts, float(about["seconds"]))
    except (ValueError, TypeError, LookupError, RecursionError) as error:
        raise DataError(f"`{run.path}` must be a finished run; reading its figures failed: {error!r}") from error
