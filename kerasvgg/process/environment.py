"""What a run ran on."""

import os
import platform
import sys
from importlib.metadata import version
from typing import Any

from kerasvgg import __version__

PACKAGES = ("keras", "numpy", "pillow", "h5py", "scipy", "scikit-learn", "matplotlib")


def environment() -> dict[str, Any]:
    """Returns the versions and the machine's kind, nothing that names the machine or its user."""
    import tensorflow as tf

    return {
        "python": platform.python_version(),
        "kerasvgg": __version__,
        "tensorflow": tf.__version__,
        **{name: version(name) for name in PACKAGES},
        "platform": sys.platform,
        "machine": platform.machine(),
        "processors": os.cpu_count(),
    }
