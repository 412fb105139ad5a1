"""A layer's configuration on its way to Keras 3, and notes of what became of it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from kerasvgg.errors import ModelFileError
from kerasvgg.modelfile.safety.allowed import MODELS

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


class Notes:
    """Collects texts by layer; layers with the same text share a line."""

    def __init__(self) -> None:
        self._changes: dict[str, list[str]] = {}
        self._obstacles: dict[str, list[str]] = {}

    def change(self, name: str, texts: Iterable[str]) -> None:
        """Notes what was changed in a layer."""
        for text in texts:
            self._changes.setdefault(text, []).append(name)

    def obstacle(self, name: str, text: str) -> None:
        """Notes why a layer can't be upgraded."""
        self._obstacles.setdefault(text, []).append(name)

    def changes(self) -> tuple[str, ...]:
        """Returns a line for each change, in the order in which they were first made."""
        return tuple(f"{who(names)}: {text}" for text, names in self._changes.items())

    def obstacles(self) -> tuple[str, ...]:
        """Returns a line for each obstacle."""
        return tuple(f"{who(names)}: {text}" for text, names in self._obstacles.items())


def who(names: list[str]) -> str:
    """Returns the first two names, and how many more there are."""
    shown = ", ".join(name[:80] for name in names[:2])
    return f"{shown} and {len(names) - 2} more" if len(names) > 2 else shown


class ObstacleError(ModelFileError):
    """Something in the model that no layer of Keras 3 does in the same way."""


@dataclass(frozen=True)
class Layer:
    """`node` is the layer's dictionary in the configuration, which migrations change in place.

    `keras` is the major version that wrote it, 0 where the file does not say. `place` is where it stands in its
    parent, `parent` None for the whole model.
    """

    node: dict[str, Any]
    keras: int
    parent: Layer | None = None
    place: int = 0

    @property
    def kind(self) -> str:
        """The class's name, "" where there is none."""
        name = self.node.get("class_name")
        return name if isinstance(name, str) else ""

    @property
    def settings(self) -> dict[str, Any]:
        """The configuration proper; a dictionary of its own where the file has something else."""
        found = self.node.get("config")
        return found if isinstance(found, dict) else {}

    @property
    def name(self) -> str:
        """The layer's name, or its class where it has none."""
        found = self.settings.get("name") or self.node.get("name")
        return found if isinstance(found, str) else self.kind

    @property
    def is_modern(self) -> bool:
        """Tells whether Keras finds the class by its module, as in .keras files."""
        return "module" in self.node

    @property
    def is_model(self) -> bool:
        """Tells whether the layer has layers of its own."""
        return self.kind in MODELS

    @property
    def layers(self) -> list[dict[str, Any]]:
        """The dictionaries of the layers inside: a model's, or what a wrapper such as TimeDistributed wraps."""
        found = self.settings.get("layers") if self.is_model else [self.settings.get("layer")]
        return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []

    @cached_property
    def by_name(self) -> dict[str, Layer]:
        """The layers inside by their names, as they were when this was first asked for."""
        return {one.name: one for one in (Layer(node, self.keras, self) for node in self.layers)}

    @cached_property
    def ordering(self) -> str | None:
        """Which axis has the channels, as the first layer inside says that does, in the words of Keras 1 or 2."""
        found = (one.settings.get("dim_ordering", one.settings.get("data_format")) for one in self.by_name.values())
        return next((one for one in found if isinstance(one, str)), None)

    @property
    def nodes(self) -> list[Any]:
        """The calls of the layer in a functional model."""
        found = self.node.get("inbound_nodes")
        return found if isinstance(found, list) else []

    def become(self, kind: str, settings: dict[str, Any]) -> None:
        """Makes it a layer of another class, with other settings."""
        self.node["class_name"], self.node["config"] = kind, settings
        if self.is_modern:
            self.node.update(module="keras.layers", registered_name=None)
            self.node.pop("build_config", None)

    def keep(self, *names: str) -> dict[str, Any]:
        """Returns those of its settings that every layer has, and these."""
        kept = ("name", "trainable", "dtype", "batch_input_shape", *names)
        return {name: self.settings[name] for name in kept if name in self.settings}
