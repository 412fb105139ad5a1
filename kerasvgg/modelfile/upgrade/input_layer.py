"""Sequential models without an InputLayer, whose first layer says what it takes (until TensorFlow 2.2)."""

from typing import Any

from kerasvgg.modelfile.upgrade.layer import Layer

SHAPE = "batch_input_shape"


def mend(layer: Layer) -> list[str]:
    """Puts an InputLayer first where a first layer has `batch_input_shape`."""
    if layer.kind != "Sequential" or not layer.layers:
        return []
    first = Layer(layer.layers[0], layer.keras)
    shape = first.settings.get(SHAPE)
    if first.kind == "InputLayer" or not isinstance(shape, list):
        return []
    del first.settings[SHAPE]
    layer.settings["layers"].insert(0, _input_layer(first, shape))
    return [f"an InputLayer says what its first layer takes, {shape}"[:200]]


def _input_layer(first: Layer, shape: list[Any]) -> dict[str, Any]:
    dtype = first.settings.get("input_dtype") or first.settings.get("dtype")
    settings = {"batch_shape": shape, "dtype": dtype if isinstance(dtype, str) else "float32"}
    node = {"class_name": "InputLayer", "config": settings | {"name": f"{first.name}_input"}}
    return node | ({"module": "keras.layers", "registered_name": None} if first.is_modern else {})
