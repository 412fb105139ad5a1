"""What `kerasvgg check` finds of planted copies, what it takes falsely for one, and what it costs.

python -m benchmarks.duplicates [--images 25000] [--planted 800]

Copies of real photos are planted in a test part, the photos themselves in a training part. They are those of
cats_and_dogs in KERASVGG_HOME.
"""

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from PIL import Image, ImageEnhance, ImageOps

from benchmarks.measure import print_table, run
from kerasvgg.data.catalog.catalog import source
from kerasvgg.data.duplicates.pairs import near_duplicates
from kerasvgg.data.folder.split import plan_split
from kerasvgg.quality.copies import leaks

Change = Callable[[Image.Image, random.Random], Image.Image]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=25_000, help="pictures of the check that is timed; 25,000")
    parser.add_argument("--planted", type=int, default=800, help="photos that are planted again, changed; 800")
    asked = parser.parse_args()
    photos = sorted(source("cats_and_dogs").rglob("*.jpg"))
    with tempfile.TemporaryDirectory(prefix="kerasvgg-bench-") as temporary:
        print_table(("change", "planted", "found", "other pairs"), _found(photos, asked.planted, Path(temporary)))
        print()
        print_table(("pictures", "planning, s", "search across parts, s", "share"), [_before_training(photos)])
        print()
        print_table(("pictures", "kerasvgg check, s", "its peak, MB"), [_whole(photos, asked.images, Path(temporary))])


def _crop(picture: Image.Image, left: float, top: float, right: float, bottom: float) -> Image.Image:
    width, height = picture.size
    return picture.crop((round(width * left), round(height * top), round(width * right), round(height * bottom)))


def _cropped(picture: Image.Image, draw: random.Random) -> Image.Image:
    left, top = draw.uniform(0, 0.05), draw.uniform(0, 0.05)
    return _crop(picture, left, top, left + 0.95, top + 0.95)


def _resized(picture: Image.Image, draw: random.Random) -> Image.Image:
    factor = draw.uniform(0.4, 1.6)
    return picture.resize((round(picture.width * factor), round(picture.height * factor)), Image.Resampling.BICUBIC)


CHANGES: dict[str, Change] = {
    "compressed again, quality 20 to 75": lambda picture, draw: picture,
    "resized to 0.4 to 1.6 of its size": _resized,
    "squeezed to 150 x 150": lambda picture, draw: picture.resize((150, 150), Image.Resampling.BILINEAR),
    "5 % of width and height cropped": _cropped,
    "5 % cropped at every edge": lambda picture, draw: _crop(picture, 0.05, 0.05, 0.95, 0.95),
    "mirrored": lambda picture, draw: ImageOps.mirror(picture),
    "mirrored and 5 % cropped": lambda picture, draw: _cropped(ImageOps.mirror(picture), draw),
    "a fifth brighter": lambda picture, draw: ImageEnhance.Brightness(picture).enhance(1.2),
    "gray": lambda picture, draw: ImageOps.grayscale(picture),
}


def _changed(photo: Path, target: Path, name: str, draw: random.Random) -> None:
    with Image.open(photo) as picture:
        quality = draw.randint(20, 75) if name.startswith("compressed") else 90
        CHANGES[name](picture.convert("RGB"), draw).save(target, quality=quality)


def _found(photos: list[Path], planted: int, folder: Path) -> list[tuple[str, ...]]:
    """Plants one change after another of a draw of the photos, and looks for pairs across the parts."""
    for label in ("cat", "dog"):
        (folder / "train" / label).mkdir(parents=True)
    for photo in photos:
        (folder / "train" / photo.name[:3] / photo.name).symlink_to(photo.absolute())
    rows = [("none: the photos alone", "0", "", _pairs(plan_split(photos[0].parent, validation=0.5)))]
    for name in CHANGES:
        draw = random.Random(name)
        for label in ("cat", "dog"):
            (folder / "test" / label).mkdir(parents=True)
        for photo in draw.sample(photos, planted):
            _changed(photo, folder / "test" / photo.name[:3] / photo.name, name, draw)
        doubles = near_duplicates(plan_split(folder, validation=0.01).pictures, across=True)
        pairs = {
            (one.first.place, one.second.place) for one in doubles if "test" in (one.first.split, one.second.split)
        }
        right = {one for one, other in pairs if one == other}
        listed = {tuple(sorted(pair)) for pair in pairs if pair[0] != pair[1]}
        rows.append((name, f"{planted:,}", f"{len(right) / planted:.1%}", "; ".join(map(" ".join, sorted(listed)))))
        shutil.rmtree(folder / "test")
    return rows


def _pairs(split: object) -> str:
    return "; ".join(f"{one.first.place} {one.second.place}" for one in near_duplicates(split.pictures))


def _before_training(photos: list[Path], rounds: int = 5) -> tuple[str, ...]:
    """Times the planning of the chapter's split and, by itself, the search that comes with it; medians."""
    planning, searching = [], []
    for _ in range(rounds):
        started = time.perf_counter()
        split = plan_split(photos[0].parent, train=len(photos) // 4, validation=len(photos) // 8, test=len(photos) // 8)
        planned = time.perf_counter()
        leaks(split, accept=True)
        planning.append(planned - started)
        searching.append(time.perf_counter() - planned)
    share = median(searching) / median(planning)
    return f"{len(photos):,}", f"{median(planning):.2f}", f"{median(searching):.2f}", f"{share:.0%}"


def _whole(photos: list[Path], count: int, folder: Path) -> tuple[str, ...]:
    """Times a check of the photos and of copies of other sizes and qualities, so many that there are `count`."""
    many = folder / "many"
    many.mkdir()
    for i in range(count):
        photo, draw = photos[i % len(photos)], random.Random(i)
        target = many / f"{photo.name[:3]}.{i}.jpg"
        if i < len(photos):
            target.symlink_to(photo.absolute())
            continue
        if i % 1000 == 0:
            print(f"written: {i:,} of {count:,}", file=sys.stderr, flush=True)
        with Image.open(photo) as picture:
            _resized(picture.convert("RGB"), draw).save(target, quality=draw.randint(50, 92))
    measured = run(["-m", "kerasvgg", "check", many, "--output", folder / "report"])
    return f"{count:,}", f"{measured.seconds:.0f}", f"{measured.peak_mb:.0f}"


if __name__ == "__main__":
    main()
