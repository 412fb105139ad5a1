"""Experiments as YAML: one that is resolved, and one to begin with."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from kerasvgg.config.experiment import Experiment
from kerasvgg.config.reader import scalar

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


TEMPLATE = """\
# Feature extraction with VGG16 on {files:,} pictures of {count} classes: {classes}.
#   kerasvgg run {output}
# Only a small head learns; VGG16 sees each picture once, so that this takes minutes on a laptop.
seed: 0
data:
  dataset: {folder}{labels}
{split}
  image_size: [150, 150]          # height, width; 224 is slower and often a little better
  interpolation: bilinear
  fit: squeeze                    # or pad, crop: they keep a picture's proportions
  batch_size: 20
model:
  base: vgg16                     # or small_cnn, to learn from scratch (weights: null)
  weights: imagenet
  preprocessing: vgg              # what these weights want; it becomes a part of the model
  head: {{pooling: average, units: 256, dropout: 0.5}}
train:
  - {{layers: head, epochs: 30, optimizer: rmsprop, learning_rate: 1e-3}}
# To fine-tune VGG16's last block afterwards, add a second phase:
#  - {{layers: [block5, head], epochs: 10, optimizer: rmsprop, learning_rate: 1e-5}}
keep: best                        # the epoch with the best validation accuracy; or last
"""
SPLIT = """\
  split: {validation: 0.15, test: 0.15, keep_together: true}   # fractions of each class, the rest trains; or pictures
                                  # per class. Pictures that show the same stay in one part"""
IS_SPLIT = "  # The folder is split already and keeps its split."


def starter(
    folder: str, classes: Sequence[str], files: int, is_split: bool, output: str, *, labels: str | None = None
) -> str:
    """Returns the commented YAML text for a folder of pictures, whose classes the CSV file `labels` may say."""
    shown = ", ".join(classes[:8]) + (" ..." if len(classes) > 8 else "")
    return TEMPLATE.format(
        files=files,
        count=len(classes),
        classes=" ".join(shown.split()),
        output=output,
        folder=json.dumps(folder),  # a JSON string is a YAML string, whatever the folder is called
        labels=f"\n  labels: {json.dumps(labels)}" if labels is not None else "",
        split=IS_SPLIT if is_split else SPLIT,
    )
