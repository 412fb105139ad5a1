"""What the kinds of the zoo hold: functions of an array of RGB, in numpy alone where no codec is needed."""

import io

import numpy as np
from PIL import Image
from zoo import HEIGHT, WIDTH

FINE = {"quality": 98, "subsampling": 0}
PALETTE = np.random.default_rng(1).integers(0, 256, (256, 3), dtype=np.uint8)
LOSSY = 6


def gray(rgb):
    return np.repeat(rgb[..., :1], 3, axis=2)


def alpha(rgb):
    """Half of it transparent; the colours under it stay."""
    return np.dstack([rgb, np.where(np.arange(WIDTH) % 2, 255, 0).repeat(HEIGHT).reshape(WIDTH, HEIGHT).T]).astype(
        np.uint8
    )


def deep(rgb):
    """16 bits whose lower eight are not zero."""
    return rgb.astype(np.uint16) << 8 | rgb[::-1, ::-1]


def bits(rgb):
    return rgb[..., 0] & 4 > 0


def black_and_white(rgb):
    return np.repeat(bits(rgb)[..., None], 3, axis=2) * np.uint8(255)


def coloured(rgb):
    return PALETTE[rgb[..., 0]]


def inks(rgb):
    """Cyan, magenta, yellow and black, 0 is no ink."""
    return np.dstack([rgb[..., 1], rgb[..., 2], rgb[..., 0], rgb[..., 0] // 2])


def printed(rgb):
    ink = inks(rgb) / 255
    return np.round(255 * (1 - ink[..., :3]) * (1 - ink[..., 3:])).astype(np.uint8)


def frames(rgb, format, **more):
    data = io.BytesIO()
    first, *others = (Image.fromarray(frame) for frame in (rgb, 255 - rgb, rgb[::-1]))
    first.save(data, format, save_all=True, append_images=others, **more)
    return data.getvalue()


def packed(flags):
    return np.packbits(flags, axis=1)


def big(array):
    return array.astype(">u2").view(np.uint8).reshape(len(array), -1)


def little(array):
    return array.astype("<u2").tobytes()


def gif(rgb, **more):
    """GIF of 256 colours, as its palette and indices are."""
    image = Image.fromarray(rgb[..., 0])
    image.putpalette(PALETTE.tobytes())
    data = io.BytesIO()
    image.save(data, "GIF", optimize=False, **more)
    return data.getvalue()
