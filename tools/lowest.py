"""The lowest version of each range in pyproject.toml, as constraints for pip.

python -m tools.lowest > lowest.txt && pip install -c lowest.txt -e ".[dev]"    in a fresh environment
"""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RANGE = re.compile(r"([\w.-]+)>=([\d.]+),<[\d.]+(.*)")


def lowest(requirements: list[str]) -> list[str]:
    """Returns a line for each requirement. Raises ValueError for one without a range."""
    lines = []
    for one in requirements:
        parts = RANGE.fullmatch(one)
        if parts is None:
            raise ValueError(f"`{one}` must be a range, as numpy>=2.1,<3")
        name, version, marker = parts.groups()
        lines.append(f"{name}=={version}{marker}")
    return lines


if __name__ == "__main__":
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    print("\n".join(lowest(project["dependencies"])))
