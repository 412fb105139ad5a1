"""How fast `kerasvgg split` is and how much memory it takes: python -m benchmarks.split_folder [PICTURES ...]

Each run is a fresh process on files that were just written (the disk's cache is warm). kerasvgg decodes and hashes
every picture, links it and writes a manifest; the book's loop copies files and looks at none. 25,000 photos take about
1 GB in the folder for temporary files.
"""

import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from benchmarks.measure import Case, Measured, peaks, print_table, rates, ratios, run, spread, take_turns

COUNTS = (5_000, 25_000)
HEADER = ("pictures", "kerasvgg, pictures/s", "its peak, MB", "book's loop, pictures/s", "kerasvgg / book")


def main(counts: Sequence[int]) -> None:
    """Prints one line for each number of pictures."""
    cases: dict[Case, Callable[[], Measured]] = {}
    with tempfile.TemporaryDirectory(prefix="kerasvgg-bench-") as temporary:
        target = Path(temporary) / "split"
        for count in counts:
            source = Path(temporary) / str(count)
            run(["-m", "benchmarks.pictures", source, count])
            cases["kerasvgg", count] = partial(_measure, _ours(source, target, count), target)
            cases["book", count] = partial(_measure, _books(source, target, count), target)
        results = take_turns(cases)
    rows = []
    for count in counts:
        ours, books = rates(count, results["kerasvgg", count]), rates(count, results["book", count])
        memory = spread(peaks(results["kerasvgg", count]))
        rows.append((f"{count:,}", spread(ours), memory, spread(books), spread(ratios(ours, books), 2)))
    print_table(HEADER, rows)


def _measure(command: Sequence[object], target: Path) -> Measured:
    try:
        return run(command)
    finally:
        shutil.rmtree(target, ignore_errors=True)


def _amounts(count: int) -> tuple[int, int, int]:
    tenth = count // 20  # of a class
    return count // 2 - 2 * tenth, tenth, tenth


def _ours(source: Path, target: Path, count: int) -> list[object]:
    train, validation, test = _amounts(count)
    amounts = ["--train", train, "--validation", validation, "--test", test]
    return ["-m", "kerasvgg", "split", source, target, *amounts, "--how", "hardlink"]


def _books(source: Path, target: Path, count: int) -> list[object]:
    return ["-m", "benchmarks.book_split", source, target, *_amounts(count)]


if __name__ == "__main__":
    main([int(count) for count in sys.argv[1:]] or COUNTS)
