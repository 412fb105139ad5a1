"""Two machines against two plain processes: python -m benchmarks.machines [--images 20000] [--rounds 3]

The machines are network namespaces of this host, joined by a veth pair, each with a Ray node of one processor; root
makes them, and they are gone at the end. VGG16's features at 64x64 of the same pictures are computed by the cluster,
by two processes that have half of them each, and once by a single one, with which the cluster's shards are compared.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from benchmarks.measure import print_table, ratios, run, spread
from benchmarks.two_machines import FIRST, HEAD, two_machines
from benchmarks.weights import weights_file

EXPERIMENT, SIZE, HOW = "cats_and_dogs/feature_extraction", "data.image_size=[64,64]", "--variant vgg --engine ncnn"
COMPARE = """
import sys
import pyarrow.parquet as parquet
from pathlib import Path
rows = []
for folder in sys.argv[1:]:
    tables = [parquet.read_table(path).to_pydict() for path in Path(folder).glob("shard-*.parquet")]
    rows.append({key: tuple(row) for one in tables for key, row in zip(one["sha256"], one["features"])})
print(len(rows[0]), rows[0] == rows[1])
"""


def main(images: int, rounds: int) -> None:
    """Prints seconds of both ways, their ratio, and whether the bits are the same."""
    with tempfile.TemporaryDirectory(prefix="kerasvgg-bench-") as temporary:
        root = Path(temporary)
        run(["-m", "benchmarks.pictures", root / "all", images])
        _halve(root / "all", root / "halves")
        plain, ours = [], []
        with two_machines(root) as cluster:
            for number in range(rounds):
                plain.append(_two_processes(root, number))
                ours.append(_cluster(root, number, cluster.variables))
        _features(root / "all", root / "one", _alone(root)).wait()
        compare = [sys.executable, "-c", COMPARE, root / f"cluster {rounds - 1}", root / "one"]
        same = subprocess.run(compare, capture_output=True, text=True, check=True).stdout.strip()
    header = ("pictures", "two processes, s", "cluster of two, s", "cluster / processes", "rows, and equal bits")
    print_table(header, [(f"{images:,}", spread(plain, 1), spread(ours, 1), spread(ratios(ours, plain), 2), same)])


def _halve(pictures: Path, halves: Path) -> None:
    for number, path in enumerate(sorted(pictures.iterdir())):
        half = halves / str(number % 2)
        half.mkdir(parents=True, exist_ok=True)
        os.link(path, half / path.name)


def _two_processes(root: Path, number: int) -> float:
    started = time.perf_counter()
    running = [
        _features(
            root / "halves" / half, root / f"processes {number} {half}", {**_homes(root), "KERASVGG_THREADS": "1"}
        )
        for half in "01"
    ]
    for one in running:
        if one.wait():
            sys.exit("a process failed")
    return time.perf_counter() - started


def _cluster(root: Path, number: int, variables: Mapping[str, str]) -> float:
    started = time.perf_counter()
    output = root / f"cluster {number}"
    one = _features(root / "all", output, {**_homes(root), **variables}, f"--cluster {HEAD}", within=FIRST)
    if one.wait():
        sys.exit("the cluster failed")
    return time.perf_counter() - started


def _homes(root: Path) -> dict[str, str]:
    return {"KERASVGG_HOME": str(weights_file().parents[1]), "KERASVGG_CACHE": str(root / "cache")}


def _alone(root: Path) -> dict[str, str]:
    return {**_homes(root), "KERASVGG_THREADS": "1"}


def _features(
    pictures: Path, output: Path, variables: Mapping[str, str], more: str = "", within: str = ""
) -> "subprocess.Popen[bytes]":
    words = [EXPERIMENT, str(pictures), SIZE, *HOW.split(), *more.split(), "--output", str(output)]
    command = [sys.executable, "-m", "kerasvgg", "features", *words]
    before = ["ip", "netns", "exec", within] if within else []
    return subprocess.Popen([*before, *command], env=os.environ | variables)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    main(**vars(parser.parse_args()))
