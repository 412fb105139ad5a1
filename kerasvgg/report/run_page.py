"""report.html: one run as a page."""

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from kerasvgg.data.targets import targets
from kerasvgg.errors import KerasVGGError
from kerasvgg.evaluation.calibration import Bin, calibrated, calibration_bins, probabilities, reliability_of
from kerasvgg.evaluation.mistakes import worst_mistakes
from kerasvgg.evaluation.predictions import Prediction
from kerasvgg.files.atomic import write_text
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.files.text import printable
from kerasvgg.report.card import write_card
from kerasvgg.report.charts import bar_chart, confusion_chart, interval_chart, reliability_chart, scatter_chart
from kerasvgg.report.checks import checks
from kerasvgg.report.curves import run_curves
from kerasvgg.report.facts import PARTS, Facts, read_facts
from kerasvgg.report.page import render
from kerasvgg.report.words import augmentation_words, notes, parts_words, scored_words, settings, summary, versions
from kerasvgg.report.worst import MOST, Worst, read_worst

MOST_BARS = 40  # classes
MOST_SIZES = 500


def write_page(folder: RunFolder, output: Path | None = None) -> list[Path]:
    """Writes a run's page and its model card, and returns their paths; with an `output` the page alone, there.

    Raises DataError for a folder that no run has written.
    """
    facts = read_facts(folder.path)
    write_text(output or folder.report, run_page(facts))
    if output or not facts.is_finished:
        return [output or folder.report]
    write_card(facts, folder.card)
    return [folder.report, folder.card]


def run_page(facts: Facts) -> str:
    """Returns a run as HTML, whatever of it there is."""
    return render("run.html", **page_facts(facts))


def page_facts(facts: Facts) -> dict[str, Any]:
    """Returns what the template `run.html` needs."""
    facts, worst = _with_worst(facts)
    figures, path = facts.figures, printable(str(facts.folder.path))
    has_model, may_go_on = facts.folder.model_keras.is_file(), facts.kind == "run"
    heatmaps = has_model and facts.kind == "run" and not facts.folder.worst.is_dir()
    return {
        "facts": facts,
        "worst": worst,
        "with_heat": any(one.heat for one in worst),
        "summary": summary(facts),
        "resume": shlex.join(["kerasvgg", "run", path, "--resume"]) if may_go_on else "",
        "heatmaps": shlex.join(["kerasvgg", "report", path, "--heatmaps"]) if heatmaps else "",
        "scored": scored_words(figures) if figures else "",
        "places": _places(facts),
        "notes": notes(facts),
        "checks": checks(facts),
        "settings": settings(facts),
        "ranked": bool(figures and any(one.average_precision is not None for one in figures.per_class.values())),
        "confusion": _confusion(facts),
        "commands": list(_commands(path)) if has_model else [],
        "curves": _curves(facts),
        **_calibration(facts),
        **_pictures(facts),
        "left_out": _left_out(facts),
        "augmentation": augmentation_words(facts.experiment),
        "versions": versions(facts),
    }


def _confusion(facts: Facts) -> Any:
    figures = facts.figures
    if not figures or not figures.confusion:
        return ""
    return confusion_chart(figures.confusion, figures.classes, "confusion matrix")


def _curves(facts: Facts) -> dict[str, Any]:
    rows, figures = list(facts.history), facts.figures
    if facts.choices and len(rows) < 2:  # a head that was solved at once
        return {}
    known = figures.validation.epoch if figures and figures.validation else None
    keep = facts.experiment.keep if facts.experiment else "best"
    return {name: chart for name, chart in run_curves(rows, known, keep).items() if chart}


def _pictures(facts: Facts) -> dict[str, Any]:
    sizes = list(facts.data.sizes[:MOST_SIZES]) if facts.data else []
    return {
        "balance": _balance(facts),
        "parts_words": _parts_words(facts),
        "sizes": scatter_chart(sizes, "widths and heights of pictures", "width") if len(set(sizes)) > 1 else "",
        "sizes_words": _sizes_words(sizes),
    }


def _with_worst(facts: Facts) -> tuple[Facts, list[Worst]]:
    try:
        if found := read_worst(facts.folder.worst):
            return facts, found
    except KerasVGGError as error:
        facts = replace(facts, damage=(*facts.damage, str(error)))
    wrong = worst_mistakes(facts.predictions, MOST, facts.class_names if facts.multi_label else None)
    shares = [None if facts.multi_label else max(one.probabilities) for one in wrong]
    return facts, [
        Worst(one.path, one.true, one.predicted, share, "", "", "") for one, share in zip(wrong, shares, strict=True)
    ]


def _places(facts: Facts) -> Any:
    """Returns where the accuracy lies beside what guessing comes to."""
    figures, most = facts.figures, facts.majority
    if not figures:
        return ""
    rows = [("this run", figures.interval_95[0], figures.accuracy, figures.interval_95[1], "s1")]
    if most and not figures.multi_label and figures.classes:
        chance = 1 / len(figures.classes)
        rows.append(("majority guess", most[1], most[1], most[1], "s8"))
        rows.append(("chance", chance, chance, chance, "s8"))
    return interval_chart(rows, "accuracy beside guessing")


def _commands(path: str) -> Iterator[tuple[str, str]]:
    yield shlex.join(["kerasvgg", "predict", path, "PICTURES"]), "What is on other pictures"
    yield shlex.join(["kerasvgg", "show", "heatmap", path, "PICTURE"]), "Where it looks"
    yield shlex.join(["kerasvgg", "evaluate", path, "PICTURES"]), "How good it is on others, in class folders"


def _calibration(facts: Facts) -> dict[str, Any]:
    figures, predictions = facts.figures, facts.predictions
    if not figures or not predictions or not figures.calibration:
        return {"reliability": "", "reliability_names": []}
    if figures.multi_label:
        curves, along = {"each class of each picture": _of_each_class(facts, predictions)}, "probability of a class"
    else:
        before, temperature = probabilities(predictions), figures.calibration.temperature
        curves, along = {"as the model says": reliability_of(predictions, before)}, "probability of what is said"
        if temperature > 0 and temperature != 1:
            after = calibrated(before, temperature)
            curves[f"with temperature {temperature:.3g}"] = reliability_of(predictions, after)
    return {"reliability": reliability_chart(curves, "calibration", along), "reliability_names": list(curves)}


def _of_each_class(facts: Facts, predictions: Sequence[Prediction]) -> list[Bin]:
    wanted = targets([one.true for one in predictions], facts.class_names, multi_label=True)
    return calibration_bins(probabilities(predictions), wanted)


def _balance(facts: Facts) -> Any:
    rows = [(label, list(parts.items())) for label, parts in facts.counts.items()]
    largest = sorted(rows, key=lambda row: -sum(count for _, count in row[1]))[:MOST_BARS]
    return bar_chart([row for row in rows if row in largest], "pictures of each class", PARTS)


def _parts_words(facts: Facts) -> str:
    more = len(facts.counts) - MOST_BARS
    words = f"From dark to light: {parts_words(facts)}"
    words += "; a picture counts for each of its classes" if facts.multi_label else ""
    return words + (f"; {more:,} smaller classes are not shown" if more > 0 else "") + "."


def _sizes_words(sizes: list[tuple[int, int]]) -> str:
    if not sizes:
        return ""
    if len(set(sizes)) == 1:
        return f"All of {len(sizes):,} that were looked at are {sizes[0][0]:,} x {sizes[0][1]:,} pixels."
    widths, heights = (sorted(one) for one in zip(*sizes, strict=True))
    middle = len(sizes) // 2
    return (
        f"{len(sizes):,} pictures: {widths[0]:,} to {widths[-1]:,} wide, {heights[0]:,} to {heights[-1]:,} high; "
        f"medians {widths[middle]:,} and {heights[middle]:,}."
    )


def _left_out(facts: Facts) -> list[tuple[str, str]]:
    skipped = list(facts.about.skipped.items()) if facts.about else []
    return [*(facts.data.left_out if facts.data else ()), *skipped]
