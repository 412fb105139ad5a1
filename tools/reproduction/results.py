"""What the runs of a claim came to."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kerasvgg.config.experiment import Experiment
from kerasvgg.config.load import load_experiments
from kerasvgg.errors import DataError
from kerasvgg.files.reading import read_small
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.runs.going_on import changes
from tools.reproduction.claim import Claim

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


def experiment_of(claim: Claim, seed: int, experiments: Path) -> Experiment:
    """Returns what the claim is tried with, from a file in the folder of experiments."""
    asked = [claim.variant] if claim.variant else None
    overrides = [*claim.overrides, f"seed={seed}"]
    return load_experiments(experiments / str(claim.experiment), overrides, asked)[claim.variant]


def newest_run(name: str, experiment: Experiment, runs: Path) -> RunFolder | None:
    """Returns the newest finished run of just this experiment, else the newest unfinished one, else None."""
    parent = runs / name
    if not parent.is_dir():
        return None
    numbers = sorted((int(path.name) for path in parent.iterdir() if path.name.isdigit()), reverse=True)
    folders = [RunFolder(parent / str(number)) for number in numbers]
    same = [folder for folder in folders if folder.experiment.is_file() and not changes(experiment, folder)]
    return next((folder for folder in same if folder.is_finished), same[0] if same else None)


def results(claim: Claim, experiments: Path, runs: Path) -> list[Result]:
    """Returns the newest finished run of each seed there is, by seed, if it is of the claim's experiment as it is."""
    folder = runs / PLACE / claim.name
    names = [path.name.removeprefix("seed-") for path in folder.iterdir()] if folder.is_dir() else []
    found = []
    for seed in sorted(int(name) for name in names if name.isdigit()):
        run = newest_run(run_name(claim, seed), experiment_of(claim, seed, experiments), runs)
        if run and run.is_finished:
            found.append(_result(seed, run))
    return found


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
