"""What an experiment is called."""

from pathlib import Path


def experiment_name(path: Path) -> str:
    """Returns the file's path below the nearest folder called experiments, or its bare name, without the suffix."""
    parts = path.absolute().with_suffix("").parts
    if "experiments" in parts[:-1]:
        last = len(parts) - 1 - parts[::-1].index("experiments")
        return "/".join(parts[last + 1 :])
    return parts[-1]
