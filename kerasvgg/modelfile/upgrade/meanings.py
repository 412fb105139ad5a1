"""Names that mean something else in Keras 3 than in what wrote the file, and functions of somebody's own."""

from typing import Any

from kerasvgg.modelfile.allowed import FUNCTIONS
from kerasvgg.modelfile.upgrade.layer import Layer, ObstacleError

FIELDS = ("activation", "recurrent_activation")
OTHER_MEANING = {"hard_sigmoid": "clips x / 6 + 0.5 in Keras 3, and 0.2 x + 0.5 before"}


def mend(layer: Layer) -> list[str]:
    """Changes nothing. Raises ObstacleError for an activation that would give other numbers, or none."""
    for field in FIELDS:
        name = _function(layer.settings.get(field))
        if name is None:
            continue
        if name not in FUNCTIONS:
            raise ObstacleError(f"`{field}` {name!r:.60} is not a function of Keras 3")
        if name in OTHER_MEANING and layer.keras < 3:
            raise ObstacleError(f"`{field}` {name} {OTHER_MEANING[name]}")
    return []


def _function(value: Any) -> str | None:
    if isinstance(value, dict) and value.get("class_name") == "function":
        value = value.get("config")
    return value if isinstance(value, str) else None
