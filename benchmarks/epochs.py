"""What an epoch costs when the frozen base is not computed again: python -m benchmarks.epochs

The book's epochs come from two of its stages. kerasvgg's come from whole runs on a filled cache: one with one epoch and
one with four, and a third of the difference. What the cache costs is divided by the chapter's 30 epochs and added.
"""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.book import stages
from benchmarks.measure import Case, options, print_table, ratios, spread, take_turns
from benchmarks.ours import run_experiment
from benchmarks.photos import CHAPTER, Photos, lay_out

FEW, MANY, AMORTISED = 1, 4, 30
HEADER = ("epoch of", "book, s", "kerasvgg, s", "its features, s", "book / kerasvgg", "with features over 30 epochs")
Times = tuple[float, float]  # of an epoch, of the features it stands on


@dataclass(frozen=True)
class Way:
    """A stage of the book's and the words of the `kerasvgg run` that trains the same layers; `phase` is timed."""

    title: str
    book: str
    words: str
    phase: int


FINE_TUNING = "experiments/cats_and_dogs/fine_tune_block5.yaml --variant book train.0.epochs=1"
FROZEN = "experiments/cats_and_dogs/feature_extraction_augmented.yaml --variant book"
WAYS = (
    Way("block5, not augmented", "fine_tuning", f"{FINE_TUNING} augment=null", 1),
    Way("block5, augment_copies 5", "fine_tuning", f"{FINE_TUNING} augment_copies=5", 1),
    Way("frozen VGG16, augment_copies 5", "frozen_base", f"{FROZEN} augment_copies=5", 0),
)


def main(images: int, rounds: int, epochs: int) -> None:
    """Prints one line for each way."""
    cases: dict[Case, Callable[[], Times]] = {}
    with tempfile.TemporaryDirectory(prefix="kerasvgg-bench-") as temporary:
        photos, cache = lay_out(Path(temporary), images), Path(temporary) / "cache"
        for name in dict.fromkeys(way.book for way in WAYS):
            cases[name, images] = partial(_books, name, photos, epochs)
        for way in WAYS:
            cases[way.title, images] = partial(_ours, way, photos, cache)
        results = {name: some for (name, _), some in take_turns(cases, rounds).items()}
    print_table(HEADER, [_row(way.title, results[way.book], results[way.title]) for way in WAYS])


def _books(name: str, photos: Photos, epochs: int) -> Times:
    return stages.epoch_seconds(stages.measure(name, photos.split, epochs)), 0.0


def _ours(way: Way, photos: Photos, cache: Path) -> Times:
    setting = f"train.{way.phase}.epochs="
    features = run_experiment(way.words, photos, cache, [f"{setting}{FEW}"], cold=True).features_seconds
    few, many = (run_experiment(way.words, photos, cache, [f"{setting}{n}"]).seconds for n in (FEW, MANY))
    return (many - few) / (MANY - FEW), features


def _row(title: str, book: Sequence[Times], ours: Sequence[Times]) -> tuple[str, ...]:
    theirs, epoch, features = [one for one, _ in book], [one for one, _ in ours], [cost for _, cost in ours]
    with_features = [one + cost / AMORTISED for one, cost in ours]
    compared = (spread(ratios(theirs, seconds), 1) for seconds in (epoch, with_features))
    return title, spread(theirs, 1), spread(epoch, 1), spread(features), *compared


if __name__ == "__main__":
    main(**vars(options(__doc__, images=CHAPTER, rounds=1, epochs=2).parse_args()))
