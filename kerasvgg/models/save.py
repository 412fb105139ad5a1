"""Model files that describe themselves."""

import io
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from kerasvgg.atomic import replacing, write_bytes
from kerasvgg.modelfile.description import Description, describe_archive, describe_h5
from kerasvgg.weights.fingerprint import fingerprint

LARGEST_CONFIG = 200_000  # bytes, VGG19's with an experiment and a hundred class names


def save_model(model: Any, path: Path, description: Description) -> None:
    """Writes the model as .keras or .h5, by the suffix, in one atomic step. Any Keras 3 opens it as it is.

    Raises WriteError, with about as many bytes as are needed, when the disk is full.
    """
    about = replace(description, weights_sha256=fingerprint(model.weights))
    if path.suffix == ".h5":
        write_bytes(path, _as_h5(model, about))
        return
    needed = sum(math.prod(variable.shape) * 4 for variable in model.weights) + LARGEST_CONFIG
    with replacing(path, needed) as temporary:
        model.save(temporary)
        describe_archive(temporary, about)


def _as_h5(model: Any, description: Description) -> memoryview:
    """Returns the content of the .h5 file, made in memory: HDF5 crashes the process when it can't write to a disk."""
    import h5py

    class InMemory(h5py.File):
        def __str__(self) -> str:
            return "memory.h5"  # Keras knows the format by how the destination's name ends

    content = io.BytesIO()
    with InMemory(content, "w") as file, _without_warning():
        model.save(file)
        describe_h5(file, description)
    return content.getbuffer()


@contextmanager
def _without_warning() -> Iterator[None]:
    """Keeps Keras from warning that .h5 is old, because here it is asked for on purpose."""
    from absl import logging

    verbosity = logging.get_verbosity()
    logging.set_verbosity(logging.ERROR)
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
