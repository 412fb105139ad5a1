"""ONNX, in float32 by tf2onnx and in int8 by ONNX Runtime."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kerasvgg.export.forward import INPUT, MAPS, OUTPUT
from kerasvgg.export.int8 import layer_of
from kerasvgg.export.metadata import KEY

QUANTISED = ["Conv", "MatMul", "Gemm", "MaxPool", "Relu"]  # what the rest costs in float32 is nothing beside these
PERCENTILE = 99.999  # of an activation's values that its range holds; those beyond would make the steps coarse for all


def write(model: Any, said: Mapping[str, Any], target: Path) -> None:
    """Writes an exported model (see `forward`) for batches of any size."""
    import onnx
    import tensorflow as tf

    shape = model.input_shape[1:]
    model(np.zeros((1, *shape), dtype=np.float32))  # tf2onnx wants it called once
    any_number = tf.TensorSpec((None, *shape), tf.float32, name=INPUT)
    model.export(target, format="onnx", verbose=False, input_signature=[any_number])
    made = onnx.load(target)
    _rename_constants(made.graph)
    _rename_outputs(made.graph)
    onnx.helper.set_model_props(made, {KEY: json.dumps(said)})
    onnx.save(made, target)


def _rename_constants(graph: Any) -> None:
    """Calls constants by where they are used first, and puts them into that order.

    Which of equal constants tf2onnx keeps, and what they are called, differs from one time to the next.
    """
    constants, names = {one.name: one for one in graph.initializer}, dict[str, str]()
    for node in graph.node:
        for place, name in enumerate(node.input):
            if name in constants:
                node.input[place] = names.setdefault(name, f"{node.name}:input{place}")
    for old, new in names.items():
        constants[old].name = new
    used = [constants[old] for old in names]
    del graph.initializer[:]
    graph.initializer.extend(used)


def _rename_outputs(graph: Any) -> None:
    names = dict(zip([given.name for given in graph.output], (OUTPUT, MAPS), strict=False))
    for node in graph.node:
        node.output[:] = [names.get(name, name) for name in node.output]
        node.input[:] = [names.get(name, name) for name in node.input]
    for given in graph.output:
        given.name = names[given.name]
    for value in (graph.input[0], *graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = "n"


def calibrate(source: Path, target: Path, pictures: Iterable[np.ndarray]) -> None:
    """Writes the ranges that activations have on pictures (1, height, width, channels) as JSON.

    They go one by one, because the calibrator keeps all activations of what it is given at once.
    """
    from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod
    from onnxruntime.quantization.calibrate import create_calibrator, save_tensors_data

    class One(CalibrationDataReader):
        def __init__(self, picture: np.ndarray) -> None:
            self._left = [{INPUT: picture}]

        def get_next(self) -> dict[str, np.ndarray] | None:
            return self._left.pop() if self._left else None

    how = {"percentile": PERCENTILE, "symmetric": False}
    augmented = target.with_suffix(".onnx")
    calibrator = create_calibrator(source, QUANTISED, augmented, CalibrationMethod.Percentile, extra_options=how)
    for picture in pictures:
        calibrator.collect_data(One(picture))
    save_tensors_data(calibrator.compute_data(), target)
    augmented.unlink()


def prepare(source: Path, target: Path) -> None:
    """Writes the file as the quantiser wants it: shapes known, batch normalisation in the convolutions."""
    from onnxruntime.quantization.shape_inference import quant_pre_process

    quant_pre_process(source, target, skip_symbolic_shape=True)


def write_int8(
    source: Path, prepared: Path, ranges: Path, target: Path, *, layers: Sequence[str], floats: Sequence[str]
) -> None:
    """Writes a prepared file with weights and activations in int8, per channel, but for layers that are `floats`.

    `layers` are all that could be. What `source` says of itself is said of it, too.
    """
    import onnx
    from onnxruntime.quantization import CalibrationMethod, QuantFormat, QuantType, quantize_static

    nodes = [node.name for node in onnx.load(prepared, load_external_data=False).graph.node]
    quantize_static(
        prepared,
        target,
        None,
        quant_format=QuantFormat.QDQ,
        op_types_to_quantize=QUANTISED,
        per_channel=True,
        activation_type=QuantType.QInt8,
        weight_type=QuantType.QInt8,
        nodes_to_exclude=[name for name in nodes if layer_of(name, layers) in floats],
        calibrate_method=CalibrationMethod.Percentile,
        calibration_cache_path=ranges,
    )
    made = onnx.load(target)
    onnx.helper.set_model_props(made, {one.key: one.value for one in onnx.load(source).metadata_props})
    onnx.save(made, target)
