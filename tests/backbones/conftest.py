import functools

import pytest
from random_backbones import classifier

from kerasvgg.backbones.registry import BACKBONES


@pytest.fixture(scope="session")
def built():
    """Returns the classifier of a backbone by name, always the same one. A test leaves its weights as they were."""
    return functools.cache(lambda name: classifier(BACKBONES[name], (64, 64), dropout=0.5))
