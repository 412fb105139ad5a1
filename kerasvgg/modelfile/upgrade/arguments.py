"""Settings that Keras 3's class does not have: left out where that changes nothing."""

from typing import Any

from kerasvgg.modelfile.safety.dangers import is_operation
from kerasvgg.modelfile.upgrade.keras3 import EVERY, LAYERS
from kerasvgg.modelfile.upgrade.layer import Layer, ObstacleError

ANYTHING = object()
# What may go, and the values with which it may.
HARMLESS: dict[str, Any] = {
    "adjustment": None,
    "batch_input_shape": ANYTHING,
    "dynamic": False,
    "force_generator": ANYTHING,
    "fused": ANYTHING,
    "groups": 1,
    "input_dtype": ANYTHING,
    "input_length": ANYTHING,
    "input_spec": None,
    "kernel_constraint": None,
    "kernel_initializer": ANYTHING,
    "kernel_regularizer": None,
    "renorm": False,
    "renorm_clipping": None,
    "renorm_momentum": ANYTHING,
    "rng_type": ANYTHING,
    "seed": ANYTHING,
    "time_major": False,
    "vectorized": ANYTHING,
    "virtual_batch_size": None,
}


def migrate_arguments(layer: Layer) -> list[str]:
    """Leaves out what is harmless. Raises ObstacleError for what is not."""
    known = LAYERS.get(layer.kind)
    if known is None or layer.is_model or is_operation(layer.node):
        return []
    gone = [name for name in layer.settings if name not in known | EVERY and not _is_keras_own(layer, name)]
    for name in gone:
        value = layer.settings[name]
        if name not in HARMLESS or (HARMLESS[name] is not ANYTHING and value != HARMLESS[name]):
            raise ObstacleError(f"{layer.kind} of Keras 3 has no `{name:.60}`, which is {value!r:.60}")
        del layer.settings[name]
    return [f"{layer.kind} has no `{name}` any more" for name in gone]


def _is_keras_own(layer: Layer, name: str) -> bool:
    """Keras itself takes this away when it reads a node without a module."""
    return name == "batch_input_shape" and (layer.kind == "InputLayer" or not layer.is_modern)
