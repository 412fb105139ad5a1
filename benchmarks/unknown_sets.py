"""Whether models know what they have never seen: python -m benchmarks.unknown_sets RUN RUN RUN ...

Each run, of pictures of its own kind, looks at its own test pictures and at those of every other run, with
`kerasvgg predict --unknown`. The table has the area under the ROC curve of their distances (1: the strangers all lie
farther than its own, 0.5: no difference) and, in brackets, of the largest probability, which is what one would go by
without; then how many of its own test pictures each run refuses, meant to be 1 in 20, with Wilson's 95 % interval.
"""

import argparse
from pathlib import Path

from benchmarks.measure import print_table


def main() -> None:
    """Prints both tables for runs that `auto` has made."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=Path, nargs="+")
    parser.add_argument("--most", type=int, default=200, help="test pictures of a run that are looked at; 200")
    asked = parser.parse_args()

    import numpy as np
    from sklearn.metrics import roc_auc_score

    import kerasvgg
    from kerasvgg.evaluation.statistics import wilson

    tested = {run: _test_pictures(run, asked.most) for run in asked.runs}
    areas, refused = [], []
    for run in asked.runs:
        model = kerasvgg.open_model(run / "model.keras")
        seen = {other: kerasvgg.predict(model, paths, unknown=True) for other, paths in tested.items()}
        own = np.array([one.distance for one in seen[run]])
        cells = []
        for other in asked.runs:
            rows = [*seen[run], *seen[other]]
            strange = np.repeat([0, 1], [len(seen[run]), len(seen[other])])
            ways = [one.distance for one in rows], [-max(one.probabilities) for one in rows]
            cells.append(
                "" if other == run else "{:.3f} ({:.3f})".format(*(roc_auc_score(strange, way) for way in ways))
            )
        areas.append((run.parent.name, *cells))
        refused.append((run.parent.name, int((own > 1).sum()), len(own)))
    print_table(("model of \\ pictures of", *(run.parent.name for run in asked.runs)), areas)
    refused.append(("all", sum(count for _, count, _ in refused), sum(n for *_, n in refused)))
    shares = [(name, f"{count} of {n}", _percent(count, n, *wilson(count, n))) for name, count, n in refused]
    print_table(("run", "own pictures refused", "share, 95 % interval"), shares)


def _test_pictures(run: Path, most: int) -> list[Path]:
    from kerasvgg.files.run_folder import RunFolder
    from kerasvgg.runs.pictures import run_pictures

    listed = [one.path for one in run_pictures(RunFolder(run)) if one.split == "test"]
    return listed[:: max(1, len(listed) // most)][:most]


def _percent(count: int, n: int, low: float, high: float) -> str:
    return f"{count / n:.1%} ({100 * low:.1f} to {100 * high:.1f})"


if __name__ == "__main__":
    main()
