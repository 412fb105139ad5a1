"""How time and memory grow with the number of pictures when features are extracted: python -m benchmarks.growth

kerasvgg with an empty cache beside the book's script, whole runs with the start of TensorFlow and two epochs of the
head. `--alone --images 1000 20000` shows kerasvgg's memory with as many pictures as the book's script was not made for.
"""

import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks.book import stages
from benchmarks.measure import Case, Measured, options, peaks, print_table, ratios, spread, take_turns
from benchmarks.ours import run_experiment
from benchmarks.photos import Photos, lay_out

COUNTS = (500, 1_000, 2_000, 4_000)
EXPERIMENT = "experiments/cats_and_dogs/feature_extraction.yaml --variant vgg"
Results = dict[Case, list[Measured]]


def main(images: Sequence[int], rounds: int, epochs: int, alone: bool) -> None:
    """Prints one line for each number of pictures, and what each picture beyond the fewest costs."""
    ways = {"kerasvgg": _ours} if alone else {"kerasvgg": _ours, "book": _books}
    cases: dict[Case, Callable[[], Measured]] = {}
    with tempfile.TemporaryDirectory(prefix="kerasvgg-bench-") as temporary:
        for count in images:
            photos = lay_out(Path(temporary) / str(count), count)
            cases |= {(way, count): partial(measure, photos, epochs) for way, measure in ways.items()}
        results: Results = take_turns(cases, rounds)
    header = ["pictures", *(text for way in ways for text in (f"{way}, s", "its peak, MB"))]
    rows = [_row(count, [results[way, count] for way in ways]) for count in images]
    print_table(header if alone else [*header, "book / kerasvgg"], rows)
    for way in ways if len(images) > 1 else ():
        _print_growth(way, results, min(images), max(images))


def _ours(photos: Photos, epochs: int) -> Measured:
    with tempfile.TemporaryDirectory(prefix="kerasvgg-bench-") as cache:
        done = run_experiment(EXPERIMENT, photos, Path(cache), [f"train.0.epochs={epochs}"])
    return Measured(done.seconds, done.peak_mb)


def _books(photos: Photos, epochs: int) -> Measured:
    report = stages.measure("features", photos.split, epochs)
    return Measured(report["seconds"] - report["probe_seconds"], report["peak_mb"])


def _row(count: int, of_ways: Sequence[list[Measured]]) -> list[str]:
    seconds = [[one.seconds for one in some] for some in of_ways]
    figures = [text for s, some in zip(seconds, of_ways, strict=True) for text in (spread(s, 1), spread(peaks(some)))]
    compared = [spread(ratios(other, seconds[0]), 2) for other in seconds[1:]]
    return [f"{count:,}", *figures, *compared]


def _print_growth(way: str, results: Results, fewest: int, most: int) -> None:
    few, many = results[way, fewest], results[way, most]
    each = [(long.seconds - short.seconds) / (most - fewest) for short, long in zip(few, many, strict=True)]
    growth = median(peaks(many)) - median(peaks(few))
    milliseconds = spread([1000 * one for one in each], 1)
    print(f"{way}: {milliseconds} ms a picture beyond the first {fewest:,}; memory grows by {growth:+,.0f} MB")


if __name__ == "__main__":
    parser = options(__doc__, rounds=3, epochs=2)
    parser.add_argument("--images", type=int, nargs="+", default=COUNTS, help="numbers of pictures")
    parser.add_argument("--alone", action="store_true", help="without the book's script")
    main(**vars(parser.parse_args()))
