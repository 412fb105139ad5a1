"""A clean slate after each file of tests: Keras takes a third of a second for it."""

import keras
import pytest


@pytest.fixture(autouse=True, scope="module")
def _clear():
    yield
    keras.backend.clear_session()
