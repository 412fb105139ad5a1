"""VGG16's convolutions as an ONNX file for batches of 32, written from the weights."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from benchmarks.peers.given import BATCH
from kerasvgg.backbones.weights.sources import imagenet_weights


def write_onnx(path: Path, size: tuple[int, int]) -> None:
    """Writes the file; its input is (32, 3, height, width), its output (32, 512, height / 32, width / 32)."""
    nodes, arrays, last = [], [], "pictures"
    weights = list(imagenet_weights("vgg16").items())
    for i, (name, (kernel, bias)) in enumerate(weights):
        arrays += [_array(f"{name}_kernel", kernel.transpose(3, 2, 0, 1)), _array(f"{name}_bias", bias)]
        inputs = [last, f"{name}_kernel", f"{name}_bias"]
        nodes.append(helper.make_node("Conv", inputs, [f"{name}_sums"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]))
        nodes.append(helper.make_node("Relu", [f"{name}_sums"], [name]))
        last = name
        block = name.partition("_")[0]
        if i + 1 == len(weights) or not weights[i + 1][0].startswith(block):
            last = f"{block}_pool"
            nodes.append(helper.make_node("MaxPool", [name], [last], kernel_shape=[2, 2], strides=[2, 2]))
    maps = size[0] // 32, size[1] // 32
    ends = _ends("pictures", (BATCH, 3, *size)), _ends(last, (BATCH, 512, *maps))
    graph = helper.make_graph(nodes, "vgg16", [ends[0]], [ends[1]], arrays)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)


def _array(name: str, values: np.ndarray) -> TensorProto:
    return numpy_helper.from_array(np.ascontiguousarray(values), name)


def _ends(name: str, shape: tuple[int, ...]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
