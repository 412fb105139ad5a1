"""Model files that describe themselves."""

from pathlib import Path
from typing import Any

from kerasvgg.atomic import replacing
from kerasvgg.modelfile.description import Description, write_description


def save_model(model: Any, path: Path, description: Description) -> None:
    """Writes the model as .keras or .h5, by the suffix, in one atomic step. Any Keras 3 opens it as it is."""
    from absl import logging

    with replacing(path) as temporary:
        verbosity = logging.get_verbosity()
        logging.set_verbosity(logging.ERROR)  # Keras warns that .h5 is old, but here it is asked for on purpose
        try:
            model.save(temporary)
        finally:
            logging.set_verbosity(verbosity)
        write_description(temporary, description)
