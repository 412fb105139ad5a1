"""Opens model files with Keras alone, each in a copy of this process: a path a line in, a line of JSON each out.

Answers with `outputs`, some numbers that the model gives for one picture, or with `error`.
"""

import json
import os
import resource
import signal
import sys
import warnings

import keras
import numpy as np

LONGEST = 60  # seconds
MOST_ADDRESSES = 16 << 30  # bytes, of which TensorFlow takes some 4 GB


def opened(path: str) -> dict[str, object]:
    try:
        model = keras.models.load_model(path, compile=False)
        return {"outputs": outputs(model), "weights": sum(weight.shape.num_elements() for weight in model.weights)}
    except BaseException as error:
        return {"error": f"{type(error).__name__}: {error}"[:600]}


def outputs(model: keras.Model) -> list[float]:
    chance = np.random.default_rng(0)
    pictures = [chance.random([side or 32 for side in given.shape[1:]], np.float32)[None] for given in model.inputs]
    said = model(pictures if len(pictures) > 1 else pictures[0], training=False)
    said = said if isinstance(said, list | tuple) else [said]
    return [float(number) for one in said for number in np.ravel(one)[:16]]


def answer(path: str, out: int) -> None:
    signal.alarm(LONGEST)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_ADDRESSES, MOST_ADDRESSES))
    os.write(out, json.dumps(opened(path))[:60_000].encode())
    os._exit(0)


def main() -> None:
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        here, there = os.pipe()
        if (child := os.fork()) == 0:
            answer(line.rstrip("\n"), there)
        os.close(there)
        with open(here, "rb") as said:  # noqa: PTH123 - a pipe
            told = said.read()
        _, status = os.waitpid(child, 0)
        ended = {"error": f"ended with {os.waitstatus_to_exitcode(status)}"}
        sys.stdout.write((told.decode() or json.dumps(ended)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
