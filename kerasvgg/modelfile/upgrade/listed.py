"""Sequential models of Keras 1 to 2.2.2, which were saved as the bare list of their layers."""

from typing import Any

from kerasvgg.modelfile.upgrade.layer import Layer


def mend(layer: Layer) -> list[str]:
    """Makes the list a dictionary with a name."""
    found = layer.node.get("config")
    if layer.kind != "Sequential" or not isinstance(found, list):
        return []
    layer.node["config"] = {"name": _name(layer), "layers": found}
    return ["the list of its layers becomes a configuration with a name"]


def _name(layer: Layer) -> str:
    """Returns the name that a functional model around it calls it by, else one that no neighbour has."""
    known = layer.node.get("name")
    if isinstance(known, str):
        return known
    return f"sequential_{layer.place}" if layer.parent else "sequential"


def is_layer(node: Any, kind: str) -> bool:
    """Tells whether a part of a configuration is a layer of this class."""
    return isinstance(node, dict) and node.get("class_name") == kind
