"""ImageDataGenerator's transforms as one affine operation for a whole batch."""

from collections.abc import Mapping
from typing import Any

import numpy as np


def transform_images(
    images: np.ndarray, transforms: list[dict[str, Any]], fill_mode: str = "nearest", cval: float = 0.0
) -> np.ndarray:
    """Returns float32 images (n, height, width, channels), each moved by its transform, bilinearly interpolated.

    The transforms are those of ImageDataGenerator.get_random_transform: with rotation R, shift T, shear S and
    zoom Z, the output pixel at p shows the input at c + R T S Z (p - c), c being ImageDataGenerator's centre.
    """
    import tensorflow as tf

    height, width = images.shape[1:3]
    matrices = np.stack([_matrix(transform, height, width) for transform in transforms])
    if fill_mode == "wrap":
        return _sample(images, *_wrapped(_looked_up(matrices, height, width), height, width))
    moved = tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=matrices.reshape(-1, 9)[:, :8].astype(np.float32),
        output_shape=(height, width),
        fill_value=cval,
        interpolation="BILINEAR",
        fill_mode="REFLECT" if fill_mode == "reflect" else "NEAREST",
    ).numpy()
    if fill_mode == "constant":  # TensorFlow would blend the border with cval; scipy, and so Keras, does not
        x, y = _looked_up(matrices, height, width)
        moved[(x < 0) | (x > width - 1) | (y < 0) | (y > height - 1)] = cval
    return moved


def linear_part(transform: Mapping[str, Any]) -> np.ndarray:
    """Returns rotation x shear x zoom as a float64 matrix (2, 2) over (x, y); angles in degrees."""
    angle, shear = np.deg2rad(transform.get("theta", 0)), np.deg2rad(transform.get("shear", 0))
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    sheared = np.array([[1, -np.sin(shear)], [0, np.cos(shear)]])
    return rotation @ sheared @ np.diag([transform.get("zx", 1), transform.get("zy", 1)])


def _matrix(transform: Mapping[str, Any], height: int, width: int) -> np.ndarray:
    linear = linear_part(transform)
    centre = np.array([(height - 1) / 2, (width - 1) / 2])  # Keras measures x by the height and y by the width
    shift = linear_part({"theta": transform.get("theta", 0)}) @ [transform.get("tx", 0), transform.get("ty", 0)]
    matrix = np.eye(3)
    matrix[:2, :2] = linear
    matrix[:2, 2] = centre + shift - linear @ centre
    return matrix @ _flip(transform, height, width)


def _flip(transform: Mapping[str, Any], height: int, width: int) -> np.ndarray:
    matrix = np.eye(3)
    if transform.get("flip_horizontal"):
        matrix[0] = [-1, 0, width - 1]
    if transform.get("flip_vertical"):
        matrix[1] = [0, -1, height - 1]
    return matrix


def _looked_up(matrices: np.ndarray, height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns where each output pixel looks: x and y, each (n, height, width)."""
    y, x = np.mgrid[:height, :width]
    found = matrices[:, :2] @ np.stack([x, y, np.ones_like(x)]).reshape(3, -1)
    return found[:, 0].reshape(-1, height, width), found[:, 1].reshape(-1, height, width)


def _wrapped(found: tuple[np.ndarray, np.ndarray], height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    # scipy's "wrap" repeats after n - 1 pixels, not after n.
    x, y = (_periodic(at, size - 1) for at, size in zip(found, (width, height), strict=True))
    return x, y


def _periodic(at: np.ndarray, period: int) -> np.ndarray:
    return np.where((at < 0) | (at > period), at - period * np.floor(at / period), at)


def _sample(images: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    right, below = np.minimum(left + 1, images.shape[2] - 1), np.minimum(top + 1, images.shape[1] - 1)
    across, down = (x - left)[..., None], (y - top)[..., None]
    n = np.arange(len(images))[:, None, None]
    upper = images[n, top, left] * (1 - across) + images[n, top, right] * across
    lower = images[n, below, left] * (1 - across) + images[n, below, right] * across
    return (upper * (1 - down) + lower * down).astype(np.float32)
