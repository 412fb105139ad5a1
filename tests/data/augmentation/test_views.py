import numpy as np

from kerasvgg.data.augmentation.views import MirrorPairs
from kerasvgg.data.pictures.resizing import Resizing
from kerasvgg.recipes.sources import as_pictures


def test_the_second_half_are_the_mirror_images_of_the_first():
    images = np.random.default_rng(0).integers(0, 256, (3, 4, 5, 3), dtype=np.uint8)
    pictures, _ = as_pictures((images, np.array([0, 1, 0])), ("cat", "dog"), Resizing((4, 5)))
    pairs = MirrorPairs(pictures)
    assert len(pairs) == 6
    assert pairs.labels.tolist() == [0, 1, 0, 0, 1, 0]
    np.testing.assert_array_equal(pairs.load(np.array([4, 0])), np.stack([np.fliplr(images[1]), images[0]]))
    assert pairs.keys[:3] == pictures.keys
    assert len(set(pairs.keys)) == 6
