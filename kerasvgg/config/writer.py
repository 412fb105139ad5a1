"""Experiments as YAML: one that is resolved, and one to begin with."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import BaseModel

from kerasvgg.config.experiment import Experiment
from kerasvgg.config.reader import scalar

PLAIN = re.compile(r"[A-Za-z0-9_./][A-Za-z0-9_./-]*")


def dump_experiment(experiment: Experiment) -> str:
    """Returns YAML that says every value, also the defaults, and loads back to the equal experiment.

    But for the cluster, which is of one place and changes no number.
    """
    return "\n".join(_lines(experiment.model_dump(exclude={"cluster"}), "")) + "\n"


def dump_section(section: BaseModel) -> str:
    """Returns YAML that says every value of another file, and loads back to the equal one."""
    return "\n".join(_lines(section.model_dump(), "")) + "\n"


def values_of(value: Any) -> int:
    """Returns how many keys and values an experiment has, or a part of it, with all its defaults."""
    if isinstance(value, BaseModel):
        return 1 + sum(1 + values_of(inner) for _, inner in value)
    return 1 + sum(map(values_of, value)) if isinstance(value, tuple) else 1


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


TEMPLATE = """\
# A classifier for pictures of {count} classes: {classes}.
#   kerasvgg run {output}
# VGG16 sees each picture once; on which of its stages the head stands is chosen by pictures that are held out.
seed: 0
data:
  dataset: {folder}{labels}
{split}
  on_conflicting_labels: skip     # the same file in two classes; keep: train on both
  image_size: [{side}, {side}]          # height, width; 150 is twice as fast as 224, and a little worse
{fit}
  batch_size: 32
model:
  base: vgg16
auto:
  minutes: {minutes}                   # about how long a run may take; null: no limit
  fine_tuning: {fine_tuning}
# To say yourself how it is trained, put these in place of `auto`, and a head into `model`{other_fit}:
#  head: {{pooling: average, units: 256, dropout: 0.5}}
# train:
#  - {{layers: head, epochs: 30, optimizer: rmsprop, learning_rate: 1e-3}}
#  - {{layers: [block5, head], epochs: 10, optimizer: rmsprop, learning_rate: 1e-5}}
"""
COMPARED = "  fit: auto                       # squeeze, pad or crop, whichever is best for pictures held out"
SQUEEZED = "  fit: squeeze                    # or pad, crop: they keep a picture's proportions"
IS_SPLIT = "  # The folder is split already and keeps its split."
WITHOUT_VALIDATION = """\
  # The folder has a test part, which it keeps.
  split: {validation: 0.15, keep_together: true}   # a fraction of each class of the training part"""
PARTS = """\
  split: {validation: 0.15, test: 0.15, keep_together: true}   # fractions of each class, the rest trains; or pictures
                                  # per class. Pictures that show the same stay in one part"""
IN_FOLDS = """\
  split: {folds: 5}               # too few pictures to set some apart for a test: each is held out once. Or, as
                                  # fractions of each class: {validation: 0.15, test: 0.15, keep_together: true}"""


def starter(
    folder: str,
    classes: Sequence[str],
    output: str,
    *,
    split: str,
    side: int,
    labels: str | None = None,
    minutes: float | None = None,
    quick: bool = False,
) -> str:
    """Returns the commented YAML text for a folder of pictures, whose classes the CSV file `labels` may say.

    `split` are the lines about it, one of those above, `side` is that of the pictures in pixels. A `quick` one compares
    and fine-tunes nothing.
    """
    shown = ", ".join(classes[:8]) + (" ..." if len(classes) > 8 else "")
    return TEMPLATE.format(
        count=len(classes),
        classes=" ".join(shown.split()),
        output=output,
        folder=json.dumps(folder),  # a JSON string is a YAML string, whatever the folder is called
        labels=f"\n  labels: {json.dumps(labels)}" if labels is not None else "",
        split=split,
        side=side,
        minutes=_inline(minutes),
        fit=SQUEEZED if quick else COMPARED,
        other_fit="" if quick else "; `fit` must then be one of the three",
        fine_tuning=_inline(not quick),
    )
