"""Whole classifiers, saved and opened again where there is no kerasvgg."""

import json
import subprocess
import sys

import numpy as np
import pytest
from random_backbones import APPLICATIONS, pictures

from kerasvgg.models.save import save_model

SIZE = (64, 64)
UNUSUAL = ("mobilenetv3_large", "efficientnetv2_b0", "convnext_tiny")  # ResNet's layers are like VGG's
PLAIN_KERAS = """
import json, sys
import numpy as np
import keras
x = np.load("x.npy")
for name in json.loads(sys.argv[1]):
    for suffix in ("keras", "h5"):
        model = keras.models.load_model(f"{name}.{suffix}")
        np.save(f"{name}.{suffix}.npy", np.asarray(model(x, training=False)))
    assert np.isfinite(np.asarray(model(x, training=True))).all()
    keras.backend.clear_session()
assert not any(name.startswith("kerasvgg") for name in sys.modules)
"""


def _differences(folder, names, built) -> dict[str, float]:
    """Returns the largest difference of probabilities by file, between this process and a fresh one."""
    images = pictures(SIZE)
    np.save(folder / "x.npy", images)
    expected = {}
    for name in names:
        model = built(name)
        for suffix in ("keras", "h5"):
            save_model(model, folder / f"{name}.{suffix}", None)
            expected[f"{name}.{suffix}"] = np.asarray(model(images, training=False))
    command = [sys.executable, "-W", "ignore", "-c", PLAIN_KERAS, json.dumps(list(names))]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {file: float(np.abs(np.load(folder / f"{file}.npy") - whole).max()) for file, whole in expected.items()}


@pytest.mark.slow
def test_plain_keras_in_a_fresh_process_gives_the_same_probabilities(tmp_path, short):
    differences = _differences(tmp_path, UNUSUAL, short)
    assert len(differences) == 6
    assert max(differences.values()) < 1e-6


@pytest.mark.very_slow
@pytest.mark.parametrize("name", APPLICATIONS)
def test_plain_keras_gives_the_same_probabilities_for_all_of_the_blocks(tmp_path, name, whole):
    differences = _differences(tmp_path, [name], whole)
    assert len(differences) == 2
    assert max(differences.values()) < 1e-6
