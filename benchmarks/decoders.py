"""What decodes a large JPEG how fast, and what it refuses: python -m benchmarks.decoders [--rounds 5]

Photos of 12, 24 and 48 megapixels to 224x224, in milliseconds of one processor: kerasvgg's decoder, Pillow whole and in
draft mode, simplejpeg (libjpeg-turbo) and libvips at an eighth or a quarter. What is not installed is left out.
"""

import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from PIL import Image

from benchmarks.large_photos import write_large
from benchmarks.measure import options, print_table, spread, take_turns
from kerasvgg.data.pictures.decode import decode, jpeg_scale

SIDES = {12: 3000, 24: 4243, 48: 6000}  # pixels of the shorter side, by megapixels
SIZE = (224, 224)
LOST = 100  # bytes at the end
ZEROS = 5_000  # in the middle


def kerasvgg(path: Path) -> None:
    decode(path, SIZE)


def pillow(path: Path, draft: bool = False) -> None:
    with Image.open(path) as picture:
        if draft:
            picture.draft("RGB", (2 * SIZE[1], 2 * SIZE[0]))
        picture.resize(SIZE[::-1], Image.Resampling.BILINEAR)


def simplejpeg(path: Path) -> None:
    import simplejpeg as library

    sides = [2 * side for side in SIZE]
    pixels = library.decode_jpeg(path.read_bytes(), min_height=sides[0], min_width=sides[1], strict=True)
    Image.fromarray(pixels).resize(SIZE[::-1], Image.Resampling.BILINEAR)


def libvips(path: Path) -> None:
    import pyvips

    pyvips.cache_set_max(0)  # or it remembers what it has decoded
    shrink = max(1, jpeg_scale(path, SIZE))
    pyvips.Image.jpegload(str(path), shrink=shrink).resize(0.5).numpy()


WAYS: dict[str, Callable[[Path], None]] = {
    "kerasvgg": kerasvgg,
    "Pillow, whole": pillow,
    "Pillow, draft": lambda path: pillow(path, draft=True),
    "simplejpeg": simplejpeg,
}


def main(rounds: int) -> None:
    """Prints a line for each decoder, and one for what each refuses."""
    ways = {**WAYS, **({"libvips": libvips} if find_spec("pyvips") else {})}
    with tempfile.TemporaryDirectory(prefix="kerasvgg-bench-") as temporary:
        paths = {}
        for megapixels, side in SIDES.items():
            write_large(Path(temporary) / str(megapixels), 1, side)
            (paths[megapixels],) = (Path(temporary) / str(megapixels)).iterdir()
        cases = {(way, size): lambda way=way, size=size: _ms(ways[way], paths[size]) for way in ways for size in SIDES}
        results = take_turns(cases, rounds)
        refused = {way: [_refuses(take, damaged) for damaged in _damaged(paths[12])] for way, take in ways.items()}
    header = ("decoder", *(f"{size} MP, ms" for size in SIDES), f"refuses {LOST} bytes gone", f"{ZEROS:,} zeros inside")
    print_table(header, [(way, *(spread(results[way, size]) for size in SIDES), *refused[way]) for way in ways])
    if len(ways) == len(WAYS):
        print('libvips: not installed; pip install -e ".[bench]"')


def _ms(take: Callable[[Path], None], path: Path) -> float:
    started = time.process_time()
    take(path)
    return 1000 * (time.process_time() - started)


def _damaged(path: Path) -> list[Path]:
    content = path.read_bytes()
    middle = len(content) // 2
    made = [content[:-LOST], content[:middle] + bytes(ZEROS) + content[middle + ZEROS :]]
    paths = [path.with_name(f"damaged-{number}.jpg") for number in range(len(made))]
    for place, one in zip(paths, made, strict=True):
        place.write_bytes(one)
    return paths


def _refuses(take: Callable[[Path], None], path: Path) -> str:
    try:
        take(path)
    except Exception:  # each library has its own
        return "yes"
    return "no"


if __name__ == "__main__":
    main(**vars(options(__doc__, rounds=5).parse_args()))
