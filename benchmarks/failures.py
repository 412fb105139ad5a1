"""What ends in the midst of a job, and what that costs: python -m benchmarks.failures [--images 600]

Two machines (see two_machines) predict the same pictures with VGG16 at 150x150. In each row one thing happens once a
third is done: the second machine's processes are killed, and it comes again; memory runs out there, until Ray ends a
worker; its link is down for 20 s; the command is killed, and given again; the head is killed, and the same command goes
on in a new cluster. The counts are those of the last pass: what it read and computed, and what it knew from before.
"""

import argparse
import csv
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from benchmarks.measure import print_table, run
from benchmarks.two_machines import FIRST, HEAD, SECOND, TwoMachines, processes, system, two_machines

HEADER = ("what ends", "passes", "s", "pictures read", "computed", "known before", "rows", "twice", "the same bytes")
TOLD = re.compile(r"this time ([\d,]+) were read and ([\d,]+) computed; ([\d,]+) files were known")
SHARE = 3  # of the pictures are done when it happens
FULL = 0.7  # of the memory, above which Ray ends a worker
BALLOON = "import sys, time; held = bytearray(b'1') * int(sys.argv[1]); time.sleep(9)"


def main(images: int) -> None:
    """Prints a line for each thing that ends."""
    with tempfile.TemporaryDirectory(prefix="kerasvgg-bench-") as temporary:
        root = Path(temporary)
        run(["-m", "benchmarks.pictures", root / "all", images])
        run(["-m", "benchmarks.small_model", root / "model.keras", "vgg16"])
        rows = []
        for number, (name, end) in enumerate((("nothing", None), *ENDS.items())):
            more = {"RAY_memory_usage_threshold": str(FULL), "RAY_memory_monitor_refresh_ms": "250"}
            with two_machines(root / str(number), more) as cluster:
                rows.append(_row(name, _Passes(root, name, images, cluster), end))
                print(rows[-1], file=sys.stderr, flush=True)
    print_table(HEADER, rows)


class _Passes:
    """The same command, given once or twice, and what it told."""

    def __init__(self, root: Path, name: str, images: int, cluster: TwoMachines) -> None:
        self.root, self.output, self.images, self.cluster = root, root / f"out {name}", images, cluster
        self.count, self.told = 0, list[tuple[int, ...]]()

    def begin(self) -> "subprocess.Popen[str]":
        """Gives the command, on the first machine."""
        self.count += 1
        words = ["predict", self.root / "model.keras", self.root / "all", "--output", self.output, "--cluster", HEAD]
        command = ["ip", "netns", "exec", FIRST, sys.executable, "-m", "kerasvgg", *map(str, words)]
        variables = os.environ | self.cluster.variables | {"KERASVGG_CACHE": str(self.root / "cache")}
        return subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, text=True)

    def end(self, running: "subprocess.Popen[str]") -> bool:
        """Waits for the command, and returns whether it came to its end."""
        out = running.communicate()[0]
        if found := TOLD.search(out):
            self.told.append(tuple(int(number.replace(",", "")) for number in found.groups()))
        return running.returncode == 0

    def wait(self) -> None:
        """Waits until a share of the pictures is done."""
        while self.done() < self.images // SHARE:
            time.sleep(0.1)

    def done(self) -> int:
        """Returns how many pictures the ledger has."""
        path = self.output / "ledger.sqlite"
        try:
            with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as ledger:
                return int(ledger.execute("SELECT count(*) FROM results").fetchone()[0])
        except sqlite3.OperationalError:
            return 0


End = Callable[[_Passes, "subprocess.Popen[str]"], bool]  # tells whether the command must be given again


def _second_machine(passes: _Passes, running: "subprocess.Popen[str]") -> bool:
    passes.cluster.kill(SECOND)
    time.sleep(10)
    passes.cluster.start(SECOND)
    return not passes.end(running)


def _memory(passes: _Passes, running: "subprocess.Popen[str]") -> bool:
    pages, free = (os.sysconf(f"SC_{name}_PAGES") * os.sysconf("SC_PAGE_SIZE") for name in ("PHYS", "AVPHYS"))
    wanted = int((FULL + 0.08) * pages) - (pages - _available(free))
    balloon = subprocess.Popen([sys.executable, "-c", BALLOON, str(wanted)])
    again = not passes.end(running)
    balloon.wait()
    return again


def _available(free: int) -> int:
    for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return free


def _link(passes: _Passes, running: "subprocess.Popen[str]") -> bool:
    system(f"ip -n {SECOND} link set {SECOND} down")
    time.sleep(20)
    system(f"ip -n {SECOND} link set {SECOND} up")
    return not passes.end(running)


def _driver(passes: _Passes, running: "subprocess.Popen[str]") -> bool:
    running.kill()
    return not passes.end(running)


def _head(passes: _Passes, running: "subprocess.Popen[str]") -> bool:
    own = _descendants(running.pid)
    for number in set(processes(FIRST)) - own:
        subprocess.run(["kill", "-9", str(number)], check=False, stderr=subprocess.DEVNULL)
    again = not passes.end(running)
    passes.cluster.kill(FIRST)
    passes.cluster.kill(SECOND)
    passes.cluster.start(FIRST)
    passes.cluster.start(SECOND)
    return again


def _descendants(number: int) -> set[int]:
    done = subprocess.run(["ps", "-o", "pid=", "--ppid", str(number)], capture_output=True, text=True, check=False)
    return {number}.union(*map(_descendants, map(int, done.stdout.split())))


ENDS: dict[str, End] = {
    "second machine": _second_machine,
    "memory": _memory,
    "link for 20 s": _link,
    "command": _driver,
    "head": _head,
}


def _row(name: str, passes: _Passes, end: End | None) -> tuple[str, ...]:
    started = time.perf_counter()
    running = passes.begin()
    if end:
        passes.wait()
        before = passes.done()
        if end(passes, running):
            print(f"{name}: given again, {before} were done when it happened", file=sys.stderr, flush=True)
            passes.end(passes.begin())
    else:
        passes.end(running)
    seconds = time.perf_counter() - started
    read, computed, known = passes.told[-1]
    with (passes.output / "predictions.csv").open(encoding="utf-8", newline="") as file:
        paths = [row["path"] for row in csv.DictReader(file)]
    reference = passes.root / "out nothing" / "predictions.csv"
    same = (passes.output / "predictions.csv").read_bytes() == reference.read_bytes()
    counts = (f"{count:,}" for count in (read, computed, known, len(paths), len(paths) - len(set(paths))))
    return name, str(passes.count), f"{seconds:.0f}", *counts, "yes" if same else "no"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=600)
    main(**vars(parser.parse_args()))
