import pytest
from pydantic import BaseModel, ValidationError

from kerasvgg.config.data import Data, Split
from kerasvgg.config.experiment import Experiment
from kerasvgg.config.model import Head, Model
from kerasvgg.data.augmentation.augment import Augmentation
from kerasvgg.training.phase import Phase


@pytest.mark.parametrize(
    ("given", "weights", "preprocessing"),
    [
        ({"base": "vgg16"}, "imagenet", "vgg"),
        ({"base": "vgg19"}, "imagenet", "vgg"),
        ({"base": "small_cnn"}, None, "unit"),
        ({"base": "vgg16", "weights": None}, None, "unit"),
        ({"base": "vgg16", "preprocessing": "half"}, "imagenet", "half"),
    ],
)
def test_weights_and_preprocessing_follow_the_base(
    given: dict[str, str | None], weights: str | None, preprocessing: str
) -> None:
    model = Model.model_validate(given)
    assert (model.weights, model.preprocessing) == (weights, preprocessing)


def test_one_number_or_word_stands_for_a_list_of_one() -> None:
    assert Head(units=256).units == (256,)
    assert Head(units=[256, 128]).units == (256, 128)
    assert Head().units == ()
    assert Phase(layers="block5", epochs=1, learning_rate=1).layers == ("block5",)
    assert Phase(epochs=1, learning_rate=1).layers == ("*",)


@pytest.mark.parametrize("amounts", [(1, 1, 1), (5, 2, None), (0.7, 0.2, 0.1), (0.33, 0.56, 0.11), (None, 0.5, 0.4)])
def test_amounts_that_agree_are_taken_as_they_are(amounts: tuple[float | None, float, float | None]) -> None:
    train, validation, test = amounts
    split = Split(train=train, validation=validation, test=test)
    assert (split.train, split.validation, split.test) == amounts


def test_zoom_is_a_number_or_a_pair() -> None:
    assert Augmentation(zoom_range=0).zoom_range == 0.0
    assert Augmentation(zoom_range=[1, 1]).zoom_range == (1.0, 1.0)


def test_sizes_from_8_to_2048_are_taken() -> None:
    assert Data(dataset="x", image_size=[8, 2048]).image_size == (8, 2048)
    for sides in ([7, 8], [8, 2049]):
        with pytest.raises(ValidationError):
            Data(dataset="x", image_size=sides)


@pytest.mark.parametrize("section", [Experiment, Data, Split, Augmentation, Model, Head, Phase])
def test_every_field_is_described(section: type[BaseModel]) -> None:
    assert [name for name, field in section.model_fields.items() if not field.description] == []


@pytest.mark.parametrize(
    ("section", "given", "told"),
    [
        (Head, {"units": (8, 4), "dropout": (0.5,)}, "one for each of the 2 `units`"),
        (Model, {"base": "vgg16", "preprocessing": "gray"}, "three colours that imagenet weights are for"),
        (Model, {"base": "vgg16", "batch_normalization": True}, "must be false with imagenet weights"),
        (Model, {"base": "vgg13", "weights": "imagenet"}, "vgg13, which has no pretrained weights"),
        (Augmentation, {"crop_scale": (0.5, 1.0), "quirks": "keras"}, "Keras does not crop"),
        (Augmentation, {"crop_scale": (0.5, 1.5)}, "shares of at most 1"),
        (
            Phase,
            {"epochs": 1, "learning_rate": 1.0, "windows": {"least": 1, "most": 2, "last_start": 2}},
            "no natural end",
        ),
        (Split, {"train": 3, "validation": 2, "stratify": False}, "fractions with `stratify: false`"),
    ],
)
def test_what_does_not_go_together_is_refused(section: type[BaseModel], given: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        section.model_validate(given)


def test_each_hidden_layer_can_have_a_dropout_of_its_own() -> None:
    assert Head(units=(8, 4), dropout=(0.5, 0.0)).drops
    assert not Head(units=(8, 4), dropout=(0.0, 0.0)).drops
