"""Writes kerasvgg/modelfile/upgrade/keras3.py from the Keras that is installed."""

import inspect
import json
import textwrap
from pathlib import Path

FILE = Path(__file__).parents[2] / "kerasvgg" / "modelfile" / "upgrade" / "keras3.py"
EVERY = ("activity_regularizer", "autocast", "dtype", "input_dim", "input_shape", "name", "trainable")
BY_HAND = {  # taken from the keyword arguments one by one
    "Embedding": {"input_length"},
    "GRU": {"implementation"},
    "GRUCell": {"implementation"},
    "IntegerLookup": {"vocabulary_size"},
    "InputLayer": {"batch_input_shape", "input_shape"},
    "LSTM": {"implementation"},
    "LSTMCell": {"implementation"},
    "LayerNormalization": {"rms_scaling"},
    "LeakyReLU": {"alpha"},
    "StringLookup": {"vocabulary_size"},
    "TextVectorization": {"has_input_vocabulary", "vocabulary_size"},
}


def accepted(cls):
    """Returns the names of the arguments of a class's constructor, and of those it hands the others on to."""
    found = set(BY_HAND.get(cls.__name__, ()))
    for one in cls.__mro__:
        if "__init__" not in vars(one):
            continue
        parameters = inspect.signature(one.__init__).parameters.values()
        found |= {p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)} - {"self"}
        if not any(p.kind is p.VAR_KEYWORD for p in parameters):
            break
    return found


def tables():
    import keras

    from kerasvgg.modelfile.safety.allowed import LAYERS, OPTIMIZERS

    layers = {name: getattr(keras.layers, name) for name in sorted(LAYERS)}
    optimizers = {name: getattr(keras.optimizers, name, None) for name in sorted(OPTIMIZERS)}
    return (
        {name: accepted(cls) - set(EVERY) for name, cls in layers.items() if cls.__name__ == name},
        {name: accepted(cls) for name, cls in optimizers.items() if cls is not None},
    )


def _text(table):
    lines = (textwrap.wrap(f"{name}: {' '.join(sorted(names))}", 116) for name, names in table.items())
    return "\n".join(("\n".join([first, *(f"  {line}" for line in more)]) for first, *more in lines))


def source():
    layers, optimizers = tables()
    return f'''"""The arguments that Keras 3.15's layers and optimizers have: written by tests/corpus/keras3.py."""

import re


def _table(text: str) -> dict[str, frozenset[str]]:
    rows = (row.partition(":") for row in re.split(r"\\n(?=\\w)", text.strip()))
    return {{name: frozenset(words.split()) for name, _, words in rows}}


EVERY = frozenset(({", ".join(map(json.dumps, EVERY))}))
LAYERS = _table(
    """
{_text(layers)}
"""
)
OPTIMIZERS = _table(
    """
{_text(optimizers)}
"""
)
'''


if __name__ == "__main__":
    FILE.write_text(source())
