"""Two processes that train as one, against one on batches twice as large: python -m benchmarks.workers [--images 400]

A head on VGG16, then its last block, three epochs each, at 64x64 of photos of cats and dogs, at the rates of
cats_and_dogs/fine_tune_block5, by SGD and by RMSprop. How
far losses (the largest relative difference of an epoch's) and all weights together (relative L2) are from each other,
and what both take. A GPU's processes have one each; none was at hand.
"""

import argparse
import csv
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measure import print_table, run
from benchmarks.weights import weights_file

EXPERIMENT = """\
data:
  dataset: {dataset}
  split: {{train: {train}, validation: {held_out}, test: {held_out}}}
  image_size: [64, 64]
  batch_size: {batch_size}
workers: {workers}
model: {{base: vgg16, weights: imagenet, preprocessing: vgg, head: {{pooling: average, units: 64, dropout: 0.5}}}}
train:
  - {{layers: head, epochs: 3, optimizer: {optimizer}, learning_rate: 1e-4}}
  - {{layers: [block5, head], epochs: 3, optimizer: {optimizer}, learning_rate: 1e-5}}
keep: last
"""
WAYS = {"one": (1, 20), "two": (2, 10)}
COMPARE = """
import sys, h5py, numpy as np
def weights(path):
    found = []
    def take(name, one):
        if isinstance(one, h5py.Dataset) and one.dtype.kind == "f":
            found.append(one[()].ravel())
    with h5py.File(path) as file:
        file["model_weights"].visititems(take)
    return np.concatenate(found)
one, two = map(weights, sys.argv[1:])
print(np.linalg.norm(two - one) / np.linalg.norm(one))
"""


def main(images: int) -> None:
    """Prints a line for each optimizer."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="kerasvgg-bench-") as temporary:
        root = Path(temporary)
        run(["-m", "benchmarks.pictures", root / "photos", images])
        homes = {"KERASVGG_HOME": weights_file().parents[1], "KERASVGG_CACHE": root / "cache"}
        for optimizer in ("sgd", "rmsprop"):
            seconds = [_train(root, images, optimizer, way, homes) for way in WAYS]
            folders = [root / "runs" / f"{optimizer}-{way}" / "1" for way in WAYS]
            told = root / "difference"
            run(["-c", COMPARE, *(folder / "model.h5" for folder in folders)], told)
            one, two = (_losses(folder / "history.csv") for folder in folders)
            largest = max(abs(b - a) / a for a, b in zip(one, two, strict=True))
            weights = float(told.read_text(encoding="utf-8"))
            rows.append((optimizer, f"{largest:.1e}", f"{weights:.1e}", *(f"{each:.0f}" for each in seconds)))
            print(rows[-1], file=sys.stderr, flush=True)
    print_table(("optimizer", "losses", "weights", "one process, s", "two, s"), rows)


def _train(root: Path, images: int, optimizer: str, way: str, homes: dict[str, Path]) -> float:
    workers, batch_size = WAYS[way]
    held_out = images // 10
    how = {"train": images // 2 - 2 * held_out, "held_out": held_out, "workers": workers, "batch_size": batch_size}
    file = root / f"{optimizer}-{way}.yaml"
    file.write_text(EXPERIMENT.format(dataset=root / "photos", optimizer=optimizer, **how))
    return run(["-m", "kerasvgg", "run", file, "--runs", root / "runs"], variables=homes).seconds


def _losses(path: Path) -> Sequence[float]:
    with path.open(encoding="utf-8", newline="") as file:
        return [float(row[name]) for row in csv.DictReader(file) for name in ("loss", "val_loss")]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=400)
    main(**vars(parser.parse_args()))
