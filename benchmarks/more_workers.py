"""One, two and four workers of a cluster on this machine: python -m benchmarks.more_workers [--images 4000]

VGG16's features at 64x64 by ncnn, one thread each, of the same pictures; then hashes alone (`kerasvgg check`), which
are next to nothing to compute, so that the command is what they wait for. Pictures a second in whole commands, in
turns; more workers than processors share these. docs/scale.md has the model of cost that this is held against.
"""

import argparse
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.machines import EXPERIMENT, HOW, SIZE
from benchmarks.measure import print_table, run, spread
from benchmarks.weights import weights_file

ADDRESS = "127.0.0.1:6391"
TOKEN = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(16)}
HEADER = ("workers", "processors", "features, pictures/s", "hashes, pictures/s")


def main(images: int, counts: Sequence[int], rounds: int) -> None:
    """Prints a line for each number of workers."""
    features: dict[int, list[float]] = {count: [] for count in counts}
    hashes: dict[int, list[float]] = {count: [] for count in counts}
    with tempfile.TemporaryDirectory(prefix="kerasvgg-bench-") as temporary:
        root = Path(temporary)
        run(["-m", "benchmarks.pictures", root / "all", images])
        for number in range(rounds):
            for count in counts:
                _ray(f"start --head --num-cpus={count} --port=6391 --include-dashboard=false --temp-dir={root}/ray")
                try:
                    output = root / f"{count} {number}"
                    words = [EXPERIMENT, root / "all", SIZE, *HOW.split(), "--output", f"{output} features"]
                    features[count].append(images / _seconds(["features", *words], root))
                    hashes[count].append(
                        images / _seconds(["check", root / "all", "--output", f"{output} check"], root)
                    )
                finally:
                    _ray("stop --force")
                print(f"{count}: {features[count][-1]:.1f}, {hashes[count][-1]:.0f}", file=sys.stderr, flush=True)
    rows = [(str(one), str(os.cpu_count()), spread(features[one], 1), spread(hashes[one])) for one in counts]
    print_table(HEADER, rows)


def _seconds(words: Sequence[object], root: Path) -> float:
    homes = {"KERASVGG_HOME": str(weights_file().parents[1]), "KERASVGG_CACHE": str(root / "cache")}
    command = [sys.executable, "-m", "kerasvgg", *map(str, words), "--cluster", ADDRESS]
    started = time.perf_counter()
    subprocess.run(
        command, check=True, env=os.environ | homes | TOKEN, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    return time.perf_counter() - started


def _ray(words: str) -> None:
    command = [str(Path(sys.executable).parent / "ray"), *words.split()]
    how = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(command, check=True, env=os.environ | TOKEN, **how)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=4_000)
    parser.add_argument("--counts", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--rounds", type=int, default=1)
    main(**vars(parser.parse_args()))
