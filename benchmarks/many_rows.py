"""A head on features of millions of pictures: python -m benchmarks.many_rows [--rows 5000000] [--epochs 1 3]

Rows of 512 float16 numbers, in the files that `kerasvgg features` writes, are made of noise around a mean for each of
ten classes. `kerasvgg run` trains a head with 64 hidden units on 98 % of them, in batches of 1,024; what more epochs
take more is their rate. The memory is the peak of the whole process, which a table of all rows could not have.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measure import Measured, print_table, run
from benchmarks.weights import weights_file

WIDTH, CLASSES = 512, 10
EXPERIMENT = """\
data:
  dataset: features
  split: {validation: 0.01, test: 0.01}
  image_size: [64, 64]
  batch_size: 1024
model: {base: vgg16, weights: imagenet, preprocessing: vgg, head: {pooling: average, units: 64}}
feature_dtype: float16
train:
  - {layers: head, epochs: 1, optimizer: adam, learning_rate: 1e-3}
"""


def main(rows: int, epochs: Sequence[int]) -> None:
    """Prints a line for each number of epochs, and the rate of those that one has more than the other."""
    with tempfile.TemporaryDirectory(prefix="kerasvgg-bench-") as temporary:
        root = Path(temporary)
        (root / "head.yaml").write_text(EXPERIMENT.replace("dataset: features", f"dataset: {root / 'features'}"))
        homes = {"KERASVGG_HOME": weights_file().parents[1], "KERASVGG_CACHE": root / "cache"}
        run(["-m", "benchmarks.many_rows", "--make", root, "--rows", rows], variables=homes)
        size = sum(path.stat().st_size for path in (root / "features").iterdir())
        found: list[Measured] = []
        for count in epochs:
            print(f"{count} epochs", file=sys.stderr, flush=True)
            words = ["run", root / "head.yaml", f"train.0.epochs={count}", "--runs", root / "runs"]
            found.append(run(["-m", "kerasvgg", *words], variables=homes))
    header = ("rows", "GB", "epochs", "whole run, s", "peak, MB")
    table = [
        (f"{rows:,}", f"{size / 1e9:.1f}", str(count), f"{one.seconds:.0f}", f"{one.peak_mb:,.0f}")
        for count, one in zip(epochs, found, strict=True)
    ]
    print_table(header, table)
    if len(epochs) > 1:
        seconds = (found[-1].seconds - found[0].seconds) / (epochs[-1] - epochs[0])
        print(f"an epoch: {seconds:.0f} s, {0.98 * rows / seconds:,.0f} rows a second, validation included")


def make(root: Path, rows: int) -> None:
    """Writes the features of an experiment, and the list of pictures."""
    import numpy as np
    import pyarrow as arrow
    from pyarrow.parquet import ParquetWriter

    from kerasvgg.cluster.features import feature_task
    from kerasvgg.config.load import load_experiments
    from kerasvgg.features.shards import ShardWriter

    folder = root / "features"
    folder.mkdir()
    (experiment,) = load_experiments(root / "head.yaml").values()
    task = feature_task(experiment, iter(()), 1, "graph", folder)
    writer, draw = ShardWriter(folder, (WIDTH,), "float16", task.about), np.random.default_rng(0)
    means = draw.normal(0, 0.15, (CLASSES, WIDTH)).astype(np.float32)
    schema = arrow.schema([(name, arrow.string()) for name in ("path", "class", "sha256", "shard")])
    with ParquetWriter(folder / "pictures.parquet", schema) as listed:
        for start in range(0, rows, 10_000):
            count = min(10_000, rows - start)
            classes = draw.integers(0, CLASSES, count)
            contents = [draw.bytes(32) for _ in range(count)]
            writer.add(contents, means[classes] + draw.standard_normal((count, WIDTH), np.float32))
            names = [f"s3://pictures/{start + number}.jpg" for number in range(count)]
            columns = [names, [f"class {one}" for one in classes], [one.hex() for one in contents], [""] * count]
            listed.write_table(arrow.table([arrow.array(one) for one in columns], schema=schema))
    writer.flush()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--epochs", type=int, nargs="+", default=[1, 3])
    parser.add_argument("--make", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    make(asked.make, asked.rows) if asked.make else main(asked.rows, asked.epochs)
