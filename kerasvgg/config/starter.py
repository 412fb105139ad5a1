"""The experiment that `kerasvgg init` writes."""

import json
from collections.abc import Sequence

TEMPLATE = """\
# Feature extraction with VGG16 on {files:,} pictures of {count} classes: {classes}.
#   kerasvgg run {output}
# Only a small head learns; VGG16 sees each picture once, so that this takes minutes on a laptop.
seed: 0
data:
  dataset: {folder}
{split}
  image_size: [150, 150]          # height, width; 224 is slower and often a little better
  interpolation: bilinear
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
SPLIT = "  split: {validation: 0.15, test: 0.15}   # fractions of each class, the rest trains; or pictures per class"
IS_SPLIT = "  # The folder is split already and keeps its split."


def starter(folder: str, classes: Sequence[str], files: int, is_split: bool, output: str) -> str:
    """Returns the commented YAML text for a folder of pictures."""
    shown = ", ".join(classes[:8]) + (" ..." if len(classes) > 8 else "")
    return TEMPLATE.format(
        files=files,
        count=len(classes),
        classes=" ".join(shown.split()),
        output=output,
        folder=json.dumps(folder),  # a JSON string is a YAML string, whatever the folder is called
        split=IS_SPLIT if is_split else SPLIT,
    )
