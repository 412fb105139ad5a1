"""`kerasvgg data get` with archives that mean harm: the right data set or none, and not a byte anywhere else."""

import dataclasses
import hashlib
import os
import re
import stat
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from archives import KINDS, PICTURES, Kind

from kerasvgg.__main__ import main
from kerasvgg.data.catalog.catalog import CATALOG

LONGEST = 10  # seconds; two hundred thousand names take three


def listing(folder: Path) -> dict[str, tuple[int, str]]:
    """Tells of all that is below `folder`: its kind and mode, and a hash of its content or where it leads."""
    return {str(path.relative_to(folder)): (path.lstat().st_mode, content(path)) for path in folder.rglob("*")}


def content(path: Path) -> str:
    if path.is_symlink():
        return str(path.readlink())
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


@pytest.fixture
def around(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's folders, with the cache in their midst."""
    for name in (
        "user.jpg",
        "pictures/user.jpg",
        "cache/user.jpg",
        "cache/datasets/user.jpg",
        "cache/datasets/mine/x.jpg",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("the user's")
    monkeypatch.setenv("KERASVGG_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("KERASVGG_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path / "pictures")
    return tmp_path


@pytest.fixture
def get(
    around: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> Callable[[Kind], tuple[int, str]]:
    """Puts an archive where the download of cats_and_dogs goes and asks for that data set."""

    def get(kind: Kind) -> tuple[int, str]:
        changes = {"pictures": 20, "exact": False, "sha256": None}
        monkeypatch.setitem(CATALOG, "cats_and_dogs", dataclasses.replace(CATALOG["cats_and_dogs"], **changes))
        monkeypatch.setattr(sys, "argv", ["kerasvgg", "data", "get", "cats_and_dogs"])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, "".join(capsys.readouterr())

    return get


@pytest.mark.sampled(by_default=2)
@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
def test_a_hostile_archive_gives_the_right_pictures_or_none(around: Path, get: Callable, kind: Kind) -> None:
    archive = around / "cache" / "datasets" / "cats_and_dogs.zip"
    kind.make(archive, around / "pictures")
    before, start = listing(around), time.monotonic()
    status, told = get(kind)
    assert time.monotonic() - start < LONGEST
    after = listing(around)
    assert "Traceback" not in told
    if kind.words is None:
        assert status == 0, told
        own = {name for name in after if name.startswith("cache/datasets/cats_and_dogs/")}
        check_the_pictures(around / "cache" / "datasets" / "cats_and_dogs")
        after = {name: one for name, one in after.items() if name not in own and name != "cache/datasets/cats_and_dogs"}
        before.pop(str(archive.relative_to(around)))
    else:
        assert status == 2, told
        assert re.search(kind.words, told), told
        assert told.replace("\n", "").isprintable()
    assert after == before


def check_the_pictures(folder: Path) -> None:
    assert {name: (folder / name).read_bytes() for name in PICTURES} == PICTURES
    for path in folder.rglob("*"):
        mode = path.lstat().st_mode
        assert stat.S_ISREG(mode) or stat.S_ISDIR(mode)
        assert not mode & (stat.S_ISUID | stat.S_ISGID | stat.S_IWOTH)
        assert os.access(path, os.R_OK | os.W_OK)
    assert not list(folder.rglob("harm*"))


def test_there_are_enough_of_them() -> None:
    assert len({kind.name for kind in KINDS}) == len(KINDS) >= 60
