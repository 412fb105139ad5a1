"""Many different JPEGs in one flat folder, as Kaggle ships them: python -m benchmarks.pictures FOLDER COUNT

They are the photos of cats_and_dogs, where KERASVGG_HOME has them, or noise of the same size, over and over; a comment
inside each file makes every content another one.
"""

import sys
from itertools import cycle, islice
from pathlib import Path

from kerasvgg.home import find

LABELS = ("cat", "dog")


def write_pictures(folder: Path, count: int) -> None:
    """Writes cat.0.jpg, dog.0.jpg, cat.1.jpg and so on."""
    folder.mkdir(parents=True)
    originals = cycle(_photos() or _noise(folder.with_name(f"{folder.name} originals")))
    for i, original in enumerate(islice(originals, count)):
        content = original.read_bytes()
        (folder / f"{LABELS[i % 2]}.{i // 2}.jpg").write_bytes(_commented(content, f"picture {i}".encode()))


def _photos() -> list[Path]:
    root = find("datasets", "cats_and_dogs")
    return sorted(root.rglob("*.jpg")) if root else []


def _noise(folder: Path, count: int = 100) -> list[Path]:
    from PIL import Image

    folder.mkdir(parents=True)
    paths = [folder / f"{i}.jpg" for i in range(count)]
    for path in paths:
        channels = [Image.effect_noise((340, 256), 32) for _ in "RGB"]
        Image.merge("RGB", channels).save(path, quality=50)
    return paths


def _commented(content: bytes, comment: bytes) -> bytes:
    length = (len(comment) + 2).to_bytes(2, "big")
    return content[:2] + b"\xff\xfe" + length + comment + content[2:]  # right behind the mark of a JPEG's start


if __name__ == "__main__":
    write_pictures(Path(sys.argv[1]), int(sys.argv[2]))
