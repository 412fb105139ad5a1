"""Every kind of entry that a folder of pictures may hold has one fate, whichever way it comes in."""

import csv
import hashlib
import io
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import keras
import numpy as np
import pytest
from doors import kerasvgg
from zoo import HEIGHT, SIZE, WIDTH, Good, Kind, Refused, build, kinds, sections

from kerasvgg.data.folder.scan import scan
from kerasvgg.data.folder.split import Split, plan_split
from kerasvgg.data.folder.verify import verify_pictures
from kerasvgg.data.pictures.decode import decode, trouble
from kerasvgg.data.pictures.resizing import Resizing
from kerasvgg.data.pictures.sources import FilePictures
from kerasvgg.errors import DataError
from kerasvgg.modelfile.description import Description, describe_archive
from kerasvgg.modelfile.open.open import open_model

pytestmark = pytest.mark.timeout(60)  # what hangs has failed
GOOD = {kind.place: kind for kind in kinds() if isinstance(kind.fate, Good)}
REFUSED = {kind.place: kind for kind in kinds() if isinstance(kind.fate, Refused)}
BESIDE = {f"plain/{i}.png" for i in range(8)} | {f"elsewhere/{i}.png" for i in range(1, 4)}  # pictures that are no kind
PIXELS = tuple(str(i) for i in range(HEIGHT * WIDTH * 3))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("zoo") / "root"
    root.mkdir()
    build(root)
    return root


@pytest.fixture
def root(folder: Path) -> Iterator[Path]:
    """The folder of all kinds, which must be afterwards what it was before."""
    before = fingerprint(folder)
    yield folder
    assert fingerprint(folder) == before


def fingerprint(root: Path) -> dict[str, tuple]:
    """Names, modes, times, link targets and contents."""
    found = {}
    for path in sorted(Path(folder, name) for folder, *both in os.walk(root) for names in both for name in names):
        about = path.lstat()
        content: object = path.readlink() if path.is_symlink() else None
        if stat.S_ISREG(about.st_mode) and about.st_size < 1 << 24:  # but for the hollow one
            content = hashlib.sha256(path.read_bytes()).hexdigest()
        found[str(path)] = (about.st_mode, about.st_ino, about.st_size, about.st_mtime_ns, content)
    return found


@pytest.fixture(scope="module")
def planned(folder: Path) -> Split:
    return plan_split(folder, validation=0.4)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model file whose "probabilities" are the pixels that it is given."""
    path = tmp_path_factory.mktemp("model") / "pixels.keras"
    keras.Sequential([keras.Input((*SIZE, 3)), keras.layers.Flatten()]).save(path)
    describe_archive(path, Description(PIXELS, SIZE, "nearest", "unit", "tiny"))
    return path


def wrong_pixels(found: dict[str, np.ndarray]) -> dict[str, int]:
    """Which good pictures are not there or not what they should be, and by how much."""
    wrong = {}
    for place, kind in GOOD.items():
        far = 256 if place not in found else int(np.abs(found[place].astype(int) - kind.golden).max())
        if far > kind.fate.within:
            wrong[kind.name] = far
    return wrong


def unnamed(lines: list[str], below: str = "") -> list[str]:
    """Which refused kinds have no line of their own that names them with the right reason."""
    return [kind.name for kind in REFUSED.values() if sum(names(line, kind, below) for line in lines) != 1]


def names(line: str, kind: Kind, below: str) -> bool:
    start = f"left out: {below}{kind.told or kind.place}: "
    return line.startswith(start) and kind.fate.words in line.removeprefix(start)


def test_there_are_at_least_seventy_kinds() -> None:
    found = kinds()
    assert len(found) >= 70
    assert len({kind.name for kind in found}) == len({kind.place for kind in found}) == len(found)
    assert len(GOOD) >= 70
    assert len(REFUSED) >= 70


@pytest.mark.slow
def test_a_plan_takes_every_good_kind_and_names_every_other(root: Path, planned: Split) -> None:
    assert {picture.path for picture in planned.pictures} == GOOD.keys() | BESIDE
    left_out = dict(planned.left_out)
    assert left_out.keys() == {*REFUSED, "letters"}
    assert left_out["letters"] == "a class without a picture"
    assert [kind.name for place, kind in REFUSED.items() if kind.fate.words not in left_out[place]] == []
    for picture in planned.pictures:
        assert picture.sha256 == hashlib.sha256((root / picture.path).read_bytes()).hexdigest()


def test_check_agrees_with_the_plan(root: Path, planned: Split) -> None:
    found = scan(root)
    good, bad = verify_pictures(root, found.files)
    assert {file.path for file, _ in good} == {picture.path for picture in planned.pictures}
    assert {*bad, *found.left_out, ("letters", "a class without a picture")} == set(planned.left_out)


def test_the_decoder_gives_the_golden_pixels(root: Path) -> None:
    assert wrong_pixels({place: decode(root / place, SIZE, "nearest") for place in GOOD}) == {}


def test_training_sees_the_golden_pixels(root: Path, planned: Split) -> None:
    pictures = FilePictures.of_split(root, planned.pictures, planned.classes, Resizing(SIZE, "nearest"))
    seen = pictures.load(np.arange(len(pictures)))
    assert wrong_pixels(dict(zip((picture.path for picture in planned.pictures), seen, strict=True))) == {}
    assert [planned.classes[label] for label in pictures.labels] == [picture.label for picture in planned.pictures]


@pytest.mark.parametrize("how", ["copy", "hardlink", "symlink"])
def test_split_places_every_good_kind_and_names_every_other(
    root: Path, planned: Split, tmp_path: Path, how: str
) -> None:
    target = root.parent / how  # hard links need one file system
    status, out, err = kerasvgg("split", root, target, "--validation", 0.4, "--how", how)
    lines = err.splitlines()
    assert (status, unnamed(lines), len(lines)) == (0, [], len(REFUSED) + 1)
    assert out.endswith(f"written to {target}\n")
    placed = {picture.path: target / picture.split / picture.label / picture.place for picture in planned.pictures}
    assert {path for path in target.rglob("*") if path.is_file()} == {*placed.values(), target / "split.csv"}
    assert wrong_pixels({place: decode(path, SIZE, "nearest") for place, path in placed.items()}) == {}
    for picture in planned.pictures:
        assert hashlib.sha256(placed[picture.path].read_bytes()).hexdigest() == picture.sha256


def test_a_split_folder_is_split_trained_and_predicted_as_it_is(root: Path, planned: Split, tmp_path: Path) -> None:
    target = tmp_path / "placed"
    assert kerasvgg("split", root, target, "--validation", 0.4)[0] == 0
    again = plan_split(target)
    assert again.left_out == ()
    assert again.sha256 == planned.sha256


def test_the_manifest_gives_every_name_back(root: Path, tmp_path: Path) -> None:
    assert kerasvgg("split", root, tmp_path / "made", "--validation", 0.4)[0] == 0
    with (tmp_path / "made" / "split.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    written = {row["path"].split("/", 1)[1] for row in rows}
    assert written == {plainly(place) for place in GOOD.keys() | BESIDE}
    assert kerasvgg("split", root, tmp_path / "made", "--validation", 0.4)[1].endswith("it stands there already\n")


def plainly(place: str) -> str:
    return place.replace("\udce9", "\\xe9")


def test_predict_sees_the_golden_pixels_and_names_every_other(root: Path, model: Path) -> None:
    status, out, err = kerasvgg("predict", model, root, "--csv")
    lines = err.splitlines()
    assert (status, unnamed(lines, f"{root}/"), len(lines)) == (0, [], len(REFUSED))
    found = from_csv(out, root)
    assert wrong_pixels(found) == {}
    assert found.keys() == GOOD.keys() | BESIDE


def from_csv(out: str, root: Path) -> dict[str, np.ndarray]:
    _, *rows = csv.reader(io.StringIO(out, newline=""))
    places = {plainly(place): place for place in GOOD}
    found = {row[0].removeprefix(f"{root}/"): np.array(row[2:], np.float32) for row in rows}
    return {places.get(place, place): pixels.reshape(*SIZE, 3) for place, pixels in found.items()}


@pytest.fixture
def opened_once(model: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    opened = open_model(model)
    monkeypatch.setattr("kerasvgg.modelfile.open.open.open_model", lambda _: opened)
    return model


@pytest.mark.slow
def test_predict_sees_the_golden_pixels_of_each_picture_alone(root: Path, opened_once: Path) -> None:
    found = {}
    for place in GOOD:
        status, out, err = kerasvgg("predict", opened_once, root / place, "--csv")
        assert (status, err) == (0, "")
        found |= from_csv(out, root)
    assert wrong_pixels(found) == {}


@pytest.mark.slow
def test_predict_refuses_each_bad_file_alone_with_the_same_reason(
    root: Path, planned: Split, opened_once: Path
) -> None:
    told = dict(planned.left_out)
    for place, kind in REFUSED.items():
        if kind.fate.words == "hidden" or (root / place).is_dir():  # these are left out only where a folder is asked
            continue
        status, out, err = kerasvgg("predict", opened_once, root / place)
        assert (status, out) == (2, ""), kind.name
        assert err == f"{root}/{kind.told or kind.place}: {told[place]}\n"


def test_a_hidden_picture_that_is_named_is_predicted(root: Path, opened_once: Path) -> None:
    status, out, _ = kerasvgg("predict", opened_once, root / "zoo" / ".hidden.png", "--csv")
    (pixels,) = from_csv(out, root).values()
    (hidden,) = (kind for kind in kinds() if kind.place == "zoo/.hidden.png")
    assert status == 0
    assert np.array_equal(pixels, hidden.rgb)


def test_text_and_json_name_each_prediction_in_one_line(root: Path, model: Path) -> None:
    for form in ((), ("--json",)):
        status, out, _ = kerasvgg("predict", model, root / "names", "--top", 1, *form)
        assert status == 0
        assert len(out.splitlines()) == sum(place.startswith("names/") for place in GOOD)
        assert all(line.isprintable() for line in out.splitlines())


def test_postscript_never_starts_ghostscript(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gs").write_text(f"#!/bin/sh\ntouch {tmp_path}/started\n")
    (tmp_path / "gs").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    for place in ("zoo/figure.eps", "zoo/figure.jpg"):
        assert "PostScript" in (trouble(root / place) or "")
    assert not (tmp_path / "started").exists()


BOUNDED = """
import sys
from pathlib import Path
from kerasvgg.data.folder.verify import verify_pictures
from kerasvgg.data.folder.scan import scan
root = Path(sys.argv[1])
verify_pictures(root, [file for file in scan(root).files if file.path.startswith("zoo/")])
print(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])  # kB at most
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells")
def test_no_bomb_takes_much_memory(root: Path) -> None:
    done = subprocess.run([sys.executable, "-c", BOUNDED, root], capture_output=True, text=True, check=True, timeout=50)
    assert int(done.stdout) < 400_000


@pytest.mark.slow
def test_whatever_is_changed_in_a_file_only_data_errors_come_of_it(root: Path, tmp_path: Path) -> None:
    draw = np.random.default_rng(4)
    path = tmp_path / "changed"
    for kind in (kind for name in list(sections())[:7] for kind in sections()[name]):
        whole = (root / kind.place).read_bytes()
        for _ in range(8 if len(whole) < 9_000 else 0):
            changed = np.frombuffer(whole, np.uint8).copy()
            start = draw.integers(0, min(len(whole), draw.choice([64, 9_000])))
            changed[start : start + draw.integers(1, 5)] = draw.integers(0, 256)
            path.write_bytes(changed.tobytes()[: len(whole) - draw.integers(0, 2) * draw.integers(0, len(whole))])
            assert (trouble(path) is None) == decodes(path), kind.name


def decodes(path: Path) -> bool:
    try:
        decode(path, SIZE)
    except DataError as error:
        return not str(error).startswith(str(path))  # a refusal names the file
    return True


def test_a_picture_that_vanishes_before_its_prediction_is_named(
    class_folders: Callable[..., Path], opened_once: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = class_folders(per_class=4)
    gone = root / "cat" / "2.png"

    def remove_first(path: Path, *more: object) -> np.ndarray:
        gone.unlink(missing_ok=True)
        return decode(path, *more)

    monkeypatch.setattr("kerasvgg.runs.predict.decode", remove_first)
    status, out, err = kerasvgg("predict", opened_once, root)
    assert (status, err) == (0, f"left out: {root}/cat/2.png: No such file or directory\n")
    assert out.count("\n") == 7
