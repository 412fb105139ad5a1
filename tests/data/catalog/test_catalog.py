import dataclasses
import hashlib
import io
import json
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from kerasvgg.cli.data.data import app
from kerasvgg.data.catalog.catalog import CATALOG, get, source
from kerasvgg.data.catalog.embedded import write_mnist
from kerasvgg.data.catalog.fetch import fetch
from kerasvgg.errors import DataError


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KERASVGG_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("KERASVGG_CACHE", raising=False)
    return tmp_path / "home"


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def zipped(*names: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names:
            archive.writestr(name, name)
    return content.getvalue()


def two_kinds(root: str, number: int, first: str = "Cat", second: str = "Dog") -> list[str]:
    return [f"{root}/{label}/{index}.jpg" for label in (first, second) for index in range(number)]


def from_server(server, **changes):
    """Cats and dogs as the catalog has them, but 20 of them, and from here."""
    changes = {"size": len(server.body), "sha256": None, "pictures": 20, **changes}
    return dataclasses.replace(CATALOG["cats_and_dogs"], url=server.url, **changes)


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_every_data_set_tells_where_it_comes_from_and_on_which_terms():
    for name, dataset in CATALOG.items():
        assert dataset.name == name
        assert all((dataset.title, dataset.origin, dataset.licence, dataset.layout, dataset.pictures))
        assert len(dataset.classes) >= 2
        assert (dataset.url is None) == (dataset.make is not None) == (dataset.size == 0)
        assert dataset.url is None or dataset.url.startswith("https://")


def test_the_digits_are_made_offline_where_the_home_is(home):
    assert get("digits") == source("digits") == home / "datasets" / "digits"
    assert len(list((home / "datasets" / "digits" / "7").iterdir())) == 179
    assert left(home / "datasets") == ["digits"]


def test_a_home_that_can_only_be_read_is_read_and_not_written(home, tmp_path, monkeypatch):
    touch(home / "datasets" / "faces", "female/face1.bmp", "male/face2.bmp")
    home.chmod(0o500)
    monkeypatch.setattr("kerasvgg.files.locations._own", lambda: tmp_path / "own")
    assert source("faces") == home / "datasets" / "faces"
    assert get("digits") == tmp_path / "own" / "datasets" / "digits"
    assert get("digits").is_dir()
    assert left(home / "datasets") == ["faces"]
    home.chmod(0o700)


def test_what_is_made_goes_to_the_cache(home, tmp_path, monkeypatch):
    monkeypatch.setenv("KERASVGG_CACHE", str(tmp_path / "cache"))
    assert get("digits") == tmp_path / "cache" / "datasets" / "digits"
    assert not home.exists()


@pytest.mark.parametrize(
    ("name", "files", "place"),
    [
        ("cats_and_dogs", ["train/cat.0.jpg", "train/dog.0.jpg"], "train"),
        ("cats_and_dogs", ["train/cats/0.jpg", "train/dogs/0.jpg"], "train"),
        ("cats_and_dogs", two_kinds("PetImages", 1), "PetImages"),
        ("cats_and_dogs", ["Cat/0.jpg", "Dog/0.jpg"], "."),
        ("cats_and_dogs", ["cat.0.jpg", "dog.0.jpg", "train/notes.txt"], "."),
        (
            "cats_and_dogs_filtered",
            [f"cats_and_dogs_filtered/{path}" for split in ("train", "validation") for path in
             two_kinds(split, 1, "cats", "dogs")],
            "cats_and_dogs_filtered",
        ),
        (
            "cats_and_dogs_filtered",
            [*two_kinds("train", 1, "cats", "dogs"), *two_kinds("validation", 1, "cats", "dogs")],
            ".",
        ),
        (
            "flower_photos",
            [f"flower_photos/{kind}/0.jpg" for kind in ("daisy", "dandelion", "roses", "sunflowers", "tulips")],
            "flower_photos",
        ),
        ("faces", ["female/face1.bmp", "male/face1.bmp"], "."),
        ("faces", two_kinds("gender-recognition-master/data", 1, "female", "male"), "gender-recognition-master/data"),
        ("mnist", [f"{split}/{digit}/0.png" for split in ("train", "test") for digit in range(10)], "."),
    ],
)  # fmt: skip
def test_the_pictures_are_found_however_they_came(home, name, files, place):
    touch(home / "datasets" / name, *files)
    assert source(name) == home / "datasets" / name / place


@pytest.mark.parametrize(
    ("name", "files", "received"),
    [
        ("cats_and_dogs", ["train/cat.0.jpg", "readme.txt"], "received train"),
        ("cats_and_dogs", ["readme.txt"], "received an empty folder"),
        ("cats_and_dogs_filtered", [*two_kinds("train", 1), "validation/cats/0.jpg"], "received train, validation"),
        ("faces", ["female/face1.bmp"], "received female"),
    ],
)
def test_a_folder_with_another_layout_is_refused(home, name, files, received):
    touch(home / "datasets" / name, *files)
    with pytest.raises(DataError, match=rf"must hold {name} as .*; {received}"):
        source(name)


def test_an_unknown_name_gets_the_nearest_one_and_the_list(home):
    with pytest.raises(DataError, match=r"must be one of digits, mnist.*'cats_and_dog'; did you mean cats_and_dogs\?"):
        get("cats_and_dog")
    with pytest.raises(DataError, match=r"received '\.\./x'$"):
        get("../x")


def test_a_download_arrives_with_a_note_of_its_origin(server, tmp_path):
    server.body = zipped(*two_kinds("PetImages", 10), "PetImages/Cat/Thumbs.db", "readme[1].txt")
    dataset = from_server(server)
    fetch(dataset, tmp_path / "sets" / "cats_and_dogs")
    assert dataset.source(tmp_path / "sets" / "cats_and_dogs") == tmp_path / "sets" / "cats_and_dogs" / "PetImages"
    note = json.loads((tmp_path / "sets" / "cats_and_dogs" / "origin.json").read_text())
    digest = hashlib.sha256(server.body).hexdigest()
    assert (note["url"], note["bytes"], note["sha256"]) == (server.url, len(server.body), digest)
    assert left(tmp_path / "sets") == ["cats_and_dogs"]


def test_mnist_arrives_through_the_same_door(server, tmp_path):
    content = io.BytesIO()
    pictures, labels = np.zeros((10, 28, 28), np.uint8), np.arange(10, dtype=np.uint8)
    np.savez(content, x_train=pictures, y_train=labels, x_test=pictures, y_test=labels)
    server.body = content.getvalue()
    dataset = dataclasses.replace(CATALOG["mnist"], url=server.url, size=len(server.body), sha256=None, pictures=20)
    assert dataset.unpack is write_mnist
    fetch(dataset, tmp_path / "mnist")
    with Image.open(tmp_path / "mnist" / "test" / "9" / "00009.png") as picture:
        assert picture.size == (28, 28)


@pytest.mark.parametrize(
    ("number", "fault"), [(9, "about 20 pictures, received 18"), (11, "about 20 pictures, received 22")]
)
def test_too_few_or_too_many_pictures_are_refused(server, tmp_path, number, fault):
    server.body = zipped(*two_kinds("PetImages", number))
    with pytest.raises(DataError, match=rf"{fault}.*remove `.*cats_and_dogs\.bin`"):
        fetch(from_server(server), tmp_path / "cats_and_dogs")
    assert left(tmp_path) == ["cats_and_dogs.bin"]


def test_a_few_pictures_more_or_less_are_fine(server, tmp_path):
    server.body = zipped(*two_kinds("PetImages", 100))
    fetch(from_server(server, pictures=203), tmp_path / "cats_and_dogs")


def test_an_archive_without_the_classes_is_refused(server, tmp_path):
    server.body = zipped(*two_kinds("PetImages", 10, "Cat", "Cow"))
    with pytest.raises(DataError, match=r"must hold cats_and_dogs as .*; received PetImages"):
        fetch(from_server(server), tmp_path / "cats_and_dogs")


def test_an_archive_put_there_by_hand_needs_no_connection(server, tmp_path):
    server.body = zipped(*two_kinds("PetImages", 10))
    (tmp_path / "cats_and_dogs.bin").write_bytes(server.body)
    fetch(from_server(server), tmp_path / "cats_and_dogs")
    assert server.ranges == []
    assert left(tmp_path) == ["cats_and_dogs"]


def test_an_exact_size_is_required_and_an_approximate_one_is_not(server, tmp_path):
    server.body = zipped(*two_kinds("PetImages", 10))
    with pytest.raises(DataError, match="5 bytes are expected"):
        fetch(from_server(server, size=5), tmp_path / "cats_and_dogs")
    fetch(from_server(server, size=500, exact=False), tmp_path / "cats_and_dogs")


def test_a_hundred_times_an_approximate_size_is_refused(server, tmp_path):
    server.body = zipped(*two_kinds("PetImages", 10))
    with pytest.raises(DataError, match="at most 500 bytes are taken"):
        fetch(from_server(server, size=5, exact=False), tmp_path / "cats_and_dogs")
    assert left(tmp_path) == []


def test_the_hash_of_the_catalog_is_required(server, tmp_path):
    server.body = zipped(*two_kinds("PetImages", 10))
    with pytest.raises(DataError, match="sha256 hash"):
        fetch(from_server(server, sha256="0" * 64), tmp_path / "cats_and_dogs")


def test_what_a_killed_process_left_is_swept_away(server, tmp_path):
    touch(tmp_path, ".cats_and_dogs.0a1b.tmp/x.jpg", "..cats_and_dogs.0a1b.tmp.2c3d.tmp/x.jpg", ".other.0a1b.tmp/x")
    server.body = zipped(*two_kinds("PetImages", 10))
    fetch(from_server(server), tmp_path / "cats_and_dogs")
    assert left(tmp_path) == [".other.0a1b.tmp", "cats_and_dogs"]


def test_a_failed_download_leaves_no_folder(server, tmp_path):
    server.usual = "page"
    with pytest.raises(DataError, match="a web page came"):
        fetch(from_server(server), tmp_path / "cats_and_dogs")
    assert left(tmp_path) == []


def test_the_list_says_everything_and_get_prints_the_folder_alone(home, monkeypatch):
    monkeypatch.setenv("COLUMNS", "250")
    touch(home / "datasets" / "faces", "female/face1.bmp", "male/face2.bmp")
    listed = CliRunner().invoke(app, ["list"]).stdout
    for name, dataset in CATALOG.items():
        for fact in (name, dataset.title, dataset.layout, dataset.origin, dataset.licence, f"{dataset.pictures:,}"):
            assert fact in listed
    rows = {line.split()[1]: line.split()[-2] for line in listed.splitlines() if line[2:3].isalpha()}
    assert rows["faces"] == "yes"
    assert rows["mnist"] == "no"
    got = CliRunner().invoke(app, ["get", "faces"])
    assert got.stdout == f"{home / 'datasets' / 'faces'}\n"


def test_get_raises_the_error_for_the_command_line_to_show(home):
    assert isinstance(CliRunner().invoke(app, ["get", "facse"]).exception, DataError)


@pytest.mark.real
@pytest.mark.parametrize(("name", "number"), [("cats_and_dogs", 4000), ("faces", 399)])
def test_the_real_pictures_are_found(name, number):
    folder = Path(os.environ.get("KERASVGG_HOME") or "data") / "datasets" / name
    if not folder.exists():
        pytest.skip(f"no {name} in KERASVGG_HOME")
    assert sum(path.is_file() for path in source(name).rglob("*.*")) >= number
