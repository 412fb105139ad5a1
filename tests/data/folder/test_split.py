import hashlib
import os
import shutil

import pytest

from kerasvgg.data.folder.split import plan_split
from kerasvgg.errors import DataError


def test_counts_take_the_first_in_natural_order(class_folders):
    root = class_folders(per_class=12, flat=True)
    split = plan_split(root, train=5, validation=4, test=3)
    cats = {part: [p.path for p in split.part(part) if p.label == "cat"] for part in ("train", "validation", "test")}
    assert cats["train"] == [f"cat.{i}.png" for i in range(5)]
    assert cats["validation"] == [f"cat.{i}.png" for i in range(5, 9)]
    assert cats["test"] == ["cat.9.png", "cat.10.png", "cat.11.png"]


def test_no_picture_is_in_two_splits_and_the_test_dogs_are_the_test_dogs(class_folders):
    split = plan_split(class_folders(per_class=12, flat=True), train=5, validation=4, test=3)
    assert len({p.path for p in split.pictures}) == len(split.pictures) == 24
    assert [p.path for p in split.part("test") if p.label == "dog"] == ["dog.9.png", "dog.10.png", "dog.11.png"]


@pytest.mark.parametrize("fraction", [0.1, 0.25, 0.29, 0.5])
def test_fractions_are_stratified_and_rounded_down(class_folders, fraction):
    split = plan_split(class_folders(("a", "b", "c"), per_class=11), validation=fraction, test=0.1)
    for label in "abc":
        assert sum(p.label == label for p in split.part("validation")) == int(11 * fraction)
        assert sum(p.label == label for p in split.part("test")) == 1
        assert sum(p.label == label for p in split.pictures) == 11


def test_fractions_that_add_up_to_one_lose_no_picture(class_folders):
    split = plan_split(class_folders(per_class=11), train=0.7, validation=0.15, test=0.15)
    assert len(split.pictures) == 22
    assert len(split.part("train")) == 2 * 9


def test_a_training_fraction_may_leave_pictures_out(class_folders):
    split = plan_split(class_folders(per_class=12), train=0.5, validation=0.25)
    assert (len(split.part("train")), len(split.part("validation")), len(split.pictures)) == (12, 6, 18)


def test_the_seed_decides_the_draw(class_folders):
    root = class_folders(per_class=12)
    drawn = [plan_split(root, validation=0.5, seed=seed).part("validation") for seed in (0, 0, 1)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_a_source_that_is_split_keeps_its_split(class_folders, tmp_path):
    for part, count in (("train", 4), ("val", 3), ("test", 2)):
        class_folders(per_class=count, root=tmp_path / "own" / part)
    split = plan_split(tmp_path / "own")
    assert [len(split.part(part)) for part in ("train", "validation", "test")] == [8, 6, 4]
    with pytest.raises(DataError, match="keeps its split"):
        plan_split(tmp_path / "own", train=1, validation=1)


def test_a_split_without_validation_takes_it_from_train_alone(class_folders, tmp_path):
    for part, count in (("train", 8), ("test", 3)):
        class_folders(per_class=count, root=tmp_path / "own" / part)
    split = plan_split(tmp_path / "own", validation=0.25)
    assert [len(split.part(part)) for part in ("train", "validation", "test")] == [12, 4, 6]
    assert {picture.path.split("/")[0] for picture in split.part("validation")} == {"train"}
    for amounts in ({}, {"validation": 0.2, "test": 0.2}, {"train": 2, "validation": 2}):
        with pytest.raises(DataError, match="a fraction of train"):
            plan_split(tmp_path / "own", **amounts)


def test_the_manifest_hashes_are_of_the_files(class_folders):
    root = class_folders()
    for picture in plan_split(root, validation=0.25).pictures:
        assert picture.sha256 == hashlib.sha256((root / picture.path).read_bytes()).hexdigest()


def test_what_is_no_picture_is_reported_and_left_out(class_folders):
    root = class_folders(per_class=4)
    (root / "cat" / "broken.jpg").write_bytes((root / "cat" / "0.png").read_bytes()[:200])
    (root / "cat" / "Thumbs.db").write_bytes(b"\0" * 10)
    (root / "dog" / "._1.png").write_bytes(b"resource fork")
    (root / "notes.txt").write_text("hello")
    os.mkfifo(root / "dog" / "pipe.png")
    (root / "dog" / "loop").symlink_to(root)
    split = plan_split(root, train=2, validation=1)
    assert dict(split.left_out).keys() == {
        "cat/broken.jpg", "cat/Thumbs.db", "dog/._1.png", "notes.txt", "dog/pipe.png", "dog/loop"
    }  # fmt: skip
    assert "truncated" in dict(split.left_out)["cat/broken.jpg"]
    assert len(split.pictures) == 6


def test_only_the_asked_classes_are_taken(class_folders):
    root = class_folders(("a", "b", "c"), per_class=4)
    assert plan_split(root, validation=0.5, classes=("a", "c")).classes == ("a", "c")
    with pytest.raises(DataError, match="received d"):
        plan_split(root, validation=0.5, classes=("a", "d"))


def test_too_few_pictures_name_class_wanted_and_found(class_folders):
    root = class_folders(per_class=4)
    (root / "dog" / "3.png").unlink()
    with pytest.raises(DataError, match="dog: wanted 4, found 3"):
        plan_split(root, train=2, validation=1, test=1)


def test_a_class_that_gets_no_validation_picture_is_an_error(class_folders):
    with pytest.raises(DataError, match="validation must have pictures of"):
        plan_split(class_folders(per_class=4), validation=0.2)


@pytest.mark.parametrize(
    "amounts",
    [
        {"train": 2},
        {"train": 2, "validation": 0.5},
        {"validation": 3},
        {"validation": 0.0},
        {"validation": 0.7, "test": 0.5},
        {"train": 0, "validation": 1},
        {"train": True, "validation": 1.5},
    ],
)
def test_amounts_that_do_not_fit_together_are_refused(class_folders, amounts):
    with pytest.raises(DataError, match="whole numbers of at least 1"):
        plan_split(class_folders(per_class=4), **amounts)


def _file(tmp_path):
    (tmp_path / "file").write_text("x")
    return tmp_path / "file"


def _empty(tmp_path):
    (tmp_path / "empty").mkdir()
    return tmp_path / "empty"


def _flat_without_class(tmp_path):
    for i in range(3):
        (tmp_path / f"{i}.png").write_bytes(b"x")
    return tmp_path


def _empty_classes(tmp_path):
    (tmp_path / "cat").mkdir()
    (tmp_path / "dog").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda folder: folder / "missing", "received nothing"),
        (_file, "received a file"),
        (_empty, "at least two classes"),
        (_empty_classes, "at least two classes"),
        (_flat_without_class, "at least two classes"),
    ],
)
def test_a_bad_folder_is_refused(tmp_path, make, words):
    with pytest.raises(DataError, match=words):
        plan_split(make(tmp_path), train=1, validation=1)


def test_a_single_class_is_refused(class_folders):
    root = class_folders()
    shutil.rmtree(root / "dog")
    with pytest.raises(DataError, match="received cat"):
        plan_split(root, train=1, validation=1)


def test_the_split_hash_is_of_contents_and_places_not_of_names(class_folders):
    root = class_folders(per_class=4)
    before = plan_split(root, train=2, validation=2)
    (root / "cat" / "0.png").rename(root / "cat" / "00.png")
    assert plan_split(root, train=2, validation=2).sha256 == before.sha256
    assert plan_split(root, train=3, validation=1).sha256 != before.sha256


def test_fractions_can_be_of_all_pictures_together(class_folders):
    root = class_folders(("a", "b"), per_class=15)
    splits = [plan_split(root, validation=0.3, seed=seed, stratify=False) for seed in range(8)]
    assert {len(split.part("validation")) for split in splits} == {9}
    of_a = [sum(picture.label == "a" for picture in split.part("validation")) for split in splits]
    assert len(set(of_a)) > 1  # with `stratify` there are always 4


def test_the_last_files_of_each_class_can_be_left_out(class_folders):
    split = plan_split(class_folders(per_class=12), train=0.5, validation=0.5, leave_out_last=2)
    names = {(picture.label, picture.path.rpartition("/")[2]) for picture in split.pictures}
    assert names == {(label, f"{i}.png") for label in ("cat", "dog") for i in range(10)}  # 10 and 11 are the last
