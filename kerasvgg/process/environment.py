"""Versions and kind of machine, as a run notes them."""

import os
import platform
import sys
from importlib.metadata import version
from typing import Any

PACKAGES = ("keras", "numpy", "pillow", "h5py", "scipy", "scikit-learn", "matplotlib")


def environment() -> dict[str, Any]:
    """Returns the versions and the machine's kind, nothing that names the machine or its user."""
    import tensorflow as tf

    return {
        "python": platform.python_version(),
        "kerasvgg": own_version(),
        "tensorflow": tf.__version__,
        **{name: version(name) for name in PACKAGES},
        "platform": sys.platform,
        "machine": platform.machine(),
        "processors": os.cpu_count(),
    }


def own_version() -> str:
    """Returns kerasvgg's version, which its `__init__` has; importing that from here would be a circle."""
    return str(vars(sys.modules["kerasvgg"])["__version__"])
