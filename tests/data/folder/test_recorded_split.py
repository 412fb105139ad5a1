"""A split that is taken up as an earlier process wrote it down."""

import os

import pytest

from kerasvgg.data.folder.manifest import recorded_split, write_manifest
from kerasvgg.data.folder.scan import scan
from kerasvgg.data.folder.split import plan_split
from kerasvgg.errors import DataError


@pytest.fixture
def recorded(class_folders, tmp_path):
    """A folder of pictures, its split, and the manifest of that."""
    root = class_folders(("cat", "dog\nü"[:3] + "ü"), per_class=6)
    (root / "cat" / 'a, "b"\n.png').write_bytes((root / "cat" / "0.png").read_bytes())
    split = plan_split(root, validation=0.5, seed=3)
    write_manifest(tmp_path / "split.csv", split.pictures)
    return root, split, tmp_path / "split.csv"


def test_it_is_the_same_split(recorded):
    root, split, manifest = recorded
    again, bad = recorded_split(manifest, scan(root))
    assert again.pictures == split.pictures
    assert again.sha256 == split.sha256
    assert bad == []


def test_pictures_that_came_later_do_not_come_in(recorded):
    root, split, manifest = recorded
    (root / "cat" / "00.png").write_bytes((root / "cat" / "1.png").read_bytes() + b" ")
    assert recorded_split(manifest, scan(root))[0].pictures == split.pictures


def test_what_is_missing_or_changed_is_named(recorded):
    root, split, manifest = recorded
    first, second = split.pictures[0], split.pictures[1]
    (root / first.path).unlink()
    (root / second.path).write_bytes(b"other")
    again, bad = recorded_split(manifest, scan(root))
    assert [path for path, _ in bad] == [first.path, second.path]
    assert [reason for _, reason in bad] == ["it is missing", "its content has changed since the split was planned"]
    assert len(again.pictures) == len(split.pictures)


@pytest.mark.parametrize("path", ["/etc/passwd", "../outside.png", "cat/../../outside.png"])
def test_a_manifest_from_a_stranger_leads_nowhere_else(recorded, path):
    root, split, manifest = recorded
    lines = manifest.read_text().splitlines()
    manifest.write_text("\n".join([*lines, f"{path},{lines[-1].split(',', 1)[1]}"]) + "\n")
    with pytest.raises(DataError, match=rf"split\.csv:{len(split.pictures) + 2}: a path must lie inside the source"):
        recorded_split(manifest, scan(root))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "must name at least one picture"),
        (b"path,class\na,b\n", "must have the columns path, class, split, sha256"),
        (b"path,class,split,sha256\na,b,train\n", "must have the columns"),
        (b"\xff\xfe", "must be UTF-8"),
    ],
    ids=["empty", "columns", "short row", "binary"],
)
def test_a_damaged_manifest_is_refused(recorded, content, words):
    root, _, manifest = recorded
    manifest.write_bytes(content)
    with pytest.raises(DataError, match=words):
        recorded_split(manifest, scan(root))
    manifest.unlink()
    with pytest.raises(DataError, match="can't be read"):
        recorded_split(manifest, scan(root))
    os.mkfifo(manifest)
    with pytest.raises(DataError, match="can't be read"):
        recorded_split(manifest, scan(root))
