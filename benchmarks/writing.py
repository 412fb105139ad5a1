"""The child of benchmarks.states: fine-tunes block5 and says on stdout, as JSON, how long writing took."""

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

EXPERIMENT = "experiments/cats_and_dogs/fine_tune_block5.yaml"


def main(home: str, temporary: str, words: str) -> None:
    """Runs the experiment with these words; counts what is written after the first epoch of the second phase."""
    os.environ |= {"KERASVGG_HOME": home, "KERASVGG_CACHE": f"{temporary}/cache"}
    from kerasvgg.config.load import load_experiments
    from kerasvgg.runs.prepare import prepare
    from kerasvgg.runs.run import run
    from kerasvgg.training.checkpoint import CheckpointWriter, WriteThrottle

    seconds: dict[float, list[tuple[float, float]]] = {}  # by the pace's own limit: states have one, best models none
    ends: list[float] = []

    @contextmanager
    def writing(pace: WriteThrottle, measured=WriteThrottle.writing) -> Iterator[None]:
        started = time.monotonic()
        with measured(pace):
            yield
        seconds.setdefault(pace._seconds, []).append((started, time.monotonic() - started))

    def called(keeper: CheckpointWriter, record: object, write=CheckpointWriter.__call__) -> None:
        ends.append(time.monotonic())
        write(keeper, record)

    WriteThrottle.writing, CheckpointWriter.__call__ = writing, called
    sizes = _watched_sizes()
    experiment = load_experiments(EXPERIMENT, json.loads(words), ["book"])["book"]
    with redirect_stdout(sys.stderr):
        run(prepare(experiment), "states", Path(temporary) / "runs")
    first, last = ends[1], ends[-1]
    states, best = (
        [took for started, took in seconds.get(limit, []) if first <= started < last] for limit in (30.0, float("inf"))
    )
    report = {"states": states, "best": best, "between": last - first, "state_bytes": max(sizes)}
    sys.stdout.write(json.dumps(report))


def _watched_sizes() -> list[int]:
    """Returns a list that takes the size of every state that is written."""
    from kerasvgg.training import checkpoint as checkpoints

    sizes: list[int] = []

    def write(path: Path, state: object, write_state=checkpoints.write_state) -> None:
        write_state(path, state)
        sizes.append(path.stat().st_size)

    checkpoints.write_state = write
    return sizes


if __name__ == "__main__":
    main(*sys.argv[1:])
