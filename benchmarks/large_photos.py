"""Photos as large as phones make them: python -m benchmarks.large_photos FOLDER COUNT SIDE

The photos of cats_and_dogs, or noise, enlarged so that the shorter side has SIDE pixels in the proportions of 4 to 3,
with noise, so that a file of 12 megapixels (SIDE 3000) has 3 to 5 MB. Prints the least and the most bytes of a file.
With a SIDE of 256 they are what most data sets have.
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.pictures import write_pictures

NOISE = 6  # levels, of the standard deviation
QUALITY = 90


def write_large(folder: Path, count: int, side: int) -> tuple[int, int]:
    """Writes cat.0.jpg, dog.0.jpg and so on, and returns the least and the most bytes of one."""
    write_pictures(folder, count)
    with ThreadPoolExecutor(2) as pool:
        sizes = list(pool.map(lambda path: _enlarge(path, side), sorted(folder.iterdir())))
    return min(sizes), max(sizes)


def _enlarge(path: Path, side: int) -> int:
    size = (side * 4 // 3, side)
    with Image.open(path) as small:
        large = np.asarray(small.convert("RGB").resize(size, Image.Resampling.BICUBIC), dtype=np.float32)
    draw = np.random.default_rng(list(path.name.encode()))
    grain = draw.standard_normal(large.shape[:2], dtype=np.float32)[..., None] * NOISE if side > 256 else 0
    Image.fromarray(np.clip(large + grain, 0, 255).astype(np.uint8)).save(path, quality=QUALITY)
    return path.stat().st_size


if __name__ == "__main__":
    least, most = write_large(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
    print(f"{least / 1e6:.1f} to {most / 1e6:.1f} MB a file")
