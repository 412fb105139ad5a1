"""The new backbones as classifiers, as tests/backbones has them."""

import functools

import keras
import pytest
from random_backbones import classifier, shorten

from kerasvgg.backbones.registry import BACKBONES


@pytest.fixture(scope="session")
def smallest():
    """Returns the classifier of a backbone by name, for the smallest pictures, as it is before anything is trained."""
    return functools.cache(lambda name: classifier(BACKBONES[name], (32, 32), at_random=False))


@pytest.fixture(scope="session")
def short():
    """Returns the classifier of a shortened backbone by name, always the same. Tests leave its weights as they were."""

    def build(name: str):
        with pytest.MonkeyPatch.context() as patch:
            shorten(patch)
            return classifier(BACKBONES[name], (64, 64))

    return functools.cache(build)


@pytest.fixture
def whole():
    """Returns the classifier of a backbone by name, with random weights."""
    yield lambda name: classifier(BACKBONES[name], (64, 64))
    keras.backend.clear_session()
