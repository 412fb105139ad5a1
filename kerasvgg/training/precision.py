"""What the layers that train compute with: in float32, or with half as many bits for what goes through them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from kerasvgg.models.heads import OUTPUT_LAYER

Precision = Literal["float32", "bfloat16", "float16"]


@contextmanager
def computing_in(precision: Precision, model: Any) -> Iterator[None]:
    """Has all layers of a model but that of the probabilities compute so in the block; weights stay float32.

    In "float32" those that compute otherwise at the moment do not, so that the model can be saved.
    """
    policy = "float32" if precision == "float32" else f"mixed_{precision}"
    mixed = [layer for layer in model.layers if layer.name != OUTPUT_LAYER]
    if precision == "float32":
        mixed = [layer for layer in mixed if layer.dtype_policy.name.startswith("mixed_")]
    before = [(layer, layer.dtype_policy) for layer in mixed]
    for layer in mixed:
        layer.dtype_policy = policy
    try:
        yield
    finally:
        for layer, policy_before in before:
            layer.dtype_policy = policy_before


def scaled(optimizer: Any, precision: Precision) -> Any:
    """Returns the optimizer, for float16 with gradients scaled up: it has no numbers as small as some of them."""
    import keras

    return keras.optimizers.LossScaleOptimizer(optimizer) if precision == "float16" else optimizer


def unscaled(optimizer: Any) -> Any:
    """Returns the optimizer inside of one that scales gradients, or the one that is given."""
    return getattr(optimizer, "inner_optimizer", optimizer)
