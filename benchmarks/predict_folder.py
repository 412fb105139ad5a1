"""How fast `kerasvgg predict` is and whether its memory grows.

python -m benchmarks.predict_folder [--base small_cnn] [--counts 1000 10000] [--rounds 3]

Beside image_dataset_from_directory and model.predict. Each run is a fresh process, its start (with Keras some seconds)
included; the rate of the pictures beyond the first count leaves that out. The model is for 150x150 pictures, a small
CNN or VGG16, with random weights. kerasvgg has seen it before, so that it knows what is the fastest.
"""

import argparse
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks.measure import Case, Measured, options, peaks, print_table, rates, ratios, run, spread, take_turns

WAYS = {"kerasvgg": ["-m", "kerasvgg", "predict", "--csv"], "keras": ["-m", "benchmarks.keras_predict"]}
HEADER = ("pictures", "kerasvgg, pictures/s", "its peak, MB", "keras, pictures/s", "its peak, MB", "kerasvgg / keras")
MEASURED = 300  # pictures, for which it is measured what is the fastest
Results = dict[Case, list[Measured]]


def main(base: str, counts: Sequence[int], rounds: int) -> None:
    """Prints one line for each number of pictures, the rate without the start, and the growth of memory."""
    cases: dict[Case, Callable[[], Measured]] = {}
    with tempfile.TemporaryDirectory(prefix="kerasvgg-bench-") as temporary:
        model, output = Path(temporary) / "model.keras", Path(temporary) / "predictions.csv"
        variables = {"KERASVGG_CACHE": Path(temporary) / "cache"}
        run(["-m", "benchmarks.small_model", model, base])
        for count in (MEASURED, *counts):
            run(["-m", "benchmarks.pictures", Path(temporary) / str(count), count])
        run([*WAYS["kerasvgg"], model, Path(temporary) / str(MEASURED)], output, variables)
        for count in counts:
            for way, words in WAYS.items():
                cases[way, count] = partial(run, [*words, model, Path(temporary) / str(count)], output, variables)
        results: Results = take_turns(cases, rounds)
    print_table(HEADER, [_row(results, count) for count in counts])
    if len(counts) > 1:
        _print_growth(results, min(counts), max(counts))


def _row(results: Results, count: int) -> tuple[str, ...]:
    runs = [results[way, count] for way in WAYS]
    ours, keras = (rates(count, some) for some in runs)
    figures = [text for some in runs for text in (spread(rates(count, some)), spread(peaks(some)))]
    return f"{count:,}", *figures, spread(ratios(ours, keras), 2)


def _print_growth(results: Results, fewest: int, most: int) -> None:
    for way in WAYS:
        few, many = results[way, fewest], results[way, most]
        steady = [(most - fewest) / (long.seconds - short.seconds) for short, long in zip(few, many, strict=True)]
        growth = median(peaks(many)) - median(peaks(few))
        print(f"{way}: {spread(steady)} pictures/s beyond the first {fewest:,}; memory grows by {growth:+,.0f} MB")


def parser() -> argparse.ArgumentParser:
    """Returns what reads the command line."""
    made = options(__doc__, rounds=3)
    made.add_argument("--base", choices=("small_cnn", "vgg16"), default="small_cnn")
    made.add_argument("--counts", type=int, nargs="+", default=[1_000, 10_000], help="numbers of pictures")
    return made


if __name__ == "__main__":
    main(**vars(parser().parse_args()))
