"""The real photos and weights, where KERASVGG_HOME has them."""

import numpy as np
import pytest

from kerasvgg.data.folder.split import plan_split
from kerasvgg.data.pictures.resizing import Resizing
from kerasvgg.data.pictures.sources import FilePictures
from kerasvgg.recipes import feature_extraction

pytestmark = pytest.mark.real


@pytest.fixture
def split(real_cats_and_dogs):
    return plan_split(real_cats_and_dogs, train=1000, validation=500, test=500)


def test_the_chapters_split_takes_the_real_photos_in_its_order(split):
    assert split.left_out == ()
    cats = {part: [p.path for p in split.part(part) if p.label == "cat"] for part in ("train", "validation", "test")}
    assert (cats["train"][0], cats["train"][-1]) == ("cat.0.jpg", "cat.999.jpg")
    assert (cats["validation"][0], cats["validation"][-1]) == ("cat.1000.jpg", "cat.1499.jpg")
    assert (cats["test"][0], cats["test"][-1]) == ("cat.1500.jpg", "cat.1999.jpg")
    assert len(split.pictures) == 4000


@pytest.mark.slow
def test_a_few_real_photos_are_enough_for_vgg16(split, weights_file):
    def some(part, count):
        of_part = split.part(part)
        pictures = [*of_part[:count], *of_part[-count:]]
        read = FilePictures.of_split(split.root, pictures, split.classes, Resizing((96, 96)))
        return read.load(np.arange(2 * count)), read.labels

    trained = feature_extraction(
        some("train", 60), some("validation", 40), image_size=(96, 96), pooling="average", epochs=10, learning_rate=1e-3
    )
    assert max(row["val_accuracy"] for row in trained.history) > 0.85
