"""The facts of a file of Keras', from what it holds."""

import json
from collections.abc import Iterator
from typing import Any

from kerasvgg.errors import ModelFileError
from kerasvgg.modelfile.description import parse_description
from kerasvgg.modelfile.facts.damage import config_damage
from kerasvgg.modelfile.facts.facts import Facts
from kerasvgg.modelfile.facts.layers import totals
from kerasvgg.modelfile.facts.model import ModelFacts, model_facts, weights_facts
from kerasvgg.modelfile.facts.network import leaves_of, network_facts
from kerasvgg.modelfile.facts.training import training_facts
from kerasvgg.modelfile.novelty import REFUSED
from kerasvgg.modelfile.read.saved import Danger, Saved
from kerasvgg.modelfile.safety.allowed import OF_KERASVGG
from kerasvgg.modelfile.safety.dangers import model_dangers, own_code_of_training
from kerasvgg.modelfile.safety.verdict import verdict
from kerasvgg.modelfile.upgrade import Upgrade, upgrade

NOT_PROMISED = "not promised"
NOVELTY = f"knows when a picture is like none of its classes: refuses about {100 * REFUSED:.0f} % of known ones"
MULTI_LABEL = "a picture has all the classes whose probability is at least"
ENDINGS = {"keras": (".keras",), "h5": (".h5", ".hdf5")}


def examine(saved: Saved, path: str, size: int) -> Facts:
    """Returns the facts of a file of `size` bytes, whatever its configuration holds."""
    dangers = [*saved.dangers, *model_dangers(saved.config or {}, saved.training), *_description_damage(saved)]
    upgraded = _upgraded(saved, dangers)
    model = _model(saved, upgraded, size)
    dangers += config_damage(upgraded.config) if upgraded and not upgraded.obstacles else ()
    dangers += model.dangers
    changes, obstacles = (upgraded.changes, upgraded.obstacles) if upgraded else ((), ())
    changes = (*changes, *_of_name(path, saved.container))
    needs = [*_needs(model), *own_code_of_training(saved.training)]
    judged, reasons = verdict(dangers, changes, obstacles, saved.container, needs)
    parameters, trained = totals(model.layers) if model.layers else (None, None)
    return Facts(
        path=path,
        size=size,
        verdict=judged,
        reasons=reasons,
        container=saved.container,
        keras_version=saved.keras_version,
        backend=saved.backend,
        model=model.name,
        parameters=parameters,
        trainable_parameters=trained,
        input_shape=model.input_shape,
        output_shape=next((leaf.layer.output_shape for leaf in list(leaves_of(model.layers))[:-2:-1]), None),
        network=network_facts(model.layers),
        training=training_facts(saved.training),
        about=_about(saved.description),
        layers=model.layers,
        dangers=tuple(dangers),
        changes=(*changes, *(upgraded.training_changes if upgraded else ())),
        obstacles=tuple(obstacles),
    )


def _description_damage(saved: Saved) -> Iterator[Danger]:
    try:
        if saved.description is not None:
            parse_description(saved.description)
    except ModelFileError as error:
        yield Danger("damage", "", str(error))


def _of_name(path: str, container: str) -> tuple[str, ...]:
    """Keras tells the kind of a file by its name alone."""
    wanted = ENDINGS.get(container, ("",))
    return () if path.endswith(wanted) else (f"the name of the file must end with {wanted[0]} for Keras to open it",)


def _upgraded(saved: Saved, dangers: list[Danger]) -> Upgrade | None:
    """Returns the model as Keras 3 would have it; None where there is none, or nothing that has an end."""
    if saved.config is None or any(danger.kind == "bomb" for danger in dangers):
        return None
    try:
        return upgrade(saved)
    except ModelFileError as error:
        dangers.append(Danger("damage", "the model", str(error)))
        return None


def _model(saved: Saved, upgraded: Upgrade | None, size: int) -> ModelFacts:
    if saved.config is None:
        return weights_facts(saved)
    return model_facts(saved, upgraded.config, size) if upgraded else ModelFacts()


def _needs(model: ModelFacts) -> Iterator[str]:
    for path, layer in leaves_of(model.layers):
        if home := OF_KERASVGG.get(layer.class_name.removeprefix("kerasvgg>")):
            yield f"{path}: a layer of kerasvgg's; with `import {home}` Keras opens the file too"
        elif layer.note:
            yield f"{path}: {layer.note}; nothing runs, but whether Keras builds it is {NOT_PROMISED}"


def _about(description: str | None) -> dict[str, str] | None:
    """Returns what kerasvgg put into the file, as texts; None where that is nothing that can be read."""
    try:
        said = json.loads(description) if description else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict):
        return None
    if "novelty" in said:
        said["novelty"] = NOVELTY if said["novelty"] else ""
    if "thresholds" in said:
        said["thresholds"] = f"{MULTI_LABEL}: {_text(said['thresholds'])}" if said["thresholds"] else ""
    return {str(name)[:40]: _text(value) for name, value in said.items()}


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(one)[:200] for one in value[:1000])
    return str(value)[:20_000]
