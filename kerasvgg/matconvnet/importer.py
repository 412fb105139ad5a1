"""A MatConvNet file as a Keras model file."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kerasvgg.errors import ConfigError, ModelFileError
from kerasvgg.matconvnet.build import ORDERS, build_matconvnet, fill_matconvnet, kernel_order
from kerasvgg.modelfile.description import Description
from kerasvgg.modelfile.read.matconvnet.network import MatConvNet
from kerasvgg.modelfile.read.matconvnet.read import read_matconvnet
from kerasvgg.models.save import save_model
from kerasvgg.process.environment import own_version

SUFFIXES = (".keras", ".h5")


@dataclass(frozen=True)
class Imported:
    """`order` is how the kernels were read: width-first or height-first. `classes` is 0 for a model without names."""

    layers: int
    parameters: int
    classes: int
    order: str


def import_matconvnet(path: Path, output: Path, order: str | None = None, *, force: bool = False) -> Imported:
    """Writes the network in a .mat file, with its names, mean pixel and class names, as .keras or .h5, by the suffix.

    Without `order` the public files of VGG are known by their content, and others are read width-first. Raises
    ConfigError for an `output` that is there without `force`, ModelFileError for a file that can't be imported.
    """
    _check_output(output, force)
    if order not in (None, *ORDERS):
        raise ConfigError(f"`--kernel-order` must be one of {', '.join(ORDERS)}, received {order!r}")
    if not path.is_file():
        raise ModelFileError(f"`{path}` must be a .mat file, received nothing there")
    try:
        network, model, order = _loaded(path, order)
    except ModelFileError as error:
        raise ModelFileError(f"`{path}` {error}") from error
    description = _description(network, model)
    save_model(model, output, description)
    classes = len(description.class_names) if description else 0
    return Imported(len(network.layers), network.parameters, classes, order)


def _loaded(path: Path, order: str | None) -> tuple[MatConvNet, Any, str]:
    with path.open("rb") as file:
        network = read_matconvnet(file)
        size = path.stat().st_size
        if network.parameters > size:
            raise ModelFileError(f"must hold its weights: it claims {network.parameters:,}, in {size:,} bytes")
        order = order or kernel_order(path)
        model = build_matconvnet(network, order)
        fill_matconvnet(model, file, order)
    return network, model, order


def _check_output(output: Path, force: bool) -> None:
    if output.suffix not in SUFFIXES:
        raise ConfigError(f"`{output}` must end in {' or '.join(SUFFIXES)}, received {output.suffix!r}")
    if output.exists() and not force:
        raise ConfigError(f"`{output}` must not be there yet, or `--force` be given, received an existing file")


def _description(network: MatConvNet, model: Any) -> Description | None:
    """Returns None for a network that does not end in the probabilities of named classes."""
    names = _class_names(network)
    if network.layers[-1].type != "softmax" or len(names) < 2 or model.output_shape != (None, len(names)):
        return None
    size = (network.image_size[0], network.image_size[1])
    return Description(names, size, "bicubic", "rgb_own_mean", "MatConvNet", "", own_version())


def _class_names(network: MatConvNet) -> tuple[str, ...]:
    """Returns the readable names; those of several classes, such as ImageNet's two cranes, with the short name."""
    short, names = network.class_names, network.class_descriptions
    if len(names) != len(short):
        return names or short
    often = Counter(names)
    return tuple(f"{name} ({code})" if often[name] > 1 else name for name, code in zip(names, short, strict=True))
