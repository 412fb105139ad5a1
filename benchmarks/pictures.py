"""Many different JPEGs in one flat folder, as Kaggle ships them: python -m benchmarks.pictures FOLDER COUNT

They are the photos of cats_and_dogs, where KERASVGG_HOME has them, each in its class and in Kaggle's order, or noise of
the same size, over and over; a comment inside each file makes every content another one.
"""

import sys
from itertools import cycle
from pathlib import Path

from kerasvgg.data.folder.scan import natural
from kerasvgg.files.locations import find

LABELS = ("cat", "dog")


def write_pictures(folder: Path, count: int) -> None:
    """Writes cat.0.jpg, dog.0.jpg, cat.1.jpg and so on."""
    folder.mkdir(parents=True)
    originals = photos() or _noise(folder.with_name(f"{folder.name} originals"))
    of_label = {label: cycle(paths) for label, paths in originals.items()}
    for i in range(count):
        label = LABELS[i % 2]
        content = next(of_label[label]).read_bytes()
        (folder / f"{label}.{i // 2}.jpg").write_bytes(_commented(content, f"picture {i}".encode()))


def photos() -> dict[str, list[Path]]:
    """Returns the photos of cats_and_dogs by their class, in Kaggle's order; none where they are not there."""
    root = find("datasets", "cats_and_dogs")
    paths = sorted(root.rglob("*.jpg"), key=lambda path: natural(str(path))) if root else []
    return {label: [path for path in paths if _label(path) == label] for label in LABELS} if paths else {}


def _label(path: Path) -> str:
    """Kaggle has cat.0.jpg, Microsoft has Cat/0.jpg."""
    first = path.name.partition(".")[0].lower()
    return first if first in LABELS else path.parent.name.lower()


def _noise(folder: Path, count: int = 100) -> dict[str, list[Path]]:
    from PIL import Image

    folder.mkdir(parents=True)
    paths = [folder / f"{i}.jpg" for i in range(count)]
    for path in paths:
        channels = [Image.effect_noise((340, 256), 32) for _ in "RGB"]
        Image.merge("RGB", channels).save(path, quality=50)
    return dict.fromkeys(LABELS, paths)


def _commented(content: bytes, comment: bytes) -> bytes:
    length = (len(comment) + 2).to_bytes(2, "big")
    return content[:2] + b"\xff\xfe" + length + comment + content[2:]  # right behind the mark of a JPEG's start


if __name__ == "__main__":
    write_pictures(Path(sys.argv[1]), int(sys.argv[2]))
