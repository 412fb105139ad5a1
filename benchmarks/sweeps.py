"""A search for a head's settings: python -m benchmarks.sweeps [--trials 30] [--seeds 0 1 2] [--alone 6]

On the features of 4,000 cats and dogs (cats_and_dogs/feature_extraction, `best`), learning rate, hidden units, dropout,
optimizer and batch size are searched by the tree-structured Parzen estimator and by chance, with so many trials and
equal pruning. The first sweep is killed twice, with all its processes, and goes on. Then so many of its trials are done
as separate runs, whose mean time is taken 30 times. The features are there before.
"""

import argparse
import csv
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

from benchmarks.measure import print_table, run, spread

EXPERIMENT = "cats_and_dogs/feature_extraction"
SWEEP = f"""\
experiment: {EXPERIMENT}
variant: best
trials: 30
space:
  train.0.learning_rate: {{low: 1e-5, high: 1e-2, log: true}}
  model.head.units: [64, 128, 256, 512]
  model.head.dropout: {{low: 0.0, high: 0.8, step: 0.1}}
  train.0.optimizer: [rmsprop, adam]
  data.batch_size: [10, 20, 50]
"""
HEADER = ("sampler", "seed", "s", "validation", "its loss", "test (95 % interval)", "its loss")


def main(trials: int, seeds: Sequence[int], alone: int) -> None:
    """Prints a line for each sweep, and what separate runs take."""
    with tempfile.TemporaryDirectory(prefix="kerasvgg-bench-") as temporary:
        root = Path(temporary)
        run(["-m", "kerasvgg", "run", EXPERIMENT, "--variant", "best", "train.0.epochs=1", "--runs", root / "first"])
        rows, seconds = [], []
        for seed in seeds:
            for sampler in ("tpe", "random"):
                file = root / f"{sampler}-{seed}.yaml"
                file.write_text(SWEEP)
                words = ["sweep", file, f"seed={seed}", f"sampler={sampler}", f"trials={trials}", "--runs", root]
                kills = 2 if not seconds else 0
                seconds.append(_sweep(words, root, file.stem, trials, kills))
                rows.append(_row(root / "sweeps" / file.stem / "1", sampler, seed, seconds[-1]))
                print(rows[-1], file=sys.stderr, flush=True)
        each = _alone(root, root / "sweeps" / f"tpe-{seeds[0]}" / "1", alone)
    print_table(HEADER, rows)
    print(f"separate runs: {spread(each, 1)} s each, {trials * fmean(each):,.0f} s for {trials}", end="; ")
    print(f"the sweeps: {spread(seconds[1:] or seconds)} s, {trials * fmean(each) / fmean(seconds):.1f} times less")


def _sweep(words: list[object], root: Path, name: str, trials: int, kills: int) -> float:
    """Runs a sweep to its end, killed so often in between; returns the seconds it took."""
    command, started = [sys.executable, "-m", "kerasvgg", *map(str, words)], time.perf_counter()
    folder = root / "sweeps" / name / "1"
    for number in range(kills):
        running = subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL)
        while _begun(folder) < (number + 1) * trials // 3:
            time.sleep(0.2)
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
        command = [sys.executable, "-m", "kerasvgg", "sweep", str(folder), "--resume"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - started


def _begun(folder: Path) -> int:
    journal = folder / "journal.log"
    return journal.read_text(encoding="utf-8").count('"process"') if journal.is_file() else 0


def _row(folder: Path, sampler: str, seed: int, seconds: float) -> tuple[str, ...]:
    figures = json.loads((folder / "winner" / "1" / "metrics.json").read_text(encoding="utf-8"))
    held_out, (low, high) = figures["validation"], figures["interval_95"]
    best = max(_trials(folder), key=lambda row: (float(row["val_accuracy"] or 0), -float(row["val_loss"] or 99)))
    test = f"{figures['accuracy']:.1%} ({100 * low:.1f} to {100 * high:.1f})"
    validation = f"{held_out['accuracy']:.1%}"
    return (
        sampler,
        str(seed),
        f"{seconds:.0f}",
        validation,
        f"{float(best['val_loss']):.4f}",
        test,
        f"{figures['loss']:.4f}",
    )


def _trials(folder: Path) -> list[dict[str, str]]:
    with (folder / "trials.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["state"] == "finished"]


def _alone(root: Path, folder: Path, count: int) -> list[float]:
    """Runs some trials of a sweep as runs of their own; returns the seconds of each."""
    found = []
    for row in _trials(folder)[:count]:
        settings = [f"{key}={row[key]}" for key in row if "." in key]
        words = ["run", EXPERIMENT, "--variant", "best", *settings, "--runs", root / "alone"]
        found.append(run(["-m", "kerasvgg", *words]).seconds)
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=30)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--alone", type=int, default=6)
    main(**vars(parser.parse_args()))
