"""What is learnt from a teacher: its row for each view, and the very view that is shown."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest

from kerasvgg.data.augmentation.augment import Augmentation
from kerasvgg.data.pictures.sources import ArrayPictures
from kerasvgg.training.batches import BatchSource
from kerasvgg.training.loop import compile_classifier
from kerasvgg.training.phase import Phase, TrainingSettings

PHASE = Phase(epochs=6, learning_rate=1e-3)
SIDE, LARGER = 24, 72


def smooth(side: int, count: int = 6) -> np.ndarray:
    """Pictures that are the same at any size: waves of colour, uint8 (n, side, side, 3)."""
    at = (np.arange(side) + 0.5) / side
    draw = np.random.default_rng(1)
    waves = [np.sin(a * at[:, None] + b * at[None] + c) for a, b, c in draw.uniform(0, 4, (3 * count, 3))]
    return (127.5 + 120 * np.stack(waves).reshape(count, 3, side, side).transpose(0, 2, 3, 1)).astype(np.uint8)


def colours(images: np.ndarray) -> np.ndarray:
    """What the teacher of these tests says: the shares of the colours in the left half."""
    means = images[:, :, : images.shape[2] // 2].mean(axis=(1, 2))
    return (means / means.sum(axis=1, keepdims=True)).astype(np.float32)


class OfOneContent(ArrayPictures):
    """As files are that are read at several sizes: their keys are the same."""

    keys = tuple(f"{number:016x}{0:048x}" for number in range(6))


class ColourTeacher:
    """Sees the pictures larger than they are learnt."""

    def __init__(self) -> None:
        self.about: dict = {}
        self.views = 0

    def probabilities(self, view) -> np.ndarray:
        shown = view(OfOneContent(smooth(LARGER), np.arange(6) % 3))
        self.views = len(shown)
        return colours(shown.load(np.arange(len(shown))))


def batches(augmentation: Augmentation | None, copies: int | None, epochs: int) -> tuple[list, ColourTeacher]:
    teacher = ColourTeacher()
    settings = TrainingSettings(
        phases=[PHASE], batch_size=4, seed=3, augmentation=augmentation, augment_copies=copies, teacher=teacher
    )
    pictures = OfOneContent(smooth(SIDE), np.arange(6) % 3)
    extractor = SimpleNamespace(root=None, features=lambda pictures, cut: pictures, bad_files=None)
    source = BatchSource(settings, pictures, pictures, extractor)
    shown = [(x.numpy(), y.numpy()) for x, y in source.training(PHASE, None, 0).take(2 * epochs)]
    held_out = np.concatenate([y.numpy() for _, y in source.validation(PHASE, None)])
    assert np.array_equal(held_out, np.eye(3)[np.arange(6) % 3])
    return shown, teacher


@pytest.mark.parametrize(
    ("augmentation", "copies", "views"),
    [
        (None, None, 6),
        (Augmentation(horizontal_flip=True), 2, 12),
        (Augmentation(horizontal_flip=True, rotation_range=20, crop_scale=(0.3, 1.0), width_shift_range=0.2), 5, 30),
    ],
)
def test_each_view_is_learnt_with_what_the_teacher_says_of_it_at_its_own_size(augmentation, copies, views) -> None:
    shown, teacher = batches(augmentation, copies, 5)
    assert teacher.views == views
    for x, y in shown:
        assert np.abs(colours(x) - y).max() < 0.02
    spread = np.concatenate([y for _, y in shown])
    assert len(np.unique(spread.round(6), axis=0)) >= 5 * views // 6  # and no picture's rows are those of another


def test_the_loss_is_the_cross_entropy_with_the_teachers_rows_and_accuracy_whether_both_say_the_same() -> None:
    model = keras.Sequential([keras.Input((5,)), keras.layers.Dense(3, activation="softmax", name="head_output")])
    draw = np.random.default_rng(0)
    x, rows = draw.normal(size=(40, 5)).astype(np.float32), draw.dirichlet(np.ones(3), 40).astype(np.float32)
    compile_classifier(model, PHASE, taught=True)
    found = model.evaluate(x, rows, verbose=0, return_dict=True)
    logits = x.astype(np.float64) @ model.layers[-1].kernel.numpy() + model.layers[-1].bias.numpy()
    said = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert found["loss"] == pytest.approx(-(rows * np.log(said)).sum(axis=1).mean(), rel=1e-5)
    assert found["accuracy"] == pytest.approx((said.argmax(axis=1) == rows.argmax(axis=1)).mean())
