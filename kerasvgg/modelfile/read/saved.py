"""What a model file holds, before anything is concluded from it."""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kerasvgg.errors import AmbiguousError
from kerasvgg.modelfile.read.child import ask

# Where kerasvgg's own description of a model is.
MEMBER = "kerasvgg.json"  # in a .keras archive
DATASET = "kerasvgg"  # in an .h5 file; a data set, because an attribute holds 64 KiB at most


@dataclass(frozen=True)
class SavedArray:
    """`name` is the path inside the file, such as model_weights/conv2d_1/conv2d_1/kernel:0; `dtype` is numpy's."""

    name: str
    shape: tuple[int, ...]
    dtype: str


@dataclass(frozen=True)
class SavedLayer:
    """The arrays of one group, in their saved order.

    `name` is the group's: in old .h5 files Keras' name of the layer, in Keras 3's stores a path such as
    layers/conv2d_1; `label` is the layer's name where the store notes it.
    """

    name: str
    arrays: tuple[SavedArray, ...]
    label: str = ""


# Code that would run; a class that Keras 3 does not have; a path or link to elsewhere; more than the file can hold;
# what two readers can take for different things; what can't be read.
KINDS = ("code", "class", "path", "link", "bomb", "ambiguous", "damage")


@dataclass(frozen=True)
class Danger:
    """`kind` is one of KINDS, `where` the place in the file, `text` what is the matter, in a sentence."""

    kind: str
    where: str
    text: str


@dataclass(frozen=True)
class Saved:
    """`container` is "h5" or "keras" for whole models, "h5 weights", "weights.h5" or "mat" for weights alone.

    `config` and `training` are as saved: JSON of any shape. `keras_version` and `backend` are "" where the file does
    not say. `dangers` are those of the container; the layers were not looked at where it has links.
    """

    container: str
    keras_version: str
    backend: str
    config: dict[str, Any] | None
    training: dict[str, Any] | None
    layers: tuple[SavedLayer, ...]
    description: str | None
    dangers: tuple[Danger, ...] = ()


def read_saved(path: Path) -> Saved:
    """Reads a model file in a child process with limits.

    Raises ModelFileError for what is no model file, can't be read, or would take more than the limits.
    """
    from pydantic import TypeAdapter

    return TypeAdapter(Saved).validate_python(ask("saved", path))


def tree(text: str | bytes, name: str, found: list[Danger]) -> dict[str, Any] | None:
    """Returns the object in a text; where there is none, None, and why is added to `found`.

    What can be read in one way only is taken: whole letters, and no name twice in an object. Keras keeps halves of
    letters apart, and looks at the first of two values before it takes the last.
    """
    try:
        words = text.decode("utf-8", "surrogatepass") if isinstance(text, bytes) else text
        value = json.loads(words, object_pairs_hook=_object)
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except RecursionError:
        found.append(Danger("bomb", name, "it is nested too deeply"))
        return None
    except AmbiguousError as error:
        found.append(Danger("ambiguous", name, str(error)))
        return None
    except UnicodeEncodeError:
        found.append(Danger("ambiguous", name, "it has halves of letters, of which readers make what they like"))
        return None
    except ValueError as error:
        found.append(Danger("damage", name, f"it must be JSON: {error}"))
        return None
    if not isinstance(value, dict):
        found.append(Danger("damage", name, f"it must be a JSON object, received a {type(value).__name__}"))
        return None
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        name = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        raise AmbiguousError(f"an object has two values of the name {name!a:.60}")
    return value
