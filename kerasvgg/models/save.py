"""Model files that describe themselves."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

from kerasvgg.atomic import replacing
from kerasvgg.modelfile.description import Description, write_description
from kerasvgg.weights.fingerprint import fingerprint

LARGEST_CONFIG = 200_000  # bytes, VGG19's with an experiment and a hundred class names


def save_model(model: Any, path: Path, description: Description) -> None:
    """Writes the model as .keras or .h5, by the suffix, in one atomic step. Any Keras 3 opens it as it is.

    Raises WriteError, with about as many bytes as are needed, when the disk is full.
    """
    from absl import logging

    needed = sum(math.prod(variable.shape) * 4 for variable in model.weights) + LARGEST_CONFIG
    with replacing(path, needed) as temporary:
        verbosity = logging.get_verbosity()
        logging.set_verbosity(logging.ERROR)  # Keras warns that .h5 is old, but here it is asked for on purpose
        try:
            model.save(temporary)
        finally:
            logging.set_verbosity(verbosity)
        write_description(temporary, replace(description, weights_sha256=fingerprint(model.weights)))
