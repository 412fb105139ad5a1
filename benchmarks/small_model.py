"""A classifier with random weights, for 150x150 pictures, described as kerasvgg does.

python -m benchmarks.small_model PATH [BASE]
"""

import sys
from pathlib import Path

from kerasvgg.modelfile.description import Description
from kerasvgg.models.classifier import build_classifier
from kerasvgg.models.save import save_model

SIZE = (150, 150)
KINDS = {"small_cnn": "unit", "vgg16": "vgg"}  # the preprocessing


def write_model(path: Path, base: str = "small_cnn") -> None:
    """Writes the model file."""
    model = build_classifier(base, SIZE, classes=2, kind=KINDS[base], units=(512,))
    save_model(model, path, Description(("cat", "dog"), SIZE, "bilinear", KINDS[base], base))


if __name__ == "__main__":
    write_model(Path(sys.argv[1]), *sys.argv[2:])
