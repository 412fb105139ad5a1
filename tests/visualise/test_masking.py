import numpy as np
import pytest
from scipy.ndimage import label

from benchmarks.hidden_parts import elsewhere, hidden, hottest, random_cells
from kerasvgg.data.augmentation.augment import Augmentation
from kerasvgg.data.augmentation.views import views


@pytest.fixture
def draw():
    return np.random.default_rng(0)


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 1.0])
def test_the_hottest_share_is_hidden(share, draw):
    heat = draw.permutation(400).reshape(20, 20)
    mask = hottest(heat, share, draw)
    assert mask.sum() == 400 * share
    assert (heat[mask] >= 400 * (1 - share)).all()


def test_of_equally_hot_pixels_some_are_drawn(draw):
    masks = [hottest(np.zeros((20, 20)), 0.2, draw) for _ in range(2)]
    assert [mask.sum() for mask in masks] == [80, 80]
    assert (masks[0] != masks[1]).any()
    assert 30 < masks[0][:, :10].sum() < 50  # not the first ones


def test_the_same_form_stands_elsewhere(draw):
    mask = np.zeros((20, 30), bool)
    mask[3:7, 4:12] = True
    moved = elsewhere(mask, draw)
    assert moved.sum() == mask.sum()
    assert (moved != mask).any()
    shift = [tuple(np.argwhere(np.roll(mask, (i, j), (0, 1)) != moved)) for i in range(20) for j in range(30)]
    assert () in shift


def test_random_cells_hide_as_much_in_pieces_of_a_cells_size(draw):
    mask = random_cells((90, 120), (9, 12), 0.25, draw)
    assert mask.sum() == 0.25 * mask.size
    cells = mask.reshape(9, 10, 12, 10).mean(axis=(1, 3))
    assert sorted(set(cells.ravel())) == [0, 1]
    assert label(mask)[1] > 5


def test_what_is_hidden_has_the_pictures_mean_colour(picture):
    mask = np.zeros(picture.shape[:2], bool)
    mask[:5] = True
    found = hidden(picture, mask)
    np.testing.assert_allclose(found[0, 0], picture.reshape(-1, 3).mean(axis=0), rtol=1e-5)
    np.testing.assert_array_equal(found[5:], picture[5:])


def test_views_are_those_of_training_and_alike_in_both_engines(picture):
    options = {"rotation_range": 40, "zoom_range": 0.2, "horizontal_flip": True}
    ours, theirs = (
        views(picture, Augmentation(**options, engine=engine), 5, seed=3) for engine in ("tfdata", "imagedatagenerator")
    )
    assert ours.shape == (5, *picture.shape)
    assert np.abs(ours - theirs).max() < 0.01
    assert len({one.tobytes() for one in ours}) == 5
    plain = Augmentation(**options)
    expected = plain.apply(picture[None], plain.draw(picture.shape[:2], [(3, 2, 0)]))
    np.testing.assert_array_equal(ours[2], expected[0])
