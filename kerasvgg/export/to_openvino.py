"""OpenVINO's model.xml with model.bin, made of the ONNX file, also of one in int8."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kerasvgg.export.metadata import KEY


def write(onnx: Path, said: Mapping[str, Any], target: Path) -> None:
    """Writes the ONNX file anew. The labels are where OpenVINO's Model API looks for them, too."""
    import openvino

    model = openvino.Core().read_model(onnx)  # `convert_model` would tell its makers
    model.set_rt_info(json.dumps(said), [KEY])
    model.set_rt_info("Classification", ["model_info", "model_type"])
    model.set_rt_info(" ".join(name.replace(" ", "_") for name in said["class_names"]), ["model_info", "labels"])
    openvino.save_model(model, target, compress_to_fp16=False)
