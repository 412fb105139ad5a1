import numpy as np
import pytest
import tensorflow as tf

from kerasvgg.data.augmentation.affine import matrices, resampler
from kerasvgg.data.augmentation.augment import Augmentation

SIZE = (36, 52)
AUGMENTATION = Augmentation(
    rotation_range=40, width_shift_range=0.2, height_shift_range=0.2, shear_range=0.2, zoom_range=0.2,
    horizontal_flip=True, fill_mode="reflect",
)  # fmt: skip
TRANSFORMS = AUGMENTATION.draw(SIZE, [(i,) for i in range(7)])
IMAGES = np.random.default_rng(0).integers(0, 256, (7, *SIZE, 3)).astype(np.uint8)


@pytest.mark.slow
def test_a_dataset_with_a_smaller_last_batch_is_traced_once_and_gives_the_same_pictures():
    resample = resampler("reflect", 0.125)  # no other test's
    dataset = tf.data.Dataset.from_tensor_slices((IMAGES, matrices(TRANSFORMS, *SIZE))).batch(3).map(resample)
    assert dataset.element_spec == tf.TensorSpec((None, *SIZE, 3), tf.float32)
    batches = list(dataset.as_numpy_iterator())
    assert [len(batch) for batch in batches] == [3, 3, 1]
    assert resample.experimental_get_tracing_count() == 1
    assert np.array_equal(np.concatenate(batches), AUGMENTATION.apply(IMAGES, TRANSFORMS))


@pytest.mark.slow
def test_pictures_of_one_pixel_or_one_row_or_one_channel_can_be_moved():
    for shape in ((1, 1, 3), (1, 9, 3), (9, 1, 3), (9, 9, 1)):
        for fill_mode in ("nearest", "reflect", "wrap"):
            identity = matrices([{}], *shape[:2])
            image = np.random.default_rng(0).integers(0, 256, (1, *shape)).astype(np.uint8)
            assert np.array_equal(resampler(fill_mode, 0.0)(image, identity), image), (shape, fill_mode)
