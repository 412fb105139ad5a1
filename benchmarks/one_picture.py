"""From Enter to the answer for one picture: python -m benchmarks.one_picture [--rounds 5]

`kerasvgg predict` with VGG16 at 150x150, without TensorFlow as it comes and with it (`--engine graph`), beside Keras'
own way in as few lines as it takes. Cold: nothing of Python, TensorFlow or the model is in the system's memory of
files, which only root can empty.
"""

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.measure import Case, Measured, options, peaks, print_table, ratios, run, spread, take_turns

DROP = Path("/proc/sys/vm/drop_caches")
HEADER = ("files in memory", "way", "seconds", "keras / it", "peak, MB")
KERAS = """
import sys, keras, numpy as np
model = keras.models.load_model(sys.argv[1], compile=False)
picture = keras.utils.load_img(sys.argv[2], target_size=(150, 150))
print(model.predict(np.array(picture)[None], verbose=0))
"""


def main(rounds: int) -> None:
    """Prints a line for each way, with all files in memory and, where that can be had, with none."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="kerasvgg-bench-") as temporary:
        model, photos = Path(temporary) / "model.keras", Path(temporary) / "photos"
        run(["-m", "benchmarks.small_model", model, "vgg16"])
        run(["-m", "benchmarks.pictures", photos, 2])
        picture, variables = photos / "cat.0.jpg", {"KERASVGG_CACHE": Path(temporary) / "cache"}
        predict = ["-m", "kerasvgg", "predict", model, picture]
        ways = {
            "kerasvgg": predict,
            "kerasvgg, with TensorFlow": [*predict, "--engine", "graph"],
            "Keras": ["-c", KERAS, model, picture],
        }
        run(predict, variables=variables)  # finds out that it can go without TensorFlow
        for warm in (True, False) if _can_drop() else (True,):
            cases: dict[Case, Callable[[], Measured]] = {
                (way, 1): partial(_measured, words, variables, warm) for way, words in ways.items()
            }
            results = {way: some for (way, _), some in take_turns(cases, rounds).items()}
            rows += [_row("all" if warm else "none", way, some, results["Keras"]) for way, some in results.items()]
    print_table(HEADER, rows)


def _row(state: str, way: str, some: list[Measured], keras: list[Measured]) -> tuple[str, ...]:
    seconds, theirs = ([one.seconds for one in each] for each in (some, keras))
    return state, way, spread(seconds, 1), spread(ratios(theirs, seconds), 1), spread(peaks(some))


def _measured(words: list[object], variables: dict[str, Path], warm: bool) -> Measured:
    if not warm:
        DROP.write_text("3")
    return run(words, variables=variables)


def _can_drop() -> bool:
    try:
        DROP.write_text("3")
    except OSError:
        return False
    return True


if __name__ == "__main__":
    main(**vars(options(__doc__, rounds=5).parse_args()))
