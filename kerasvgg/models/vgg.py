"""VGG's convolutions (Simonyan and Zisserman 2014, table 1), with keras.applications' layer names."""

from typing import Any

FILTERS = (64, 128, 256, 512, 512)
CONVOLUTIONS = {"vgg16": (2, 2, 3, 3, 3), "vgg19": (2, 2, 4, 4, 4)}  # per block; columns D and E
SMALLEST_INPUT = 32


def vgg(column: str, x: Any) -> Any:
    """Applies the five blocks to a Keras tensor (n, height, width, 3) and returns (n, height/32, width/32, 512)."""
    from keras import layers

    for block, (filters, count) in enumerate(zip(FILTERS, CONVOLUTIONS[column], strict=True), start=1):
        for i in range(1, count + 1):
            name = f"block{block}_conv{i}"
            x = layers.Conv2D(filters, 3, padding="same", activation="relu", name=name)(x)
        x = layers.MaxPooling2D(2, strides=2, name=f"block{block}_pool")(x)
    return x
