from itertools import pairwise

import numpy as np
import pytest
from pydantic import ValidationError

from kerasvgg.data.pictures.sources import ArrayPictures
from kerasvgg.data.pipeline import training_batches
from kerasvgg.data.windows import Windows
from kerasvgg.errors import DataError

GENDER = Windows(least=6, most=18, last_start=20)


def _batches(n=50, steps=400, seed=0, first_epoch=0):
    """The picture numbers of an epoch's batches, as training gets them: each picture shows its own number."""
    images = np.broadcast_to(np.arange(n, dtype=np.uint8)[:, None, None, None], (n, 8, 8, 3))
    pictures = ArrayPictures(images, np.arange(n) % 2)
    found = training_batches(pictures, 4, steps, seed=seed, first_epoch=first_epoch, windows=GENDER)
    return [x[:, 0, 0, 0].numpy().astype(int).tolist() for x, _ in found.take(steps)]


def test_each_batch_is_a_run_of_one_order_that_begins_early_enough():
    batches = _batches()
    after = {}
    for batch in batches + _batches(first_epoch=7):
        for left, right in pairwise(batch):
            assert after.setdefault(left, right) == right
    (first,) = set(after) - set(after.values())
    order = [first]
    while order[-1] in after:
        order.append(after[order[-1]])
    assert order != sorted(order)
    starts = {order.index(batch[0]) for batch in batches}
    assert (min(starts), max(starts)) == (0, 30)  # 50 - 20
    assert {len(batch) for batch in batches} == set(range(6, 19))


def test_what_an_epoch_holds_follows_from_seed_and_epoch():
    assert _batches(steps=5) == _batches(steps=5)
    assert _batches(steps=5) != _batches(steps=5, seed=1)
    assert _batches(steps=5) != _batches(steps=5, first_epoch=1)


def test_fewer_pictures_than_a_window_may_need_are_refused():
    GENDER.check(20)
    with pytest.raises(DataError, match="at most the 19 training pictures, received 20"):
        GENDER.check(19)


@pytest.mark.parametrize("wrong", [(0, 1, 2), (3, 2, 5), (2, 6, 5)])
def test_bounds_that_do_not_fit_are_refused(wrong):
    with pytest.raises(ValidationError):
        Windows(**dict(zip(("least", "most", "last_start"), wrong, strict=True)))
