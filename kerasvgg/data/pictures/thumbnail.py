"""A picture as 32 x 32 gray levels: enough to tell whether two pictures are one."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image

SIDE = 32
FAINTEST = 2.0  # levels of 255 that the thumbnail's pixels spread over, as a standard deviation


def thumbnail(picture: "Image") -> "np.ndarray":
    """Returns the whole picture, uint8 (32, 32), whatever its aspect ratio."""
    import numpy as np
    from PIL.Image import Resampling

    return np.asarray(picture.resize((SIDE, SIDE), Resampling.BOX).convert("L"))


def tells(spread: float, size: tuple[int, int]) -> bool:
    """Tells whether a thumbnail of a picture of this size, its levels spread like this, tells it from others.

    That of a scan of a few pixels doesn't, where ones look like ones, nor does that of an even plane.
    """
    return min(size) >= SIDE and spread >= FAINTEST
