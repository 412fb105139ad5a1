"""Random changes to training pictures, under ImageDataGenerator's own names."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, get_args

from kerasvgg.errors import ConfigError

if TYPE_CHECKING:
    import numpy as np

Transform = dict[str, Any]
FillMode = Literal["nearest", "constant", "reflect", "wrap"]
Engine = Literal["tfdata", "imagedatagenerator"]
Quirks = Literal["fixed", "keras"]
MOST_NUMBERS = 8  # an angle, two shifts, a shear, two zooms, two flips


@dataclass(frozen=True)
class Augmentation:
    """What may happen to a picture, in the words of ImageDataGenerator.

    Rotation in degrees, shifts as fractions of the size, zoom as a fraction around 1 or as (lower, upper), `cval`
    0..255. `quirks="keras"` is today's ImageDataGenerator to the letter: `height_shift_range` moves pictures
    sideways and `width_shift_range` up and down (keras#17398), `shear_range` counts degrees, and a picture that
    is not square turns around a point beside its centre. `quirks="fixed"` moves as the names say, counts shear in
    radians as the recipes of 2017 meant it, and turns around the centre.

    `engine="imagedatagenerator"` applies the transforms with the real class, `engine="tfdata"` with one compiled
    operation per batch. The same seed gives the same pictures in both, within 0.001 of 255.
    """

    rotation_range: float = 0.0
    width_shift_range: float = 0.0
    height_shift_range: float = 0.0
    shear_range: float = 0.0
    zoom_range: float | tuple[float, float] = 0.0
    horizontal_flip: bool = False
    vertical_flip: bool = False
    fill_mode: FillMode = "nearest"
    cval: float = 0.0
    engine: Engine = "tfdata"
    quirks: Quirks = "fixed"

    def __post_init__(self) -> None:
        for name, choices in (("fill_mode", FillMode), ("engine", Engine), ("quirks", Quirks)):
            allowed, received = get_args(choices), getattr(self, name)
            if received not in allowed:
                raise ConfigError(f"`{name}` must be one of {', '.join(allowed)}, received {received!r}")
        for name in ("width_shift_range", "height_shift_range"):
            share = getattr(self, name)
            if not 0 <= share < 1:
                raise ConfigError(f"`{name}` must be a fraction of at least 0 and below 1, received {share!r}")

    def draw(self, shape: tuple[int, int], seeds: Sequence[Sequence[int]]) -> list[Transform]:
        """Draws one transform per seed for pictures of `shape` (height, width); equal seeds, equal transforms.

        They are what ImageDataGenerator.get_random_transform draws, number for number.
        """
        import numpy as np

        random = np.random.RandomState(0)  # Keras draws from the global one, which other threads may use
        drawn = []
        for seed in seeds:
            random.seed(int(np.random.SeedSequence(seed).generate_state(1)[0]))
            drawn.append(self._transform(iter(random.random_sample(MOST_NUMBERS).tolist()), *shape))
        return drawn

    def apply(self, images: "np.ndarray", transforms: Sequence[Transform]) -> "np.ndarray":
        """Returns `images` (n, height, width, channels; 0..255, best as uint8) transformed one by one, as float32.

        What the engine tfdata returns can only be read.
        """
        import numpy as np

        from kerasvgg.data.affine import matrices
        from kerasvgg.data.resample import resampler

        if self.engine == "tfdata":
            moved = resampler(self.fill_mode, self.cval)(images, matrices(transforms, *images.shape[1:3]))
            return np.asarray(moved)  # its numpy() would copy
        pairs = zip(np.asarray(images, dtype=np.float32), transforms, strict=True)
        return np.stack([self._generator.apply_transform(image, transform) for image, transform in pairs])

    @cached_property
    def _generator(self) -> Any:
        from tensorflow.keras.preprocessing.image import ImageDataGenerator

        return ImageDataGenerator(fill_mode=self.fill_mode, cval=self.cval)

    def _transform(self, numbers: Iterator[float], height: int, width: int) -> Transform:
        """Makes a transform of even numbers from 0 to 1, taking as many as Keras does, in Keras' order."""
        fixed = self.quirks == "fixed"
        shifts = [(self.height_shift_range, height), (self.width_shift_range, width)]
        theta = _within(self.rotation_range, numbers)
        tx, ty = (_within(share, numbers) * side for share, side in (reversed(shifts) if fixed else shifts))
        shear = _within(math.degrees(self.shear_range) if fixed else self.shear_range, numbers)
        zx, zy = self._zoom(numbers)
        transform = {"theta": theta, "tx": tx, "ty": ty, "shear": shear, "zx": zx, "zy": zy}
        for name, wanted in (("flip_horizontal", self.horizontal_flip), ("flip_vertical", self.vertical_flip)):
            transform[name] = next(numbers) < 0.5 and wanted
        return _around_the_centre(transform, height, width) if fixed and height != width else transform

    def _zoom(self, numbers: Iterator[float]) -> tuple[float, float]:
        zoom = self.zoom_range
        lower, upper = (1 - zoom, 1 + zoom) if isinstance(zoom, int | float) else zoom
        if lower == upper == 1:
            return 1.0, 1.0
        return lower + (upper - lower) * next(numbers), lower + (upper - lower) * next(numbers)


def _within(bound: float, numbers: Iterator[float]) -> float:
    return -bound + 2 * bound * next(numbers) if bound else 0.0


def _around_the_centre(transform: Transform, height: int, width: int) -> Transform:
    """Shifts so that an oblong picture turns around its centre, where Keras has a pivot beside it."""
    from kerasvgg.data.affine import linear_part

    off = (width - height) / 2  # the centre lies at (off, -off) from the pivot
    a, b, c, d = linear_part(transform)
    x, y = off * (1 - a + b), -off * (1 - d + c)
    cosine, _, sine, _ = linear_part({"theta": transform["theta"]})
    tx, ty = transform["tx"] + cosine * x + sine * y, transform["ty"] + cosine * y - sine * x
    return {**transform, "tx": tx, "ty": ty}
