"""JSON that came with a file."""

import json
from typing import Any

from kerasvgg.modelfile.saved import Danger


def tree(text: str, name: str, found: list[Danger]) -> dict[str, Any] | None:
    """Returns the object in a text; where there is none, None, and why is added to `found`."""
    try:
        value = json.loads(text)
    except RecursionError:
        found.append(Danger("bomb", name, "it is nested too deeply"))
        return None
    except ValueError as error:
        found.append(Danger("damage", name, f"it must be JSON: {error}"))
        return None
    if not isinstance(value, dict):
        found.append(Danger("damage", name, f"it must be a JSON object, received a {type(value).__name__}"))
        return None
    return value
