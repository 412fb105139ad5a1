"""What an experiment file may say of augmentation."""

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from kerasvgg.config.section import Positive, Section, Share

# A strict tuple would refuse the lists that YAML has; the items stay strict.
Pair = Annotated[tuple[Positive, Positive], Field(strict=False)]


class Augment(Section):
    """Random changes to the training pictures."""

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
    fill_mode: Literal["nearest", "constant", "reflect", "wrap"] = Field(
        default="nearest", description="What fills the places that a change leaves empty."
    )
    cval: float = Field(default=0.0, ge=0, le=255, description="The pixel value for fill_mode: constant.")
    engine: Literal["tfdata", "imagedatagenerator"] = Field(
        default="tfdata", description="Who does it: one affine transform in tf.data, or Keras' ImageDataGenerator."
    )
    quirks: Literal["fixed", "keras"] = Field(
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
