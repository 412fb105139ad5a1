"""The small convolutional networks that learn from scratch."""

from typing import Any

FILTERS = {"small_cnn": (32, 64, 128, 128)}
SMALLEST_INPUT = {"small_cnn": 46}


def cnn(name: str, x: Any) -> Any:
    """Applies pairs of a valid 3x3 convolution with relu and a 2x2 max pooling to a Keras tensor (n, h, w, 3)."""
    from keras import layers

    for i, filters in enumerate(FILTERS[name], start=1):
        x = layers.Conv2D(filters, 3, activation="relu", name=f"conv{i}")(x)
        x = layers.MaxPooling2D(2, name=f"pool{i}")(x)
    return x
