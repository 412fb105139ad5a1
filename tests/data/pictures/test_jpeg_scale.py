"""Large JPEGs, which are decoded at a part of their size; Pillow's own draft mode is the reference."""

import numpy as np
import pytest
from PIL import Image

from kerasvgg.data.pictures.decode import decode, jpeg_scale
from kerasvgg.data.pictures.resizing import Resizing
from kerasvgg.data.pictures.sources import FilePictures
from kerasvgg.errors import DataError
from kerasvgg.files.hashing import content_hash


def photo(path, size=(200, 300), orientation=1, mode="RGB", **how):
    """Writes a smooth picture with noise, `size` being (height, width) as it lies in the file."""
    draw = np.random.default_rng(0)
    small = Image.fromarray(draw.integers(0, 256, (12, 18, 3)).astype(np.uint8))
    pixels = np.asarray(small.resize(size[::-1], Image.Resampling.BICUBIC), dtype=np.int16)
    noisy = np.clip(pixels + draw.integers(-12, 13, pixels.shape), 0, 255).astype(np.uint8)
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(noisy).convert(mode).save(path, "JPEG", quality=90, exif=exif, **how)
    return path


@pytest.mark.parametrize(
    ("size", "target", "scale"),
    [
        ((200, 300), (32, 32), 2),
        ((127, 300), (32, 32), 2),  # rounded up to 64
        ((126, 300), (32, 32), 1),
        ((255, 255), (32, 32), 4),
        ((252, 999), (32, 32), 2),
        ((600, 511), (32, 32), 8),
        ((600, 600), (100, 150), 2),
        ((600, 599), (100, 150), 2),
        ((600, 598), (100, 150), 1),
        ((40, 40), (50, 50), 1),
    ],
)
def test_both_sides_stay_at_least_twice_the_targets(tmp_path, size, target, scale):
    path = photo(tmp_path / "a.jpg", size)
    assert jpeg_scale(path, target) == scale
    assert all(-(-side // scale) >= 2 * wanted for side, wanted in zip(size, target, strict=True)) or scale == 1


@pytest.mark.parametrize("how", [{}, {"progressive": True}, {"mode": "L"}, {"mode": "CMYK"}, {"subsampling": 0}])
@pytest.mark.parametrize("fit", ["squeeze", "crop"])
def test_pixels_are_those_of_pillows_draft(tmp_path, how, fit):
    path = photo(tmp_path / "a.jpg", (259, 258), **how)
    with Image.open(path) as picture:
        picture.draft(None, (64, 64))
        assert picture.size == (65, 65)
        expected = np.asarray(picture.convert("RGB").resize((32, 32), Image.Resampling.BILINEAR))
    assert np.array_equal(decode(path, (32, 32), fit=fit), expected)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_sides_are_those_of_the_upright_picture(tmp_path, orientation):
    path = photo(tmp_path / "a.jpg", (260, 500), orientation)
    lies = orientation in (6, 8)
    assert jpeg_scale(path, (125, 65)) == (2 if lies else 1)
    assert jpeg_scale(path, (65, 125)) == (1 if lies else 2)
    assert decode(path, (125, 65)).shape == (125, 65, 3)


def test_nearest_and_smaller_pictures_keep_all_their_pixels(tmp_path):
    large, small = photo(tmp_path / "large.jpg"), photo(tmp_path / "small.jpg", (100, 110))
    assert jpeg_scale(large, (32, 32), "nearest") == 1
    for path, interpolation in ((large, "nearest"), (small, "bilinear")):
        with Image.open(path) as picture:
            expected = picture.resize((32, 32), Image.Resampling[interpolation.upper()])
        assert np.array_equal(decode(path, (32, 32), interpolation), np.asarray(expected))


def test_what_is_no_jpeg_has_no_scale(tmp_path):
    Image.new("RGB", (999, 999)).save(tmp_path / "a.png")
    (tmp_path / "b.jpg").write_bytes(b"\xff\xd8\xff nonsense")
    assert [jpeg_scale(tmp_path / name, (32, 32)) for name in ("a.png", "b.jpg", "c.jpg")] == [1, 1, 1]


@pytest.mark.parametrize("progressive", [False, True])
def test_a_part_of_the_size_hides_no_missing_data(tmp_path, progressive):
    path = photo(tmp_path / "a.jpg", (520, 520), progressive=progressive)
    whole = path.read_bytes()
    assert jpeg_scale(path, (32, 32)) == 8
    damaged = bytearray(whole)
    damaged[len(whole) // 2 : len(whole) // 2 + 2000] = bytes(2000)
    for content in (whole[:-100], whole[: len(whole) // 2], bytes(damaged)):
        path.write_bytes(content)
        # What a whole progressive file gets by with, because nothing is missing, it gets by with here too.
        gets_by = progressive and len(content) == len(whole)
        assert [is_refused(path, side) for side in (32, 520)] == [not gets_by] * 2


def is_refused(path, side):
    try:
        decode(path, (side, side))
    except DataError as error:
        return "a damaged JPEG: truncated or changed" in str(error)
    return False


def test_a_key_has_the_scale_and_that_of_a_small_picture_is_as_ever(tmp_path):
    paths = [photo(tmp_path / "large.jpg"), photo(tmp_path / "small.jpg", (100, 110))]
    hashes = [content_hash(path) for path in paths]
    for interpolation, large in (("bilinear", f"{hashes[0]}.1/2"), ("nearest", hashes[0])):
        pictures = FilePictures(paths, [0, 1], hashes, Resizing((32, 32), interpolation))
        assert pictures.keys == (large, hashes[1])
        assert pictures.load(np.arange(2)).shape == (2, 32, 32, 3)


def test_it_looks_nearly_the_same(tmp_path):
    path = photo(tmp_path / "a.jpg", (520, 520))
    with Image.open(path) as picture:
        full = np.asarray(picture.resize((32, 32), Image.Resampling.BILINEAR), dtype=float)
    assert np.abs(decode(path, (32, 32)) - full).mean() < 1.0
