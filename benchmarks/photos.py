"""The pictures of a benchmark, laid out for kerasvgg (one flat folder) and for the book (a split in class folders)."""

from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import run

CHAPTER = 4_000  # pictures in all: 2,000 to train, 1,000 to validate, 1,000 to test


@dataclass(frozen=True)
class Photos:
    """Both layouts of the same pictures; `train` and `held_out` are numbers of a class, the latter twice."""

    flat: Path
    split: Path
    train: int
    held_out: int

    @property
    def settings(self) -> list[str]:
        """What `kerasvgg run` must be told to take them."""
        amounts = f"{{train: {self.train}, validation: {self.held_out}, test: {self.held_out}}}"
        return [f"data.dataset={self.flat}", f"data.split={amounts}"]


def lay_out(folder: Path, images: int) -> Photos:
    """Writes the pictures below the folder: half of them to train, a quarter each to validate and to test."""
    of_a_class = images // 2
    held_out = of_a_class // 4
    photos = Photos(folder / "flat", folder / "split", of_a_class - 2 * held_out, held_out)
    run(["-m", "benchmarks.pictures", photos.flat, 2 * of_a_class])
    run(["-m", "benchmarks.book_split", photos.flat, photos.split, photos.train, held_out, held_out])
    return photos
