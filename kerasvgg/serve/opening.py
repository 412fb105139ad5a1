"""A model is opened, and judged before anybody asks it."""

from pathlib import Path

import numpy as np

from kerasvgg.errors import ModelFileError
from kerasvgg.serve.exported import open_exported
from kerasvgg.serve.model import Model, drawn
from kerasvgg.serve.trained import open_trained

SAME = 1e-3  # that a probability may differ between a picture alone and the same picture in a batch
SUFFIXES = (".keras", ".h5", ".hdf5")


def open_checked(path: Path, threads: int) -> Model:
    """Opens a run's model file or an export, and asks it. Raises KerasVGGError for one that can't answer."""
    model = open_trained(path) if path.suffix in SUFFIXES else open_exported(path, threads)
    _check(model)
    return model


def _check(model: Model) -> None:
    pictures, count = drawn(model.about, 3), len(model.about.class_names)
    together = model.run(pictures).probabilities
    alone = np.concatenate([model.run(one[None]).probabilities for one in pictures])
    if together.shape != (len(pictures), count):
        raise ModelFileError(f"the model must give {count} probabilities a picture, received {together.shape}")
    if not (np.isfinite(together).all() and (together >= -SAME).all() and (together <= 1 + SAME).all()):
        raise ModelFileError("the model must give probabilities from 0 to 1, received others for a drawn picture")
    if not np.abs(together - alone).max() <= SAME:
        raise ModelFileError("the model must say the same of a picture alone and in a batch, received two answers")
