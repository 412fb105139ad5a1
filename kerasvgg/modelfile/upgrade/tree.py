"""A configuration of any shape, copied within bounds."""

import json
from typing import Any

from kerasvgg.errors import ModelFileError

MOST_DEPTH = 200
MOST_PARTS = 2_000_000


def copied(config: dict[str, Any]) -> dict[str, Any]:
    """Returns a deep copy. Raises ModelFileError for what is nested deeper or larger than any model."""
    stack: list[tuple[Any, int]] = [(config, 0)]
    seen = 0
    while stack:
        item, depth = stack.pop()
        seen += 1
        if depth > MOST_DEPTH or seen > MOST_PARTS:
            raise ModelFileError(f"has a configuration nested deeper than {MOST_DEPTH}, or with no end")
        children = item.values() if isinstance(item, dict) else item
        stack += [(child, depth + 1) for child in children if isinstance(child, dict | list)]
    found: dict[str, Any] = json.loads(json.dumps(config))
    return found
