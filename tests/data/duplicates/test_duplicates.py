"""Pictures that are there twice, found by what they show."""

import random
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageFilter, ImageOps
from scenes import scene

from kerasvgg.data.duplicates.candidates import candidates
from kerasvgg.data.duplicates.pairs import exact_duplicates, near_duplicates
from kerasvgg.data.folder.grouped_split import grouped_split
from kerasvgg.data.folder.split import plan_split
from kerasvgg.data.picture import Picture
from kerasvgg.errors import DataError


def cropped(picture: Image.Image) -> Image.Image:
    width, height = picture.size
    return picture.crop((0, round(height * 0.05), round(width * 0.95), height))


CHANGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "resized": lambda picture: picture.resize((90, 68), Image.Resampling.BILINEAR),
    "squeezed": lambda picture: picture.resize((100, 100), Image.Resampling.BICUBIC),
    "cropped": cropped,
    "mirrored": ImageOps.mirror,
    "mirrored and cropped": lambda picture: cropped(ImageOps.mirror(picture)),
    "brighter": lambda picture: ImageEnhance.Brightness(picture).enhance(1.2),
    "gray": ImageOps.grayscale,
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two classes of twelve scenes, saved without loss."""
    for label, first in (("a", 0), ("b", 100)):
        (tmp_path / label).mkdir()
        for i in range(12):
            scene(first + i).save(tmp_path / label / f"{i}.png")
    return tmp_path


def pictures(root: Path, **amounts: float) -> tuple[Picture, ...]:
    return plan_split(root, **(amounts or {"validation": 0.25, "test": 0.25})).pictures


def names(doubles: list) -> set[frozenset[str]]:
    return {frozenset((one.first.path, one.second.path)) for one in doubles}


@pytest.mark.slow
def test_different_pictures_are_no_doubles(root: Path) -> None:
    found = pictures(root)
    assert exact_duplicates(found) == near_duplicates(found) == []


@pytest.mark.sampled(by_default=6)
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_a_changed_picture_is_known_again(root: Path, change: str, suffix: str) -> None:
    wanted = set()
    for i in range(6):
        CHANGES[change](scene(i)).save(root / "b" / f"copy{i}.{suffix}")
        wanted.add(frozenset((f"a/{i}.png", f"b/copy{i}.{suffix}")))
    found = near_duplicates(pictures(root))
    assert names(found) == wanted
    assert {one.mirrored for one in found} == {"mirrored" in change}
    assert all(0.9 <= one.likeness <= 1.001 for one in found)


@pytest.mark.slow
def test_a_picture_compressed_again_is_known_again(root: Path) -> None:
    for quality in (20, 50, 90):
        scene(3).save(root / "b" / f"{quality}.jpg", quality=quality)
    found = near_duplicates(pictures(root))
    assert {pair for pair in names(found) if "a/3.png" in pair} == {
        frozenset(("a/3.png", f"b/{quality}.jpg")) for quality in (20, 50, 90)
    }


@pytest.mark.slow
def test_an_upright_copy_of_a_turned_picture_is_known_again(root: Path) -> None:
    turned = Image.Exif()
    turned[274] = 6
    scene(3).transpose(Image.Transpose.ROTATE_90).save(root / "b" / "turned.jpg", exif=turned)
    assert names(near_duplicates(pictures(root))) == {frozenset(("a/3.png", "b/turned.jpg"))}


def test_the_same_file_is_exact_and_not_near(root: Path) -> None:
    for name in ("x", "y"):
        (root / "b" / f"{name}.png").write_bytes((root / "a" / "3.png").read_bytes())
    found = pictures(root)
    assert len(exact_duplicates(found)) == 2
    assert frozenset.union(*names(exact_duplicates(found))) == {"a/3.png", "b/x.png", "b/y.png"}
    assert near_duplicates(found) == []


def test_across_parts_means_only_what_lies_in_different_ones(root: Path) -> None:
    scene(0).save(root / "a" / "1.jpg")
    (root / "a" / "copy.png").write_bytes((root / "a" / "5.png").read_bytes())
    found = pictures(root)
    for across in (True, False):
        for one in exact_duplicates(found, across) + near_duplicates(found, across):
            assert not across or one.first.split != one.second.split
    together = [Picture(one.path, one.place, one.label, "train", one.sha256, one.thumbnail) for one in found]
    assert exact_duplicates(together, across=True) == near_duplicates(together, across=True) == []
    assert len(exact_duplicates(together)) == len(near_duplicates(together)) == 1


def test_pictures_of_a_few_pixels_or_of_one_colour_are_not_compared(tmp_path: Path) -> None:
    for label in ("a", "b"):
        (tmp_path / label).mkdir()
        for i in range(6):
            scene(i).resize((20, 28)).save(tmp_path / label / f"small{i}.{'png' if label == 'a' else 'bmp'}")
            Image.new("RGB", (64, 64), (i, 100, 100)).save(tmp_path / label / f"even{i}.jpg", quality=90 + i)
    assert near_duplicates(pictures(tmp_path)) == []


@pytest.mark.slow
def test_they_are_kept_together_whatever_the_seed(root: Path) -> None:
    for i in range(0, 12, 2):
        scene(i).save(root / "a" / f"again{i}.jpg")
        ImageOps.mirror(scene(i)).save(root / "b" / f"mirrored{i}.jpg")
    apart = 0
    for seed in range(5):
        loose = plan_split(root, validation=0.25, test=0.25, seed=seed)
        split = plan_split(root, validation=0.25, test=0.25, seed=seed, keep_together=True)
        apart += len(near_duplicates(loose.pictures, across=True))
        assert near_duplicates(split.pictures, across=True) == []
        assert {one.path for one in split.pictures} == {one.path for one in loose.pictures}
        for part in ("validation", "test"):
            assert [sum(one.label == label for one in split.part(part)) for label in "ab"] == [4, 4]
    assert apart > 20


def test_whole_numbers_are_kept_to_and_name_order_as_far_as_it_goes(root: Path) -> None:
    scene(0).save(root / "a" / "11.5.jpg")
    split = plan_split(root, train=6, validation=3, test=3, keep_together=True)
    of_a = {part: [one.place for one in split.part(part) if one.label == "a"] for part in ("train", "validation")}
    assert of_a["train"] == ["0.png", "1.png", "2.png", "3.png", "4.png", "11.5.jpg"]
    assert of_a["validation"] == ["5.png", "6.png", "7.png"]
    assert [len(split.part(part)) for part in ("train", "validation", "test")] == [12, 6, 6]


def test_groups_that_no_part_has_room_for_are_refused(root: Path) -> None:
    for label in "ab":
        for i in range(12):
            scene(0).resize((80 + i, 60)).save(root / label / f"{i}.png")
    for amounts in ({"train": 6, "validation": 3, "test": 3}, {"validation": 0.25, "test": 0.25}):
        with pytest.raises(DataError, match=r"`keep_together`: .* the largest group of them has 24 pictures"):
            plan_split(root, **amounts, keep_together=True)


def test_many_pictures_are_kept_together_in_time_that_grows_with_their_number() -> None:
    everyone = [[Picture(f"{c}/{i}", f"{i}", c, "", f"{c}{i}") for i in range(6000)] for c in "ab"]
    started = time.process_time()
    grouped_split(everyone, {"train": None, "validation": 0.2, "test": 0.2}, random.Random(0))
    assert time.process_time() - started < 1


def test_without_near_duplicates_whole_numbers_split_as_ever(root: Path) -> None:
    amounts = {"train": 6, "validation": 3, "test": 3}
    assert plan_split(root, **amounts, keep_together=True) == plan_split(root, **amounts)


def test_pictures_of_one_composition_with_other_things_in_it_are_no_doubles(tmp_path: Path) -> None:
    ground = scene(500).filter(ImageFilter.GaussianBlur(6))
    for label, first in (("a", 600), ("b", 700)):
        (tmp_path / label).mkdir()
        for i in range(6):
            Image.blend(ground, scene(first + i), 0.25).save(tmp_path / label / f"{i}.png")
    found = pictures(tmp_path)
    assert len(candidates(np.stack([one.thumbnail for one in found]))[0][0]) > 20
    assert near_duplicates(found) == []


@pytest.mark.real
def test_of_the_real_photos_only_those_that_were_looked_at_are_doubles(real_cats_and_dogs: Path) -> None:
    split = plan_split(real_cats_and_dogs, train=1000, validation=500, test=500)
    assert names(near_duplicates(split.pictures)) == {
        frozenset(("cat.1125.jpg", "cat.1574.jpg")),
        frozenset(("dog.73.jpg", "dog.179.jpg")),
    }
    assert exact_duplicates(split.pictures) == []
