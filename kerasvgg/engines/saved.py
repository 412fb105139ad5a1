"""A network read from a .keras file without Keras, and whether it was seen to compute what the model in it does."""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kerasvgg.engines.choice import MEASURE_FROM, Images, agrees
from kerasvgg.engines.memory import Measured, recall, remember
from kerasvgg.engines.ncnn import NcnnForward
from kerasvgg.engines.network import PICTURES, Layer, Network, UnsupportedError, as_layer, network_of
from kerasvgg.files.hashing import content_hash
from kerasvgg.modelfile.read.keras_archive import CONFIG, WEIGHTS


@dataclass(frozen=True)
class SavedModel:
    """A model file whose network has been seen to compute what its model does."""

    path: Path
    network: Network

    def refuse(self, reason: str) -> None:
        """Remembers that ncnn has failed with it."""
        remember(content_hash(self.path), Measured(self.path.name, "graph", refused={"ncnn": reason}))


def known_model(path: Path, pictures: int) -> SavedModel | None:
    """Returns a model that can go without TensorFlow for so many pictures; None where that is not known of it.

    Its file was opened before, when it was safe, and has not changed since.
    """
    if not path.is_file() or not zipfile.is_zipfile(path):
        return None
    known = recall(content_hash(path))
    if known is None or known.engine != "ncnn":
        return None
    try:
        network = network_in(path)
    except Exception:  # TensorFlow's way says what is wrong with it
        return None
    measured = recall(network.fingerprint)
    is_fastest = measured.engine == "ncnn" if measured else pictures < MEASURE_FROM
    return SavedModel(path, network) if is_fastest else None


def learn(path: Path, model: Any, name: str, images: Images) -> None:
    """Finds out, for `known_model`, whether the file of this model can go without TensorFlow, unless that is known.

    Pictures are as `choose` takes them; without some nothing is found out. Other files than .keras can't. Nothing is
    raised, because what was asked for is done by then.
    """
    with suppress(Exception):
        _learn(path, model, name, images)


def _learn(path: Path, model: Any, name: str, images: Images) -> None:
    if not zipfile.is_zipfile(path) or recall(key := content_hash(path)) or not len(some := images()):
        return
    found = agrees(model, name, lambda: some) or Measured(name, "graph")
    if found.engine == "ncnn" and not _is_the_same(path, model, some):
        found = Measured(name, "graph", refused={"ncnn": "the file is not read as Keras reads it"})
    remember(key, found)


def _is_the_same(path: Path, model: Any, images: np.ndarray) -> bool:
    try:
        saved, kept = network_in(path), network_of(model)
        if saved.fingerprint == kept.fingerprint:
            return True
        ours, keras = (NcnnForward(one.with_features())(images) for one in (saved, kept))  # in another order of layers
    except Exception:  # whatever differs in how the file was written, TensorFlow reads it
        return False
    return np.array_equal(ours, keras)


def network_in(path: Path) -> Network:
    """Returns what the model in a .keras file computes. Raises UnsupportedError for all but a flat functional one."""
    import h5py

    with zipfile.ZipFile(path) as archive, h5py.File(io.BytesIO(archive.read(WEIGHTS)), "r") as weights:
        config = json.loads(archive.read(CONFIG))
        if config.get("class_name") != "Functional":
            raise UnsupportedError(f"a {config.get('class_name')} model")
        arrays = {str(one["vars"].attrs["name"]): _arrays(one["vars"]) for one in weights["layers"].values()}
    return _network(config["config"], arrays)


def _network(config: Mapping[str, Any], arrays: Mapping[str, list[np.ndarray]]) -> Network:
    places: dict[str, int] = {}
    layers: list[Layer] = []
    shape: tuple[int, ...] = ()
    for one in config["layers"]:
        name, kind = one["config"]["name"], one["class_name"]
        if kind == "InputLayer":
            places[name], shape = PICTURES, tuple(one["config"]["batch_shape"][1:])
            continue
        (node,) = one["inbound_nodes"]
        inputs = [places[before] for before in _tensors(node)]
        layers.append(as_layer(kind, one["config"], arrays.get(name, []), inputs, len(layers)))
        places[name] = len(layers) - 1
    outputs = tuple(places[name] for name in _names(config["output_layers"]))
    return Network(shape, tuple(layers), outputs)


def _arrays(kept: Any) -> list[np.ndarray]:
    return [np.asarray(kept[str(i)], dtype=np.float32) for i in range(len(kept))]


def _tensors(tree: Any) -> Iterator[str]:
    """Yields the names of the layers whose outputs a node takes, in their order."""
    if isinstance(tree, Mapping) and tree.get("class_name") == "__keras_tensor__":
        yield tree["config"]["keras_history"][0]
    elif isinstance(tree, Mapping | list):
        for one in tree.values() if isinstance(tree, Mapping) else tree:
            yield from _tensors(one)


def _names(listed: list[Any]) -> list[str]:
    """Returns names of layers, of which a single one lies less deep."""
    return [listed[0]] if isinstance(listed[0], str) else [one[0] for one in listed]
