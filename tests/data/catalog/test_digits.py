import time

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from kerasvgg.data.catalog.embedded import write_digits, write_mnist
from kerasvgg.errors import DataError


def pixels(path):
    with Image.open(path) as picture:
        assert (picture.format, picture.mode) == ("PNG", "L")
        return np.asarray(picture)


def test_the_digits_are_scikit_learns_spread_over_8_bits(tmp_path):
    write_digits(tmp_path / "digits")
    paths = {path.stem: path for path in (tmp_path / "digits").rglob("*.png")}
    digits = load_digits()
    assert len(paths) == len(digits.target) == 1797
    for number in (0, 1, 700, 1796):
        path = paths[f"digit_{number:04d}"]
        assert path.parent.name == str(digits.target[number])
        assert (pixels(path) == np.round(digits.images[number] * 255 / 16)).all()
    assert [path.name for path in tmp_path.iterdir()] == ["digits"]


def test_writing_the_digits_takes_less_than_two_seconds(tmp_path):
    load_digits()
    start = time.monotonic()
    write_digits(tmp_path / "digits")
    assert time.monotonic() - start < 2


def test_half_written_digits_are_not_left_behind(tmp_path, monkeypatch):
    def full(*_):
        raise OSError("disk full")

    monkeypatch.setattr(Image.Image, "save", full)
    with pytest.raises(OSError, match="disk full"):
        write_digits(tmp_path / "digits")
    assert list(tmp_path.iterdir()) == []


def some_mnist(**changes):
    generator = np.random.default_rng(0)
    arrays = {}
    for split, number in (("train", 30), ("test", 20)):
        arrays[f"x_{split}"] = generator.integers(0, 256, (number, 28, 28), np.uint8)
        arrays[f"y_{split}"] = np.arange(number, dtype=np.uint8) % 10
    return arrays | changes


def test_mnist_is_written_split_into_class_folders(tmp_path):
    arrays = some_mnist()
    np.savez(tmp_path / "mnist.npz", **arrays)
    write_mnist(tmp_path / "mnist.npz", tmp_path / "mnist")
    assert (pixels(tmp_path / "mnist" / "train" / "3" / "00013.png") == arrays["x_train"][13]).all()
    assert (pixels(tmp_path / "mnist" / "test" / "9" / "00019.png") == arrays["x_test"][19]).all()
    assert len(list((tmp_path / "mnist").rglob("*.png"))) == 50


@pytest.mark.parametrize(
    "changes",
    [
        {"x_train": np.zeros((30, 28, 28))},
        {"x_test": np.zeros((20, 28), np.uint8)},
        {"y_train": np.zeros(29, np.uint8)},
        {"y_test": np.full(20, 10)},
        {"y_test": np.full(20, -1)},
        {"y_test": np.zeros(20)},
        {"y_test": np.array([{}] * 20)},
    ],
)
def test_arrays_that_are_not_mnist_are_refused(tmp_path, changes):
    np.savez(tmp_path / "mnist.npz", **some_mnist(**changes))
    with pytest.raises(DataError, match=r"mnist\.npz"):
        write_mnist(tmp_path / "mnist.npz", tmp_path / "mnist")
    assert not (tmp_path / "mnist").exists()


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 broken"])
def test_a_file_that_is_not_mnist_is_refused(tmp_path, content):
    (tmp_path / "mnist.npz").write_bytes(content)
    with pytest.raises(DataError, match=r"mnist\.npz"):
        write_mnist(tmp_path / "mnist.npz", tmp_path / "mnist")
