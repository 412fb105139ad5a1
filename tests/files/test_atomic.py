import os

import pytest

from kerasvgg.files.atomic import replacing, write_text


def contents(folder):
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


@pytest.fixture
def old(tmp_path):
    path = tmp_path / "figures.json"
    path.write_text("old")
    return path


def test_what_the_block_wrote_takes_the_place_of_the_old_file(old):
    with replacing(old) as temporary:
        temporary.write_text("new")
    assert contents(old.parent) == {"figures.json": "new"}


def test_the_old_file_stands_until_the_block_has_ended(old):
    with replacing(old) as temporary:
        temporary.write_text("new")
        assert old.read_text() == "old"


@pytest.mark.parametrize("error", [ValueError, OSError, KeyboardInterrupt])
def test_a_block_that_raises_leaves_the_old_file_and_nothing_else(old, error):
    with pytest.raises(error), replacing(old) as temporary:  # noqa: PT012
        temporary.write_text("half")
        raise error
    assert contents(old.parent) == {"figures.json": "old"}


def test_a_block_that_raises_leaves_nothing_where_nothing_was(tmp_path):
    with pytest.raises(ValueError, match="stop"), replacing(tmp_path / "a.txt") as temporary:  # noqa: PT012
        temporary.write_text("half")
        raise ValueError("stop")
    assert contents(tmp_path) == {}


def test_a_block_that_writes_nothing_is_an_error_and_leaves_the_old_file(old):
    with pytest.raises(FileNotFoundError), replacing(old):
        pass
    assert contents(old.parent) == {"figures.json": "old"}


def test_a_rename_that_fails_leaves_no_temporary(tmp_path):
    (tmp_path / "a.txt").mkdir()
    with pytest.raises(OSError, match=r"a\.txt"), replacing(tmp_path / "a.txt") as temporary:
        temporary.write_text("new")
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_folders_on_the_way_are_made(tmp_path):
    write_text(tmp_path / "runs" / "1" / "a.txt", "text")
    assert contents(tmp_path / "runs" / "1") == {"a.txt": "text"}


def test_the_temporary_stands_beside_the_file_is_hidden_and_keeps_the_suffix(tmp_path):
    with replacing(tmp_path / "model.keras") as temporary:
        temporary.write_text("")
        assert (temporary.parent, temporary.suffix) == (tmp_path, ".keras")
        assert temporary.name.startswith(".")


def test_two_writers_at_a_time_do_not_mix(old):
    with replacing(old) as first, replacing(old) as second:
        first.write_text("first")
        second.write_text("second")
        assert first != second
    assert contents(old.parent) == {"figures.json": "first"}


def test_the_content_is_on_disk_before_it_takes_the_name(old, monkeypatch):
    synced = []
    fsync = os.fsync

    def watched(handle):
        synced.append((os.fstat(handle).st_ino, old.read_text()))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", watched)
    write_text(old, "new")
    assert synced[0] == (old.stat().st_ino, "old")


def test_text_is_utf_8_with_plain_line_ends(tmp_path):
    write_text(tmp_path / "a.txt", "Grüße\n猫\n")
    assert (tmp_path / "a.txt").read_bytes() == "Grüße\n猫\n".encode()
