"""Models without their weights: from a configuration, or the one that a file of weights alone belongs to."""

import copy
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kerasvgg.backbones.registry import BACKBONES
from kerasvgg.errors import ModelFileError
from kerasvgg.modelfile.read.saved import Danger, Saved, SavedArray, read_saved, tree
from kerasvgg.modelfile.upgrade import harmless_upgrade


def from_config(config: dict[str, Any]) -> Any:
    """Returns an uncompiled keras.Model with weights drawn at random; no code in the configuration is run."""
    from keras.saving import deserialize_keras_object
    from keras.src.legacy.saving.saving_options import keras_option_scope
    from keras.src.legacy.saving.saving_utils import model_from_config
    from keras.src.saving.serialization_lib import SafeModeScope

    own = copy.deepcopy(config)  # Keras takes from it what it has read
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # such as that layers should not know their `input_shape`
        if "module" in own:
            return deserialize_keras_object(own | {"compile_config": None}, safe_mode=True)
        with keras_option_scope(use_legacy_config=True), SafeModeScope(True):
            return model_from_config(own)


TOPS = {2: ("head",), 6: ("fc1", "fc2", "predictions")}  # keras.applications' names
SIZES = (224, 150, 128, 64, 96, 48, 160, 180, 192, 200, 256, 299, 320, 512, *range(32, 2049))  # pixels; the usual first
MOST_TEXT = 64 << 20


def build_architecture(architecture: str, saved: Saved) -> Any:
    """Returns an uncompiled keras.Model for the weights: a base by name, or what another file or JSON describes.

    What stands on a named base is told from the arrays: fully connected layers behind a Flatten (of other
    families than VGG and the small networks also behind an average), or nothing.
    """
    if architecture in BACKBONES:
        return _named(architecture, [array for layer in saved.layers for array in layer.arrays])
    path = Path(architecture)
    if not path.is_file():
        names = ", ".join(BACKBONES)
        raise ModelFileError(f"`architecture` must be one of {names}, or a model file, received {architecture!r}")
    try:
        return from_config(harmless_upgrade(_from_json(path) if path.suffix == ".json" else read_saved(path)).config)
    except ModelFileError as error:
        raise ModelFileError(str(error) if f"`{path}`" in str(error) else f"`{path}` {error}") from error


def _from_json(path: Path) -> Saved:
    found: list[Danger] = []
    config = tree(path.read_bytes() if path.stat().st_size < MOST_TEXT else b"", "", found)
    if config is None:
        raise ModelFileError(f"`{path}` must be what Keras' `to_json` writes: {found[0].text}")
    return Saved("h5", str(config.get("keras_version", "")), "", config, None, (), None)


def _named(name: str, arrays: Sequence[SavedArray]) -> Any:
    import keras
    from keras import layers

    pictures = keras.Input((None, None, 3))
    alone = keras.Model(pictures, BACKBONES[name](pictures), name=name)
    of_base = sum(len(weight.shape) == 2 for weight in alone.weights)
    units = [array.shape for array in arrays if len(array.shape) == 2][of_base:]
    if not units:
        return alone
    if units[0][0] == BACKBONES[name].channels and not BACKBONES[name].takes_style:
        x = layers.GlobalAveragePooling2D(name="average")(alone.output)
    else:
        size = _size(name, units[0][0])
        pictures = keras.Input((size, size, 3))
        x = layers.Flatten(name="flatten")(BACKBONES[name](pictures))
    names = TOPS.get(2 * len(units), tuple(f"dense{i}" for i in range(1, len(units) + 1)))
    for (_, count), layer in zip(units[:-1], names, strict=False):
        x = layers.Dense(count, activation="relu", name=layer)(x)
    count = units[-1][1]
    x = layers.Dense(count, activation="sigmoid" if count == 1 else "softmax", name=names[-1])(x)
    return keras.Model(pictures, x, name=name)


def _size(name: str, inputs: int) -> int:
    """Returns a size of pictures with which the base gives so many numbers."""
    base = BACKBONES[name]
    size: int
    for size in SIZES:
        if size >= base.smallest and base.side(size) ** 2 * base.channels == inputs:
            return size
    raise ModelFileError(f"must have a first layer behind {name} that takes what it gives, and has one of {inputs:,}")
