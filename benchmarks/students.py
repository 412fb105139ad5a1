"""Students of a run, and the same networks on labels alone: python -m benchmarks.students RUN [--views 1 4 12]

For each size and seed a network on labels alone and one student for each number of views (hours); test accuracy with
its interval, McNemar's test against the one on labels alone and against the teacher, the size of the int8 ONNX file and
its milliseconds a picture. `--unlabelled FOLDER` adds a student with the last number of views and those pictures, too.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measure import print_table, run
from kerasvgg.evaluation.predictions import read_predictions
from kerasvgg.evaluation.statistics import mcnemar

HEADER = ("size", "learns from", "seed", "s", "test (95 % interval)", "p beside labels", "p beside teacher", "MB", "ms")


def main(teacher: Path, sizes: Sequence[str], seeds: int, views: Sequence[int], unlabelled: Path | None) -> None:
    """Prints a line for each network."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="kerasvgg-bench-") as temporary:
        for size in sizes:
            for seed in range(seeds):
                root = Path(temporary) / f"{size}-{seed}"
                how = ["distill", teacher, f"seed={seed}", "--size", size, "--runs", root]
                ways: dict[str, list[object]] = {f"{count} views": ["--views", count] for count in views}
                if unlabelled:
                    ways[f"{views[-1]} views and more pictures"] = ["--views", views[-1], "--unlabelled", unlabelled]
                alone: Path | None = None
                for number, (name, words) in enumerate(ways.items()):
                    both = [] if number == 0 else ["--no-alone"]
                    seconds = run(["-m", "kerasvgg", *how, *words, *both]).seconds
                    folder = _newest(root, "distilled")
                    if alone is None:
                        alone = _newest(root, "labels_alone")
                        rows.append((size, "labels alone", str(seed), "", *_figures(alone, None, teacher)))
                        print(rows[-1], file=sys.stderr, flush=True)
                    rows.append((size, name, str(seed), f"{seconds:.0f}", *_figures(folder, alone, teacher)))
                    print(rows[-1], file=sys.stderr, flush=True)
    print_table(HEADER, rows)


def _newest(root: Path, variant: str) -> Path:
    (folder,) = root.glob(f"*/{variant}")
    return max(folder.iterdir(), key=lambda path: int(path.name))


def _figures(folder: Path, alone: Path | None, teacher: Path) -> tuple[str, ...]:
    figures = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    low, high = figures["interval_95"]
    words = ["export", folder, "--to", "onnx", "--int8", "--keep-anyway", "--output", folder / "bench"]
    subprocess.run([sys.executable, "-m", "kerasvgg", *map(str, words)], check=False, stdout=subprocess.DEVNULL)
    said = json.loads((folder / "bench" / "export.json").read_text(encoding="utf-8"))["exports"]
    (made,) = [one for one in said if one["int8"]]
    return (
        f"{figures['accuracy']:.1%} ({100 * low:.1f} to {100 * high:.1f})",
        f"{_p(alone, folder):.2g}" if alone else "",
        f"{_p(teacher, folder):.2g}",
        f"{made['bytes'] / 1e6:.2f}",
        f"{made['milliseconds']:.1f}",
    )


def _p(first: Path, second: Path) -> float:
    found = [{one.path: one for one in read_predictions(run / "predictions.csv")[1]} for run in (first, second)]
    right = [{path: one.true == one.predicted for path, one in some.items()} for some in found]
    both = [(right[0][path], right[1][path]) for path in right[0].keys() & right[1].keys()]
    return mcnemar(both.count((True, False)), both.count((False, True)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("teacher", type=Path)
    parser.add_argument("--sizes", nargs="+", default=["small", "tiny"])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--views", type=int, nargs="+", default=[1, 4, 12])
    parser.add_argument("--unlabelled", type=Path)
    main(**vars(parser.parse_args()))
