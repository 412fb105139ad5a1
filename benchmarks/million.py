"""A million tiny pictures, half of them copies, one in a hundred bad: python -m benchmarks.million [--images 1000000]

`kerasvgg predict --output --cluster local` by a tiny network. Of each tenth it is told how long it took, and how much
memory the command and its largest worker have at its end. All bad ones must be named, each other picture must have one
row, and each content be computed once.
"""

import argparse
import csv
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from benchmarks.measure import print_table, run

IN_A_FOLDER, SIDE = 1_000, 8
HEADER = ("pictures", "s", "pictures a second", "the command, MB", "largest worker, MB")


def main(images: int, cluster: str) -> None:
    """Prints a line for each tenth, and whether all is there."""
    with tempfile.TemporaryDirectory(prefix="kerasvgg-bench-") as temporary:
        root = Path(temporary)
        run(["-m", "benchmarks.million", "--make", root, "--images", images])
        where = ["--cluster", cluster] if cluster else []
        words = ["-m", "kerasvgg", "predict", root / "tiny.keras", root / "all", "--output", root / "out", *where]
        variables = os.environ | {"KERASVGG_CACHE": str(root / "cache")}
        started = time.monotonic()
        running = subprocess.Popen([sys.executable, *map(str, words)], env=variables, stderr=subprocess.DEVNULL)
        rows: list[tuple[str, ...]] = []
        before = (0, started)
        while running.poll() is None:
            time.sleep(1)
            count, now = _done(root / "out" / "ledger.sqlite"), time.monotonic()
            if count >= (len(rows) + 1) * images // 10:
                rate = (count - before[0]) / (now - before[1])
                largest = max(map(_megabytes, _workers()), default=0)
                memory = f"{_megabytes(running.pid):,.0f}", f"{largest:,.0f}"
                rows.append((f"{count:,}", f"{now - started:.0f}", f"{rate:,.0f}", *memory))
                before = (count, now)
                print(rows[-1], file=sys.stderr, flush=True)
        print_table(HEADER, rows)
        print(f"the whole command: {time.monotonic() - started:,.0f} s; {_all_is_there(root / 'out', images)}")


def make(root: Path, images: int) -> None:
    """Writes the pictures, a thousand in a folder, and the network."""
    import io

    import keras
    import numpy as np
    from PIL import Image

    from kerasvgg.modelfile.description import Description
    from kerasvgg.models.save import save_model

    for number in range(images):
        folder = root / "all" / f"{number // IN_A_FOLDER:04}"
        if number % IN_A_FOLDER == 0:
            folder.mkdir(parents=True)
        if number % 100 == 99:
            content = b"no picture, but %d" % number
        else:
            pixels = np.random.default_rng(number // 2).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
            encoded = io.BytesIO()
            Image.fromarray(pixels).save(encoded, "PNG", compress_level=0)
            content = encoded.getvalue()
        (folder / f"{number}.png").write_bytes(content)
    taken = keras.Input((SIDE, SIDE, 3))
    x = keras.layers.Rescaling(1 / 255)(taken)
    x = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(4, 3, activation="relu")(x))
    model = keras.Model(taken, keras.layers.Dense(2, activation="softmax")(x))
    save_model(model, root / "tiny.keras", Description(("cat", "dog"), (SIDE, SIDE), "bilinear", "unit", "tiny"))


def _done(path: Path) -> int:
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as ledger:
            return int(ledger.execute("SELECT count(*) FROM pictures").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def _megabytes(number: int) -> float:
    try:
        lines = Path(f"/proc/{number}/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:")), 0.0)


def _workers() -> Sequence[int]:
    """Returns the actors of this machine."""
    done = subprocess.run(["ps", "-eo", "pid=,args="], capture_output=True, text=True, check=True)
    return [int(line.split()[0]) for line in done.stdout.splitlines() if "ray::RemoteWorker" in line]


def _all_is_there(folder: Path, images: int) -> str:
    with (folder / "bad.csv").open(encoding="utf-8", newline="") as file:
        bad = {int(Path(row["path"]).stem) for row in csv.DictReader(file)}
    with (folder / "predictions.csv").open(encoding="utf-8", newline="") as file:
        good = sorted(int(Path(row["path"]).stem) for row in csv.DictReader(file))
    with closing(sqlite3.connect(folder / "ledger.sqlite")) as ledger:
        contents = ledger.execute("SELECT count(*) FROM results").fetchone()[0]
    expected = [number for number in range(images) if number % 100 != 99]
    told = "all bad ones are named" if bad == set(range(99, images, 100)) else f"{len(bad):,} bad ones are named"
    rows = "each other has one row" if good == expected else f"{len(good):,} rows"
    size = (folder / "ledger.sqlite").stat().st_size / 1e6
    return f"{told}, {rows}; {contents:,} contents computed; the ledger has {size:,.0f} MB"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=1_000_000)
    parser.add_argument("--cluster", default="local", help="an address; empty for this process alone")
    parser.add_argument("--make", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    make(asked.make, asked.images) if asked.make else main(asked.images, asked.cluster)
