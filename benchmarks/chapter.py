"""How long it takes to come as far as the chapter does: python -m benchmarks.chapter

Each stage of the book's script stands beside the experiment of kerasvgg's that comes as far: seconds from a folder of
JPEGs to a saved model and its test accuracy, imports included. The book's seconds are extrapolated from two epochs. In
each round kerasvgg starts with an empty cache, which its experiments share, as for one who reads the chapter; the last
line, from the folder to an accurate model, starts with an empty one again.
"""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.book.stages import Report, measure, whole_seconds
from benchmarks.book_stages import print_stages
from benchmarks.measure import Case, options, print_table, ratios, spread, take_turns
from benchmarks.ours import Run, run_experiment
from benchmarks.photos import CHAPTER, lay_out


@dataclass(frozen=True)
class Pair:
    """Stages of the book's script, and the words of the `kerasvgg run` that comes as far."""

    title: str
    book: tuple[str, ...]
    ours: str


PAIRS = (
    Pair("small CNN", ("small_cnn",), "experiments/cats_and_dogs/small_cnn.yaml"),
    Pair("small CNN, augmented", ("augmented_cnn",), "experiments/cats_and_dogs/small_cnn_augmented.yaml"),
    Pair("VGG16's features", ("features",), "experiments/cats_and_dogs/feature_extraction.yaml --variant vgg"),
    Pair("frozen VGG16", ("frozen_base",), "experiments/cats_and_dogs/feature_extraction_augmented.yaml"),
    Pair("block5", ("fine_tuning",), "experiments/cats_and_dogs/fine_tune_block5.yaml"),
)
ACCURATE = 0.97
SHORTCUT = "experiments/cats_and_dogs/feature_extraction.yaml"  # from JPEGs to a model as accurate as that, or more
HEADER = ("stage", "book, s", "kerasvgg, s", "book / kerasvgg", "its lowest test accuracy, 95 % interval")


def main(images: int, rounds: int, epochs: int, shortcut: str, settings: Sequence[str]) -> None:
    """Prints one line for each stage, one for the whole chapter, and one for the way to an accurate model."""
    last = Pair(f"folder to {100 * ACCURATE:.0f} %", ("frozen_base", "fine_tuning"), shortcut)
    with tempfile.TemporaryDirectory(prefix="kerasvgg-bench-") as temporary:
        photos, cache = lay_out(Path(temporary), images), Path(temporary) / "cache"
        ours = partial(run_experiment, photos=photos, cache=cache, settings=settings)
        cases: dict[Case, Callable[[], Report | Run]] = {}
        for pair in PAIRS:
            for name in pair.book:
                cases[name, images] = partial(measure, name, photos.split, epochs)
            cases[pair.title, images] = partial(ours, pair.ours, cold=pair is PAIRS[0])
        cases[last.title, images] = partial(ours, last.ours, cold=True)
        results = {name: some for (name, _), some in take_turns(cases, rounds).items()}
    print_stages(results)
    times = {pair.title: _times(pair, results) for pair in (*PAIRS, last)}
    rows = [_row(pair.title, *times[pair.title], _accuracy(results[pair.title])) for pair in PAIRS]
    whole = [
        [sum(one) for one in zip(*side, strict=True)] for side in zip(*(times[p.title] for p in PAIRS), strict=True)
    ]
    rows.append(_row("the whole chapter", *whole, ""))
    rows.append(_row(last.title, *times[last.title], _accuracy(results[last.title])))
    print_table(HEADER, rows)
    lowest = min(run.accuracy for run in results[last.title])
    if lowest < ACCURATE:
        print(f"{last.title}: not reached, {_percent(lowest)} of the test pictures; its ratio says nothing")


def _times(pair: Pair, results: Mapping[str, Sequence[Any]]) -> tuple[list[float], list[float]]:
    stages = ([whole_seconds(name, report) for report in results[name]] for name in pair.book)
    return [sum(one) for one in zip(*stages, strict=True)], [run.seconds for run in results[pair.title]]


def _row(title: str, book: Sequence[float], ours: Sequence[float], accuracy: str) -> tuple[str, ...]:
    return title, spread(book), spread(ours), spread(ratios(book, ours), 1), accuracy


def _accuracy(runs: Sequence[Run]) -> str:
    lowest = min(runs, key=lambda run: run.accuracy)
    low, high = lowest.interval
    return f"{_percent(lowest.accuracy)} ({_percent(low)} to {_percent(high)})"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


if __name__ == "__main__":
    parser = options(__doc__, images=CHAPTER, rounds=1, epochs=2)
    parser.add_argument("--shortcut", default=SHORTCUT, help="words of the `kerasvgg run` of the last line")
    parser.add_argument("settings", nargs="*", help="settings for all experiments, to try the benchmark")
    main(**vars(parser.parse_args()))
