"""Model files that describe themselves."""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from kerasvgg.files.atomic import write_bytes
from kerasvgg.files.hashing import fingerprint
from kerasvgg.modelfile.description import Description, describe_archive, describe_h5


@contextmanager
def without_warnings() -> Iterator[None]:
    """Keeps Keras from warning that .h5 is old, and the like."""
    from absl import logging

    verbosity = logging.get_verbosity()
    logging.set_verbosity(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.set_verbosity(verbosity)


def save_model(model: Any, path: Path, description: Description | None) -> None:
    """Writes the model as .keras or .h5, by the suffix, in one atomic step. Any Keras 3 opens it as it is.

    Its content is made in memory, because HDF5 crashes the process when it can't write to a disk. Raises WriteError,
    with the bytes that are needed, when the disk is full.
    """
    about = replace(description, weights_sha256=fingerprint(model.weights)) if description else None
    make = _as_h5 if path.suffix == ".h5" else _as_keras
    write_bytes(path, make(model, about).getbuffer())


class _Archive(io.BytesIO):
    """Keras knows the format by how the destination's name ends."""

    def __str__(self) -> str:
        return "memory.keras"


def _as_keras(model: Any, about: Description | None) -> io.BytesIO:
    content = _Archive()
    model.save(content)
    if about:
        describe_archive(content, about)
    return content


def _as_h5(model: Any, about: Description | None) -> io.BytesIO:
    import h5py

    class InMemory(h5py.File):
        def __str__(self) -> str:
            return "memory.h5"

    content = io.BytesIO()
    with InMemory(content, "w") as file, without_warnings():
        model.save(file)
        if about:
            describe_h5(file, about)
    return content
