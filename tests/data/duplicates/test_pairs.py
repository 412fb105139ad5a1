"""The parts that near duplicates are found by."""

import numpy as np
import pytest
from PIL import Image
from scenes import scene

from kerasvgg.data.duplicates import candidates
from kerasvgg.data.duplicates.align import align, common
from kerasvgg.data.duplicates.candidates import bands, odd
from kerasvgg.data.duplicates.pairs import Alike, groups, similar_pairs
from kerasvgg.data.pictures.thumbnail import thumbnail


def thumbnails(*pictures: Image.Image) -> np.ndarray:
    return np.stack([thumbnail(one) for one in pictures])


def test_bands_are_a_cosine_transform_with_weights() -> None:
    from scipy.fft import dctn

    pictures = thumbnails(scene(0), scene(1))
    wanted = dctn(pictures.astype(float), axes=(1, 2), norm="ortho")[:, :5, :5] * np.hypot(*np.mgrid[:5, :5])
    rows = wanted.reshape(2, -1)[:, 1:]
    np.testing.assert_allclose(bands(pictures, 5), rows / np.linalg.norm(rows, axis=1, keepdims=True), atol=1e-5)


def test_a_mirror_image_has_the_odd_bands_turned() -> None:
    pictures = thumbnails(scene(0))
    signs = np.where(odd(6), -1, 1)
    np.testing.assert_allclose(bands(pictures[:, :, ::-1], 6), bands(pictures, 6) * signs, atol=1e-5)


def test_brightness_and_contrast_do_not_count() -> None:
    pictures = thumbnails(scene(0)).astype(np.float32)
    np.testing.assert_allclose(bands(pictures, 8), bands(pictures * 0.3 + 40, 8), atol=1e-4)


@pytest.mark.parametrize("box", [(16, 0, 320, 240), (0, 12, 304, 240), (8, 6, 312, 234)])
def test_a_crop_is_laid_over_its_picture(box: tuple[int, int, int, int]) -> None:
    whole = scene(3, (320, 240))
    first, second = (one.astype(np.float32) for one in (thumbnails(whole), thumbnails(whole.crop(box))))
    found = align(first, second, np.zeros((1, 4), np.float32), steps=8)
    (one,), (other,) = common(first, second, found)
    assert np.corrcoef(one.ravel(), other.ravel())[0, 1] > 0.98
    assert np.corrcoef(first.ravel(), second.ravel())[0, 1] < 0.96
    grown = 32 / (box[2] - box[0]) * 320 / 32 - 1  # a crop fills the frame, so that it must shrink to lie over
    assert -2 * found[0, 0] == pytest.approx(grown, abs=0.03) or -2 * found[0, 0] == pytest.approx(-grown, abs=0.03)


def test_only_pairs_from_different_parts_are_looked_at() -> None:
    pictures = list(thumbnails(scene(0), scene(0).resize((90, 70)), scene(0).resize((120, 120)), scene(1)))
    assert [one[:2] for one in similar_pairs(pictures)] == [(0, 1), (0, 2), (1, 2)]
    assert [one[:2] for one in similar_pairs(pictures, ["x", "x", "y", "y"])] == [(0, 2), (1, 2)]
    assert [one[:2] for one in similar_pairs(pictures, ["z", "y", "x", "x"])] == [(0, 1), (0, 2), (1, 2)]
    assert similar_pairs(pictures, ["x"] * 4) == []


def test_pictures_without_a_thumbnail_are_passed_over() -> None:
    one, other = thumbnails(scene(0), scene(0).resize((90, 70)))
    assert [pair[:2] for pair in similar_pairs([None, one, None, other])] == [(1, 3)]
    assert similar_pairs([]) == similar_pairs([None, None]) == similar_pairs([one]) == []


def test_either_order_of_two_pictures_gives_the_same_likeness() -> None:
    faint = scene(4).point([100 + level // 4 for level in range(256)] * 3)
    one, other = thumbnails(scene(4).crop((4, 0, 160, 114)), faint)
    assert similar_pairs([one, other]) == similar_pairs([other, one])
    assert isinstance(similar_pairs([one, other])[0], Alike)


def test_blocks_have_every_pair_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "ROWS", 3)
    pictures = thumbnails(*[scene(0).resize((60 + i, 60)) for i in range(10)])
    (first, second, _), _ = candidates.candidates(pictures)
    assert sorted(zip(first, second, strict=True)) == [(i, j) for i in range(10) for j in range(i + 1, 10)]


def test_of_too_many_candidates_the_likeliest_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    copies = [scene(seed).resize((64 + i, 64)) for seed in range(4) for i in range(4)]
    (*_, likeness), _ = candidates.candidates(thumbnails(*copies))
    monkeypatch.setattr(candidates, "MOST", 5)
    monkeypatch.setattr(candidates, "ROWS", 2)
    (first, _, kept), _ = candidates.candidates(thumbnails(*copies))
    assert len(first) == 5
    np.testing.assert_allclose(sorted(kept), sorted(likeness)[-5:], atol=1e-6)


def test_pairs_are_joined_into_groups() -> None:
    assert groups(7, [(5, 4), (1, 2), (2, 4)]) == [0, 1, 1, 3, 1, 1, 6]
    assert groups(3, []) == [0, 1, 2]
