"""What kerasvgg needs beside TensorFlow, and which TensorFlow is there, by the metadata of what is installed.

python -m kerasvgg.process.requirements > rest.txt    for pip, where a TensorFlow of one's own must stay as it is
"""

import sys
from importlib.metadata import PackageNotFoundError, requires, version

TENSORFLOW = ("tensorflow", "tensorflow-cpu")  # two distributions of the same files


def beside_tensorflow() -> list[str]:
    """Returns the requirements but TensorFlow, as pip takes them; none where kerasvgg itself is not installed."""
    try:
        lines = requires("kerasvgg") or []
    except PackageNotFoundError:
        return []
    return [line for line in lines if "extra ==" not in line and not line.startswith(TENSORFLOW)]


def two_tensorflows() -> str | None:
    """Returns what is wrong, and what helps, where two distributions of TensorFlow lie over each other, else None."""
    found = {name: one for name in TENSORFLOW if (one := _version(name))}
    if len(found) < 2:
        return None
    listed = " and ".join(f"`{name}` {one}" for name, one in found.items())
    return (
        f"{listed} are both installed, and each has overwritten files of the other. Remove both, then install the one "
        f"that is meant: `pip uninstall {' '.join(TENSORFLOW)}`, `pip install tensorflow=={found['tensorflow']}`; "
        "docs/installing.md says how kerasvgg leaves it alone"
    )


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in beside_tensorflow())
