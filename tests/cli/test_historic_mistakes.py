"""The five mistakes that misled the book's readers, planted on purpose: each is caught, with its reason."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kerasvgg.config.load import load_experiments
from kerasvgg.data.pictures.sources import FilePictures
from kerasvgg.models.freezing import CutModel
from kerasvgg.training import build

VGG = """\
data: {dataset: pictures, split: {train: 8, validation: 4}, image_size: [48, 48], batch_size: 8}
model: {base: vgg16, weights: null, preprocessing: vgg, head: {pooling: average, units: 8}}
train:
  - {layers: head, epochs: 1, learning_rate: 1e-3}
  - {layers: [block5, head], epochs: 1, learning_rate: 1e-4}
"""


@pytest.fixture
def vgg(tiny: str) -> str:
    Path("vgg.yaml").write_text(VGG)
    return "vgg.yaml"


@pytest.mark.slow
def test_1_vgg16_fed_pixels_by_255(vgg: str, cli: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "imagenet_weights", lambda base: None)  # random ones are as good here
    unit = ("model.weights=imagenet", "model.preprocessing=unit")
    told = "imagenet weights were trained on preprocessing `vgg`, not `unit`: it costs 7 points"
    assert told in cli("run", vgg, *unit, "train.1.layers=head").err
    assert told in cli("validate", vgg, *unit).err
    assert told not in cli("validate", vgg, *unit, "model.accept_preprocessing=true").err
    assert told not in cli("validate", vgg, "model.weights=imagenet").err


def test_1_pictures_that_were_divided_already() -> None:
    from kerasvgg.errors import DataError
    from kerasvgg.recipes import feature_extraction

    scaled = np.random.default_rng(0).random((4, 48, 48, 3)), np.arange(4) % 2
    with pytest.raises(DataError, match=r"pixels from 0 to 255.*they look scaled to 0\.\.1, as by x / 255"):
        feature_extraction(scaled, scaled, weights=None, image_size=(48, 48))


@pytest.mark.slow
def test_2_a_base_that_was_never_frozen(vgg: str, cli: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CutModel, "_cut", lambda self, patterns: None)
    monkeypatch.setattr(CutModel, "train_only", lambda self, patterns: None)
    done = cli("run", vgg)
    assert done.status == 2
    assert "head was to leave `block1_conv1`, `block1_conv2`" in done.err
    assert "what looks like a frozen base was trained" in done.err


@pytest.mark.slow
def test_3_a_base_that_was_never_unfrozen(vgg: str, cli: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    right = CutModel.train_only
    monkeypatch.setattr(CutModel, "train_only", lambda self, patterns: right(self, ("head",)))
    done = cli("run", vgg)
    assert done.status == 2
    assert "was to train `block5_conv1`, `block5_conv2`, `block5_conv3`, but not one of their weights" in done.err


@pytest.mark.slow
def test_4_a_report_on_pictures_that_were_shuffled(
    tiny: str, class_folders: Callable, cli: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    class_folders(per_class=40, root=Path("many"))
    right, made = FilePictures.of_split.__func__, []

    def shuffled(cls, root, pictures, classes, *how):  # as `shuffle=True` beside `generator.classes`
        made.append(right(cls, root, pictures, classes, *how))
        if len(made) > 2:  # training's two are right, scoring's are not
            mixed = [pictures[i] for i in np.random.default_rng(0).permutation(len(pictures))]
            made[-1] = right(cls, root, mixed, classes, *how)
            made[-1].labels = np.array([classes.index(one.label) for one in pictures], dtype=np.int32)
        return made[-1]

    monkeypatch.setattr(FilePictures, "of_split", classmethod(shuffled))
    split = ("data.dataset=many", "data.split.train=10", "data.split.validation=29", "data.split.test=1")
    done = cli("run", tiny, *split, "model.preprocessing=half", "train.0.optimizer=adam", "train.0.epochs=8")
    assert done.status == 2
    assert "do not belong to the same pictures, as when a generator that shuffles is scored" in done.err


def test_5_four_pictures_in_two_thousand_are_no_progress(place: Path, cli: Callable) -> None:
    wrong = {"first": range(60), "second": range(4, 60)}
    for name, mistaken in wrong.items():
        Path(name).mkdir()
        lines = ["path,true,predicted,p:cat,p:dog"]
        for i in range(2000):
            predicted = "dog" if i in mistaken else "cat"
            lines.append(f"{i}.jpg,cat,{predicted},{0.2 if i in mistaken else 0.8},{0.8 if i in mistaken else 0.2}")
        Path(name, "predictions.csv").write_text("\n".join(lines) + "\n")
        Path(name, "metrics.json").write_text(json.dumps({"split": "test"}))
    done = cli("compare", "first", "second")
    assert done.status == 0
    assert "no evidence that they differ" in done.out
    assert "p = 0.12" in done.out  # 2 x 0.5^4: four pictures, all to one side


def test_no_shipped_experiment_is_taken_for_one_of_them() -> None:
    """What can be told before training: wrong preprocessing is accepted where it is meant."""
    from kerasvgg.backbones.registry import preprocessing_warning

    shipped = sorted((Path(__file__).parents[2] / "experiments").rglob("*.yaml"))
    assert len(shipped) >= 13
    for path in shipped:
        for experiment in load_experiments(path, variants=["all"]).values():
            model = experiment.model
            assert model.accept_preprocessing == bool(
                preprocessing_warning(model.base, model.weights, model.preprocessing)
            )


@pytest.mark.slow
def test_a_model_that_mirror_images_confuse_is_not_taken_for_a_shuffled_report(
    tiny: str, place: Path, cli: Callable
) -> None:
    for side in ("left", "right"):  # what a flip exchanges
        (place / "sides" / side).mkdir(parents=True)
        for i in range(40):
            pixels = np.random.default_rng(i).integers(0, 90, (48, 48, 3)).astype(np.uint8)
            pixels[:, :16] += np.uint8(150 if side == "left" else 0)
            pixels[:, 32:] += np.uint8(150 if side == "right" else 0)
            Image.fromarray(pixels).save(place / "sides" / side / f"{i}.png")
    split = ("data.dataset=sides", "data.split.train=10", "data.split.validation=29", "data.split.test=1")
    done = cli("run", tiny, *split, "test_time_flip=true", "train.0.optimizer=adam", "train.0.epochs=6")
    assert done.status == 0
    assert Path("runs/tiny/1/metrics.json").is_file()
