"""What a second head costs, when the features of the pictures are kept: python -m benchmarks.warm

In each round the book's script extracts features and trains a head, and so does kerasvgg with an empty cache; then
kerasvgg trains another head on the same pictures. All heads are trained for as many epochs.
"""

import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from benchmarks.book import stages
from benchmarks.measure import Case, options, print_table, ratios, spread, take_turns
from benchmarks.ours import Run, run_experiment
from benchmarks.photos import CHAPTER, lay_out

EXPERIMENT = "experiments/cats_and_dogs/feature_extraction.yaml --variant vgg"
ANOTHER_HEAD = "model.head.units=128"
HEADER = ("what", "book, s", "kerasvgg cold, s", "kerasvgg warm, s", "book / cold", "book / warm")
Times = tuple[float, float]  # of the features, of the whole


def main(images: int, rounds: int, epochs: int) -> None:
    """Prints a line for the features and one for the whole run, imports included."""
    with tempfile.TemporaryDirectory(prefix="kerasvgg-bench-") as temporary:
        photos, cache = lay_out(Path(temporary), images), Path(temporary) / "cache"
        ours = partial(run_experiment, EXPERIMENT, photos, cache)
        of_both = f"train.0.epochs={epochs}"
        cases: dict[Case, Callable[[], Times]] = {
            ("book", images): lambda: _books(stages.measure("features", photos.split, epochs)),
            ("cold", images): lambda: _ours(ours([of_both], cold=True)),
            ("warm", images): lambda: _ours(ours([of_both, ANOTHER_HEAD])),
        }
        results = take_turns(cases, rounds)
    names = (f"features of {images:,} pictures", f"whole run, {epochs} epochs of the head")
    book, cold, warm = (list(zip(*some, strict=True)) for some in results.values())
    print_table(HEADER, [_row(*one) for one in zip(names, book, cold, warm, strict=True)])


def _books(report: stages.Report) -> Times:
    return report["features_seconds"], report["seconds"] - report["probe_seconds"]


def _ours(run: Run) -> Times:
    return run.features_seconds, run.seconds


def _row(name: str, book: Sequence[float], cold: Sequence[float], warm: Sequence[float]) -> tuple[str, ...]:
    compared = [spread(ratios(book, ours), 1) for ours in (cold, warm)]
    return name, *(spread(seconds, 1) for seconds in (book, cold, warm)), *compared


if __name__ == "__main__":
    main(**vars(options(__doc__, images=CHAPTER, rounds=3, epochs=30).parse_args()))
