"""The book's way to split: names by number, shutil.copyfile, no look at any picture.

python -m benchmarks.book_split SOURCE TARGET TRAIN VALIDATION TEST (pictures per class)
"""

import shutil
import sys
from pathlib import Path

from benchmarks.pictures import LABELS


def split(source: Path, target: Path, amounts: dict[str, int]) -> None:
    """Copies SOURCE/cat.0.jpg and so on to TARGET/train/cat/cat.0.jpg and so on."""
    start = 0
    for part, amount in amounts.items():
        for label in LABELS:
            folder = target / part / label
            folder.mkdir(parents=True)
            for i in range(start, start + amount):
                shutil.copyfile(source / f"{label}.{i}.jpg", folder / f"{label}.{i}.jpg")
        start += amount


if __name__ == "__main__":
    parts = dict(zip(("train", "validation", "test"), map(int, sys.argv[3:]), strict=True))
    split(Path(sys.argv[1]), Path(sys.argv[2]), parts)
