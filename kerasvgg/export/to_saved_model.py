"""TensorFlow's SavedModel, a folder."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kerasvgg.export.forward import INPUT, OUTPUT
from kerasvgg.export.metadata import KEY

SIGNATURE = "serving_default"  # the one that is called where none is named


def write(model: Any, said: Mapping[str, Any], target: Path) -> None:
    """Writes an exported model (see `forward`) for batches of any size.

    What it says of itself lies in `assets.extra`, which TensorFlow keeps free for that.
    """
    save(model, target, None)
    extra = target / "assets.extra"
    extra.mkdir()
    (extra / f"{KEY}.json").write_text(json.dumps(said), encoding="utf-8")


def save(model: Any, target: Path, batch: int | None) -> None:
    """Writes the model alone, for batches of one size, or of any.

    Keras' own way (`model.export`) writes all variables twice.
    """
    import tensorflow as tf

    taken = tf.TensorSpec((batch, *model.input_shape[1:]), tf.float32, name=INPUT)
    module = tf.Module()
    module.held = [variable.value for variable in model.variables]
    run = tf.function(lambda pictures: {OUTPUT: model(pictures, training=False)}, input_signature=[taken])
    tf.saved_model.save(module, str(target), signatures={SIGNATURE: run})
