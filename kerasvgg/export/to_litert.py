"""LiteRT's .tflite, for one picture at a time."""

import csv
import io
import json
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kerasvgg.export.int8 import layer_of, quantisable
from kerasvgg.export.metadata import KEY
from kerasvgg.export.to_saved_model import SIGNATURE, save

EARLIEST = (1980, 1, 1, 0, 0, 0)  # the first date that a ZIP archive knows, so that equal exports have equal bytes


def write(model: Any, said: Mapping[str, Any], target: Path) -> None:
    """Writes an exported model (see `forward`)."""
    with tempfile.TemporaryDirectory() as folder:
        save(model, Path(folder), batch=1)
        content = _converter(Path(folder)).convert()
    _finish(content, said, target)


def write_int8(
    model: Any, said: Mapping[str, Any], target: Path, pictures: Iterable[np.ndarray], floats: Sequence[str]
) -> None:
    """Writes it with weights and activations in int8, per channel, but for the layers that are `floats`.

    `pictures` (1, height, width, channels) say which ranges the activations need. What goes in and out is float32.
    """
    import tensorflow as tf

    seen = list(pictures)

    def representative() -> Iterator[list[np.ndarray]]:
        yield from ([picture] for picture in seen)

    with tempfile.TemporaryDirectory() as folder:
        save(model, Path(folder), batch=1)
        made = _converter(Path(folder))
        made.optimizations = [tf.lite.Optimize.DEFAULT]
        made.representative_dataset = representative
        made.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8, tf.lite.OpsSet.TFLITE_BUILTINS]
        layers = quantisable(model)
        nodes = [name for name in _nodes(made, seen[0]) if layer_of(name, layers) in floats]
        content = _debugger(made, seen[0], nodes).get_nondebug_quantized_model()
    _finish(content, said, target)


def _debugger(converter: Any, picture: np.ndarray, nodes: Sequence[str]) -> Any:
    """Returns TensorFlow's only door to leaving single nodes in float32."""
    import tensorflow as tf

    options = tf.lite.experimental.QuantizationDebugOptions(denylisted_nodes=nodes)
    return tf.lite.experimental.QuantizationDebugger(
        converter=converter, debug_dataset=lambda: iter([[picture]]), debug_options=options
    )


def _nodes(converter: Any, picture: np.ndarray) -> list[str]:
    """Returns the names of all nodes that become int8."""
    debugger, table = _debugger(converter, picture, []), io.StringIO()
    debugger.run()
    debugger.layer_statistics_dump(table)
    return [row["tensor_name"] for row in csv.DictReader(io.StringIO(table.getvalue()))]


def _converter(folder: Path) -> Any:
    import tensorflow as tf

    return tf.lite.TFLiteConverter.from_saved_model(str(folder), signature_keys=[SIGNATURE])


def _finish(content: bytes, said: Mapping[str, Any], target: Path) -> None:
    """Writes the model with a ZIP archive behind it, as LiteRT's associated files are: labels and all that is said."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in (
            ("labels.txt", "".join(f"{name}\n" for name in said["class_names"])),
            (f"{KEY}.json", json.dumps(said)),
        ):
            archive.writestr(zipfile.ZipInfo(name, EARLIEST), text)
    target.write_bytes(content + packed.getvalue())
