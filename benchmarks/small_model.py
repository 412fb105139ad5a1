"""A small CNN with random weights, for 150x150 pictures, described as kerasvgg does.

python -m benchmarks.small_model PATH
"""

import sys
from pathlib import Path

from kerasvgg.modelfile.description import Description
from kerasvgg.models.classifier import build_classifier
from kerasvgg.models.save import save_model

SIZE = (150, 150)


def write_model(path: Path) -> None:
    """Writes the model file."""
    model = build_classifier("small_cnn", SIZE, classes=2, kind="unit", units=(512,))
    save_model(model, path, Description(("cat", "dog"), SIZE, "bilinear", "unit", "small_cnn"))


if __name__ == "__main__":
    write_model(Path(sys.argv[1]))
