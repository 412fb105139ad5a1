"""Findings about what is left out: each reason is of a kind."""

from collections.abc import Iterator

from kerasvgg.checks.kinds import Finding
from kerasvgg.checks.survey import Survey

# The first words that a reason has decide.
REASONS = (
    ("hidden", "hidden"),
    ("the file is empty", "empty-file"),
    ("a link that leads nowhere", "dead-link"),
    ("a link to a folder", "link-to-folder"),
    ("not a plain file", "not-a-file"),
    ("a folder with nothing in it", "empty-folder"),
    ("a class without a picture", "empty-class"),
    ("not in a class folder", "outside-classes"),
    ("beside the folders of the split", "outside-classes"),
    ("no class before its first dot", "outside-classes"),
    ("truncated", "truncated"),
    ("Truncated", "truncated"),
    ("end of file", "truncated"),
    ("a damaged", "damaged"),
    ("its head is damaged", "damaged"),
    ("pixels", "too-many-pixels"),
    ("no agreed black", "no-agreed-black"),
    *((f"looks like {name}", "unknown-format") for name in ("HEIC", "AVIF", "JPEG 2000", "SVG", "XML", "an icon")),
    *((f"looks like {name}", "unknown-format") for name in ("PDF", "PostScript", "Photoshop")),
    ("not a picture", "not-a-picture"),
)


def left_out(survey: Survey) -> Iterator[Finding]:
    """Yields a finding for each entry that is left out."""
    classes_lie = 1 if survey.parts else 0  # folders deep
    for path, reason in survey.left_out:
        kind = next((kind for words, kind in REASONS if words in reason), "unreadable")
        if kind == "empty-folder" and path.count("/") == classes_lie:
            kind = "empty-class"
        yield Finding(kind, (path,), reason)
