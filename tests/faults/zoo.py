"""The picture zoo: every kind of entry that a real folder of pictures may hold, and what has to become of it.

`KINDS` is the one table. `Good` says which pixels a kind holds, known without kerasvgg's decoder; `Refused` which words
its refusal must have. `build` makes one folder of them all.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

HEIGHT, WIDTH = 24, 32
SIZE = (HEIGHT, WIDTH)


@dataclass(frozen=True)
class Good:
    """A picture: `pixels` of the array it was made from, met `within` so many levels of 255."""

    pixels: Callable[[np.ndarray], np.ndarray] = lambda rgb: rgb
    within: int = 0


@dataclass(frozen=True)
class Refused:
    """No picture: `words` are in the reason that the user is told."""

    words: str


@dataclass(frozen=True)
class Kind:
    """`place` is the entry's path in the folder; `make` writes it there from an array of RGB."""

    name: str
    place: str
    make: Callable[[Path, np.ndarray], None]
    fate: Good | Refused
    told: str = ""  # how a screen shows its place, where that is not the place itself

    @property
    def rgb(self) -> np.ndarray:
        """The array that this kind alone is made from: smooth, nowhere symmetrical."""
        draw = np.random.default_rng(zlib.crc32(self.name.encode()))
        y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
        slopes, start = draw.uniform(1, 3, (2, 3)), draw.uniform(10, 90, 3)
        return (start + x[..., None] * slopes[0] + y[..., None] * slopes[1]).astype(np.uint8)

    @property
    def golden(self) -> np.ndarray:
        """What a decoder must make of it, HEIGHT x WIDTH; other sizes as nearest neighbours, computed by hand."""
        pixels = self.fate.pixels(self.rgb)
        rows = ((np.arange(HEIGHT) + 0.5) * len(pixels) / HEIGHT).astype(int)
        columns = ((np.arange(WIDTH) + 0.5) * pixels.shape[1] / WIDTH).astype(int)
        return pixels[rows[:, None], columns]


def file(name: str, place: str, content: Callable[[np.ndarray], bytes] | bytes, fate: Good | Refused) -> Kind:
    """A kind that is a file with a content."""

    def make(path: Path, rgb: np.ndarray) -> None:
        path.write_bytes(content if isinstance(content, bytes) else content(rgb))

    return Kind(name, f"zoo/{place}", make, fate)


def build(root: Path, some: list[Kind] | None = None) -> None:
    """Makes the folder of all kinds, or of some, beside a second class of ordinary pictures."""
    from by_hand import rgb_png

    for kind in kinds() if some is None else some:
        path = root / kind.place
        path.parent.mkdir(parents=True, exist_ok=True)
        kind.make(path, kind.rgb)
    (root / "plain").mkdir()
    for i in range(8):
        rgb = np.full((HEIGHT, WIDTH, 3), 20 * i, np.uint8)
        (root / "plain" / f"{i}.png").write_bytes(rgb_png(rgb))


def kinds() -> list[Kind]:
    """All kinds, by the sections of docs/pictures.md."""
    return [kind for section in sections().values() for kind in section]


def sections() -> dict[str, list[Kind]]:
    from zoo_files import BROKEN, OTHERS
    from zoo_pictures import JPEGS, PNGS
    from zoo_places import ENTRIES, NAMES
    from zoo_rasters import BITMAPS, GIFS, TIFFS, UPRIGHT, WEBPS

    return {
        "JPEG": JPEGS, "PNG": PNGS, "TIFF": TIFFS, "GIF": GIFS, "WEBP": WEBPS, "BMP and PPM": BITMAPS,
        "Orientation": UPRIGHT, "Damaged and hostile files": BROKEN, "Other files": OTHERS,
        "Names": NAMES, "Folders, links and what is no file": ENTRIES,
    }  # fmt: skip
