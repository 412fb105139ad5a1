"""Pictures that go missing or bad after the split was planned."""

import json
from pathlib import Path

import keras
import numpy as np
import pytest

from kerasvgg.data.folder.split import plan_split
from kerasvgg.data.pictures.loading import BadFileError, BadFiles
from kerasvgg.data.pictures.resizing import Resizing
from kerasvgg.data.pictures.sources import FilePictures
from kerasvgg.data.pipeline import ordered_batches, training_batches
from kerasvgg.errors import DataError

N = 10


@pytest.fixture
def pictures(class_folders):
    """Twenty pictures of the training part, with the files they are in."""
    root = class_folders(per_class=12, size=(16, 16))
    split = plan_split(root, train=N, validation=2)
    part = split.part("train")
    made = FilePictures.of_split(root, part, split.classes, Resizing((16, 16), "nearest"))
    return made, [root / p.path for p in part]


def _break(paths):
    paths[3].unlink()
    paths[7].write_bytes(b"<html>")
    paths[12].write_bytes(paths[0].read_bytes())


def test_by_default_the_first_bad_one_is_named_and_ends_the_work(pictures):
    files, paths = pictures
    _break(paths)
    with pytest.raises(BadFileError, match=rf"{paths[3]}: No such file") as caught:
        BadFiles().load(files, np.arange(2 * N))
    assert (caught.value.path, caught.value.reason) == (str(paths[3]), "No such file or directory")


def test_skipped_ones_are_left_out_and_listed_once(pictures, capfd):
    files, paths = pictures
    whole = files.load(np.arange(2 * N))
    _break(paths)
    bad = BadFiles("skip")
    for _ in range(2):
        images, good = bad.load(files, np.arange(2 * N))
    assert good.tolist() == [i for i in range(2 * N) if i not in (3, 7, 12)]
    assert np.array_equal(images, whole[good])
    assert set(bad.found) == {str(paths[i]) for i in (3, 7, 12)}
    assert capfd.readouterr().err.count("skipped: ") == 3


@pytest.mark.parametrize("augmented", [False, True])
def test_batches_lack_them_and_keep_their_labels_and_their_number(pictures, augmented):
    from kerasvgg.data.augmentation.augment import Augmentation

    files, paths = pictures
    _break(paths)
    bad = BadFiles("skip")
    how = {"augmentation": Augmentation(horizontal_flip=True)} if augmented else {}
    batches = list(training_batches(files, 5, seed=1, bad_files=bad, **how).take(4))
    assert sum(len(x) for x, _ in batches) == 2 * N - 3
    labels = np.concatenate([y for _, y in batches])
    assert sorted(labels) == sorted(files.labels[[i for i in range(2 * N) if i not in (3, 7, 12)]])
    ordered = list(ordered_batches(files, 5, bad_files=bad))
    assert np.array_equal(np.concatenate([y for _, y in ordered]), np.delete(files.labels, [3, 7, 12]))


def test_a_batch_without_a_good_picture_stops_even_so(pictures):
    files, paths = pictures
    for path in paths:
        path.unlink()
    batches = training_batches(files, 5, bad_files=BadFiles("skip"))
    with pytest.raises(Exception, match="none of the pictures of a batch is left"):
        next(iter(batches))
    assert isinstance(batches.failures[0], DataError)


RUN = """
seed: 1
data: {{dataset: {dataset}, split: {{train: 8, validation: 4, test: 4}}, image_size: [48, 48], batch_size: 4,
  on_bad_file: {policy}}}
model: {{base: {base}, weights: null, head: {{units: 8, pooling: average}}}}
train: [{{layers: {layers}, epochs: 2, learning_rate: 1e-3}}]
"""


@pytest.fixture
def run(tmp_path, class_folders):
    """Runs an experiment on pictures of which one of each part is lost between planning and training."""
    from kerasvgg.config.load import load_experiments
    from kerasvgg.runs.prepare import prepare
    from kerasvgg.runs.run import run as run_prepared

    def start(policy, base, layers):
        root = class_folders(per_class=16)
        path = tmp_path / "lost.yaml"
        path.write_text(RUN.format(dataset=json.dumps(str(root)), policy=policy, base=base, layers=layers))
        prepared = prepare(load_experiments(path)[""])
        lost = [root / prepared.split.part(part)[0].path for part in ("train", "validation", "test")]
        for each in lost:
            each.unlink()
        return lost, lambda: run_prepared(prepared, "lost", tmp_path / "runs")

    yield start
    keras.backend.clear_session()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("base", "layers"), [pytest.param("small_cnn", "'*'", marks=pytest.mark.very_slow), ("vgg16", "head")]
)
def test_a_run_that_skips_says_which_and_counts_the_others(run, base, layers, capfd):
    lost, go = run("skip", base, layers)
    outcome = go()
    assert outcome.metrics["n"] == 7
    rows = Path(outcome.folder.predictions).read_text().splitlines()
    assert len(rows) == 8
    assert not any(row.startswith("cat/12.png") for row in rows)  # the first of the test part
    about = json.loads(outcome.folder.environment.read_text())
    assert set(about["skipped"]) == set(map(str, lost))
    said = capfd.readouterr().err
    assert all(f"skipped: {path}: No such file or directory" in said for path in lost)


@pytest.mark.sampled(by_default=2)
@pytest.mark.parametrize(("base", "layers"), [("small_cnn", "'*'"), ("vgg16", "head")])
def test_a_run_that_stops_names_the_file(run, base, layers):
    lost, go = run("stop", base, layers)
    with pytest.raises(DataError) as caught:
        go()
    assert str(caught.value).split(":")[0] in map(str, lost)


@pytest.mark.parametrize("lost", [[0, 1, 2, 3, 4], [15, 16, 17, 18, 19], [5, 6, 7, 8, 9, 10, 11, 12, 13, 14]])
def test_where_nothing_of_a_batch_is_left_its_neighbour_is_divided(pictures, lost):
    files, paths = pictures
    for i in lost:
        paths[i].unlink()
    batches = [labels for _, labels in ordered_batches(files, 5, bad_files=BadFiles("skip"))]
    assert len(batches) == 4
    assert np.array_equal(np.concatenate(batches), np.delete(files.labels, lost))


def test_the_changes_to_pictures_are_the_same_whichever_others_are_lost(pictures):
    from kerasvgg.data.augmentation.augment import Augmentation

    files, paths = pictures
    how = {"augmentation": Augmentation(rotation_range=40, horizontal_flip=True), "seed": 1}
    whole = np.concatenate([x for x, _ in training_batches(files, 5, **how).take(4)])
    for i in np.random.default_rng((1, 0, 0)).permutation(2 * N)[5:10]:  # the second batch
        paths[i].unlink()
    left = np.concatenate([x for x, _ in training_batches(files, 5, **how, bad_files=BadFiles("skip")).take(4)])
    assert np.array_equal(left, np.delete(whole, slice(5, 10), axis=0))
