"""Random changes to training pictures, under ImageDataGenerator's own names."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from kerasvgg.errors import ConfigError

if TYPE_CHECKING:
    import numpy as np

Transform = dict[str, Any]


@dataclass(frozen=True)
class Augmentation:
    """What may happen to a picture, in the words of ImageDataGenerator, which also draws the random numbers.

    Rotation in degrees, shifts as fractions of the size, zoom as a fraction around 1 or as (lower, upper), `cval`
    0..255. `quirks="keras"` is today's ImageDataGenerator to the letter: `height_shift_range` moves pictures
    sideways and `width_shift_range` up and down (keras#17398), `shear_range` counts degrees, and a picture that
    is not square turns around a point beside its centre. `quirks="fixed"` moves as the names say, counts shear in
    radians as the recipes of 2017 meant it, and turns around the centre.

    `engine="imagedatagenerator"` applies the transforms with the real class, `engine="tfdata"` with one affine
    operation per batch. The same seed gives the same pictures in both, within 1/255 of the range.
    """

    rotation_range: float = 0.0
    width_shift_range: float = 0.0
    height_shift_range: float = 0.0
    shear_range: float = 0.0
    zoom_range: float | tuple[float, float] = 0.0
    horizontal_flip: bool = False
    vertical_flip: bool = False
    fill_mode: Literal["nearest", "constant", "reflect", "wrap"] = "nearest"
    cval: float = 0.0
    engine: Literal["tfdata", "imagedatagenerator"] = "tfdata"
    quirks: Literal["fixed", "keras"] = "fixed"

    def __post_init__(self) -> None:
        for name, allowed in (("engine", ("tfdata", "imagedatagenerator")), ("quirks", ("fixed", "keras"))):
            if getattr(self, name) not in allowed:
                raise ConfigError(f"`{name}` must be one of {', '.join(allowed)}, received {getattr(self, name)!r}")

    def draw(self, shape: tuple[int, int], seeds: Sequence[Sequence[int]]) -> list[Transform]:
        """Draws one transform per seed for pictures of `shape` (height, width); equal seeds, equal transforms."""
        import numpy as np

        before = np.random.get_state()
        try:
            states = (int(np.random.SeedSequence(seed).generate_state(1)[0]) for seed in seeds)
            drawn = [self._generator.get_random_transform((*shape, 3), seed=state) for state in states]
        finally:
            np.random.set_state(before)
        return drawn if self.quirks == "keras" else [_fix(transform, *shape) for transform in drawn]

    def apply(self, images: "np.ndarray", transforms: list[Transform]) -> "np.ndarray":
        """Returns `images` (n, height, width, channels; 0..255) transformed one by one, as float32."""
        import numpy as np

        from kerasvgg.data.affine import transform_images

        images = np.asarray(images, dtype=np.float32)
        if self.engine == "tfdata":
            return transform_images(images, transforms, self.fill_mode, self.cval)
        pairs = zip(images, transforms, strict=True)
        return np.stack([self._generator.apply_transform(image, transform) for image, transform in pairs])

    @cached_property
    def _generator(self) -> Any:
        from tensorflow.keras.preprocessing.image import ImageDataGenerator

        fixed = self.quirks == "fixed"
        return ImageDataGenerator(
            rotation_range=self.rotation_range,
            width_shift_range=self.height_shift_range if fixed else self.width_shift_range,
            height_shift_range=self.width_shift_range if fixed else self.height_shift_range,
            shear_range=math.degrees(self.shear_range) if fixed else self.shear_range,
            zoom_range=self.zoom_range,
            horizontal_flip=self.horizontal_flip,
            vertical_flip=self.vertical_flip,
            fill_mode=self.fill_mode,
            cval=self.cval,
        )


def _fix(transform: Transform, height: int, width: int) -> Transform:
    """Mends what swapping the arguments can't: shifts measured along the other side, and the off-centre pivot."""
    if height == width:
        return transform
    import numpy as np

    from kerasvgg.data.affine import linear_part

    full, rotation = linear_part(transform), linear_part({"theta": transform["theta"]})
    off_centre = np.array([(width - height) / 2, (height - width) / 2])
    shift = np.array([transform["tx"] * width / height, transform["ty"] * height / width])
    tx, ty = shift + rotation.T @ (np.eye(2) - full) @ off_centre
    return {**transform, "tx": tx, "ty": ty}
