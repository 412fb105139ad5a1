import io
import struct
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image, ImageOps

from kerasvgg.data.pictures.decode import decode, glance, trouble, upright_size
from kerasvgg.errors import DataError

GRADIENT = np.arange(32 * 32 * 3, dtype=np.uint32).reshape(32, 32, 3).astype(np.uint8)


def test_a_lossless_picture_of_the_right_size_keeps_every_pixel(tmp_path):
    Image.fromarray(GRADIENT).save(tmp_path / "a.png")
    assert np.array_equal(decode(tmp_path / "a.png", (32, 32)), GRADIENT)


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear", "bicubic", "lanczos", "box", "hamming"])
def test_resizing_equals_keras_load_img(tmp_path, interpolation):
    from keras.utils import img_to_array, load_img

    Image.fromarray(GRADIENT).save(tmp_path / "a.png")
    theirs = img_to_array(load_img(tmp_path / "a.png", target_size=(20, 45), interpolation=interpolation))
    assert np.array_equal(decode(tmp_path / "a.png", (20, 45), interpolation), theirs)


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "CMYK", "1", "YCbCr"])
def test_every_mode_becomes_rgb(tmp_path, mode):
    suffix = {"CMYK": "jpg", "YCbCr": "jpg"}.get(mode, "png")
    Image.fromarray(GRADIENT).convert(mode).save(tmp_path / f"a.{suffix}")
    assert decode(tmp_path / f"a.{suffix}", (16, 16)).shape == (16, 16, 3)


@pytest.mark.parametrize("format", ["PNG", "GIF", "WEBP", "TIFF", "JPEG", "BMP", "PPM"])
def test_of_an_animation_the_first_picture_is_taken_and_resized(tmp_path, format):
    frames = [Image.new("RGB", (40, 30), colour) for colour in ((250, 20, 20), (20, 250, 20))]
    more = {"save_all": True, "append_images": frames[1:]} if format in ("PNG", "GIF", "WEBP", "TIFF") else {}
    frames[0].save(tmp_path / "a", format, **more)
    assert trouble(tmp_path / "a") is None
    assert np.abs(decode(tmp_path / "a", (20, 25)).astype(int) - (250, 20, 20)).max() <= 6


def test_sixteen_bit_gray_keeps_its_upper_bits(tmp_path):
    deep = np.linspace(0, 65535, 32 * 32).reshape(32, 32).astype(np.uint16)
    Image.fromarray(deep).save(tmp_path / "deep.png")
    assert np.abs(decode(tmp_path / "deep.png", (32, 32))[..., 0] - deep / 256.0).max() <= 1


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_undone(tmp_path, orientation):
    shown = np.zeros((40, 20, 3), np.uint8)
    shown[:10, :10] = 255  # a mark at the upper left of the picture as it is meant to be seen
    back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # Pillow's transpose numbers that undo each orientation
    stored = Image.fromarray(shown)
    if orientation > 1:
        stored = stored.transpose(back[orientation])
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored.save(tmp_path / "a.png", exif=exif)
    assert np.array_equal(decode(tmp_path / "a.png", (40, 20)), shown)
    assert upright_size(tmp_path / "a.png") == (20, 40)


def _jpeg() -> bytes:
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, "JPEG")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"<html>not found</html>", "not a picture"),
        (_jpeg()[:900], "truncated"),
        (_jpeg()[:-2], "truncated"),
    ],
    ids=["empty", "html", "cut in the middle", "cut at the end"],
)
def test_what_is_no_whole_picture_is_named_with_the_reason(tmp_path, content, words):
    path = tmp_path / "bad.jpg"
    path.write_bytes(content)
    assert words in trouble(path)
    with pytest.raises(DataError, match=words) as caught:
        decode(path, (8, 8))
    assert str(path) in str(caught.value)


def test_a_decompression_bomb_is_refused(tmp_path):
    Image.new("1", (10_000, 9_500)).save(tmp_path / "bomb.png")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # whatever the program around us wants to hear
        assert "pixels" in trouble(tmp_path / "bomb.png")


def test_float_pictures_are_refused(tmp_path):
    Image.fromarray(np.zeros((8, 8), np.float32)).save(tmp_path / "a.tiff")
    assert "32 bits" in trouble(tmp_path / "a.tiff")


def test_a_good_picture_has_no_trouble(tmp_path):
    (tmp_path / "a.jpg").write_bytes(_jpeg())
    assert trouble(tmp_path / "a.jpg") is None


def test_decoding_in_threads_leaves_the_warning_filters_as_they_were(tmp_path):
    (tmp_path / "a.jpg").write_bytes(_jpeg())
    before = list(warnings.filters)
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(trouble, [tmp_path / "a.jpg"] * 2000)) == [None] * 2000
    assert list(warnings.filters) == before


def test_a_remark_about_odd_metadata_is_no_trouble(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 1
    cut = exif.tobytes()[:-6]  # Pillow warns of corrupt EXIF data, and still decodes the picture
    Image.fromarray(GRADIENT).save(tmp_path / "a.jpg", exif=cut)
    assert trouble(tmp_path / "a.jpg") is None
    decode(tmp_path / "a.jpg", (8, 8))


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("how", [{"subsampling": 0}, {"subsampling": 2, "progressive": True}, {"quality": 20}])
def test_a_jpeg_has_the_pixels_that_pillow_gives_it(tmp_path, mode, how):
    channels = {"RGB": (3,), "L": (), "CMYK": (4,)}[mode]
    noise = np.random.default_rng(0).integers(0, 255, (37, 53, *channels), dtype=np.uint8)
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(noise, mode).save(tmp_path / "a.jpg", exif=exif, **how)
    expected = np.asarray(ImageOps.exif_transpose(Image.open(tmp_path / "a.jpg")).convert("RGB"))
    assert np.array_equal(decode(tmp_path / "a.jpg", (53, 37)), expected)


def test_memory_that_ends_at_a_small_picture_is_not_the_pictures_fault(tmp_path, monkeypatch):
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")

    def no_memory(*_):
        raise MemoryError

    monkeypatch.setattr("kerasvgg.data.pictures.decode.load", no_memory)
    with pytest.raises(MemoryError):
        decode(tmp_path / "a.png", (8, 8))


def test_missing_rows_are_noticed_in_a_picture_that_was_loaded_before(tmp_path):
    whole = io.BytesIO()
    Image.new("RGB", (20, 20), "white").save(whole, "PNG")
    rows = zlib.compress(bytes(61) * 10)
    head, rest = whole.getvalue().split(b"IDAT", 1)
    size = struct.unpack(">I", head[-4:])[0]
    chunk = struct.pack(">I", len(rows)) + b"IDAT" + rows + struct.pack(">I", zlib.crc32(b"IDAT" + rows))
    (tmp_path / "half.png").write_bytes(head[:-4] + chunk + rest[size + 4 :])
    with pytest.raises(DataError, match="truncated: 610 of 1,220 bytes"):
        glance(tmp_path / "half.png", lambda picture: picture.load())
