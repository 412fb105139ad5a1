"""A peer's rate: python -m benchmarks.peers.pass_once PEER VARIANT FOLDER PASSES

Its outputs must be those of Keras; then the best of some passes over all pictures counts.
"""

import json
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import numpy as np

from benchmarks.peers.given import Given

TOLERANCE = 1e-3  # of the largest output


def measure(peer: str, variant: str, given: Given, passes: int) -> dict[str, float]:
    """Returns images a second, and the relative L2 difference from Keras."""
    one_pass = import_module(f"benchmarks.peers.{peer}").prepare(variant, given)
    expected = given.features
    difference = float(np.linalg.norm(one_pass() - expected) / np.linalg.norm(expected))  # this pass also warms up
    if not difference <= TOLERANCE:
        sys.exit(
            f"{peer}, {variant}: outputs must be Keras' within {TOLERANCE}, received {difference:.2g} of difference"
        )
    seconds = min(_seconds(one_pass) for _ in range(passes))
    return {"images_per_second": len(expected) / seconds, "difference": difference}


def _seconds(one_pass: Callable[[], np.ndarray]) -> float:
    started = time.perf_counter()
    one_pass()
    return time.perf_counter() - started


if __name__ == "__main__":
    name, way, place, times = sys.argv[1:]
    print(json.dumps(measure(name, way, Given(Path(place)), int(times))))
