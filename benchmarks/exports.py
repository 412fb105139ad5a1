"""Models in all formats, in float32 and int8, beside Keras: python -m benchmarks.exports MODEL[=PICTURES] ...

A model is a run's folder, proven on its validation pictures, or a file, proven on those of a folder or, without one, in
float32 on patterns drawn for it. For each file its size, milliseconds a picture, the largest difference of a
probability, labels that changed, how many layers stayed in float32, and why it was refused, if it was.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.measure import print_table

HEADER = ("model", "format", "MB", "ms", "pictures", "largest difference", "labels", "floats", "accuracy", "refused")
FORMATS = "onnx,litert,openvino,savedmodel,web"


def main(models: Sequence[str]) -> None:
    """Prints a line for each model and format."""
    rows: list[tuple[str, ...]] = []
    with tempfile.TemporaryDirectory(prefix="kerasvgg-bench-") as temporary:
        for number, given in enumerate(models):
            model, _, pictures = given.partition("=")
            output, started = Path(temporary) / str(number), time.perf_counter()
            words = [model, "--to", FORMATS, "--output", str(output)]
            words += ["--int8", "--pictures", pictures] if pictures else [] if Path(model).is_file() else ["--int8"]
            done = subprocess.run([sys.executable, "-m", "kerasvgg", "export", *words], check=False)
            print(f"{model}: {time.perf_counter() - started:.0f} s, status {done.returncode}", file=sys.stderr)
            said = json.loads((output / "export.json").read_text(encoding="utf-8"))
            keras = said["keras"]
            rows.append((_name(model), "Keras", _megabytes(keras["bytes"]), f"{keras['milliseconds']:.1f}", *[""] * 6))
            rows += [("", *_cells(one)) for one in said["exports"]]
    print_table(HEADER, rows)


def _name(model: str) -> str:
    path = Path(model)
    return path.stem if path.is_file() else "/".join(path.parts[-3:])


def _cells(one: dict[str, Any]) -> tuple[str, ...]:
    proof = one["proof"]
    accuracy = "" if proof["accuracy"] is None else f"{proof['accuracy_before']:.1%} to {proof['accuracy']:.1%}"
    return (
        one["format"] + (" int8" if one["int8"] else ""),
        _megabytes(one["bytes"]),
        f"{one['milliseconds']:.1f}",
        f"{proof['n']:,}",
        f"{proof['largest']:.1e}",
        str(proof["changed"]),
        str(len(one["floats"])) if one["int8"] else "",
        accuracy,
        "; ".join(one["refusals"]),
    )


def _megabytes(count: int) -> str:
    return f"{count / 1e6:.1f}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", metavar="MODEL[=PICTURES]")
    main(**vars(parser.parse_args()))
