"""Models whose weights are described and never made."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_variables() -> Iterator[None]:
    """Has Keras describe variables instead of making them, and forget them in the end."""
    import keras
    from keras.src.backend.common import global_state

    waiting = list(global_state.get_global_attribute("uninitialized_variables", []))
    try:
        with keras.StatelessScope(initialize_variables=False):
            yield
    finally:
        global_state.set_global_attribute("uninitialized_variables", waiting)
