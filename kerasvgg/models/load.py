"""A saved model of any Keras built by Keras 3, after all that could do harm was ruled out."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from kerasvgg.errors import ModelFileError
from kerasvgg.modelfile.config_dangers import config_dangers, training_dangers
from kerasvgg.modelfile.openable import read_openable
from kerasvgg.modelfile.saved import Saved
from kerasvgg.modelfile.upgrade import Upgrade, upgrade
from kerasvgg.modelfile.upgrade.operations import KINDS
from kerasvgg.modelfile.upgrade.patch import major
from kerasvgg.models.architecture import build_architecture
from kerasvgg.models.bounds import refuse_bomb
from kerasvgg.models.fill import fill
from kerasvgg.models.from_config import from_config


@dataclass(frozen=True)
class Loaded:
    """`model` is an uncompiled keras.Model with the file's weights, `upgrade` what had to be changed for it."""

    model: Any
    saved: Saved
    upgrade: Upgrade


def load(path: Path, architecture: str | None = None) -> Loaded:
    """Opens a model file, or a file of weights alone with the name or the file of its model.

    Raises ModelFileError, with the reason, for whatever can't be opened or would do more than build layers.
    """
    saved = read_openable(path)
    try:
        upgraded = _upgraded(saved, architecture)
        return Loaded(_built(path, saved, upgraded, architecture), saved, upgraded)
    except ModelFileError as error:
        raise ModelFileError(_with_path(path, str(error))) from error
    except Exception as error:  # Keras raises whatever the damaged part happens to cause
        raise ModelFileError(f"Keras can't open `{path}`: {str(error).splitlines()[0]}") from error


def _with_path(path: Path, text: str) -> str:
    return text if f"`{path}`" in text else f"`{path}` {text}"


def _upgraded(saved: Saved, architecture: str | None) -> Upgrade:
    if saved.dangers:
        danger = saved.dangers[0]
        raise ModelFileError(f"must not be opened: {' '.join(filter(None, (danger.where, danger.text)))}")
    if architecture is not None:
        if saved.config is not None:
            raise ModelFileError("holds a whole model: `--architecture` is for weights alone")
        return Upgrade({}, None, (), ())
    upgraded = upgrade(saved)
    require_harmless(upgraded)
    return upgraded


def require_harmless(upgraded: Upgrade) -> None:
    """Raises ModelFileError for a configuration that is not of Keras 3's own layers alone."""
    if upgraded.obstacles:
        raise ModelFileError(f"can't be upgraded: {'; '.join(upgraded.obstacles)}")
    for danger in (*config_dangers(upgraded.config, "the model"), *training_dangers(upgraded.training or {})):
        raise ModelFileError(f"must not be opened: {danger.where}: {danger.text}")


def _built(path: Path, saved: Saved, upgraded: Upgrade, architecture: str | None) -> Any:
    from kerasvgg.models import local_response  # noqa: F401 - with it Keras knows the layer

    build = partial(build_architecture, architecture, saved) if architecture else partial(from_config, upgraded.config)
    refuse_bomb(path, build)
    if _is_of_keras3(path, saved, upgraded):
        import keras

        return keras.models.load_model(path, compile=False, safe_mode=True)
    model = build()
    fill(model, path, saved, _operations(saved.config))
    return model


def _is_of_keras3(path: Path, saved: Saved, upgraded: Upgrade) -> bool:
    is_as_it_was = saved.container == "keras" and path.suffix == ".keras" and not upgraded.changes
    return is_as_it_was and major(saved.keras_version) >= 3


def _operations(config: dict[str, Any] | None) -> set[str]:
    """Returns the names of the operations that became layers: a file has no arrays for them."""
    found: set[str] = set()
    stack: list[Any] = [config]
    while stack:
        item = stack.pop()
        if isinstance(item, dict) and item.get("class_name") in KINDS and isinstance(item.get("config"), dict):
            found.add(str(item["config"].get("name")))
        children = item.values() if isinstance(item, dict) else item if isinstance(item, list) else ()
        stack += [child for child in children if isinstance(child, dict | list)]
    return found
