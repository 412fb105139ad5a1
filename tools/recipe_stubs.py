"""Writes kerasvgg/recipes/__init__.pyi, by which editors show every option: python -m tools.recipe_stubs"""

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import indent
from typing import Any

from kerasvgg import recipes
from kerasvgg.recipes.options import OPTIONS

PLACE = Path(recipes.__file__).with_suffix(".pyi")
HEAD = '''"""Made by `python -m tools.recipe_stubs` from the options' declarations; a test compares."""

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any, Literal

import keras
import tensorflow as tf
from numpy.typing import ArrayLike

from kerasvgg.runs.trained import Trained

Source = str | PathLike[str] | Sequence[ArrayLike] | tf.data.Dataset
'''
# What only a program can hand over has a wider type than an experiment's text.
WIDER = {"base": "str | keras.Model", "optimizer": 'Literal["rmsprop", "adam", "sgd"] | keras.optimizers.Optimizer'}


def text() -> str:
    """Returns the stub."""
    functions = [getattr(recipes, name) for name in recipes.__all__]
    return HEAD + "".join(f"\n{_function(function)}" for function in functions)


def _function(function: Callable[..., Any]) -> str:
    lines = ",\n".join(f"    {line}" for line in _parameters(function))
    doc = indent(f'"""{function.__doc__}\n"""', "    ")
    return f"def {function.__name__}(\n{lines},\n) -> Trained:\n{doc}\n"


def _parameters(function: Callable[..., Any]) -> Iterator[str]:
    keyword_only = False
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is parameter.KEYWORD_ONLY and not keyword_only:
            keyword_only = True
            yield "*"
        if parameter.default is parameter.empty:
            yield f"{name}: Source"
        elif name == "validation":
            yield f"{name}: Source | None = None"
        else:
            yield f"{name}: {_kind(name, parameter)} = {parameter.default!r}"


def _kind(name: str, parameter: inspect.Parameter) -> str:
    if name in OPTIONS:
        kind = WIDER.get(name, OPTIONS[name].kind)
        return f"{kind} | None" if parameter.default is None and "None" not in kind else kind
    return str(parameter.annotation).replace("collections.abc.", "").removeprefix("<class '").removesuffix("'>")


if __name__ == "__main__":
    PLACE.write_text(text(), encoding="utf-8")
