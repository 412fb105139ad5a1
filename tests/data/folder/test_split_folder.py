import csv
import hashlib

import pytest

from kerasvgg.data.folder.split import plan_split
from kerasvgg.data.folder.split_folder import write_split_folder
from kerasvgg.errors import DataError


def _hash_tree(root):
    return {
        str(path.relative_to(root)): (path.stat().st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest())
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def planned(class_folders):
    return plan_split(class_folders(per_class=6), train=3, validation=2, test=1)


@pytest.mark.parametrize("how", ["copy", "hardlink", "symlink"])
def test_a_split_folder_holds_the_planned_pictures_and_a_manifest(planned, tmp_path, how):
    before = _hash_tree(planned.root)
    assert write_split_folder(planned, tmp_path / "split", how)
    rows = list(csv.DictReader((tmp_path / "split" / "split.csv").read_text().splitlines()))
    assert len(rows) == 12
    for row in rows:
        content = (tmp_path / "split" / row["path"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == row["sha256"]
        assert row["path"].startswith(f"{row['split']}/{row['class']}/")
    assert _hash_tree(planned.root) == before
    one = tmp_path / "split" / "train" / "cat" / "0.png"
    assert one.is_symlink() == (how == "symlink")
    assert one.samefile(planned.root / "cat" / "0.png") == (how != "copy")


def test_the_same_split_again_writes_nothing(planned, tmp_path):
    write_split_folder(planned, tmp_path / "split")
    before = _hash_tree(tmp_path / "split")
    assert not write_split_folder(planned, tmp_path / "split")
    assert _hash_tree(tmp_path / "split") == before


def test_another_split_is_refused_unless_forced(planned, tmp_path):
    write_split_folder(planned, tmp_path / "split")
    before = _hash_tree(tmp_path / "split")
    other = plan_split(planned.root, train=2, validation=2, test=2)
    with pytest.raises(DataError, match="another split"):
        write_split_folder(other, tmp_path / "split")
    assert _hash_tree(tmp_path / "split") == before
    assert write_split_folder(other, tmp_path / "split", force=True)
    assert len(list((tmp_path / "split" / "test" / "cat").iterdir())) == 2
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_folder_that_is_not_a_split_is_never_replaced(planned, tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("years of work")
    with pytest.raises(DataError, match="choose another folder"):
        write_split_folder(planned, tmp_path / "thesis", force=True)
    assert (tmp_path / "thesis" / "chapter.txt").read_text() == "years of work"


@pytest.mark.parametrize("place", ["notes.txt", "train/cat/mine.png", ".git/config", "model/weights.h5"])
def test_a_split_that_holds_a_file_of_the_user_s_is_never_replaced(planned, tmp_path, place):
    write_split_folder(planned, tmp_path / "split")
    (tmp_path / "split" / place).parent.mkdir(exist_ok=True)
    (tmp_path / "split" / place).write_text("years of work")
    (tmp_path / "split" / "train" / "cat" / "Thumbs.db").touch()
    other = plan_split(planned.root, train=2, validation=2, test=2)
    with pytest.raises(DataError, match=place):
        write_split_folder(other, tmp_path / "split", force=True)
    assert (tmp_path / "split" / place).read_text() == "years of work"
    (tmp_path / "split" / place).unlink()
    assert write_split_folder(other, tmp_path / "split", force=True)


@pytest.mark.parametrize("manifest", [b"", b"name,age\nAnna,7\n", b"\xff\xfe\0", b'"' * 99, b'"' * 200_000])
def test_a_folder_with_a_split_csv_of_another_kind_is_never_replaced(planned, tmp_path, manifest):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "split.csv").write_bytes(manifest)
    (tmp_path / "thesis" / "chapter.txt").write_text("years of work")
    for force in (False, True):
        with pytest.raises(DataError, match="choose another folder"):
            write_split_folder(planned, tmp_path / "thesis", force=force)
    assert (tmp_path / "thesis" / "chapter.txt").read_text() == "years of work"


def test_a_split_with_missing_pictures_is_not_taken_for_whole(planned, tmp_path):
    write_split_folder(planned, tmp_path / "split")
    (tmp_path / "split" / "train" / "cat" / "0.png").unlink()
    with pytest.raises(DataError, match="misses some"):
        write_split_folder(planned, tmp_path / "split")
    assert write_split_folder(planned, tmp_path / "split", force=True)


def test_a_failure_half_way_leaves_the_old_split_and_no_rest(planned, tmp_path):
    write_split_folder(planned, tmp_path / "split")
    before = _hash_tree(tmp_path / "split")
    other = plan_split(planned.root, train=2, validation=2, test=2)
    (planned.root / "dog" / "5.png").unlink()
    with pytest.raises(DataError, match=r"dog/5\.png"):
        write_split_folder(other, tmp_path / "split", force=True)
    assert _hash_tree(tmp_path / "split") == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("place", [".", "inside", ".."])
def test_a_target_inside_or_around_the_source_is_refused(planned, place):
    with pytest.raises(DataError, match="outside the source"):
        write_split_folder(planned, planned.root / place)


def test_an_unknown_way_of_placing_is_refused(planned, tmp_path):
    with pytest.raises(DataError, match="copy, hardlink, symlink"):
        write_split_folder(planned, tmp_path / "split", "move")
