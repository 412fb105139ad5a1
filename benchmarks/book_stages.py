"""How long the chapter's script takes in current Keras, stage by stage: python -m benchmarks.book_stages

Each stage is a fresh child. Seconds of an epoch leave the first one out, because it traces. `of reference` is the time
beside the reference machine's, scaled by the rate of a matrix product right before the stage: 1 is what was expected.
The whole chapter is extrapolated: all its epochs, its features, and the start of TensorFlow once per stage.
"""

import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from benchmarks.book.stages import STAGES, Report, epoch_seconds, measure, of_reference, whole_seconds
from benchmarks.measure import options, print_table, spread, take_turns
from benchmarks.photos import CHAPTER, lay_out

HEADER = (
    "stage",
    "first epoch, s",
    "epoch, s",
    "features, s",
    "GFLOP/s",
    "of reference",
    "peak, MB",
    "whole stage, min",
)


def main(images: int, rounds: int, epochs: int) -> None:
    """Prints one line for each stage, and the hours of the whole chapter."""
    with tempfile.TemporaryDirectory(prefix="kerasvgg-bench-") as temporary:
        photos = lay_out(Path(temporary), images)
        cases = {(name, images): partial(measure, name, photos.split, epochs) for name in STAGES}
        print_stages({name: reports for (name, _), reports in take_turns(cases, rounds).items()})


def print_stages(reports: Mapping[str, Sequence[Report]]) -> None:
    """Prints the table, from each stage's reports."""
    print_table(HEADER, [_row(name, reports[name]) for name in STAGES])
    hours = [sum(one) / 3600 for one in zip(*(_wholes(name, reports[name]) for name in STAGES), strict=True)]
    print(f"the whole chapter: {spread(hours, 2)} hours, extrapolated")


def _row(name: str, reports: Sequence[Report]) -> tuple[str, ...]:
    features = [report["features_seconds"] for report in reports if "features_seconds" in report]
    return (
        STAGES[name].title,
        spread([report["first_epoch_seconds"] for report in reports], 1),
        spread([epoch_seconds(report) for report in reports], 1),
        spread(features, 1) if features else "",
        spread([report["gflops"] for report in reports]),
        spread([of_reference(name, report) for report in reports], 2),
        spread([report["peak_mb"] for report in reports]),
        spread([seconds / 60 for seconds in _wholes(name, reports)], 1),
    )


def _wholes(name: str, reports: Sequence[Report]) -> list[float]:
    return [whole_seconds(name, report) for report in reports]


if __name__ == "__main__":
    main(**vars(options(__doc__, images=CHAPTER, rounds=3, epochs=2).parse_args()))
