"""What a model's configuration would have Keras do besides building layers."""

import re
from collections.abc import Iterator
from typing import Any

from kerasvgg.modelfile.read.saved import Danger
from kerasvgg.modelfile.safety.allowed import (
    CLASSES,
    FILES,
    FUNCTIONS,
    OF_KERASVGG,
    OLD_HOMES,
    OPERATIONS,
    READS_FILES,
    RUNS_CODE,
)

NUMBERS = ("__numpy__", "__tensor__")
PLAIN_DTYPE = re.compile(r"(u?int(8|16|32|64)|b?float(16|32|64)|bool)$")
TRAINING = "the training"
MOST_NODES = 2_000_000  # dictionaries and lists
MOST_DEPTH = 200


def config_dangers(config: Any, name: str) -> list[Danger]:
    """Returns the code, unknown classes and paths that JSON of any shape names; `name` is what it is called."""
    found: dict[tuple[str, str], Danger] = {}
    stack = [(config, name, 0)]
    seen = 0
    while stack:
        item, where, depth = stack.pop()
        seen += 1
        if depth > MOST_DEPTH or seen > MOST_NODES:
            return [*found.values(), Danger("bomb", name, f"it is nested deeper than {MOST_DEPTH}, or has no end")]
        if isinstance(item, dict):
            where = _name(item) or where
            for danger in _of_object(item, where):
                found.setdefault((danger.where, danger.text), danger)
            children = item.values()
        else:
            children = item
        stack += [(child, where, depth + 1) for child in children if isinstance(child, dict | list)]
    return sorted(found.values(), key=lambda danger: (danger.kind, danger.where, danger.text))


def model_dangers(config: dict[str, Any], training: Any) -> list[Danger]:
    """Returns the dangers of a model and of how it was trained, which a .keras file has as `compile_config`.

    Losses, metrics and optimizers of somebody's own are none: the model opens without them, uncompiled.
    """
    layers = {key: value for key, value in config.items() if key != "compile_config"}
    trained = [config_dangers(one, TRAINING) for one in (config.get("compile_config"), training) if one]
    harmful = [danger for found in trained for danger in found if danger.kind != "class"]
    return list(dict.fromkeys([*config_dangers(layers, "the model"), *harmful]))


def own_code_of_training(training: Any) -> list[str]:
    """Returns a sentence for each loss, metric or optimizer that Keras does not have."""
    found = config_dangers(training, TRAINING) if training else []
    return [
        f"{one.where}: {one.text}; Keras opens the model with `compile=False`" for one in found if one.kind == "class"
    ]


def _name(item: dict[str, Any]) -> str:
    inner = item.get("config")
    named = item.get("name") or (inner.get("name") if isinstance(inner, dict) else "")
    return named if isinstance(named, str) and "class_name" in item else ""


def _of_object(item: dict[str, Any], where: str) -> Iterator[Danger]:
    if "class_name" not in item:
        return
    name = item["class_name"]
    if not isinstance(name, str):
        yield Danger("class", where, f"a class's name must be text, received {type(name).__name__}")
    elif name == "function":
        yield from _of_function(item, where)
    elif name in RUNS_CODE:
        yield Danger("code", where, f"{name}: {RUNS_CODE[name]}")
    elif name in NUMBERS:
        yield from _of_numbers(item, where)
    elif not is_operation(item) and not is_of_kerasvgg(item):
        yield from _of_class(item, name, where)


def _of_class(item: dict[str, Any], name: str, where: str) -> Iterator[Danger]:
    module, registered = item.get("module"), item.get("registered_name")
    if plain_name(name) not in CLASSES or not _is_keras(module):
        text = f"{_full(name, module)} is not a class of Keras 3: it needs its author's code"
        yield Danger(_kind_of_unknown(module), where, text)
    elif registered is not None and (not isinstance(registered, str) or plain_name(registered) != plain_name(name)):
        text = f"{registered!a:.60} is not a class of Keras 3: it needs its author's code"
        yield Danger("class", where, text)
    for setting in FILES if plain_name(name) in READS_FILES else ():
        if isinstance(path := _inner(item).get(setting), str | dict):
            yield Danger("path", where, f"{name} reads its {setting} from the file {path!a}")


def _kind_of_unknown(module: Any) -> str:
    """Where a module of its own is named, Keras takes all that is in it, of which some downloads or writes files."""
    return "code" if _is_keras(module) and module not in (None, "builtins") else "class"


def _of_function(item: dict[str, Any], where: str) -> Iterator[Danger]:
    name, module, registered = item.get("config"), item.get("module"), item.get("registered_name")
    if not _is_keras(module) or registered not in (None, name, "function"):
        yield Danger("class", where, f"it calls the function {_full(str(name), module)}: that needs its author's code")
    elif not isinstance(name, str) or name not in FUNCTIONS:
        yield Danger(_kind_of_unknown(module), where, f"it calls the function {_full(str(name), module)}")


def _of_numbers(item: dict[str, Any], where: str) -> Iterator[Danger]:
    dtype = _inner(item).get("dtype")
    if not isinstance(dtype, str) or not PLAIN_DTYPE.match(dtype):
        yield Danger("bomb", where, f"numbers must be of a plain type, received {dtype!r:.60}")


def is_operation(item: dict[str, Any]) -> bool:
    """Tells whether it is arithmetic of a functional model: a class of Keras' operations, not a layer."""
    name, module = item.get("class_name"), item.get("module")
    is_known = isinstance(module, str) and isinstance(name, str) and name in OPERATIONS.get(module, ())
    return is_known and item.get("registered_name") in (None, name)


def is_of_kerasvgg(item: dict[str, Any]) -> bool:
    """Tells whether it is a layer of kerasvgg's own, by all the names that a file gives to a class; .h5 has one."""
    names = tuple(item.get(key) for key in ("class_name", "module", "registered_name"))
    homes = [*OF_KERASVGG.items(), *OLD_HOMES.items()]
    own = [((name, home, f"kerasvgg>{name}"), (f"kerasvgg>{name}", None, None)) for name, home in homes]
    return any(names in pair for pair in own)


def plain_name(name: str) -> str:
    """Returns the class's own name: late Keras 2 writes Custom>RMSprop for what is Keras' own."""
    return name.removeprefix("Custom>").removeprefix("keras>").removeprefix("Keras>")


def _is_keras(module: Any) -> bool:
    return module is None or module in ("builtins", "keras") or str(module).startswith("keras.")


def _inner(item: dict[str, Any]) -> dict[str, Any]:
    return item["config"] if isinstance(item.get("config"), dict) else {}


def _full(name: str, module: Any) -> str:
    return f"{module}.{name}" if module else name
