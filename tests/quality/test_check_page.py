"""docs/check.md lists every kind with what it means."""

from pathlib import Path

from kerasvgg.quality.kinds import KINDS, LEVELS

PAGE = Path(__file__).parents[2] / "docs" / "check.md"


def table() -> str:
    rows = [
        f"| `{name}` | {kind.level} | {kind.means} |"
        for level in LEVELS
        for name, kind in KINDS.items()
        if kind.level == level
    ]
    return "\n".join(("| kind | | what it means |", "|---|---|---|", *rows))


def test_the_page_lists_the_kinds() -> None:
    assert f"\n\n{table()}\n\n" in PAGE.read_text(encoding="utf-8")
