"""Whether arrays hold pixels as a model takes them: 0..255, not scaled already."""

import math

from kerasvgg.errors import DataError

SLACK = 20  # levels that a sharp resampling may overshoot by
DARK = 10  # no picture is so dark that its brightest pixel is below it, but scaled ones are


def check_pixel_range(low: float, high: float) -> None:
    """Raises DataError for a range of values that looks scaled or shifted, because the model does that itself.

    All zero is black, and passes.
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        reason = "some are not finite"
    elif low == high == 0:
        return
    elif high > 255 + SLACK or low < -SLACK:
        reason = "they look as if something was subtracted or multiplied, as by preprocess_input; leave that out"
    elif high > DARK:
        return
    elif low >= 0 and high <= 1:
        reason = "they look scaled to 0..1, as by x / 255; undo it with x * 255"
    elif low >= -1 and high <= 1:
        reason = "they look scaled to -1..1, as by x / 127.5 - 1; undo it with (x + 1) * 127.5"
    else:
        reason = "they look scaled or standardised, as by (x - mean) / deviation; leave that out"
    raise DataError(
        f"`images` must be pixels from 0 to 255, because the model does its own preprocessing; "
        f"received {low:.4g} to {high:.4g}: {reason}"
    )
