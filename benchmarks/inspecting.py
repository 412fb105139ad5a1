"""How long it takes to see what is in a model of 553 MB: python -m benchmarks.inspecting

VGG16 with its top and random weights, as .h5 and as .keras, inspected by `kerasvgg inspect`, with and without the
arrays, beside loading it with Keras and beside just reading the file and hashing it. Each run is a fresh process. Of
kerasvgg's two processes the peak is that of the larger.
"""

import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from benchmarks.measure import Case, Measured, options, peaks, print_table, ratios, run, spread, take_turns

SAVE = "import keras, sys\nmodel = keras.applications.VGG16(weights=None)\nfor path in sys.argv[1:]: model.save(path)"
LOAD = "import keras, sys\nprint(keras.models.load_model(sys.argv[1], compile=False).count_params())"
HASH = "import hashlib, sys\nprint(hashlib.file_digest(open(sys.argv[1], 'rb'), 'sha256').hexdigest())"
WAYS = {
    "kerasvgg inspect": (["-m", "kerasvgg", "inspect"], []),
    "kerasvgg inspect --weights": (["-m", "kerasvgg", "inspect"], ["--weights"]),
    "keras.models.load_model": (["-c", LOAD], []),
    "reading and hashing": (["-c", HASH], []),
}
OURS = "kerasvgg inspect"
HEADER = ("file", "way", "s", "peak, MB", f"its time / that of {OURS}")


def main(rounds: int) -> None:
    """Prints one line for each kind of file and way."""
    with tempfile.TemporaryDirectory(prefix="kerasvgg-bench-") as temporary:
        files = [Path(temporary) / name for name in ("vgg16.h5", "vgg16.keras")]
        run(["-c", SAVE, *files])
        cases: dict[Case, Callable[[], Measured]] = {
            (way, number): partial(run, [*before, file, *after])
            for number, file in enumerate(files)
            for way, (before, after) in WAYS.items()
        }
        results = take_turns(cases, rounds)
    print_table(
        HEADER, [_row(way, files[number], runs, results[OURS, number]) for (way, number), runs in results.items()]
    )


def _row(way: str, file: Path, runs: Sequence[Measured], ours: Sequence[Measured]) -> list[str]:
    seconds, first = ([one.seconds for one in some] for some in (runs, ours))
    return [file.suffix, way, spread(seconds, 2), spread(peaks(runs)), spread(ratios(seconds, first), 2)]


if __name__ == "__main__":
    main(**vars(options(__doc__, rounds=3).parse_args()))
