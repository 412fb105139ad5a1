"""Folders that change under the program, may not be read, nest too deep, or are laid out oddly."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from doors import kerasvgg
from zoo_places import ROOT_READS_ALL

from kerasvgg.data.folder.scan import pictures_below
from kerasvgg.data.folder.split import plan_split

pytestmark = pytest.mark.timeout(60)


@pytest.mark.parametrize("when", ["glance", "content_hash"])
def test_a_picture_that_vanishes_while_it_is_checked_is_named(
    class_folders: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    root = class_folders(per_class=4)
    vanishing(monkeypatch, f"kerasvgg.data.folder.verify.{when}", root / "cat" / "2.png")
    split = plan_split(root, train=2, validation=1)
    assert split.left_out == (("cat/2.png", "No such file or directory"),)
    assert len(split.pictures) == 6


def vanishing(monkeypatch: pytest.MonkeyPatch, name: str, path: Path) -> None:
    module, function = name.rsplit(".", 1)
    real = getattr(sys.modules[module], function)

    def remove_first(asked: Path, *more: object) -> object:
        if asked == path:
            path.unlink(missing_ok=True)
        return real(asked, *more)

    monkeypatch.setattr(name, remove_first)


@pytest.mark.skipif(not ROOT_READS_ALL, reason="only root can become somebody else")
def test_what_may_not_be_read_is_named(class_folders: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    root = class_folders(per_class=4)
    (root / "cat" / "2.png").chmod(0)
    (root / "dog" / "closed").mkdir(mode=0)
    monkeypatch.chdir(root)
    os.seteuid(65534)
    try:
        split = plan_split(Path(), train=2, validation=1)
    finally:
        os.seteuid(0)
    assert split.left_out == (
        ("cat/2.png", "Permission denied"),
        ("dog/closed", "`dog/closed` can't be read: Permission denied"),
    )


def test_folders_nested_deeper_than_python_recurses_are_walked(
    class_folders: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = class_folders(per_class=4)
    monkeypatch.chdir(root / "cat")
    steps = ["a/" * depth for depth in range(1, 1501)]
    for step in steps:
        Path(step).mkdir()
    Path("0.png").rename(f"{steps[-1]}0.png")
    try:
        monkeypatch.chdir(root)
        assert len(plan_split(Path(), train=3, validation=1).pictures) == 8
    finally:
        (root / "cat" / f"{steps[-1]}0.png").unlink()
        for step in reversed(steps):
            (root / "cat" / step).rmdir()


def test_a_flat_folder_is_known_beside_the_remains_of_a_mac(class_folders: Callable[..., Path]) -> None:
    root = class_folders(per_class=4, flat=True)
    (root / "__MACOSX").mkdir()
    (root / "__MACOSX" / "._cat.0.png").touch()
    (root / "notes.txt").touch()
    split = plan_split(root, train=2, validation=2)
    assert len(split.pictures) == 8
    assert [place for place, _ in split.left_out] == ["__MACOSX", "__MACOSX/._cat.0.png", "notes.txt"]


def test_what_lies_beside_the_class_folders_of_a_split_is_named(
    class_folders: Callable[..., Path], tmp_path: Path
) -> None:
    root = tmp_path / "own"
    for part in ("train", "validation"):
        class_folders(per_class=2, root=root / part)
    for place in ("notes.txt", "train/loose.png", "validation/.hidden"):
        (root / place).touch()
    (root / "extra").mkdir()
    assert plan_split(root).left_out == (
        ("extra", "beside the folders of the split"),
        ("notes.txt", "not in a class folder"),
        ("train/loose.png", "not in a class folder"),
        ("validation/.hidden", "hidden"),
    )


def test_a_class_folder_of_a_split_may_be_a_link_for_training_and_predicting(
    class_folders: Callable[..., Path], tmp_path: Path
) -> None:
    root = tmp_path / "own"
    for part in ("train", "validation"):
        class_folders(("cat", "dog"), per_class=2, root=root / part)
    (root / "train" / "cat").rename(tmp_path / "cats")
    (root / "train" / "cat").symlink_to(tmp_path / "cats")
    (tmp_path / "cats" / "more").symlink_to(tmp_path)
    split = plan_split(root)
    pictures, left_out = pictures_below(root)
    assert len(split.pictures) == 8
    assert set(pictures) == {root / picture.path for picture in split.pictures}
    assert left_out == [(root / place, reason) for place, reason in split.left_out]
    assert [place for place, _ in split.left_out] == ["train/cat/more"]


def test_two_folders_of_one_split_never_overwrite_each_other(
    class_folders: Callable[..., Path], tmp_path: Path
) -> None:
    root = tmp_path / "own"
    for part in ("train", "val", "valid"):
        class_folders(per_class=2, root=root / part)
    status, _, err = kerasvgg("split", root, tmp_path / "made")
    assert (status, "File exists" in err) == (2, True)
    assert not (tmp_path / "made").exists()


def test_names_that_are_one_number_keep_one_order_whatever_the_disk_s(
    class_folders: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = class_folders(per_class=4, flat=True)
    for i, name in enumerate(("001", "01", "1", "²")):
        (root / f"cat.{i}.png").rename(root / f"cat.{name}.tmp")
    real, splits = os.scandir, []
    for step in (1, -1):
        monkeypatch.setattr("os.scandir", lambda path, step=step: Reordered(real(path), step))
        splits.append(plan_split(root, train=2, validation=1, test=1).pictures)
    assert splits[0] == splits[1]
    assert len(splits[0]) == 8


class Reordered(list):
    """A folder's entries as another disk would list them."""

    def __init__(self, entries: Iterator[os.DirEntry], step: int) -> None:
        super().__init__(sorted(entries, key=lambda entry: entry.name)[::step])

    def __enter__(self) -> "Reordered":
        return self

    def __exit__(self, *_: object) -> None:
        pass
