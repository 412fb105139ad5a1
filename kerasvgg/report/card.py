"""card.md: a run's model card, with Hugging Face's metadata and sections, of the same facts as the page."""

import json
import re
from pathlib import Path

from markupsafe import Markup

from kerasvgg.files.atomic import write_text
from kerasvgg.report.checks import checks
from kerasvgg.report.facts import Facts
from kerasvgg.report.page import environment, interval, percent
from kerasvgg.report.words import (
    augmentation_words,
    dataset_words,
    notes,
    parts_words,
    scored_words,
    settings,
    summary,
    versions,
)

MOST = 50  # classes that are named
SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|~<>&$-])")


def write_card(facts: Facts, path: Path) -> None:
    """Writes the card of a finished run."""
    write_text(path, card(facts))


def card(facts: Facts) -> str:
    """Returns the card as Markdown; what comes from pictures and folders is escaped, in the metadata as JSON."""
    experiment, figures = facts.experiment, facts.figures
    made = environment().overlay(autoescape=False, trim_blocks=False)
    made.filters |= {"md": markdown, "json": lambda value: json.dumps(value, ensure_ascii=False)}
    height, width = experiment.data.image_size if experiment else ("height", "width")
    named = ", ".join(facts.class_names[:MOST]) + (" ..." if len(facts.class_names) > MOST else "")
    accuracy = ""
    if figures:
        accuracy = f"Accuracy {percent(figures.accuracy, facts.n)} of {facts.n:,} {scored_words(figures)}; "
        accuracy += f"95 % interval {interval(figures.interval_95, facts.n)}."
    text = made.get_template("card.md").render(
        facts=facts,
        figures=figures,
        tags=["kerasvgg", "transfer-learning", *([experiment.model.base] if experiment else [])],
        dataset=dataset_words(experiment),
        has_model=facts.folder.model_keras.is_file(),
        summary=summary(facts),
        settings=settings(facts),
        classes=named,
        versions=versions(facts),
        checks=checks(facts),
        height=height,
        width=width,
        parts_words=parts_words(facts) if facts.kind != "evaluation" else "",
        augmentation=augmentation_words(experiment),
        accuracy=accuracy,
        notes=notes(facts),
    )
    return re.sub("\n{3,}", "\n\n", text).rstrip() + "\n"


def markdown(words: str | Markup) -> str:
    """Returns words that Markdown shows as they are, in one line."""
    return SPECIAL.sub(r"\\\1", " ".join(str(words).split()))
