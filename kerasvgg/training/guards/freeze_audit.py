"""The freeze audit: whether training changed the layers that it was to change, and no others."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasvgg.errors import KerasVGGError
from kerasvgg.files.hashing import fingerprint
from kerasvgg.models.freezing import CutModel
from kerasvgg.training.phase import Phase

Row = dict[str, Any]


class FreezeError(KerasVGGError):
    """A frozen layer was changed by training, or a thawed one was not."""


class FreezeAudit:
    """Holds the fingerprints of all layers with weights against what each phase was to train.

    A layer's weights are all its variables, the moving statistics of batch normalisation too. Make it before anything
    is trained or restored: what is reported in the end is the way from there.
    """

    def __init__(self, cut_model: CutModel, phases: Sequence[Phase]) -> None:
        self._cut_model = cut_model
        self._layers = {layer.name: layer for layer in cut_model.whole.layers if layer.weights}
        self._learning = {name for name, layer in self._layers.items() if _learns(layer)}
        self._phases = {name: [phase for phase in phases if self._trains(phase, name)] for name in self._layers}
        self._first = {name: _values(self._layers[name]) for name, by in self._phases.items() if by}
        self._still = {name: _fingerprint(self._layers[name]) for name, by in self._phases.items() if not by}
        self._before: dict[str, str] = {}
        self._resumed = False

    def begin(self, resumed: bool = False) -> None:
        """Notes how things are when a phase begins, or is taken up in its midst by another process."""
        self._resumed = resumed
        self._before = {name: _fingerprint(layer) for name, layer in self._layers.items()}

    def end(self, phase: Phase) -> None:
        """Raises FreezeError, naming the layers, unless the phase changed its own layers and left all others.

        What is left of a phase that was taken up may be too little to change anything, and what is no number any more
        stays so.
        """
        moved = {name for name, layer in self._layers.items() if _fingerprint(layer) != self._before[name]}
        meant = {name for name in self._layers if self._trains(phase, name)}
        if wrong := _named(self._layers, moved - meant):
            raise FreezeError(
                f"`train` {phase.name} was to leave {wrong} as they are, because they are frozen, but changed them: "
                "what looks like a frozen base was trained"
            )
        still = set() if self._resumed else (meant & self._learning) - moved
        unmoved = {name for name in still if _is_finite(self._layers[name])}
        if wrong := _named(self._layers, unmoved):
            raise FreezeError(
                f"`train` {phase.name} was to train {wrong}, but not one of their weights changed: they were frozen "
                f"after all, no gradient reaches them, or the learning rate {phase.learning_rate:g} is lost in rounding"
            )

    def rows(self) -> list[Row]:
        """Returns a row per layer: its parameters, the phases that trained it, and how far it has moved in all.

        `moved` is the L2 norm of the change by that of the weights at the start; where these were 0, of the change
        alone. Raises FreezeError for a layer that no phase trains and that has changed all the same.
        """
        changed = {name for name, before in self._still.items() if _fingerprint(self._layers[name]) != before}
        if wrong := _named(self._layers, changed):
            raise FreezeError(f"no phase of `train` was to train {wrong}, but they are not as they were at the start")
        return [self._row(name) for name in self._layers]

    def _trains(self, phase: Phase, name: str) -> bool:
        return self._cut_model.trains(self._layers[name], phase.layers)

    def _row(self, name: str) -> Row:
        layer, by = self._layers[name], self._phases[name]
        moved = _distance(self._first[name], _values(layer)) if by else 0.0
        trained_in = " ".join(dict.fromkeys(phase.name for phase in by))
        return {"layer": name, "parameters": layer.count_params(), "trained_in": trained_in, "moved": moved}


def _values(layer: Any) -> list[np.ndarray]:
    return [np.array(weight) for weight in layer.weights]


def _learns(layer: Any) -> bool:
    """Returns whether the layer, once thawed, has weights that gradients change; Normalization has statistics alone."""
    present, layer.trainable = layer.trainable, True
    try:
        return bool(layer.trainable_weights)
    finally:
        layer.trainable = present


def _fingerprint(layer: Any) -> str:
    return fingerprint(np.asarray(weight) for weight in layer.weights)


def _is_finite(layer: Any) -> bool:
    return all(np.isfinite(values).all() for values in _values(layer))


def _distance(before: Sequence[np.ndarray], after: Sequence[np.ndarray]) -> float:
    way = sum(float(np.sum(np.square(b - a, dtype=np.float64))) for a, b in zip(before, after, strict=True))
    start = sum(float(np.sum(np.square(a, dtype=np.float64))) for a in before)
    return float(np.sqrt(way / (start or 1.0)))


def moved_in_words(rows: Sequence[Row]) -> str:
    """Returns a sentence on how far the layers of the audit's rows have moved."""
    trained = [row for row in rows if row["trained_in"]]
    moved = ", ".join(f"{row['layer']} by {row['moved']:.2%}" for row in trained if row["moved"])
    undone = ", ".join(row["layer"] for row in trained if not row["moved"])
    still = len(rows) - len(trained)
    return (
        f"moved since the start: {moved}"
        + (f"; in the epoch that was kept, not yet {undone}" if undone else "")
        + (f"; {still} frozen layers are as they were" if still else "")
    )


def _named(layers: dict[str, Any], names: set[str]) -> str:
    return ", ".join(f"`{name}`" for name in layers if name in names)
