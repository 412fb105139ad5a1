"""How well each way does on six sets of pictures: python -m benchmarks.six_sets WORK --ways "auto" "auto --quick"

The sets are those of KERASVGG_HOME and scikit-learn's digits. Each way trains on the same parts, by seed: what
`kerasvgg init` wrote before there was `auto` (feature extraction on block5), that with the second phase that it
suggested (fine-tuning), both at 150 pixels, and `auto`, quick and at full size within 20 minutes. What is done is kept
in WORK/results.jsonl, so that a second call goes on; without --ways it only prints the table. A picture that several
seeds have tested counts once, by its mean, in accuracies, their intervals and the sign test between a way and `auto`,
which with one seed is McNemar's. The first run of a way begins without cached features, so that its seconds can be held
against what it said beforehand.
"""

import argparse
import csv
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.measure import print_table
from kerasvgg.data.catalog.catalog import CATALOG
from kerasvgg.evaluation.calibration import error_by_chance, expected_calibration_error, overconfidence, reliability
from kerasvgg.evaluation.statistics import mcnemar, wilson
from kerasvgg.files.locations import find

PARTS = "{validation: 0.15, test: 0.15, keep_together: true}"
SETS = {
    "digits": ("digits", PARTS, 96),
    "faces": ("faces", PARTS, 224),
    "cats and dogs, 2,000": ("cats_and_dogs", "{train: 1000, validation: 500, test: 500, keep_together: true}", 224),
    "cats and dogs, 100": ("cats_and_dogs", "{train: 50, validation: 25, test: 500, keep_together: true}", 224),
    "ants and bees": ("ants_bees", PARTS, 224),
    "trashnet": ("trashnet", PARTS, 224),
    "uc_merced": ("uc_merced", PARTS, 224),
}
HEAD = "- {layers: head, epochs: 30, optimizer: rmsprop, learning_rate: 1e-3}"
BLOCK5 = "- {layers: [block5, head], epochs: 10, optimizer: rmsprop, learning_rate: 1e-5}"
OF_OLD = "  head: {pooling: average, units: 256, dropout: 0.5}\ntrain:\n  "
WAYS = {
    "starter of old": OF_OLD + HEAD,
    "fine_tuning": OF_OLD + HEAD + "\n  " + BLOCK5,
    "auto --quick": "auto: {fine_tuning: false}",
    "auto": "auto: {minutes: 20}",
}
TOLD = re.compile(r"about (a|[\d,]+) minutes?(?:, and (?:about )?(a|[\d,]+)(?: to ([\d,]+))?(?: minutes?)? more)?")
Seen = dict[tuple[int, str], tuple[bool, float]]
HEADER = ("set", "way", "test accuracy, 95 %", "p", "confidence - accuracy", "calibration error", "seconds", "told, s")


def main() -> None:
    """Runs what is asked for and not done yet, and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path)
    parser.add_argument("--ways", nargs="*", choices=WAYS, default=[])
    parser.add_argument("--sets", nargs="*", choices=SETS, default=list(SETS))
    parser.add_argument("--seeds", type=int, default=3)
    asked = parser.parse_args()
    results = asked.work.resolve() / "results.jsonl"
    results.parent.mkdir(parents=True, exist_ok=True)
    for pictures in asked.sets:
        for way in asked.ways:
            for seed in range(1 if way == "fine_tuning" else asked.seeds):
                if not any((one["set"], one["way"], one["seed"]) == (pictures, way, seed) for one in _read(results)):
                    row = {"set": pictures, "way": way, "seed": seed, **_run(results.parent, pictures, way, seed)}
                    with results.open("a") as stream:
                        stream.write(json.dumps(row) + "\n")
    print_table(HEADER, list(_rows(list(_read(results)))))


def _read(results: Path) -> Iterator[dict[str, Any]]:
    if results.exists():
        yield from map(json.loads, results.read_text().splitlines())


def _run(work: Path, pictures: str, way: str, seed: int) -> dict[str, Any]:
    """Trains once and returns the seconds, those that were told beforehand, and where the run is."""
    dataset, split, side = SETS[pictures]
    side = min(side, 150) if way != "auto" else side
    name = re.sub(r"\W+", "_", f"{pictures} {way} {seed}")
    place = dataset if dataset in CATALOG else find("datasets", dataset)
    data = f"data:\n  dataset: {place}\n  split: {split}\n  image_size: [{side}, {side}]\n"
    skip = "  on_conflicting_labels: skip\n"
    file = work / f"{name}.yaml"
    file.write_text(f"seed: {seed}\n{data}{skip}model:\n  base: vgg16\n{WAYS[way]}\n")
    shutil.rmtree(work / "runs" / name, ignore_errors=True)
    cache = work / "cache" / re.sub(r"\W+", "_", f"{pictures} {way}")
    if seed == 0:
        shutil.rmtree(cache, ignore_errors=True)
    command = [sys.executable, "-m", "kerasvgg", "run", file, "--runs", work / "runs"]
    started = time.perf_counter()
    done = subprocess.run(
        command, env=os.environ | {"KERASVGG_CACHE": str(cache)}, capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - started
    (work / f"{name}.log").write_text(done.stdout + done.stderr)
    print(f"{name}: {seconds:.0f} s, status {done.returncode}", file=sys.stderr, flush=True)
    if done.returncode:
        sys.exit(done.stderr[-2000:])
    return {
        "seconds": seconds,
        "told": _told(done.stderr),
        "run": str(next((work / "runs" / name).glob("*/metrics.json")).parent),
    }


def _told(stderr: str) -> list[float]:
    """Returns the seconds told beforehand: without fine-tuning, with the least and with the most of it."""
    found = TOLD.search(stderr)
    if not found:
        return []
    first, least, most = (float((word or "0").replace("a", "1").replace(",", "")) * 60 for word in found.groups())
    return [first, first + least, first + max(least, most)]


def _predictions(row: dict[str, Any]) -> Seen:
    """Returns of each test picture, by the seed and its path, whether it is right and how sure the model is."""
    with (Path(row["run"]) / "predictions.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    sure = [max(float(value) for column, value in one.items() if column.startswith("p:")) for one in rows]
    return {
        (row["seed"], one["path"]): (one["true"] == one["predicted"], confidence)
        for one, confidence in zip(rows, sure, strict=True)
    }


def _rows(results: Sequence[dict[str, Any]]) -> Iterator[tuple[str, ...]]:
    for pictures in SETS:
        of_set = sorted((one for one in results if one["set"] == pictures), key=lambda one: one["seed"])
        by_way = {way: [one for one in of_set if one["way"] == way] for way in WAYS}
        seen = {way: {k: v for one in rows for k, v in _predictions(one).items()} for way, rows in by_way.items()}
        for way, rows in by_way.items():
            if rows:
                yield (pictures, way, *_figures(seen[way], seen["auto"]), *_times(rows))


def _figures(seen: Seen, auto: Seen) -> tuple[str, ...]:
    import numpy as np

    all_right, all_sure = (np.array(one) for one in zip(*seen.values(), strict=True))
    right, sure = (_by_picture(dict(zip(seen, one, strict=True))) for one in (all_right, all_sure))
    low, high = wilson(float(right.sum()), len(right))
    gap, (least, most) = overconfidence(sure, right)
    gains = _by_picture({name: auto[name][0] - one[0] for name, one in seen.items() if name in auto})
    only_this, only_auto = int((gains < 0).sum()), int((gains > 0).sum())
    error = expected_calibration_error(reliability(all_sure, all_right))
    return (
        f"{right.mean():.1%} ({100 * low:.1f} to {100 * high:.1f}) of {len(right)}",
        f"{mcnemar(only_this, only_auto):.3f} ({only_this}:{only_auto})" if len(gains) and seen is not auto else "",
        f"{100 * gap:+.1f} ({100 * least:+.1f} to {100 * most:+.1f})",
        f"{error:.1%}, by chance {error_by_chance(sure):.1%}",
    )


def _by_picture(values: dict[tuple[int, str], float]) -> Any:
    """Returns the mean over the seeds for each picture: one that was tested thrice is still one."""
    import numpy as np

    found: dict[str, list[float]] = {}
    for (_, path), value in values.items():
        found.setdefault(path, []).append(float(value))
    return np.array([np.mean(some) for some in found.values()])


def _times(rows: Sequence[dict[str, Any]]) -> tuple[str, str]:
    told = [f"{one:.0f}" for one in dict.fromkeys(rows[0]["told"])]
    without, tuned = "".join(told[:1]), " to ".join(told[1:])
    return " ".join(f"{row['seconds']:.0f}" for row in rows), " or ".join(filter(None, (without, tuned)))


if __name__ == "__main__":
    main()
