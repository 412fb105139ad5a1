import base64
import json
import zipfile
from dataclasses import asdict

import h5py
import numpy as np
import pytest

from kerasvgg.errors import ModelFileError
from kerasvgg.modelfile.description import Description, describe_archive, describe_h5, read_description
from kerasvgg.modelfile.novelty import MOST_TEXT, Novelty

NOVELTY = Novelty.of(np.array([0.1, 0.2, 0.3]), np.array([2.0, 1.0]), np.eye(2, 3), 0.5, 4.25)
MORE = {
    "temperature": 1.75,
    "test_time_flip": True,
    "fit": "crop",
    "novelty": NOVELTY,
    "thresholds": (0.25, 1.0),
}  # what the first version had not
ABOUT = Description(("cat", "dog"), (48, 48), "bilinear", "unit", "small_cnn", **MORE)


LEFT_OUT = object()


def written(path, **changes):
    fields = {name: value for name, value in {**asdict(ABOUT), **changes}.items() if value is not LEFT_OUT}
    if path.suffix == ".h5":
        with h5py.File(path, "w") as file:
            file["kerasvgg"] = json.dumps(fields)
        return path
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("kerasvgg.json", json.dumps(fields))
    return path


def test_a_description_comes_back_as_it_was(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.keras", "w"):
        pass
    describe_archive(tmp_path / "a.keras", ABOUT)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        describe_h5(file, ABOUT)
    for name in ("a.keras", "a.h5"):
        found = read_description(tmp_path / name)
        assert found == ABOUT
        assert found.novelty.distances(np.eye(3)) == pytest.approx(np.sqrt([0.625, 0.825, 1.025]))


@pytest.mark.parametrize("suffix", ["keras", "h5"])
def test_a_file_of_an_older_version_has_no_temperature_and_squeezes(tmp_path, suffix):
    old = written(tmp_path / f"old.{suffix}", **dict.fromkeys(MORE, LEFT_OUT))
    plain = Description(("cat", "dog"), (48, 48), "bilinear", "unit", "small_cnn")
    assert read_description(old) == plain
    assert not plain.multi_label


@pytest.mark.parametrize("value", [0, -1, 1e9, "1", None, True, [1], float("nan"), float("inf")])
def test_a_temperature_that_is_none_is_refused(tmp_path, value):
    with pytest.raises(ModelFileError, match=r"`temperature` must be a number from 0\.01 to 100"):
        read_description(written(tmp_path / "a.keras", temperature=value))


@pytest.mark.parametrize(
    "value", [5, "ab", [0.5], [0.5, 0.5, 0.5], [0.5, 1.1], [-0.1, 0.5], [0.5, True], [0.5, float("nan")]]
)
def test_thresholds_that_are_none_are_refused(tmp_path, value):
    with pytest.raises(ModelFileError, match="damaged"):
        read_description(written(tmp_path / "a.keras", thresholds=value))


@pytest.mark.parametrize("value", ["stretch", "", None, 1, [], ["pad"]])
def test_a_fit_that_is_none_is_refused(tmp_path, value):
    with pytest.raises(ModelFileError, match="`fit` must be one of squeeze, pad, crop"):
        read_description(written(tmp_path / "a.keras", fit=value))


def text(*values, dtype="<f4"):
    return base64.b64encode(np.array(values, dtype).tobytes()).decode()


@pytest.mark.parametrize(
    "change",
    [
        {"mean": text(0, 0)},
        {"mean": ""},
        {"variances": text(1)},
        {"axes": text(*[0] * 5, dtype="<f2")},
        {"mean": text(0, np.nan, 0)},
        {"mean": text(0, np.inf, 0)},
        {"mean": text(0, 1e30, 0)},
        {"variances": text(1, np.nan)},
        {"variances": text(1, 0)},
        {"variances": text(1, -1)},
        {"variances": text(1, np.inf)},
        {"axes": text(*[np.nan] * 6, dtype="<f2")},
        {"axes": text(*[2] * 6, dtype="<f2")},
        {"mean": "!" + text(0, 0, 0)},
        {"mean": "é"},
        {"mean": text(0, 0, 0)[:-1]},
        {"mean": text(0, 0, 0) + "A" * 4},
        {"mean": "A" * (4 * MOST_TEXT)},
        {"mean": text(*[0] * 300_000), "variances": "", "axes": ""},  # right but for its size
        {"axes": None},
        {"axes": [[0, 0, 0], [0, 0, 0]]},
        *({name: value} for name in ("threshold", "rest") for value in (0, -1, float("nan"), 10**400, "1", True, None)),
        {"threshold": float("inf")},
        {"exec": "touch RAN"},
    ],
)
def test_a_novelty_that_is_none_is_refused(tmp_path, change):
    with pytest.raises(ModelFileError, match="what the file says of itself is damaged"):
        read_description(written(tmp_path / "a.keras", novelty={**asdict(NOVELTY), **change}))


@pytest.mark.parametrize("value", [{}, [], 5, "yes", True, [["threshold", 1]], {"threshold": 1.0}])
def test_a_novelty_of_another_shape_is_refused(tmp_path, value):
    with pytest.raises(ModelFileError, match="what the file says of itself is damaged"):
        read_description(written(tmp_path / "a.h5", novelty=value))
