"""A clean slate after each test."""

import keras
import pytest


@pytest.fixture(autouse=True)
def _clear():
    yield
    keras.backend.clear_session()
