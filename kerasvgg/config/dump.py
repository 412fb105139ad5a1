"""The way back from an experiment to YAML."""

import re
from collections.abc import Iterator
from typing import Any

from kerasvgg.config.experiment import Experiment
from kerasvgg.config.scalar import scalar

PLAIN = re.compile(r"[A-Za-z0-9_./][A-Za-z0-9_./-]*")


def dump_experiment(experiment: Experiment) -> str:
    """Returns YAML that says every value, also the defaults, and loads back to the equal experiment."""
    return "\n".join(_lines(experiment.model_dump(), "")) + "\n"


def _lines(mapping: dict[str, Any], indent: str) -> Iterator[str]:
    for key, value in mapping.items():
        if isinstance(value, dict):
            yield f"{indent}{key}:"
            yield from _lines(value, indent + "  ")
        elif isinstance(value, tuple) and value and isinstance(value[0], dict):
            yield f"{indent}{key}:"
            for item in value:
                first, *others = _lines(item, indent + "    ")
                yield f"{indent}  - {first.lstrip()}"
                yield from others
        else:
            yield f"{indent}{key}: {_inline(value)}"


def _inline(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_inline, value))}]"
    if isinstance(value, str):
        return value if PLAIN.fullmatch(value) and isinstance(scalar(value), str) else _quoted(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return repr(value)


def _quoted(text: str) -> str:
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    return character if character.isprintable() else f"\\U{ord(character):08x}"
