"""What reads strangers' bytes first, each as a function that may raise nothing: see fuzz.py and test_fuzzed.py."""

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from kerasvgg import errors
from kerasvgg.config.load import load_experiments
from kerasvgg.data.pictures.decode import decode, glance
from kerasvgg.data.pictures.formats import format_of
from kerasvgg.modelfile.read import container, keras_archive
from kerasvgg.modelfile.read.matconvnet.read import read_matconvnet
from kerasvgg.modelfile.read.saved import Danger, tree

PLACE = Path(tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None))


@contextmanager
def without_hdf5() -> Iterator[None]:
    def refuse(*_: object) -> None:
        raise errors.ModelFileError("is damaged: HDF5 is not read here")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(container, "open_h5", refuse)
        patch.setattr(keras_archive, "open_h5", refuse)
        yield


def experiments(data: bytes) -> None:
    """The YAML reader: an experiment, or a ConfigError."""
    path = PLACE / "x.yaml"
    path.write_bytes(data)
    with suppress(errors.ConfigError):
        load_experiments(path)


def models(data: bytes) -> None:
    """The readers of a model file's kind, of a MAT file, of an archive and of JSON: facts, or a ModelFileError.

    What JSON is taken for must be what Keras takes it for. HDF5 itself, which crashes, is left to the child process.
    """
    found: list[Danger] = []
    mine = tree(data, "fuzzed", found)
    assert mine is None or repr(mine) == repr(json.loads(data)), "JSON that two readers read in two ways"
    path = PLACE / "x"
    path.write_bytes(data)
    with path.open("rb") as file, without_hdf5(), suppress(errors.ModelFileError):
        if container.kind_of(file) == "mat":
            read_matconvnet(file)
        else:
            keras_archive.read_archive(file, len(data))


def pictures(data: bytes) -> None:
    """The signatures and the decoder: pixels, or a DataError."""
    format_of(data[:16])
    path = PLACE / "x.jpg"
    path.write_bytes(data)
    for look in (lambda: decode(path, (8, 8)), lambda: glance(path)):
        with suppress(errors.DataError):
            look()


TARGETS: dict[str, Callable[[bytes], None]] = {"experiments": experiments, "models": models, "pictures": pictures}
