"""What plain Keras, as it is installed, and kerasvgg do with the corpus: `python tests/corpus/measure.py [NAME ...]`.

Writes tests/corpus/measured.json: for each file and each of the two how far the probabilities are from the writer's
and the learning rate that the model has, or the first line of the error. `difference` is of the 16 first numbers.
"""

import json
import re
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from corpus import FACTS, architecture_of, facts, pictures_of, unpack

MEASURED = Path(__file__).parent / "measured.json"


def plain_keras(name: str, folder: Path) -> dict[str, Any]:
    """Opens one file with and without its training configuration."""
    import keras

    said, path = facts(name), unpack(name, folder)
    if said["weights_only"]:
        return {"opens": False, "error": "weights alone are no model"}
    try:
        found = {"opens": True, "difference": difference(keras.models.load_model(path, compile=False), said)}
    except Exception as error:  # whatever an old file happens to cause
        return {"opens": False, "error": first_line(error)}
    try:
        return found | {"learning_rate": learning_rate(keras.models.load_model(path))}
    except Exception as error:
        return found | {"error": first_line(error)}


def kerasvgg(name: str, folder: Path) -> dict[str, Any]:
    """Upgrades one file and has plain Keras open what comes out."""
    import keras

    from kerasvgg.errors import KerasVGGError
    from kerasvgg.models.upgrade import upgrade_file

    new = folder / "new.keras"
    try:
        upgrade_file(unpack(name, folder), new, architecture_of(name, folder))
    except KerasVGGError as error:
        return {"opens": False, "error": first_line(error)}
    model = keras.models.load_model(new)
    return {"opens": True, "difference": difference(model, facts(name)), "learning_rate": learning_rate(model)}


def difference(model: Any, said: dict[str, Any]) -> float:
    outputs = model.predict(pictures_of(said), verbose=0)
    return float(np.abs(outputs.reshape(len(outputs), -1)[:, :16] - said["probabilities"]).max())


def learning_rate(model: Any) -> float | None:
    optimizer = getattr(model, "optimizer", None)
    return None if optimizer is None else float(optimizer.learning_rate)


def first_line(error: Exception) -> str:
    """Returns it without the folder, which is another one each time."""
    text = re.sub(r"[^\s=`]+/", "", str(error).strip().splitlines()[0])
    return f"{type(error).__name__}: {text}"[:200]


def main(*names: str) -> None:
    warnings.simplefilter("ignore")
    known = json.loads(MEASURED.read_text()) if MEASURED.is_file() else {}
    for name in names or FACTS:
        known[name] = {}
        for measure in (plain_keras, kerasvgg):
            with tempfile.TemporaryDirectory() as folder:
                known[name][measure.__name__] = measure(name, Path(folder))
        sys.stdout.write(f"{name} {known[name]}\n")
    MEASURED.write_text(json.dumps({name: known[name] for name in FACTS}, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
