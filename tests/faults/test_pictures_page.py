"""docs/pictures.md says of every kind of the zoo what becomes of it."""

from pathlib import Path

from zoo import Good, Kind, sections

PAGE = Path(__file__).parents[2] / "docs" / "pictures.md"


def table() -> str:
    return "\n".join(f"### {title}\n\n{rows(kinds)}" for title, kinds in sections().items())


def rows(kinds: list[Kind]) -> str:
    lines = [f"| {kind.name} | {fate(kind)} |\n" for kind in kinds]
    return "| kind | what becomes of it |\n|---|---|\n" + "".join(lines)


def fate(kind: Kind) -> str:
    if kind.place.endswith("closed.png"):
        return "left out: Permission denied (root reads it)"
    return "taken" if isinstance(kind.fate, Good) else f"left out: … {kind.fate.words} …"


def test_the_page_lists_the_zoo() -> None:
    _, listed = PAGE.read_text(encoding="utf-8").split("## The kinds\n\n")
    assert listed == table()
