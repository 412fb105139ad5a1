"""How a model was compiled, as its file says."""

from typing import Any

from kerasvgg.modelfile.facts.facts import Training
from kerasvgg.modelfile.safety.dangers import plain_name

TRAP = "saved as {}: Keras 3 opens it with the learning rate 0.001 instead of the saved one, unless it is upgraded"


def training_facts(training: dict[str, Any] | None) -> Training | None:
    """Returns optimizer, learning rate, loss and metrics from a training configuration of any Keras, or None."""
    if not training:
        return None
    optimizer = training.get("optimizer_config") or training.get("optimizer")
    name, settings = _object(optimizer)
    rate = settings.get("learning_rate", settings.get("lr"))
    number = float(rate) if isinstance(rate, int | float) and not isinstance(rate, bool) else None
    return Training(
        optimizer=plain_name(name),
        learning_rate=number,
        schedule="" if number is not None else _object(rate)[0],
        loss=_words(training.get("loss")),
        metrics=tuple(word for word in _words(training.get("metrics")).split(", ") if word),
        trap=TRAP.format(name) if name != plain_name(name) else "",
    )


def _object(value: Any) -> tuple[str, dict[str, Any]]:
    if isinstance(value, dict):
        name, settings = value.get("class_name"), value.get("config")
        return str(name or "")[:80], settings if isinstance(settings, dict) else {}
    return (value[:80] if isinstance(value, str) else ""), {}


def _words(value: Any, depth: int = 0) -> str:
    """Returns the names in what Keras keeps for losses and metrics: a text, an object, or lists and tables of them."""
    if isinstance(value, str):
        return value[:80]
    if depth > 4 or value is None:
        return ""
    if isinstance(value, dict) and "class_name" in value:
        settings = value.get("config")
        inner = settings.get("fn") or settings.get("name") if isinstance(settings, dict) else settings
        return _words(inner, depth + 1) or str(value["class_name"])[:80]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return ", ".join(filter(None, (_words(part, depth + 1) for part in list(parts)[:20])))
