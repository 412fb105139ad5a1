"""What plain Keras, as it is installed, does with the corpus: `python tests/corpus/plain_keras.py [NAME ...]`.

Writes tests/corpus/plain_keras.json: for each whole model how far its probabilities are from the writer's, the
learning rate it has when compiled, or the first line of the error.
"""

import json
import re
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from corpus import FACTS, facts, pictures_of, unpack

MEASURED = Path(__file__).parent / "plain_keras.json"


def measure(name: str) -> dict[str, Any]:
    """Opens one file with and without its training configuration."""
    import keras

    said = facts(name)
    if said["weights_only"]:
        return {"opens": False, "error": "weights alone are no model"}
    with tempfile.TemporaryDirectory() as folder:
        path = unpack(name, Path(folder))
        try:
            model = keras.models.load_model(path, compile=False)
            outputs = model.predict(pictures_of(said), verbose=0)
        except Exception as error:  # whatever an old file happens to cause
            return {"opens": False, "error": first_line(error)}
        rows = outputs.reshape(len(outputs), -1)[:, :16]
        found: dict[str, Any] = {"opens": True, "difference": float(np.abs(rows - said["probabilities"]).max())}
        try:
            optimizer = keras.models.load_model(path).optimizer
        except Exception as error:
            return found | {"compiles": False, "error": first_line(error)}
    rate = float(optimizer.learning_rate) if optimizer is not None else None
    return found | {"compiles": True, "learning_rate": rate}


def first_line(error: Exception) -> str:
    text = re.sub(r"filepath=\S+/", "filepath=", str(error).strip().splitlines()[0])
    return f"{type(error).__name__}: {text}"[:200]


def main(*names: str) -> None:
    warnings.simplefilter("ignore")
    known = json.loads(MEASURED.read_text()) if MEASURED.is_file() else {}
    for name in names or FACTS:
        known[name] = measure(name)
        sys.stdout.write(f"{name} {known[name]}\n")
    MEASURED.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
