"""A saved model of any Keras as a keras.Model, without running code from it."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from kerasvgg.errors import ModelFileError
from kerasvgg.modelfile.open.architecture import build_architecture, from_config
from kerasvgg.modelfile.open.weights import set_weights
from kerasvgg.modelfile.read.child import UnreadableError, ask
from kerasvgg.modelfile.read.saved import Saved
from kerasvgg.modelfile.safety.verdict import REFUSE, UNREADABLE
from kerasvgg.modelfile.upgrade import Upgrade, harmless_upgrade
from kerasvgg.modelfile.upgrade.operations import KINDS
from kerasvgg.modelfile.upgrade.patch import major


def read_openable(path: Path) -> Saved:
    """Returns what a model file holds, after its arrays were read too: HDF5 can crash on a damaged one.

    Raises ModelFileError for a file whose verdict is that it must not be opened, or that can't be read to the end.
    """
    from pydantic import TypeAdapter

    try:
        said = ask("opening", path)
    except UnreadableError as error:
        verdict = UNREADABLE if error.kind == "damage" else "must not be opened"
        raise ModelFileError(f"`{path}` {verdict}: {error}") from error
    if said["verdict"] in (REFUSE, UNREADABLE):
        verdict = "must not be opened" if said["verdict"] == REFUSE else UNREADABLE
        raise ModelFileError(f"`{path}` {verdict}: {'; '.join(said['reasons'])}")
    return TypeAdapter(Saved).validate_python(said["saved"])


@contextmanager
def without_variables() -> Iterator[None]:
    """Has Keras describe variables instead of making them, and forget them in the end."""
    import keras
    from keras.src.backend.common import global_state

    waiting = list(global_state.get_global_attribute("uninitialized_variables", []))
    try:
        with keras.StatelessScope(initialize_variables=False):
            yield
    finally:
        global_state.set_global_attribute("uninitialized_variables", waiting)


MOST_NUMBERS = 1 << 28  # of one layer's output for one picture: VGG16's at 2,048 pixels


def refuse_bomb(path: Path, build: Callable[[], Any]) -> None:
    """Builds the model of a file without its weights, and raises ModelFileError if it claims too much.

    A weight takes at least a byte in the file. What Keras raises for a configuration it can't build is passed on.
    """
    size = path.stat().st_size
    with without_variables():
        model = build()
        weights = sum(math.prod(variable.shape) for variable in model.variables)
        numbers = max((_numbers(layer) for layer in _layers(model)), default=0)
    if weights > size:
        raise ModelFileError(f"`{path}` must hold its weights: the model has {weights:,}, the file {size:,} bytes")
    if numbers > MOST_NUMBERS:
        text = f"must have layers of at most {MOST_NUMBERS:,} numbers for a picture, received {numbers:,}"
        raise ModelFileError(f"`{path}` {text}")


def _layers(model: Any) -> Iterator[Any]:
    for layer in model.layers:
        yield layer
        yield from _layers(layer) if hasattr(layer, "layers") else ()


def _numbers(layer: Any) -> int:
    outputs = layer.output if isinstance(layer.output, list) else [layer.output]
    largest: int = max(math.prod(side for side in output.shape[1:] if side) for output in outputs)
    return largest


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
    if architecture is not None:
        if saved.config is not None:
            raise ModelFileError("holds a whole model: `--architecture` is for weights alone")
        return Upgrade({}, None, (), ())
    return harmless_upgrade(saved)


def _built(path: Path, saved: Saved, upgraded: Upgrade, architecture: str | None) -> Any:
    from kerasvgg.backbones import local_response  # noqa: F401 - with it Keras knows the layer

    build = partial(build_architecture, architecture, saved) if architecture else partial(from_config, upgraded.config)
    refuse_bomb(path, build)
    if _is_of_keras3(path, saved, upgraded):
        import keras

        return keras.models.load_model(path, compile=False, safe_mode=True)
    model = build()
    set_weights(model, path, saved, _operations(saved.config))
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
