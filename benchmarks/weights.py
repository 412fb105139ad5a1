"""VGG16's weights as a file, for those who load them without kerasvgg."""

import sys
from pathlib import Path

from kerasvgg.backbones.registry import PRETRAINED
from kerasvgg.files.locations import find


def weights_file() -> Path:
    """Returns where the file is; a benchmark without it ends here."""
    path = find("weights", PRETRAINED["vgg16"].name)
    if path is None:
        sys.exit("no VGG16 weights in KERASVGG_HOME: `kerasvgg weights get vgg16` fetches them")
    return path.absolute()
