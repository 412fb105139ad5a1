"""A machine that is lost while two train as one: python -m benchmarks.lost_machine [--images 400]

Two machines (see two_machines) train a head on VGG16 and its last block together, twice. The second time all processes
of the second machine are killed after the second epoch, and it comes again 30 s later. What is told, and whether both
runs have the same history and the same weights, bit by bit.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.measure import print_table, run
from benchmarks.two_machines import FIRST, HEAD, SECOND, TwoMachines, two_machines
from benchmarks.weights import weights_file
from benchmarks.workers import EXPERIMENT

HEADER = ("what ends", "s", "begun again", "the same history", "the same predictions")
SECONDS_AWAY = 30.0
COMPARED = ("history.csv", "predictions.csv")


def main(images: int) -> None:
    """Prints a line for each of the two runs."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="kerasvgg-bench-") as temporary:
        root = Path(temporary)
        run(["-m", "benchmarks.pictures", root / "photos", images])
        told = {"train": 2 * images // 5, "held_out": images // 20}
        how = {"dataset": root / "photos", "batch_size": 10, "workers": 2, "optimizer": "sgd"}
        for number, name in enumerate(("nothing", "second machine")):
            path = root / f"{name.replace(' ', '-')}.yaml"
            path.write_text(EXPERIMENT.format(**how, **told))
            with two_machines(root / str(number)) as cluster:
                rows.append((name, *_trained(root, path, cluster, is_lost=name != "nothing")))
                print(rows[-1], file=sys.stderr, flush=True)
        first, second = (root / "runs" / name / "1" for name in ("nothing", "second-machine"))
        same = ["yes" if (first / one).read_bytes() == (second / one).read_bytes() else "no" for one in COMPARED]
    print_table(HEADER, [(*rows[0], "", ""), (*rows[1], *same)])


def _trained(root: Path, path: Path, cluster: TwoMachines, *, is_lost: bool) -> tuple[str, str]:
    """Trains on both machines; returns the seconds, and how often all were begun again."""
    homes = {"KERASVGG_HOME": str(weights_file().parents[1]), "KERASVGG_CACHE": str(root / "cache")}
    words = ["run", str(path), "--cluster", HEAD, "--runs", str(root / "runs")]
    command = ["ip", "netns", "exec", FIRST, sys.executable, "-m", "kerasvgg", *words]
    log, started = root / f"{path.stem}.log", time.perf_counter()
    with log.open("w") as output:
        variables = os.environ | cluster.variables | homes
        running = subprocess.Popen(command, env=variables, stderr=output, stdout=output)
        if is_lost:
            while "epoch 2/" not in log.read_text(errors="replace") and running.poll() is None:
                time.sleep(0.2)
            cluster.kill(SECOND)
            time.sleep(SECONDS_AWAY)
            cluster.start(SECOND)
        status = running.wait()
    said = log.read_text(errors="replace")
    if status:
        sys.exit(f"{path.stem} ended with {status}: {said[-2000:]}")
    return f"{time.perf_counter() - started:.0f}", str(said.count("all are begun again"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=400)
    main(**vars(parser.parse_args()))
