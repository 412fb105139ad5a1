"""The options that all recipes share: settings of an experiment, declared there, and what only a program can say."""

import inspect
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from functools import wraps
from textwrap import fill
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from kerasvgg.config.data import Data
from kerasvgg.config.experiment import CHOSEN_BY_AUTO as BY_AUTO
from kerasvgg.config.experiment import Experiment
from kerasvgg.config.model import Head, Model
from kerasvgg.errors import ConfigError, did_you_mean
from kerasvgg.settings import Section
from kerasvgg.training.phase import Phase

Function = TypeVar("Function", bound=Callable[..., Any])
COMMON = {"image_size": (150, 150), "batch_size": 20, "accept_duplicates": True}
BY_THE_WEIGHTS = "preprocessing"  # follows from the weights where it is not said


@dataclass(frozen=True)
class Option:
    """A keyword argument of every recipe: its place in an experiment, its type in words, default and meaning.

    What only a program can say has no place; `{phase}` in one stands for each round of training.
    """

    place: tuple[str, ...]
    kind: str
    default: Any
    meaning: str


def _of(section: type[Section], place: tuple[str, ...], without: tuple[str, ...]) -> Iterator[tuple[str, Option]]:
    for name, field in section.model_fields.items():
        if name not in without:
            yield name, Option((*place, name), type_words(field), _default(field), str(field.description))


def _default(field: FieldInfo) -> Any:
    return None if field.is_required() or field.default_factory else field.default


def type_words(field: FieldInfo | Any) -> str:
    """Returns a type as it is written in Python, without pydantic's bounds; a section may be a mapping, too."""
    kind: Any = field.annotation if isinstance(field, FieldInfo) else field
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return type_words(inner[0])
    if origin in (Union, UnionType):
        return " | ".join(dict.fromkeys(map(type_words, inner)))
    if origin is Literal:
        return f"Literal[{', '.join(map(repr, inner))}]"
    if origin is tuple:
        return (
            f"Sequence[{type_words(inner[0])}]" if inner[-1] is ... else f"tuple[{', '.join(map(type_words, inner))}]"
        )
    if isinstance(kind, type) and issubclass(kind, Section):
        return "Mapping[str, Any]"
    return "None" if kind is NoneType else str(kind.__name__)


OPTIONS: dict[str, Option] = {
    **dict(_of(Data, ("data",), ("dataset", "labels", "split", "parts_of", "classes", "leave_out_last"))),
    **dict(_of(Model, ("model",), ("head",))),
    **dict(_of(Head, ("model", "head"), ())),
    **dict(_of(Phase, ("train", "{phase}"), ("layers", "epochs", "learning_rate"))),
    **dict(_of(Experiment, (), ("data", "model", "train", "auto"))),
    "test": Option((), "Source | None", None, "Test pictures, scored once at the end; only with a run folder."),
    "class_names": Option(
        (), "Sequence[str] | None", None, "In the order of the label numbers; None: the folders' names, sorted."
    ),
    "run_folder": Option(
        (),
        "str | PathLike[str] | None",
        None,
        "Folder that gets what `kerasvgg run` writes: split, history, predictions, figures, model files. None: nothing "
        "is written, and nothing is scored beyond the history.",
    ),
    "resume": Option((), "bool", False, "Go on with the run in `run_folder`; a finished one is opened."),
    "force": Option((), "bool", False, "Resume although settings, pictures or versions have changed since."),
    "feature_folder": Option(
        (),
        "str | PathLike[str] | None",
        None,
        "Keeps what frozen layers make of pictures for later calls; None: they go at the end.",
    ),
    "callbacks": Option(
        (),
        "Sequence[keras.callbacks.Callback]",
        (),
        "Keras callbacks of your own; a training with such is not resumed "
        "exactly, because Keras does not save what they remember.",
    ),
    "verbose": Option((), "bool", True, "Say on stderr how it goes on."),
}


CHOSEN_BY_AUTO = (*Head.model_fields, *Phase.model_fields, *BY_AUTO, "callbacks")


def recipe(without: Container[str] = (), **defaults: Any) -> Callable[[Function], Function]:
    """Makes a recipe of a function that takes `**options`: it gets all of them, and its help shows each.

    `defaults` are those in which the recipe differs from an experiment; options in `without` it has not.
    """
    options = {name: option for name, option in OPTIONS.items() if name not in without}

    def decorate(function: Function) -> Function:
        signature = inspect.signature(function)
        own = [one for one in signature.parameters.values() if one.kind is not one.VAR_KEYWORD]
        shown = {name: {**COMMON, **defaults}.get(name, option.default) for name, option in options.items()}

        @wraps(function)
        def called(*sources: Any, **given: Any) -> Any:
            allowed = [*(one.name for one in own), *options]
            if unknown := [name for name in given if name not in allowed]:
                question = did_you_mean(unknown[0], allowed)
                raise ConfigError(f"options must be among {', '.join(allowed)}; received {unknown[0]}{question}")
            return function(*sources, **{**shown, **given})

        more = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=OPTIONS[name].kind)
            for name, default in shown.items()
        ]
        vars(called)["__signature__"] = signature.replace(parameters=[*own, *more])
        called.__doc__ = f"{inspect.getdoc(function)}\n\nOptions:\n{_listed(shown)}"
        return called  # type: ignore[return-value]

    return decorate


def _listed(defaults: Mapping[str, Any]) -> str:
    lines = (f"{name}: {OPTIONS[name].meaning} Default: {value!r}" for name, value in defaults.items())
    return "\n".join(fill(line, 110, initial_indent="    ", subsequent_indent="        ") for line in lines)
