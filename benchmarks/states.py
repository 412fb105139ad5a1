"""What it costs that nothing is lost: python -m benchmarks.states

Fine-tunes block5 without augmentation, which has the shortest epochs for its large state, and adds up what writing
states and the best model takes between the first epoch's end and the last one's.
"""

import json
import tempfile
from pathlib import Path

from benchmarks.measure import options, print_table, reported, spread
from benchmarks.photos import CHAPTER, lay_out
from benchmarks.weights import weights_file

HEADER = ("epochs", "seconds each", "states", "MB each", "seconds each", "best models", "seconds each", "share of time")


def main(images: int, rounds: int, epochs: int) -> None:
    """Prints one line for each round."""
    with tempfile.TemporaryDirectory(prefix="kerasvgg-bench-") as temporary:
        photos = lay_out(Path(temporary), images)
        words = [*photos.settings, "train.0.epochs=1", f"train.1.epochs={epochs}", "augment=null"]
        command = ["-m", "benchmarks.writing", weights_file().parents[1], Path(temporary), json.dumps(words)]
        rows = [reported(command) for _ in range(rounds)]
    print_table(HEADER, [_row(row, epochs) for row in rows])


def _row(row: dict, epochs: int) -> tuple[str, ...]:
    states, best = row["states"], row["best"]
    between = row["between"]
    written = sum(states) + sum(best)
    return (
        str(epochs),
        f"{between / (epochs - 1):.1f}",
        str(len(states)),
        f"{row['state_bytes'] / 1e6:.0f}",
        spread(states, 2),
        str(len(best)),
        spread(best, 2) if best else "",
        f"{written / between:.2%}",
    )


if __name__ == "__main__":
    main(**vars(options(__doc__, images=CHAPTER, rounds=1, epochs=8).parse_args()))
