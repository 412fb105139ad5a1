"""What training with half as many bits costs in accuracy, and saves in time: python -m benchmarks.half_precision

The small CNN, plain and augmented, `best` of each but for 12 epochs, with several seeds in float32 and in bfloat16, in
turns. Of each picture tested, the share of seeds that are right with it is compared: the mean difference with its 95 %
interval over pictures, in points. Runs stay in FOLDER, so that it can be stopped and goes on.
"""

import argparse
import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean, stdev

from benchmarks.measure import print_table, ratios, run, spread
from kerasvgg.evaluation.predictions import read_predictions

EXPERIMENTS = dict.fromkeys(("small_cnn", "small_cnn_augmented"), "train.0.epochs=12")
PRECISIONS = ("float32", "bfloat16")
HEADER = (
    "experiment",
    "seeds",
    "float32, test",
    "bfloat16, test",
    "difference, points",
    "float32, s",
    "float32 / bfloat16",
)


def main(seeds: Sequence[int], folder: Path) -> None:
    """Prints a line for each experiment."""
    for seed in seeds:
        for name, setting in EXPERIMENTS.items():
            for precision in PRECISIONS:
                _train(folder, name, setting, precision, seed)
    print_table(HEADER, [_row(folder, name, seeds) for name in EXPERIMENTS])


def _place(folder: Path, name: str, precision: str, seed: int) -> Path:
    return folder / name / precision / str(seed)


def _train(folder: Path, name: str, setting: str, precision: str, seed: int) -> None:
    place = _place(folder, name, precision, seed)
    if any(place.rglob("metrics.json")):
        return
    print(f"{name}, {precision}, seed {seed}", file=sys.stderr, flush=True)
    command = ["-m", "kerasvgg", "run", f"cats_and_dogs/{name}", "--variant", "best", f"seed={seed}"]
    run([*command, f"precision={precision}", *([setting] if setting else []), "--runs", place])


def _row(folder: Path, name: str, seeds: Sequence[int]) -> tuple[str, ...]:
    accuracies, seconds = (
        {one: [_noted(_place(folder, name, one, seed), file, what) for seed in seeds] for one in PRECISIONS}
        for file, what in (("metrics.json", "accuracy"), ("environment.json", "seconds"))
    )
    right = {one: _right(folder, name, one, seeds) for one in PRECISIONS}
    differences = [
        100 * (fmean(right["bfloat16"][path]) - fmean(right["float32"][path]))
        for path in right["float32"].keys() & right["bfloat16"].keys()
    ]
    mean, error = fmean(differences), 1.96 * stdev(differences) / math.sqrt(len(differences))
    both = (spread([100 * accuracy for accuracy in accuracies[one]], 1) for one in PRECISIONS)
    paired = f"{mean:+.1f} ({mean - error:+.1f} to {mean + error:+.1f})"
    faster = spread(ratios(*(seconds[one] for one in PRECISIONS)), 2)
    return name, str(len(seeds)), *both, paired, spread(seconds["float32"]), faster


def _noted(place: Path, file: str, what: str) -> float:
    (path,) = place.rglob(file)
    return float(json.loads(path.read_text(encoding="utf-8"))[what])


def _right(folder: Path, name: str, precision: str, seeds: Sequence[int]) -> dict[str, list[bool]]:
    found: dict[str, list[bool]] = {}
    for seed in seeds:
        (path,) = _place(folder, name, precision, seed).rglob("predictions.csv")
        for one in read_predictions(path)[1]:
            found.setdefault(one.path, []).append(one.true == one.predicted)
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--folder", type=Path, default=Path("runs/half_precision"), help="where the runs are kept")
    main(**vars(parser.parse_args()))
