"""How a model was trained, as what Keras 3 compiles it with: the optimizer's class and learning rate kept."""

from typing import Any

from kerasvgg.modelfile.safety.allowed import FUNCTIONS, LOSSES, METRICS
from kerasvgg.modelfile.safety.dangers import plain_name
from kerasvgg.modelfile.upgrade.keras3 import OPTIMIZERS

WRAPPERS = ("LossFunctionWrapper", "MeanMetricWrapper")
SHORT = {
    "mse": "mean_squared_error",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "msle": "mean_squared_logarithmic_error",
}
SILENT = ("decay", "is_legacy_optimizer", "jit_compile", "name", "schedule_decay")
SCHEDULES = (
    "CosineDecay",
    "CosineDecayRestarts",
    "ExponentialDecay",
    "InverseTimeDecay",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
)


def training_of(saved: dict[str, Any]) -> tuple[dict[str, Any] | None, list[str]]:
    """Returns a training configuration in .h5 files' shape, None without an optimizer of Keras, and the changes."""
    said = saved.get("optimizer_config") or saved.get("optimizer")
    if not isinstance(said, dict):
        return None, []
    changes: list[str] = []
    optimizer = _optimizer(said, changes)
    if optimizer is None:
        return None, [f"the optimizer {said.get('class_name')!s:.60} is not one of Keras 3: the model is not compiled"]
    loss = _named(saved.get("loss"), LOSSES)
    if loss is None:
        return None, ["the loss is not one of Keras 3: the model is not compiled"]
    training = {
        "optimizer_config": optimizer,
        "loss": loss,
        "metrics": _metrics(saved.get("metrics")),
        "weighted_metrics": _metrics(saved.get("weighted_metrics")),
        "loss_weights": None,
    }
    return training, changes


def _optimizer(said: dict[str, Any], changes: list[str]) -> dict[str, Any] | None:
    kind, settings = said.get("class_name"), said.get("config")
    if not isinstance(kind, str) or not isinstance(settings, dict):
        return None
    inner = settings.get("inner_optimizer") or settings.get("optimizer")
    if plain_name(kind) == "LossScaleOptimizer" and isinstance(inner, dict):
        changes.append("LossScaleOptimizer: the optimizer inside is kept, without the scaling")
        kind, settings = inner.get("class_name"), inner.get("config")
    name = _optimizer_name(kind)
    if name is None or not isinstance(settings, dict):
        return None
    if name != kind:
        changes.append(f"the optimizer {kind} becomes {name}")
    return {"class_name": name, "config": _settings(name, settings, changes)}


def _optimizer_name(kind: Any) -> str | None:
    by_name = {name.lower(): name for name in OPTIMIZERS}
    return by_name.get(plain_name(kind).lower()) if isinstance(kind, str) else None


def _settings(name: str, settings: dict[str, Any], changes: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in settings.items():
        new = "learning_rate" if key == "lr" else key
        if new not in OPTIMIZERS[name] or new == "name":
            if value and (key not in SILENT or key == "decay"):
                changes.append(f"{name} has no `{key:.40}` any more, which was {value!r:.40}")
        elif _is_plain(value):
            found[new] = value
    if "lr" in settings and "learning_rate" in found:
        changes.append(f"`lr` becomes `learning_rate`, {found['learning_rate']!r:.40}")
    return found


def _is_plain(value: Any) -> bool:
    if isinstance(value, dict):
        return value.get("class_name") in SCHEDULES
    return value is None or isinstance(value, bool | int | float)


def _named(value: Any, classes: frozenset[str]) -> str | dict[str, Any] | None:
    """Returns a loss or metric: the name of a function, or a class with its settings; None for any other."""
    if isinstance(value, list) and len(value) == 1:
        return _named(value[0], classes)
    if isinstance(value, dict):
        return _object(value, classes)
    name = SHORT.get(value.lower(), value) if isinstance(value, str) else None
    return name if name in FUNCTIONS | classes else None


def _object(value: dict[str, Any], classes: frozenset[str]) -> str | dict[str, Any] | None:
    kind, settings = value.get("class_name"), value.get("config")
    if kind == "function":
        return _named(settings, classes)
    if isinstance(kind, str) and kind in WRAPPERS and isinstance(settings, dict):
        return _named(settings.get("fn"), classes)
    if not isinstance(kind, str) or kind not in classes or not isinstance(settings, dict):
        return None
    # TensorFlow's "auto" and "none" are not words of Keras 3, and a function here is only the class's own.
    plain = {key: one for key, one in settings.items() if key not in ("reduction", "fn", "dtype")}
    return {"class_name": kind, "config": plain}


def _metrics(value: Any) -> list[Any] | None:
    flat = value if isinstance(value, list) else []
    while len(flat) == 1 and isinstance(flat[0], list):
        flat = flat[0]
    found = [_named(one, METRICS | LOSSES) for one in flat]
    return [one for one in found if one is not None] or None
