"""Writes models with the Keras that is installed, each with the facts that a reader has to meet.

    python tests/corpus/make.py FOLDER [NAME ...]

Runs under Keras 1.2.2 to 3.15, hence the plain syntax. Beside FOLDER/NAME.h5 stands FOLDER/NAME.json: who wrote the
file, how to make the pictures, the probabilities that the writer gave (the first 16 numbers for each picture) and the
learning rate it had.

Without a name it writes all the models of models_keras1.py or models_keras2.py that name this version.
"""

import importlib
import json
import os
import sys
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
sys.path.insert(0, str(Path(__file__).resolve().parent))

import tensorflow
from pattern import pictures, set_pattern


def find_keras():
    """Returns TensorFlow's Keras where it is the main one (2.0 to 2.15), else the stand-alone one."""
    major, minor = tensorflow.__version__.split(".")[:2]
    if major == "2" and int(minor) < 16:
        return tensorflow.keras, "tf" + major + "." + minor
    keras = importlib.import_module("keras")
    backend = " theano" if keras.backend.backend() == "theano" else ""
    return keras, ".".join(keras.__version__.split(".")[:2]) + backend


def keras_version(keras):
    return getattr(keras, "__version__", None) or importlib.import_module("keras").__version__


def learning_rate(keras, model):
    optimizer = getattr(model, "optimizer", None)
    if optimizer is None:
        return None
    rate = optimizer.learning_rate if hasattr(optimizer, "learning_rate") else optimizer.lr
    return float(keras.backend.get_value(rate) if hasattr(keras.backend, "get_value") else rate.numpy())


def write(keras, folder, name, recipe):
    """Builds, fills, saves and notes one model. `recipe` is a dictionary of a models_*.py file."""
    model = recipe["build"](keras)
    set_pattern(model)
    path = Path(folder) / (name + recipe.get("suffix", ".h5"))
    if recipe.get("weights_only"):
        model.save_weights(str(path))
    else:
        model.save(str(path), **recipe.get("format", {}))
    note = {key: recipe[key] for key in ("what", "shape", "count", "divide")}
    x = pictures(note)
    rate = learning_rate(keras, model)
    note.update(
        file=path.name,
        keras=keras_version(keras),
        tensorflow=tensorflow.__version__,
        weights_only=bool(recipe.get("weights_only")),
        architecture=recipe.get("architecture"),
        optimizer=type(model.optimizer).__name__ if rate is not None else None,
        learning_rate=rate,
        parameters=int(model.count_params()),
        probabilities=[[float(p) for p in row.ravel()[:16]] for row in model.predict(x)],
    )
    Path(folder, name + ".json").write_text(json.dumps(note, indent=1, sort_keys=True) + "\n")


def main(folder, *names):
    keras, version = find_keras()
    if keras_version(keras).startswith("1."):
        import models_keras1 as models
    else:
        import models_keras2 as models
    for name, recipe in sorted(models.recipes(version).items()):
        if not names or name in names:
            write(keras, folder, name, recipe)
            sys.stdout.write(name + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
