"""Classes and arguments of Keras 1 as those of Keras 2 and 3."""

from typing import Any

from kerasvgg.modelfile.upgrade.layer import Layer, ObstacleError

CLASSES = {
    "AtrousConvolution1D": "Conv1D",
    "AtrousConvolution2D": "Conv2D",
    "Convolution1D": "Conv1D",
    "Convolution2D": "Conv2D",
    "SeparableConvolution2D": "SeparableConv2D",
}
RENAMED = {
    "W_constraint": "kernel_constraint",
    "W_regularizer": "kernel_regularizer",
    "atrous_rate": "dilation_rate",
    "b_constraint": "bias_constraint",
    "b_regularizer": "bias_regularizer",
    "bias": "use_bias",
    "border_mode": "padding",
    "filter_length": "kernel_size",
    "nb_filter": "filters",
    "output_dim": "units",
    "p": "rate",
    "pool_length": "pool_size",
    "sigma": "stddev",
    "stride": "strides",
    "subsample": "strides",
    "subsample_length": "strides",
}
ONLY_IN = {"output_dim": ("Dense",), "p": ("Dropout", "SpatialDropout1D", "SpatialDropout2D", "GaussianDropout")}
ORDERINGS = {"channels_first": "channels_first", "th": "channels_first"}
GONE = ("depthwise_init", "dim_ordering", "init", "input_dim", "input_dtype", "nb_col", "nb_row", "pointwise_init")
MARKS = {*RENAMED, *GONE}
UNORDERED = ("Cropping2D", "UpSampling2D", "ZeroPadding2D")
UNMARKED = (*CLASSES, *UNORDERED)
ENDINGS = ("_constraint", "_regularizer")
MERGES = {
    "ave": "Average",
    "concat": "Concatenate",
    "max": "Maximum",
    "mul": "Multiply",
    "sum": "Add",
}
PENALTIES = {"WeightRegularizer": "L1L2", "ActivityRegularizer": "L1L2", "L1L2Regularizer": "L1L2"}


def migrate_keras1(layer: Layer) -> list[str]:
    """Makes a layer of Keras 1 one of Keras 3. Raises ObstacleError for what Keras 3 can't do."""
    if layer.kind == "Merge":
        return _merge(layer)
    if layer.kind == "ThresholdedReLU":
        layer.become("ReLU", layer.keep() | {"threshold": layer.settings.get("theta", 1.0)})
        return ["ThresholdedReLU becomes ReLU with a threshold"]
    settings = layer.settings
    if layer.kind == "BatchNormalization" and "mode" in settings:
        return _batch_normalization(settings)
    if layer.keras > 1 or not (MARKS & settings.keys() or layer.kind in UNMARKED):
        return []
    old = layer.kind
    layer.node["class_name"] = CLASSES.get(old, old)
    layer.node["config"] = _renamed(old, _with_ordering(layer))
    return [f"{old} becomes {layer.kind}" if layer.kind != old else f"{old} has the arguments of Keras 3"]


def _with_ordering(layer: Layer) -> dict[str, Any]:
    """Keras 1 did not save the ordering of ZeroPadding2D and the like: it is that of the layers beside it."""
    if layer.kind not in UNORDERED or "dim_ordering" in layer.settings:
        return layer.settings
    known = layer.parent.ordering if layer.parent else None
    return layer.settings | ({"dim_ordering": known} if known else {})


def _renamed(kind: str, settings: dict[str, Any]) -> dict[str, Any]:
    found = {_name(kind, name): value for name, value in settings.items() if name not in GONE}
    if "dim_ordering" in settings:
        found["data_format"] = ORDERINGS.get(str(settings["dim_ordering"]), "channels_last")
    if "nb_row" in settings:
        found["kernel_size"] = [settings["nb_row"], settings.get("nb_col")]
    if settings.get("input_dtype"):
        found["dtype"] = settings["input_dtype"]
    if kind == "ZeroPadding2D":
        found["padding"] = _padding(found.get("padding"))
    penalties = {name: _penalty(value) for name, value in found.items() if name.endswith(ENDINGS)}
    return found | penalties


def _name(kind: str, name: str) -> str:
    return RENAMED.get(name, name) if kind in ONLY_IN.get(name, (kind,)) else name


def _padding(value: Any) -> Any:
    """Returns [top, bottom, left, right], or the same by name, as pairs."""
    if isinstance(value, dict):
        value = [value.get(f"{side}_pad", 0) for side in ("top", "bottom", "left", "right")]
    return [value[:2], value[2:]] if isinstance(value, list) and len(value) == 4 else value


def _penalty(value: Any) -> Any:
    if not isinstance(value, dict) or not isinstance(name := value.get("name"), str):
        return value
    settings = {key: one for key, one in value.items() if key != "name"}
    if "m" in settings:
        settings["max_value"] = settings.pop("m")
    return {"class_name": PENALTIES.get(name, name), "config": settings}


def _batch_normalization(settings: dict[str, Any]) -> list[str]:
    if settings.pop("mode") != 0:
        raise ObstacleError("BatchNormalization of Keras 3 has only what Keras 1 called mode 0")
    return ["BatchNormalization has no `mode` any more"]


def _merge(layer: Layer) -> list[str]:
    mode = layer.settings.get("mode")
    if not isinstance(mode, str) or mode not in MERGES:
        raise ObstacleError(f"Merge with the mode {mode!r:.40} is not a layer of Keras 3")
    if "layers" in layer.settings or not layer.nodes:
        raise ObstacleError("Merge as the first layer of a Sequential takes several models, which Keras 3 does not")
    axis = {"axis": layer.settings.get("concat_axis", -1)} if mode == "concat" else {}
    layer.become(MERGES[mode], layer.keep() | axis)
    return [f"Merge becomes {MERGES[mode]}"]
