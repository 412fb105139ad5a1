"""Small sound model files of many Kerases, which mutants are made of."""

import io
import json
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import h5py

from kerasvgg.modelfile.description import DATASET, MEMBER

sys.path.insert(0, str(Path(__file__).parents[1] / "corpus"))
OLD = {
    "h5": (
        *("keras122_branches", "keras208_digits", "keras231_separable", "tf211_digits", "tf211_legacy_sgd"),
        *("tf23_augmented", "tf27_plain_ops", "tf215_separable"),
    ),
    "keras": ("keras315_digits", "keras36_augmented", "tf215_augmented"),
}
DESCRIPTION = {
    "class_names": ["cat", "dog"],
    "image_size": [16, 16],
    "interpolation": "bilinear",
    "preprocessing": "divide_by_255",
    "base": "small_cnn",
}
WHEN = (2020, 1, 1, 0, 0, 0)  # else the archives are others in every run


def write_sources(folder: Path) -> None:
    """Writes them into a folder for each kind of container."""
    for suffix, names in OLD.items():
        (folder / suffix).mkdir(parents=True)
        for name in names:
            _of_corpus(name, folder / suffix)
    _of_this_keras(folder)


def read_sources(folder: Path) -> list[bytes]:
    """Returns the files of one kind, always in the same order."""
    return [path.read_bytes() for path in sorted(folder.iterdir())]


def packed(members: dict[str, bytes], how: int = zipfile.ZIP_STORED) -> bytes:
    """Returns an archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, WHEN), content, how)
    return file.getvalue()


def unpacked(content: bytes) -> dict[str, bytes]:
    """Returns the members of a sound archive."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _of_corpus(name: str, folder: Path) -> None:
    from corpus import unpack

    path = unpack(name, folder)
    if name == "keras208_digits":  # weights alone, as Keras 2 wrote them: what a whole model has in this group
        with h5py.File(path) as whole, h5py.File(folder / "weights.h5", "w") as alone:
            for group in whole["model_weights"]:
                whole.copy(f"model_weights/{group}", alone)
            alone.attrs.update(whole["model_weights"].attrs)


def _of_this_keras(folder: Path) -> None:
    import keras

    for name, model in _models():
        path = folder / "h5" / f"{name}.h5"
        model.save(path)
        with h5py.File(path, "r+") as file:
            file[DATASET] = json.dumps(DESCRIPTION)
        model.save_weights(folder / "h5" / f"{name}.weights.h5")
        path = folder / "keras" / f"{name}.keras"
        model.save(path)
        members = unpacked(path.read_bytes()) | {MEMBER: json.dumps(DESCRIPTION).encode()}
        members["metadata.json"] = json.dumps({"keras_version": keras.__version__}).encode()
        path.write_bytes(packed(members))
        (folder / "keras" / f"{name}_deflated.keras").write_bytes(packed(members, zipfile.ZIP_DEFLATED))


def _models() -> Iterator[tuple[str, object]]:
    import keras
    from keras import layers

    keras.utils.set_random_seed(0)
    chain = keras.Sequential(
        [
            keras.Input((16, 16, 3)),
            layers.Conv2D(4, 3, activation="relu"),
            layers.Flatten(),
            layers.Dense(2, activation="softmax"),
        ],
        name="chain",
    )
    pictures = keras.Input((16, 16, 3))
    x = layers.BatchNormalization()(layers.Conv2D(4, 3, padding="same", use_bias=False)(pictures))
    x = layers.Add()([x, layers.Conv2D(4, 1)(pictures)])
    base = keras.Model(pictures, layers.ReLU()(x), name="base")
    inputs = keras.Input((16, 16, 3))
    x = layers.GlobalAveragePooling2D()(base(layers.Rescaling(1 / 255)(inputs)))
    outputs = layers.Dense(2, activation="softmax")(layers.Dropout(0.5)(x))
    nested = keras.Model(inputs, outputs, name="nested")
    for model in (chain, nested):
        model.compile(keras.optimizers.RMSprop(1e-4), "categorical_crossentropy", metrics=["accuracy"])
        model.optimizer.build(model.trainable_variables)
        yield model.name, model
