"""A first try of ncnn in a process of its own, which may break down instead of this one.

python -m kerasvgg.engines.trial FOLDER    computes one picture by the network in the folder
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from kerasvgg.engines.ncnn import extracted, load, write_files
from kerasvgg.engines.network import Network
from kerasvgg.engines.plan import plan

SECONDS = 120  # a picture takes a hundredth of that
TAPS, PICTURE = "taps.json", "picture.npy"


def trouble(network: Network, picture: np.ndarray) -> str | None:
    """Returns why ncnn can't compute the network, None where it can. Raises UnsupportedError for what it is not for."""
    planned = plan(network)
    if not planned.taps:
        return None
    with TemporaryDirectory() as name:
        folder = Path(name)
        write_files(planned, folder)
        (folder / TAPS).write_text(json.dumps(planned.taps), encoding="ascii")
        np.save(folder / PICTURE, picture)
        return _outcome(folder)


def _outcome(folder: Path) -> str | None:
    # What is on this process's path is what it computes with: the child must find no other ncnn, and nothing that lies
    # where the command was given.
    command = [sys.executable, "-P", "-m", "kerasvgg.engines.trial", str(folder)]
    surroundings = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    how: dict[str, Any] = {"env": surroundings, "capture_output": True, "timeout": SECONDS}
    try:
        done = subprocess.run(command, **how, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"it can't be tried: {error}"
    if done.returncode == 0:
        return None
    last = (done.stderr.decode(errors="replace").strip().splitlines() or ["without a word"])[-1]
    return f"it breaks down with status {done.returncode}: {last[:200]}"


if __name__ == "__main__":
    place = Path(sys.argv[1])
    extracted(load(place), np.load(place / PICTURE), json.loads((place / TAPS).read_text(encoding="ascii")))
