"""keras.applications' networks and kerasvgg's with the same random weights."""

import functools
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest
from keras.src.legacy.saving.legacy_h5_format import save_weights_to_hdf5_group

from kerasvgg.backbones import convnext, densenet, efficientnet_v2, resnet_v2
from kerasvgg.backbones.backbone import Backbone
from kerasvgg.backbones.preprocessing import preprocessing
from kerasvgg.backbones.registry import BACKBONES

APPLICATIONS = {
    "resnet50v2": keras.applications.ResNet50V2,
    "mobilenetv3_large": keras.applications.MobileNetV3Large,
    "efficientnetv2_b0": keras.applications.EfficientNetV2B0,
    "efficientnetv2_b1": keras.applications.EfficientNetV2B1,
    "efficientnetv2_b2": keras.applications.EfficientNetV2B2,
    "efficientnetv2_b3": keras.applications.EfficientNetV2B3,
    "convnext_tiny": keras.applications.ConvNeXtTiny,
    "densenet121": keras.applications.DenseNet121,
}
PREPROCESS = {  # the others have theirs inside
    "resnet50v2": keras.applications.resnet_v2.preprocess_input,
    "densenet121": keras.applications.densenet.preprocess_input,
    **dict.fromkeys(("mobilenet_050", "mobilenet_025"), keras.applications.mobilenet.preprocess_input),
}
DEEPER = ("efficientnetv2_b1", "efficientnetv2_b2", "efficientnetv2_b3")  # like b0, only longer to compute
WITHOUT_WEIGHTS = {  # whose official files are not asked for
    "mobilenet_050": functools.partial(keras.applications.MobileNet, alpha=0.5),
    "mobilenet_025": functools.partial(keras.applications.MobileNet, alpha=0.25),
}
EVERY = [pytest.param(name, marks=pytest.mark.slow if name in DEEPER else ()) for name in APPLICATIONS]


def theirs(name: str, size: tuple[int, int], **changes):
    """Returns keras.applications' network without its top, with its own first weights."""
    return {**APPLICATIONS, **WITHOUT_WEIGHTS}[name](weights=None, include_top=False, input_shape=(*size, 3), **changes)


def ours(backbone: Backbone, size: tuple[int, int]):
    """Returns kerasvgg's layers with the preprocessing before them: pictures 0..255 to feature maps."""
    pictures = keras.Input((*size, 3), name="pictures")
    return keras.Model(pictures, backbone(preprocessing(backbone.preprocessing)(pictures)), name=backbone.name)


def classifier(backbone: Backbone, size: tuple[int, int], at_random: bool = True):
    """Returns a whole flat classifier; whatever it draws later follows from the seed 0."""
    keras.utils.set_random_seed(0)
    model = ours(backbone, size)
    if at_random:
        randomize(model)
    x = keras.layers.GlobalAveragePooling2D(name="head_average")(model.output)
    x = keras.layers.Dropout(0.5, name="head_dropout")(x)
    x = keras.layers.Dense(3, activation="softmax", name="head_output")(x)
    return keras.Model(model.input, x, name=backbone.name)


def shorten(patch: pytest.MonkeyPatch) -> None:
    """Leaves few blocks of each kind in the networks of this process; MobileNetV3 has few as it is."""
    patch.setattr(resnet_v2, "STACKS", {name: (*stack[:1], 2, *stack[2:]) for name, stack in resnet_v2.STACKS.items()})
    repeats = (1, 2, 1, 1, 2, 2)
    groups = zip(efficientnet_v2.GROUPS, repeats, strict=True)
    patch.setattr(efficientnet_v2, "GROUPS", tuple(group._replace(repeats=n) for group, n in groups))
    patch.setattr(convnext, "BLOCKS", (1, 1, 1, 1))
    patch.setattr(densenet, "BLOCKS", dict.fromkeys(densenet.BLOCKS, 2))


def randomize(model) -> None:
    """Draws all weights so that no two layers do the same and what differs at the input does so at the output.

    Moving statistics are near those of the layers' inputs, but not equal to them, as in a trained network.
    """
    draw = np.random.default_rng(0)
    layers = [layer for layer in model.layers if layer.weights and layer.name != "preprocessing"]
    for weight in (weight for layer in layers for weight in layer.weights):
        weight.assign(_drawn(draw, weight.path.split("/")[-1], tuple(weight.shape)))
    normalizing = [layer for layer in layers if isinstance(layer, keras.layers.BatchNormalization)]
    momenta = [layer.momentum for layer in normalizing]
    for layer in normalizing:
        layer.momentum = 0.0
    if normalizing:
        model(pictures(model.input_shape[1:3], 4), training=True)
    for layer, momentum in zip(normalizing, momenta, strict=True):
        layer.momentum = momentum
        mean, variance = np.array(layer.moving_mean), np.array(layer.moving_variance) + 1e-3
        layer.moving_mean.assign(mean + draw.normal(0, 0.2, mean.shape) * np.sqrt(variance))
        layer.moving_variance.assign(variance * draw.uniform(0.7, 1.4, variance.shape))


def _drawn(draw, name: str, shape: tuple[int, ...]) -> np.ndarray:
    if name in ("gamma", "moving_variance"):
        return draw.uniform(0.5, 1.5, shape)
    if "kernel" not in name:
        return draw.normal(0, 0.2, shape)
    depthwise = len(shape) == 4 and (name == "depthwise_kernel" or shape[2] == 1)
    return draw.normal(0, np.sqrt(1.5 / np.prod(shape[:2] if depthwise else shape[:-1])), shape)


def write(model, path: Path) -> Path:
    """Writes the weights in the layout of keras.applications' files."""
    with h5py.File(path, "w") as file:
        save_weights_to_hdf5_group(file, model)
    return path


def pictures(size: tuple[int, int], count: int = 2) -> np.ndarray:
    """Returns float pictures 0..255 of random coarse patches and noise."""
    draw = np.random.default_rng(1)
    patches = draw.uniform(0, 255, (count, 4, 4, 3)).repeat(-(-size[0] // 4), axis=1).repeat(-(-size[1] // 4), axis=2)
    whole = patches[:, : size[0], : size[1]] + draw.normal(0, 40, (count, *size, 3))
    return np.clip(whole, 0, 255).astype(np.float32)


@pytest.fixture(scope="session")
def smallest():
    """Returns the classifier of a backbone by name, for the smallest pictures, as it is before anything is trained."""
    return functools.cache(lambda name: classifier(BACKBONES[name], (32, 32), at_random=False))


@pytest.fixture(scope="session")
def short():
    """Returns the classifier of a shortened backbone by name, always the same. Tests leave its weights as they were."""

    def build(name: str):
        with pytest.MonkeyPatch.context() as patch:
            shorten(patch)
            return classifier(BACKBONES[name], (64, 64))

    return functools.cache(build)


@pytest.fixture
def whole():
    """Returns the classifier of a backbone by name, with random weights."""
    yield lambda name: classifier(BACKBONES[name], (64, 64))
    keras.backend.clear_session()
