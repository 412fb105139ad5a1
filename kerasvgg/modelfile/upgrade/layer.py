"""One layer of a configuration, as the mends see it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from kerasvgg.errors import ModelFileError
from kerasvgg.modelfile.allowed import MODELS


class ObstacleError(ModelFileError):
    """Something in the model that no layer of Keras 3 does in the same way."""


@dataclass(frozen=True)
class Layer:
    """`node` is the layer's dictionary in the configuration, which mends change in place.

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
