"""A MatConvNet file's facts."""

import os
from dataclasses import replace
from typing import BinaryIO

from kerasvgg.modelfile.facts.facts import ArrayFacts, Facts, LayerFacts, Numbers
from kerasvgg.modelfile.facts.network import network_facts
from kerasvgg.modelfile.facts.weights import numbers
from kerasvgg.modelfile.read.matconvnet.network import MatConvNet, MatLayer
from kerasvgg.modelfile.read.matconvnet.read import Weights, read_matconvnet
from kerasvgg.modelfile.safety.verdict import verdict


def mat_facts(file: BinaryIO, with_weights: bool = False) -> Facts:
    """Returns the facts of a MatConvNet network; with weights, the numbers of its arrays too."""
    found: dict[tuple[int, int], Numbers] = {}

    def visit(weights: Weights) -> None:
        found[weights.layer, weights.place] = numbers(weights.blocks)

    network = read_matconvnet(file, visit if with_weights else None)
    layers = tuple(_layer(layer, place, found) for place, layer in enumerate(network.layers))
    changes = () if str(file.name).endswith(".mat") else ("the name of the file must end with .mat, as it is one",)
    judged, reasons = verdict((), changes, (), "mat", ("it holds numbers and names only",))
    return Facts(
        path=str(file.name),
        size=os.fstat(file.fileno()).st_size,
        verdict=judged,
        reasons=reasons,
        container="mat",
        model=f"MatConvNet, {network.layout} layout",
        parameters=network.parameters,
        input_shape=(None, *network.image_size[:3]) if network.image_size else None,
        network=network_facts(layers),
        about=_about(network),
        layers=layers,
    )


def _layer(layer: MatLayer, place: int, found: dict[tuple[int, int], Numbers]) -> LayerFacts:
    arrays = tuple(
        ArrayFacts(array.role, layer.kernel if array.role == "kernel" and layer.kernel else array.shape, array.dtype)
        for array in layer.arrays
    )
    counted = (replace(array, numbers=found.get((place, i))) for i, array in enumerate(arrays))
    fields = {"strides": layer.stride, "pool_size": layer.pool, "pad": layer.pad}
    settings = {name: "x".join(map(str, sides)) for name, sides in fields.items() if sides}
    if layer.method:
        settings["method"] = layer.method
    return LayerFacts(layer.name, layer.type, None, layer.parameters, None, None, settings, tuple(counted))


def _about(network: MatConvNet) -> dict[str, str]:
    said = {
        "classes": f"{len(network.class_names):,}" if network.class_names else "",
        "first_classes": "; ".join(network.class_descriptions[:3]),
        "mean_picture": "x".join(map(str, network.mean_picture)),
        "mean_pixel": ", ".join(f"{value:.3f}" for value in network.mean_pixel),
        "colour_order": network.colour_order,
    }
    return {name: value for name, value in said.items() if value}
