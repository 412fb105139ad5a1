"""Convolution weights in and out of files: .h5 of keras.applications, .weights.h5, .npz."""

import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from kerasvgg.data.folder.scan import natural
from kerasvgg.errors import WeightsError
from kerasvgg.files.atomic import write_bytes


def read_convolutions(path: Path, count: int) -> list[np.ndarray]:
    """Returns the first `count` 3x3 kernels and biases in natural name order: kernel, bias, kernel, bias ...

    Raises WeightsError for a file that can't be read or has fewer of them.
    """
    try:
        arrays = _from_npz(path) if path.suffix == ".npz" else _from_h5(path)
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise WeightsError(f"`{path}` can't be read as .h5, .weights.h5 or .npz: {error}") from error
    names = sorted(arrays, key=natural)
    kernels = [arrays[name] for name in names if arrays[name].ndim == 4 and arrays[name].shape[:2] == (3, 3)][:count]
    biases = [arrays[name] for name in names if arrays[name].ndim == 1][:count]
    if len(kernels) < count or len(biases) < count:
        raise WeightsError(
            f"`{path}` must hold {count} 3x3 kernels with biases, received {len(kernels)} and {len(biases)}"
        )
    return [array for pair in zip(kernels, biases, strict=True) for array in pair]


def write_convolutions(path: Path, weights: Mapping[str, list[np.ndarray]]) -> None:
    """Writes the arrays in keras.applications' own layout, so that Keras' `load_weights` opens the file too.

    The content is made in memory, because HDF5 crashes the process when it can't write to a disk.
    """
    import h5py

    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        file.attrs["layer_names"] = np.array(list(weights), dtype="S")
        for layer, arrays in weights.items():
            group = file.create_group(layer)
            group.attrs["weight_names"] = np.array(["kernel", "bias"], dtype="S")
            group["kernel"], group["bias"] = arrays
    write_bytes(path, content.getbuffer())


def _from_npz(path: Path) -> dict[str, np.ndarray]:
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def _from_h5(path: Path) -> dict[str, np.ndarray]:
    import h5py

    arrays: dict[str, np.ndarray] = {}

    def take(name: str, found: object) -> None:
        if isinstance(found, h5py.Dataset) and found.ndim in (1, 4) and found.dtype.kind == "f":
            arrays[name] = found[()]

    with h5py.File(path, "r") as file:
        file.visititems(take)
    return arrays
