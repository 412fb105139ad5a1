"""What pictures as phones make them cost: python -m benchmarks.phones [--images 500] [--rounds 3]

VGG16's features of photos of 12 megapixels beside those of the same photos at 256 pixels, at 224x224 and at 150x150,
each run with an empty cache; seconds are those of the features, decoding included.
"""

import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.measure import Case, options, print_table, ratios, run, spread, take_turns
from benchmarks.ours import Run, run_experiment
from benchmarks.photos import Photos

SIDES = {"12 megapixels": 3000, "256 pixels": 256}
EXPERIMENT = "experiments/cats_and_dogs/feature_extraction.yaml --variant vgg"
HEADER = ("model's size", "photos", "features, s", "/ 256 pixels", "peak, MB", "more than at 256")


def main(images: int, rounds: int) -> None:
    """Prints a line for each size of the model and of the photos."""
    with tempfile.TemporaryDirectory(prefix="kerasvgg-bench-") as temporary:
        laid_out = {name: _photos(Path(temporary) / str(side), images, side) for name, side in SIDES.items()}
        cases: dict[Case, Callable[[], Run]] = {}
        for side in (224, 150):
            for name, photos in laid_out.items():
                settings = [f"data.image_size=[{side},{side}]", "train.0.epochs=1", "data.interpolation=bilinear"]
                cache = Path(temporary) / "cache"
                cases[name, side] = partial(run_experiment, EXPERIMENT, photos, cache, settings, cold=True)
        results = take_turns(cases, rounds)
    print_table(HEADER, [_row(results, *case) for case in results])


def _photos(folder: Path, images: int, side: int) -> Photos:
    with tempfile.NamedTemporaryFile() as told:
        run(["-m", "benchmarks.large_photos", folder, images, side], Path(told.name))
        print(f"{images} photos of {side * 4 // 3} x {side}: {Path(told.name).read_text().strip()}", file=sys.stderr)
        print(f"Photos of {side * 4 // 3} x {side}: {Path(told.name).read_text().strip()}.\n")
    of_a_class = images // 2
    held_out = of_a_class // 4
    return Photos(folder, folder, of_a_class - 2 * held_out, held_out)


def _row(results: dict[Case, list[Run]], name: str, side: int) -> tuple[str, ...]:
    own, small = results[name, side], results["256 pixels", side]
    seconds, theirs = ([one.features_seconds for one in some] for some in (own, small))
    memory = [one.peak_mb - other.peak_mb for one, other in zip(own, small, strict=True)]
    compared = spread(ratios(seconds, theirs), 2)
    return f"{side}x{side}", name, spread(seconds, 1), compared, spread([one.peak_mb for one in own]), spread(memory)


if __name__ == "__main__":
    main(**vars(options(__doc__, images=500, rounds=3).parse_args()))
