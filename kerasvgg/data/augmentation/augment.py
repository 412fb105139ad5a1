"""Random changes to training pictures, under ImageDataGenerator's own names."""

import math
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from kerasvgg.settings import Positive, Section, Share

if TYPE_CHECKING:
    import numpy as np

Transform = dict[str, Any]
# A strict tuple would refuse the lists that YAML has; the items stay strict.
Pair = Annotated[tuple[Positive, Positive], Field(strict=False)]
FillMode = Literal["nearest", "constant", "reflect", "wrap"]
Engine = Literal["tfdata", "imagedatagenerator"]
Quirks = Literal["fixed", "keras"]
MOST_NUMBERS = 8  # an angle, two shifts, a shear, two zooms, two flips
CROP_TRIES = 10
MOST_CROP_NUMBERS = 2 * CROP_TRIES + 2  # a share and a ratio each, and a place


class Augmentation(Section):
    """What may happen to a picture, in the words of ImageDataGenerator.

    Rotation in degrees, shifts as fractions of the size, zoom as a fraction around 1 or as (lower, upper), `cval`
    0..255. `quirks="keras"` is today's ImageDataGenerator to the letter: `height_shift_range` moves pictures
    sideways and `width_shift_range` up and down (keras#17398), `shear_range` counts degrees, and a picture that
    is not square turns around a point beside its centre. `quirks="fixed"` moves as the names say, counts shear in
    radians as the recipes of 2017 meant it, and turns around the centre.

    `crop_scale` (lower, upper) cuts a box of such a share of the picture's area, and of `crop_ratio` (width by height,
    drawn evenly on a log scale), and enlarges it to the whole size. It is torchvision's RandomResizedCrop on a picture
    that has its final size already; ImageDataGenerator has no such thing.

    `engine="imagedatagenerator"` applies the transforms with the real class, `engine="tfdata"` with one compiled
    operation per batch. The same seed gives the same pictures in both, within 0.001 of 255.
    """

    rotation_range: float = Field(default=0.0, ge=0, le=180, description="Rotate by up to so many degrees.")
    width_shift_range: Share = Field(default=0.0, description="Shift by up to this fraction of the width.")
    height_shift_range: Share = Field(default=0.0, description="Shift by up to this fraction of the height.")
    shear_range: float = Field(
        default=0.0, ge=0, description="Shear by up to this angle: in radians, or in degrees with quirks: keras."
    )
    zoom_range: Share | Pair = Field(
        default=0.0, description="Zoom by a factor from 1 - zoom_range to 1 + zoom_range, or from [lower, upper]."
    )
    horizontal_flip: bool = Field(default=False, description="Mirror every second picture, at random.")
    vertical_flip: bool = Field(default=False, description="Turn every second picture upside down, at random.")
    crop_scale: Pair | None = Field(
        default=None,
        description="Crop to a random share of the area, from [lower, upper] of it, and enlarge to the whole size; "
        "null: no crop.",
    )
    crop_ratio: Pair = Field(
        default=(3 / 4, 4 / 3), description="The crop's width by its height, in shares of the picture's own."
    )
    fill_mode: FillMode = Field(default="nearest", description="What fills the places that a change leaves empty.")
    cval: float = Field(default=0.0, ge=0, le=255, description="The pixel value for fill_mode: constant.")
    engine: Engine = Field(
        default="tfdata", description="Who does it: one affine transform in tf.data, or Keras' ImageDataGenerator."
    )
    quirks: Quirks = Field(
        default="fixed",
        description="fixed: height_shift_range moves pictures up and down, width_shift_range sideways, and "
        "shear_range is in radians, as the recipes of 2017 meant. keras: today's ImageDataGenerator to the letter, "
        "where height_shift_range moves pictures sideways and shear_range is in degrees.",
    )

    @field_validator("zoom_range", "crop_scale", "crop_ratio")
    @classmethod
    def _lower_first(cls, bounds: float | tuple[float, float] | None) -> float | tuple[float, float] | None:
        if isinstance(bounds, tuple) and bounds[0] > bounds[1]:
            raise ValueError("must be [lower, upper], the lower bound first")
        return bounds

    @field_validator("crop_scale")
    @classmethod
    def _part_of_the_whole(cls, scale: tuple[float, float] | None) -> tuple[float, float] | None:
        if scale and scale[1] > 1:
            raise ValueError("must be shares of at most 1")
        return scale

    @model_validator(mode="after")
    def _keras_does_not_crop(self) -> Self:
        if self.crop_scale and self.quirks == "keras":
            raise ValueError("must not have `crop_scale` with `quirks: keras`, because Keras does not crop")
        return self

    @property
    def only_mirrors(self) -> bool:
        """Tells whether a picture has two views: itself and its mirror image."""
        return self == Augmentation(horizontal_flip=True, engine=self.engine, quirks=self.quirks)

    def draw(self, shape: tuple[int, int], seeds: Sequence[Sequence[int]]) -> list[Transform]:
        """Draws one transform per seed for pictures of `shape` (height, width); equal seeds, equal transforms.

        They are what ImageDataGenerator.get_random_transform draws, number for number.
        """
        import numpy as np

        count = MOST_NUMBERS + (MOST_CROP_NUMBERS if self.crop_scale else 0)
        random = np.random.RandomState(0)  # Keras draws from the global one, which other threads may use
        drawn = []
        for seed in seeds:
            random.seed(int(np.random.SeedSequence(seed).generate_state(1)[0]))
            drawn.append(self._transform(iter(random.random_sample(count).tolist()), *shape))
        return drawn

    def apply(self, images: "np.ndarray", transforms: Sequence[Transform]) -> "np.ndarray":
        """Returns `images` (n, height, width, channels; 0..255, best as uint8) transformed one by one, as float32.

        What the engine tfdata returns can only be read.
        """
        import numpy as np

        from kerasvgg.data.augmentation.affine import matrices, resampler

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
        if self.crop_scale:
            transform |= _cropped(transform, _crop(self.crop_scale, self.crop_ratio, numbers), height, width)
        return _around_the_centre(transform, height, width) if fixed and height != width else transform

    def _zoom(self, numbers: Iterator[float]) -> tuple[float, float]:
        zoom = self.zoom_range
        lower, upper = (1 - zoom, 1 + zoom) if isinstance(zoom, int | float) else zoom
        if lower == upper == 1:
            return 1.0, 1.0
        return lower + (upper - lower) * next(numbers), lower + (upper - lower) * next(numbers)


def _within(bound: float, numbers: Iterator[float]) -> float:
    return -bound + 2 * bound * next(numbers) if bound else 0.0


def _crop(
    scale: tuple[float, float], ratio: tuple[float, float], numbers: Iterator[float]
) -> tuple[float, float, float, float]:
    """Returns left, top, width and height of a box in shares of the picture; where none fits, the whole."""
    found = (1.0, 1.0)
    for _ in range(CROP_TRIES):
        area = scale[0] + (scale[1] - scale[0]) * next(numbers)
        lower, upper = map(math.log, ratio)
        shape = math.exp(lower + (upper - lower) * next(numbers))
        width, height = math.sqrt(area * shape), math.sqrt(area / shape)
        if width <= 1 and height <= 1:
            found = width, height
            break
    return (1 - found[0]) * next(numbers), (1 - found[1]) * next(numbers), *found


def _cropped(transform: Transform, box: tuple[float, float, float, float], height: int, width: int) -> Transform:
    """Returns the zoom and shift that show the box alone."""
    left, top, share_x, share_y = box
    x, y = left + (share_x - 1) / 2, top + (share_y - 1) / 2  # from the picture's centre to the box's
    return {
        "zx": transform["zx"] * share_x,
        "zy": transform["zy"] * share_y,
        "tx": transform["tx"] + x * width,
        "ty": transform["ty"] + y * height,
    }


def _around_the_centre(transform: Transform, height: int, width: int) -> Transform:
    """Shifts so that an oblong picture turns around its centre, where Keras has a pivot beside it."""
    from kerasvgg.data.augmentation.affine import linear_part

    off = (width - height) / 2  # the centre lies at (off, -off) from the pivot
    a, b, c, d = linear_part(transform)
    x, y = off * (1 - a + b), -off * (1 - d + c)
    cosine, _, sine, _ = linear_part({"theta": transform["theta"]})
    tx, ty = transform["tx"] + cosine * x + sine * y, transform["ty"] + cosine * y - sine * x
    return {**transform, "tx": tx, "ty": ty}
