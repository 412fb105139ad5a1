"""How fast `kerasvgg predict` is and whether its memory grows: python -m benchmarks.predict_folder [PICTURES ...]

Each run is a fresh process, the start of TensorFlow (some seconds) included; the rate of the pictures beyond the first
thousand leaves that out. The model is a small CNN for 150x150 pictures with random weights.
"""

import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks.measure import Case, Measured, peaks, print_table, rates, ratios, run, spread, take_turns

COUNTS = (1_000, 10_000)
WAYS = {"kerasvgg": ["-m", "kerasvgg", "predict", "--csv"], "keras": ["-m", "benchmarks.keras_predict"]}
HEADER = ("pictures", "kerasvgg, pictures/s", "its peak, MB", "keras, pictures/s", "its peak, MB", "kerasvgg / keras")
Results = dict[Case, list[Measured]]


def main(counts: Sequence[int]) -> None:
    """Prints one line for each number of pictures, the rate without the start, and the growth of memory."""
    cases: dict[Case, Callable[[], Measured]] = {}
    with tempfile.TemporaryDirectory(prefix="kerasvgg-bench-") as temporary:
        model, output = Path(temporary) / "model.keras", Path(temporary) / "predictions.csv"
        run(["-m", "benchmarks.small_model", model])
        for count in counts:
            folder = Path(temporary) / str(count)
            run(["-m", "benchmarks.pictures", folder, count])
            for way, words in WAYS.items():
                cases[way, count] = partial(run, [*words, model, folder], output)
        results: Results = take_turns(cases)
    print_table(HEADER, [_row(results, count) for count in counts])
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


if __name__ == "__main__":
    main([int(count) for count in sys.argv[1:]] or COUNTS)
