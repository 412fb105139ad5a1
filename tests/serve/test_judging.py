"""A model is judged before anybody asks it."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from model_server import NAMES, expected, jpeg, write_onnx

from kerasvgg.errors import ModelFileError
from kerasvgg.serve.opening import open_checked


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_what_opens_says_the_same_in_batches_of_each_size(tmp_path: Path, threads: int) -> None:
    model = open_checked(write_onnx(tmp_path / "model.onnx"), threads)
    contents = [jpeg(seed) for seed in range(17)]
    pixels = np.stack([model.pixels(one) for one in contents])
    wanted = np.stack([expected(one) for one in contents])
    for count in (1, 2, 3, 4, 5, 8, 17):
        rows = model.run(pixels[:count])
        assert np.abs(rows.probabilities - wanted[:count]).max() < 1e-5
        assert rows.maps is not None
        assert len(rows.maps) == count


def test_one_that_does_not_know_its_classes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="must give 2 probabilities a picture, received"):
        open_checked(write_onnx(tmp_path / "model.onnx", class_names=["cat", "dog"]), 1)


def test_one_that_gives_no_numbers_is_refused(tmp_path: Path) -> None:
    made = onnx.load(write_onnx(tmp_path / "model.onnx"))
    for one in made.graph.initializer:
        if one.name == "kernel":
            one.CopyFrom(onnx.numpy_helper.from_array(np.full((3, len(NAMES)), np.nan, np.float32), "kernel"))
    onnx.save(made, tmp_path / "spoilt.onnx")
    with pytest.raises(ModelFileError, match="must give probabilities from 0 to 1"):
        open_checked(tmp_path / "spoilt.onnx", 1)


def test_one_of_others_making_is_refused(tmp_path: Path) -> None:
    made = onnx.load(write_onnx(tmp_path / "model.onnx"))
    del made.metadata_props[:]
    onnx.save(made, tmp_path / "other.onnx")
    with pytest.raises(ModelFileError, match="must be what `kerasvgg export` wrote"):
        open_checked(tmp_path / "other.onnx", 1)
