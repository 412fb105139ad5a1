"""How fast pictures are augmented, beside ImageDataGenerator and Keras' own layers: python -m benchmarks.augmentation

The chapter's augmentation in full, at 150x150, in batches of 32: from pictures in memory, and from JPEG files, which
each way decodes by its own means, again and again, resized without smoothing. Each way is a fresh child that reports
its rate once it runs steadily, and how long its first batch took, tracing and compiling included.
"""

import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.measure import options, print_table, ratios, reported, spread, take_turns
from benchmarks.photos import lay_out

SOURCES = ("memory", "files")
REFERENCE = "imagedatagenerator"
WAYS = {REFERENCE: SOURCES, "layers": SOURCES, "kerasvgg": SOURCES, "operation": ("memory",)}
NAMES = {
    REFERENCE: "ImageDataGenerator",
    "layers": "Keras' five layers in tf.data",
    "kerasvgg": "kerasvgg's batches",
    "operation": "its draw and apply alone",
}
HEADER = ("from", "way", "pictures/s", "/ ImageDataGenerator", "first batch, s")
Reports = Sequence[dict[str, Any]]


def main(images: int, rounds: int) -> None:
    """Prints one line for each way from each source."""
    cases = [(way, source) for source in SOURCES for way, sources in WAYS.items() if source in sources]
    with tempfile.TemporaryDirectory(prefix="kerasvgg-bench-") as temporary:
        folder = lay_out(Path(temporary), images).split / "train"
        children = {
            (" from ".join(case), images // 2): partial(reported, ["-m", "benchmarks.augmenters", *case, folder])
            for case in cases
        }
        results = dict(zip(cases, take_turns(children, rounds).values(), strict=True))
    rows = []
    for (way, source), reports in results.items():
        rows.append((source, NAMES[way], *_figures(reports, _rates(results[REFERENCE, source]))))
    print_table(HEADER, rows)


def _rates(reports: Reports) -> list[float]:
    return [report["images_per_second"] for report in reports]


def _figures(reports: Reports, reference: Sequence[float]) -> tuple[str, ...]:
    rates, firsts = _rates(reports), [report["first_seconds"] for report in reports]
    return spread(rates), spread(ratios(rates, reference), 2), spread(firsts, 1)


if __name__ == "__main__":
    main(**vars(options(__doc__, images=1_000, rounds=5).parse_args()))
