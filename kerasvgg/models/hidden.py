"""The dense layers between feature maps and probabilities."""

from collections.abc import Sequence
from typing import Any

from kerasvgg.errors import ConfigError
from kerasvgg.models.style import Style


def hidden(x: Any, units: Sequence[int], dropouts: Sequence[float], style: Style, names: tuple[str, str]) -> Any:
    """Applies a dense layer of each width, and behind it dropout of its share unless that is 0, to (n, features).

    `names` are those of a dense layer and of a dropout, with {} for the number from 1.
    """
    from keras import layers

    for i, (width, dropout) in enumerate(zip(units, dropouts, strict=True), start=1):
        x = style.dense(x, width, name=names[0].format(i))
        if dropout:
            x = layers.Dropout(dropout, name=names[1].format(i))(x)
    return x


def each(dropout: float | Sequence[float], units: Sequence[int]) -> Sequence[float]:
    """Returns the dropout behind each hidden layer. Raises ConfigError for a list of another length."""
    if not isinstance(dropout, Sequence):
        return [dropout] * len(units)
    if len(dropout) != len(units):
        raise ConfigError(f"`dropout` must be one share or one for each of {len(units)} units, received {dropout}")
    return dropout
