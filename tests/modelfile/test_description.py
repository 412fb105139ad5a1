import json
import zipfile
from dataclasses import asdict, replace

import h5py
import pytest

from kerasvgg.errors import ModelFileError
from kerasvgg.modelfile.description import Description, describe_archive, read_description

MORE = {"temperature": 1.75, "test_time_flip": True, "fit": "crop"}  # what the first version had not
ABOUT = Description(("cat", "dog"), (48, 48), "bilinear", "unit", "small_cnn", **MORE)


def written(path, **changes):
    fields = {name: value for name, value in {**asdict(ABOUT), **changes}.items() if value != "left out"}
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
    assert read_description(tmp_path / "a.keras") == ABOUT


@pytest.mark.parametrize("suffix", ["keras", "h5"])
def test_a_file_of_an_older_version_has_no_temperature_and_squeezes(tmp_path, suffix):
    old = written(tmp_path / f"old.{suffix}", **dict.fromkeys(MORE, "left out"))
    assert read_description(old) == replace(ABOUT, temperature=1.0, test_time_flip=False, fit="squeeze")


@pytest.mark.parametrize("value", [0, -1, 1e9, "1", None, True, [1], float("nan"), float("inf")])
def test_a_temperature_that_is_none_is_refused(tmp_path, value):
    with pytest.raises(ModelFileError, match=r"`temperature` must be a number from 0\.01 to 100"):
        read_description(written(tmp_path / "a.keras", temperature=value))


@pytest.mark.parametrize("value", ["stretch", "", None, 1, [], ["pad"]])
def test_a_fit_that_is_none_is_refused(tmp_path, value):
    with pytest.raises(ModelFileError, match="`fit` must be one of squeeze, pad, crop"):
        read_description(written(tmp_path / "a.keras", fit=value))
