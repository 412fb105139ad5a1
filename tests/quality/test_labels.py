"""Labels that look wrong are found without having been seen."""

from pathlib import Path

import numpy as np
import pytest

from kerasvgg.errors import DataError
from kerasvgg.quality.labels import suspects, wrong_labels
from kerasvgg.quality.report import report
from kerasvgg.quality.survey import survey

CLASSES, EACH, FEATURES = 3, 120, 64


def clouds(far: float = 0.8) -> tuple[np.ndarray, np.ndarray]:
    """Features of classes that overlap a little, and their labels."""
    draw = np.random.default_rng(0)
    labels = np.repeat(np.arange(CLASSES), EACH)
    return (draw.normal(size=(CLASSES, FEATURES)) * far)[labels] + draw.normal(size=(len(labels), FEATURES)), labels


def test_flipped_labels_are_found_the_surest_first_and_hardly_any_other() -> None:
    features, labels = clouds()
    flipped = np.random.default_rng(1).choice(len(labels), 18, replace=False)
    wrong = labels.copy()
    wrong[flipped] = (labels[flipped] + 1) % CLASSES
    found = suspects(features, wrong, range(len(labels)))
    right = [one for one in found if one.number in flipped]
    assert len(right) >= 15
    assert len(found) - len(right) <= 1
    assert all(one.likelier == labels[one.number] for one in right)
    assert [one.of_label for one in found] == sorted(one.of_label for one in found)


def test_right_labels_are_left_alone() -> None:
    features, labels = clouds()
    assert len(suspects(features, labels, range(len(labels)))) <= 1


def test_labels_that_features_say_nothing_about_are_left_alone() -> None:
    labels = np.repeat([0, 1], EACH)
    features = np.random.default_rng(2).normal(size=(len(labels), FEATURES))
    assert len(suspects(features, labels, range(len(labels)))) < 0.15 * len(labels)


def test_copies_of_a_picture_do_not_vouch_for_its_wrong_label() -> None:
    features, labels = clouds()
    wrong = labels.copy()
    wrong[:8] = 1
    features[:8] = features[0]
    together = [0] * 8 + list(range(8, len(labels)))
    alone = {one.number for one in suspects(features, wrong, range(len(labels)))}
    assert {one.number for one in suspects(features, wrong, together)} >= set(range(8))
    assert not alone >= set(range(8))


def test_a_class_of_a_few_pictures_is_refused() -> None:
    with pytest.raises(DataError, match="10 pictures of each"):
        suspects(np.zeros((25, 4)), np.array([0] * 20 + [1] * 5), range(25))


def test_a_class_of_copies_is_refused_and_five_groups_in_each_class_are_enough() -> None:
    features, labels = clouds()
    copies = np.arange(len(labels))
    copies[:EACH] = np.arange(EACH) % 4
    with pytest.raises(DataError, match=r"5 of them different; received 3, at least 120 .* 4 of them different"):
        suspects(features, labels, copies)
    copies[:EACH] = np.arange(EACH) % 5
    assert len(suspects(features, labels, copies)) <= 1


@pytest.mark.parametrize(("classes", "received"), [((), "received 0"), (("cat",), "received 1")])
def test_too_few_pictures_are_refused_before_their_features_are_computed(
    class_folders, monkeypatch: pytest.MonkeyPatch, classes: tuple[str, ...], received: str
) -> None:
    root: Path = class_folders(classes)
    root.mkdir(exist_ok=True)
    monkeypatch.setattr("kerasvgg.quality.labels.vgg16_features", lambda *_: pytest.fail("hours went by"))
    with pytest.raises(DataError, match=received):
        wrong_labels(survey(root))


def test_pictures_in_the_wrong_folder_are_named(class_folders, monkeypatch: pytest.MonkeyPatch) -> None:
    root: Path = class_folders(per_class=20, size=(40, 40))
    (root / "cat" / "3.png").rename(root / "dog" / "cat3.png")
    (root / "dog" / "7.png").rename(root / "cat" / "dog7.png")
    monkeypatch.setattr("kerasvgg.quality.labels.SIZE", (32, 32))
    monkeypatch.setattr("kerasvgg.quality.labels.imagenet_weights", lambda base: None)
    seen = survey(root)
    found = wrong_labels(seen)
    assert {one.paths for one in found} == {("cat/dog7.png",), ("dog/cat3.png",)}
    assert {one.text.partition(" ")[0] for one in found} == {"cat", "dog"}
    assert report(seen, found).by_kind.keys() == {"suspicious-label"}
