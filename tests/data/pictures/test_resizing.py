import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps

from kerasvgg.data.pictures.decode import decode
from kerasvgg.data.pictures.resizing import FILLING, FITS, INTERPOLATIONS

NOISE = np.random.default_rng(0).integers(0, 256, (60, 90, 3), dtype=np.uint8)
SIZES = ((30, 31), (48, 96), (20, 90), (200, 160))  # (height, width): smaller and larger, of other proportions


@pytest.fixture
def decoded(tmp_path):
    """Returns what the decoder makes of pixels, or of a picture."""

    def decoded(picture, *how, **more):
        picture = Image.fromarray(picture) if isinstance(picture, np.ndarray) else picture
        picture.save(tmp_path / "a.png", **more)
        return decode(tmp_path / "a.png", *how)

    return decoded


@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
def test_cropping_is_pillows_own_fit_within_one_level(decoded, interpolation):
    for height, width in SIZES:
        how = Image.Resampling[interpolation.upper()]
        theirs = np.asarray(ImageOps.fit(Image.fromarray(NOISE), (width, height), how))
        found = decoded(NOISE, (height, width), interpolation, "crop")
        assert np.abs(found.astype(int) - theirs).max() <= 1


@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
def test_padding_is_pillows_own_pad_to_the_bit(decoded, interpolation):
    for height, width in SIZES:  # where the border is even; elsewhere Pillow rounds half a pixel to either side
        how = Image.Resampling[interpolation.upper()]
        theirs = np.asarray(ImageOps.pad(Image.fromarray(NOISE), (width, height), how, color=FILLING))
        assert np.array_equal(decoded(NOISE, (height, width), interpolation, "pad"), theirs)


@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
def test_a_picture_of_the_same_proportions_is_the_same_whatever_the_fit(decoded, interpolation):
    for size in ((60, 90), (20, 30), (80, 120)):
        squeezed, *others = (decoded(NOISE, size, interpolation, fit) for fit in FITS)
        assert all(np.array_equal(one, squeezed) for one in others)


@pytest.mark.parametrize("size", [(48, 96), (96, 48)])
@pytest.mark.parametrize(("width", "height"), [(300, 200), (200, 300)])
def test_a_circle_stays_one_unless_it_is_squeezed(decoded, width, height, size):
    picture = Image.new("RGB", (width, height))
    ImageDraw.Draw(picture).ellipse((width / 2 - 50, height / 2 - 50, width / 2 + 50, height / 2 + 50), "white")
    for fit, chosen in (("pad", min), ("crop", max)):
        scale = chosen(size[0] / height, size[1] / width)
        white = decoded(picture, size, "bilinear", fit)[..., 0] > 200
        found = [np.flatnonzero(white.any(axis=axis)) for axis in (1, 0)]
        assert [len(one) for one in found] == pytest.approx([min(100 * scale, side) for side in size], abs=2)
        assert [one.mean() for one in found] == pytest.approx([(side - 1) / 2 for side in size], abs=1)
    white = decoded(picture, size, "bilinear", "squeeze")[..., 0] > 200
    assert abs(np.ptp(np.flatnonzero(white.any(axis=0))) - np.ptp(np.flatnonzero(white.any(axis=1)))) > 5


def test_padding_is_even_on_both_sides_and_one_pixel_off_at_most(decoded):
    for width in range(1, 40):
        found = decoded(np.full((40, width, 3), 255, np.uint8), (40, 40), "nearest", "pad")
        padding = np.flatnonzero((found == FILLING).all(axis=(0, 2)))
        assert len(padding) == 40 - width
        assert np.array_equal((found == 255).all(axis=(0, 2)), np.isin(np.arange(40), padding, invert=True))
        assert abs(2 * (padding < 20).sum() - len(padding)) <= 1


@pytest.mark.parametrize("fit", FITS)
@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
@pytest.mark.parametrize("shape", [(1, 3000), (3000, 1), (1, 1)])
def test_a_line_of_pixels_is_a_picture_too(decoded, shape, interpolation, fit):
    for size in ((24, 16), (8, 2048), (2048, 8)):
        found = decoded(np.full((*shape, 3), 255, np.uint8), size, interpolation, fit)
        shown = (found == 255).all(axis=2)
        assert found.shape == (*size, 3)
        assert shown.any() if fit == "pad" else shown.all()
        assert (found[~shown] == FILLING).all()


def test_the_proportions_are_those_of_the_upright_picture(decoded):
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter
    found = decoded(np.full((20, 40, 3), 255, np.uint8), (40, 40), "bilinear", "pad", exif=exif)
    assert (found[:, 10:30] == 255).all()
    assert (found[:, :10] == FILLING).all()
    assert (found[:, 30:] == FILLING).all()
