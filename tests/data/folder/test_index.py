"""Pictures that are looked at once: what is known of a file holds until the file changes, in whatever way."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kerasvgg.data.folder import verify
from kerasvgg.data.folder.index import NAME
from kerasvgg.data.folder.scan import scan
from kerasvgg.data.pictures.decode import Glance


@pytest.fixture
def look(pets: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], dict[str, object]]:
    """Looks at the folder and returns what was seen by path; `.opened` are the files that were decoded for it."""
    opened: list[Path] = []
    glance = verify.glance

    def counted(path: Path) -> Glance:
        opened.append(path)
        return glance(path)

    def looked() -> dict[str, object]:
        opened.clear()
        good, bad = verify.verify_pictures(pets, scan(pets).files)
        return {file.path: seen for file, seen in good} | dict(bad)

    monkeypatch.setattr(verify, "glance", counted)
    monkeypatch.setattr("kerasvgg.data.folder.index.YOUNG", 0)
    looked.opened = opened  # type: ignore[attr-defined]
    return looked


def first(pets: Path) -> Path:
    return min(pets.glob("cat/*"))


def test_a_file_that_has_not_changed_is_not_read_again_and_is_known_to_the_pixel(look, pets):
    before, count = look(), len(look.opened)
    after = look()
    assert (count, len(look.opened)) == (len(before), 0)
    for path, seen in before.items():
        assert after[path].sha256 == seen.sha256
        np.testing.assert_array_equal(after[path].thumbnail, seen.thumbnail)


def test_the_same_file_by_another_way_there_is_the_same(look, pets, monkeypatch):
    look()
    monkeypatch.chdir(pets)
    look.opened.clear()
    verify.verify_pictures(Path(), scan(Path()).files)
    assert not look.opened


def test_other_content_of_the_same_size_and_time_is_seen(look, pets):
    before = look()
    path = first(pets)
    about, content = path.stat(), bytearray(path.read_bytes())
    Image.fromarray(np.full((40, 40, 3), 7, np.uint8)).save(path)
    changed = path.read_bytes()
    path.write_bytes(changed + bytes(max(0, len(content) - len(changed))))
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))
    assert path.stat().st_mtime_ns == about.st_mtime_ns
    name = path.relative_to(pets).as_posix()
    assert look()[name].sha256 != before[name].sha256
    assert look.opened == [path]


def test_a_file_that_is_replaced_by_an_older_one_is_looked_at(look, pets, tmp_path):
    look()
    other = tmp_path / "older.png"
    Image.fromarray(np.full((40, 40, 3), 7, np.uint8)).save(other)
    os.utime(other, (1, 1))
    other.replace(first(pets))
    look()
    assert look.opened == [first(pets)]


def test_what_is_no_picture_is_told_each_time(look, pets):
    first(pets).write_bytes(b"no picture")
    name = first(pets).relative_to(pets).as_posix()
    assert isinstance(look()[name], str)
    assert isinstance(look()[name], str)


def test_a_file_of_this_moment_may_still_change_unseen_and_is_looked_at_again(look, pets, monkeypatch):
    monkeypatch.setattr("kerasvgg.data.folder.index.YOUNG", 3_600_000_000_000)
    count = len(look())
    look()
    assert len(look.opened) == count


@pytest.mark.parametrize("what", ["another decoder", "a damaged index", "a folder in its place"])
def test_what_cannot_be_relied_on_is_looked_at_again(look, cache, monkeypatch, what):
    before = look()
    if what == "another decoder":
        monkeypatch.setattr("kerasvgg.data.folder.index._decoder", lambda: "a later one")
    elif what == "a damaged index":
        (cache / NAME).write_bytes(b"no database" * 500)
    else:
        (cache / NAME).unlink()
        (cache / NAME).mkdir()
    after = look()
    assert len(look.opened) == len(before)
    assert [one.sha256 for one in after.values()] == [one.sha256 for one in before.values()]
    if what == "a damaged index":  # and it is a whole one the time after
        look()
        look()
        assert not look.opened


def test_the_oldest_are_forgotten_where_there_are_too_many(look, monkeypatch):
    monkeypatch.setattr("kerasvgg.data.folder.index.MOST", 3)
    count = len(look())
    look()
    assert len(look.opened) == count - 3
