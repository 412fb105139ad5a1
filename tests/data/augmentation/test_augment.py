import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from kerasvgg.data.augmentation.affine import matrices
from kerasvgg.data.augmentation.augment import Augmentation
from kerasvgg.data.pictures.resizing import Resizing

SIZES = [(40, 40), (36, 52)]
SEEDS = [(0, 0, i) for i in range(8)]


def replace(augmentation, **changes):
    return Augmentation(**{**augmentation.model_dump(), **changes})


WAYS = {
    "rotation_range": 40, "width_shift_range": 0.2, "height_shift_range": 0.2, "shear_range": 0.2, "zoom_range": 0.2,
}  # fmt: skip
ALL = Augmentation(**WAYS, horizontal_flip=True, vertical_flip=True)
SETTINGS = (
    "rotation_range", "width_shift_range", "height_shift_range", "shear_range", "zoom_range", "horizontal_flip",
    "vertical_flip",
)  # fmt: skip
SINGLE = {
    "rotation": Augmentation(rotation_range=90),
    "width shift": Augmentation(width_shift_range=0.4),
    "height shift": Augmentation(height_shift_range=0.4),
    "shear": Augmentation(shear_range=0.7),
    "zoom": Augmentation(zoom_range=0.5),
    "zoom in bounds": Augmentation(zoom_range=(0.4, 0.9)),
    "horizontal flip": Augmentation(horizontal_flip=True),
    "vertical flip": Augmentation(vertical_flip=True),
    "all": ALL,
}


def _images(size):
    return np.random.default_rng(0).integers(0, 256, (len(SEEDS), *size, 3)).astype(np.float32)


def _both(augmentation, size):
    transforms = augmentation.draw(size, SEEDS)
    engines = (replace(augmentation, engine=name) for name in ("tfdata", "imagedatagenerator"))
    return [engine.apply(_images(size), transforms) for engine in engines]


@pytest.mark.sampled(by_default=2, slow=99)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("quirks", ["keras", "fixed"])
@pytest.mark.parametrize("name", SINGLE)
def test_both_engines_give_the_same_pixels(name, quirks, size):
    fast, real = _both(replace(SINGLE[name], quirks=quirks), size)
    assert np.abs(fast - real).max() < 1e-3  # of 255
    assert np.abs(fast - _images(size)).max() > 1  # something did happen


@pytest.mark.sampled(by_default=2, slow=99)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("fill_mode", ["nearest", "constant", "reflect", "wrap"])
def test_both_engines_fill_alike(fill_mode, size):
    fast, real = _both(replace(ALL, rotation_range=180, zoom_range=(1, 3), fill_mode=fill_mode, cval=77.0), size)
    assert np.abs(fast - real).max() < 1e-3


@pytest.mark.sampled(by_default=4, slow=99)
@pytest.mark.parametrize("fill_mode", ["nearest", "constant", "reflect", "wrap"])
def test_a_picture_comes_out_the_same_in_any_batch_and_from_any_numbers(fill_mode):
    augmentation = replace(ALL, fill_mode=fill_mode, cval=77.0)
    transforms, images = augmentation.draw((36, 52), SEEDS), _images((36, 52))
    whole = augmentation.apply(images, transforms)
    for kind in (np.uint8, np.float64):
        assert np.array_equal(augmentation.apply(images.astype(kind), transforms), whole)
    for first, last in ((0, 1), (3, 6), (5, 8)):
        assert np.array_equal(augmentation.apply(images[first:last], transforms[first:last]), whole[first:last])


THREADS = """
import hashlib, sys
import numpy as np
import tensorflow as tf
from kerasvgg.data.augmentation.augment import Augmentation
tf.config.threading.set_intra_op_parallelism_threads(int(sys.argv[1]))
ways = dict(rotation_range=40, width_shift_range=0.2, height_shift_range=0.2, shear_range=0.2, zoom_range=0.2)
augmentation = Augmentation(**ways, horizontal_flip=True)
images = np.random.default_rng(0).integers(0, 256, (20, 150, 150, 3)).astype(np.uint8)
moved = augmentation.apply(images, augmentation.draw((150, 150), [(0, 0, i) for i in range(20)]))
print(hashlib.sha256(moved.tobytes()).hexdigest())
"""


@pytest.mark.very_slow
def test_the_number_of_threads_changes_nothing():
    words = [[sys.executable, "-c", THREADS, str(threads)] for threads in (1, 2, 8)]
    hashes = {subprocess.run(some, capture_output=True, text=True, check=True).stdout for some in words}
    assert len(hashes) == 1


@pytest.mark.sampled(by_default=2, slow=99)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", SINGLE)
def test_drawn_is_what_imagedatagenerator_draws(name, size):
    from tensorflow.keras.preprocessing.image import ImageDataGenerator

    settings = {field: getattr(SINGLE[name], field) for field in SETTINGS}
    real = ImageDataGenerator(**settings)
    states = [int(np.random.SeedSequence(seed).generate_state(1)[0]) for seed in SEEDS]
    drawn = Augmentation(**settings, quirks="keras").draw(size, SEEDS)
    for transform, state in zip(drawn, states, strict=True):
        assert real.get_random_transform((*size, 3), seed=state).items() >= transform.items()


def test_flow_from_directory_delivers_the_same_pictures_end_to_end(class_folders):
    from tensorflow.keras.preprocessing.image import ImageDataGenerator

    from kerasvgg.data.pictures.sources import FilePictures
    from kerasvgg.files.hashing import content_hash

    root = class_folders(per_class=6, size=(60, 64))
    arguments = {
        "rotation_range": 40, "width_shift_range": 0.2, "height_shift_range": 0.2, "shear_range": 20,
        "zoom_range": 0.2, "horizontal_flip": True,
    }  # fmt: skip
    flow = ImageDataGenerator(**arguments).flow_from_directory(
        str(root), target_size=(40, 40), batch_size=12, class_mode="binary", shuffle=False, seed=3
    )
    theirs, labels = flow[0]
    paths = [root / name for name in flow.filenames]
    keys = [content_hash(path) for path in paths]
    pictures = FilePictures(paths, labels.astype(int), keys, Resizing((40, 40), "nearest")).load(np.arange(12))
    np.random.seed(3)  # as the iterator does for its first batch
    transforms = [ImageDataGenerator(**arguments).get_random_transform((40, 40, 3)) for _ in range(12)]
    for engine in ("tfdata", "imagedatagenerator"):
        ours = Augmentation(**arguments, quirks="keras", engine=engine).apply(pictures, transforms)
        assert np.abs(ours - theirs).max() < 1e-3


@pytest.mark.parametrize(
    ("quirks", "argument", "axis"),
    [
        ("fixed", "width_shift_range", 1),
        ("fixed", "height_shift_range", 0),
        ("keras", "width_shift_range", 0),
        ("keras", "height_shift_range", 1),
    ],
)
@pytest.mark.parametrize("size", SIZES)
def test_shifts_move_along_the_side_they_name_unless_quirks_are_wanted(quirks, argument, axis, size):
    augmentation = Augmentation(**{argument: 0.3}, quirks=quirks, fill_mode="constant")
    picture = np.zeros((1, *size, 3), np.float32)
    middle = (size[0] // 2, size[1] // 2)
    picture[0, middle[0] - 2 : middle[0] + 2, middle[1] - 2 : middle[1] + 2] = 255
    moved = np.array([
        np.array(np.nonzero(augmentation.apply(picture, augmentation.draw(size, [(0, 0, i)]))[0, ..., 0] > 99)).mean(1)
        for i in range(20)
    ])  # fmt: skip
    still = np.ptp(moved[:, 1 - axis])
    assert still < 1
    assert np.ptp(moved[:, axis]) > 0.3 * size[axis]
    if quirks == "fixed":
        assert np.abs(moved[:, axis] - middle[axis]).max() <= 0.3 * size[axis] + 1


def test_fixed_quirks_measure_shear_in_radians():
    drawn = Augmentation(shear_range=0.2).draw((40, 40), SEEDS)
    assert 2 < max(abs(transform["shear"]) for transform in drawn) <= np.degrees(0.2)
    drawn = Augmentation(shear_range=0.2, quirks="keras").draw((40, 40), SEEDS)
    assert max(abs(transform["shear"]) for transform in drawn) <= 0.2


def test_fixed_quirks_turn_an_oblong_picture_around_its_centre():
    size = (31, 61)
    picture = np.zeros((1, *size, 3), np.float32)
    picture[0, 14:17, 29:32] = 255
    augmentation = Augmentation(rotation_range=180, fill_mode="constant")
    for i in range(10):
        turned = augmentation.apply(picture, augmentation.draw(size, [(0, 0, i)]))[0, ..., 0]
        y, x = np.nonzero(turned > 99)
        assert abs(y.mean() - 15) < 0.6
        assert abs(x.mean() - 30) < 0.6


def test_the_seed_decides_and_numpy_is_left_alone():
    np.random.seed(7)
    expected = np.random.random()
    np.random.seed(7)
    first, again = ALL.draw((40, 40), SEEDS), ALL.draw((40, 40), SEEDS)
    assert first == again
    assert len({transform["theta"] for transform in first}) == len(SEEDS)
    assert np.random.random() == expected


def test_threads_draw_without_disturbing_each_other():
    expected = [ALL.draw((40, 40), [(i,)]) for i in range(200)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda i: ALL.draw((40, 40), [(i,)]), range(200))) == expected


@pytest.mark.parametrize("wrong", [{"engine": "fast"}, {"quirks": "none"}, {"fill_mode": "mirror"}])
def test_unknown_choices_are_refused(wrong):
    with pytest.raises(ValidationError, match="Input should be"):
        Augmentation(**wrong)


@pytest.mark.parametrize("wrong", [{"width_shift_range": 1}, {"height_shift_range": -0.1}])
def test_shifts_by_no_fraction_are_refused(wrong):
    with pytest.raises(ValidationError, match=r"(less|greater) than"):
        Augmentation(**wrong)


def test_a_flip_is_a_flip():
    mirrored = Augmentation(horizontal_flip=True)
    picture = _images((40, 40))[:1]
    flips = [transform["flip_horizontal"] for transform in mirrored.draw((40, 40), SEEDS)]
    assert set(map(bool, flips)) == {True, False}
    for seed, flip in zip(SEEDS, flips, strict=True):
        expected = picture[:, :, ::-1] if flip else picture
        assert np.abs(mirrored.apply(picture, mirrored.draw((40, 40), [seed])) - expected).max() < 1e-3


CROP = Augmentation(crop_scale=(0.2, 0.9), crop_ratio=(0.5, 2.0))


def _boxes(augmentation, size, count):
    """Left, top, width and height of what each transform shows, in pixels."""
    transforms = augmentation.draw(size, [(3, i) for i in range(count)])
    matrix = matrices(transforms, *size)
    corner = matrix @ np.array([-0.5, -0.5, 1])  # the outer corner of the first pixel
    return np.column_stack([corner + 0.5, matrix[:, 0, 0] * size[1], matrix[:, 1, 1] * size[0]]), transforms


@pytest.mark.parametrize("size", SIZES)
def test_a_crop_is_what_pillow_makes_of_the_same_box(size):
    boxes, transforms = _boxes(CROP, size, 8)
    images = _images(size).astype(np.uint8)
    for image, mine, (left, top, width, height) in zip(images, CROP.apply(images, transforms), boxes, strict=True):
        how = {"method": Image.Transform.EXTENT, "data": (left, top, left + width, top + height)}
        theirs = Image.fromarray(image).transform(size[::-1], **how, resample=Image.Resampling.BILINEAR)
        assert np.abs(mine - np.asarray(theirs))[2:-2, 2:-2].max() <= 1.01  # they round; edges are filled otherwise


@pytest.mark.parametrize("size", SIZES)
def test_crops_lie_inside_and_keep_to_their_bounds(size):
    boxes, _ = _boxes(CROP, size, 2000)
    left, top, width, height = boxes.T
    assert min(left.min(), top.min()) >= -1e-9
    assert (left + width).max() <= size[1] + 1e-9
    assert (top + height).max() <= size[0] + 1e-9
    area, shape = width * height / np.prod(size), (width / size[1]) / (height / size[0])
    inside = area < 0.999  # where no box fits, the whole picture stays
    assert 0.2 <= area.min() < 0.22
    assert 0.87 < area[inside].max() <= 0.9
    assert 0.5 <= shape.min() < 0.53
    assert 1.9 < shape.max() <= 2.0


def test_a_crop_changes_nothing_else_that_is_drawn():
    plain, cropped = (replace(ALL, crop_scale=scale).draw((40, 40), SEEDS) for scale in (None, (1.0, 1.0)))
    assert [one["theta"] for one in plain] == [one["theta"] for one in cropped]
    assert [one["flip_vertical"] for one in plain] == [one["flip_vertical"] for one in cropped]


@pytest.mark.parametrize(
    "wrong", [{"crop_scale": (0.0, 1.0)}, {"crop_scale": (0.5, 1.1)}, {"crop_scale": (0.5, 0.4)}, {"quirks": "keras"}]
)
def test_a_crop_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValidationError, match="crop_scale"):
        replace(CROP, **wrong)
