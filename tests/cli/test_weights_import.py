import sys
from pathlib import Path

import numpy as np
import pytest
import scipy.io
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1] / "modelfile"))
from mat_files import mat_file, vgg19


@pytest.fixture
def mat(place) -> str:
    (place / "vgg.mat").write_bytes(mat_file(vgg19("old")).read())
    return "vgg.mat"


def test_a_mat_file_becomes_a_model_that_inspect_and_predict_know(cli, mat):
    done = cli("weights", "import", mat)
    assert done.status == 0
    assert done.out.startswith("vgg.keras: 43 layers, 5,077 weights, 3 classes, RGB minus the file's mean pixel")
    assert "kernels read width-first, as (width, height, in, out)" in done.out
    said = cli("inspect", "vgg.keras")
    assert said.status == 0
    assert "head: flatten, fc6, relu6, fc7, relu7, fc8, prob" in said.out
    Image.fromarray(np.full((30, 40, 3), 120, np.uint8)).save("a.png")
    assert "a.png: class " in cli("predict", "vgg.keras", "a.png").out


def test_where_and_how_may_be_said(cli, mat, place):
    done = cli("weights", "import", mat, "--output", "other.h5", "--kernel-order", "height-first")
    assert "other.h5: 43 layers" in done.out
    assert "kernels read height-first, as (height, width, in, out)" in done.out
    assert sorted(path.name for path in place.iterdir()) == ["other.h5", "vgg.mat"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("none.mat",), "`none.mat` must be a .mat file, received nothing there"),
        (("broken.mat",), "`broken.mat`"),
        (("other.mat",), "`other.mat` must be a MatConvNet network"),
        (("vgg.mat", "--output", "there.keras"), "`--force` be given"),
        (("vgg.mat", "--output", "a.npz"), "must end in .keras or .h5"),
        (("vgg.mat", "--kernel-order", "upside-down"), "width-first, height-first, received 'upside-down'"),
        (("a.npz", "--output", "b.keras"), "are for .mat files, received `a.npz`"),
    ],
)
def test_what_can_not_be_imported_is_a_mistake(cli, mat, place, words, message):
    (place / "broken.mat").write_bytes((place / mat).read_bytes()[:5000])
    scipy.io.savemat("other.mat", {"x": 1.0})
    (place / "there.keras").write_text("mine")
    done = cli("weights", "import", *words)
    assert done.status == 2
    assert message in done.err
    assert len(done.err.splitlines()) == 1
    assert (place / "there.keras").read_text() == "mine"
    assert sorted(path.suffix for path in place.iterdir()) == [".keras", ".mat", ".mat", ".mat"]
