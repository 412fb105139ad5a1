"""Reads .mat files in every way there is, under the limits that inspecting has, and tells how it went.

`mat_attempt.py FILE`: one file. `mat_attempt.py SEED COUNT`: so many mutants. Answers with a line of JSON.
"""

import collections
import io
import itertools
import json
import re
import signal
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO

from mat_mutants import mutants

from kerasvgg.errors import ModelFileError
from kerasvgg.modelfile.read.matconvnet.read import read_arrays, read_matconvnet
from kerasvgg.modelfile.reader import MEMORY, limit

SECONDS_EACH = 2  # of the clock, then the process is ended


def attempt(file: BinaryIO) -> str:
    """Returns why the file is refused, "" for one that is read."""
    seen = 0

    def visit(weights) -> None:
        nonlocal seen
        seen += sum(block.size for block in weights.blocks)

    try:
        network = read_matconvnet(file, visit)
        json.dumps(asdict(network), allow_nan=False)
        count = sum(array.size for _, _, array in read_arrays(file))
    except ModelFileError as error:
        return str(error)
    assert count == seen == network.parameters
    return ""


def one(path: str) -> dict:
    with Path("/proc/self/status").open() as status, Path(path).open("rb") as file:
        limit(MEMORY, 20)
        said = attempt(file)
        peak = re.search(r"VmHWM:\s+(\d+) kB", status.read())
    return {"said": said, "seconds": time.process_time(), "memory": int(peak[1]) << 10}


def many(seed: int, count: int) -> dict:
    """Says each mutant's number before it is read, for those that end the process."""
    limit(MEMORY, 1200)
    went: collections.Counter[str] = collections.Counter()
    wrong, slowest = [], 0.0
    for number, content in itertools.islice(enumerate(mutants(seed)), count):
        sys.stderr.write(f"mutant {number} of seed {seed}\n")
        signal.setitimer(signal.ITIMER_REAL, SECONDS_EACH)
        started = time.process_time()
        try:
            went["refused" if attempt(io.BytesIO(content)) else "read"] += 1
        except Exception as error:
            wrong.append(f"mutant {number} of seed {seed}: {type(error).__name__}: {error}")
        slowest = max(slowest, time.process_time() - started)
    return {"wrong": wrong, "slowest": slowest, **went}


if __name__ == "__main__":
    answer = one(sys.argv[1]) if len(sys.argv) == 2 else many(int(sys.argv[1]), int(sys.argv[2]))
    sys.stdout.write(json.dumps(answer))
