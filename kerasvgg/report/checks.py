"""Can it be trusted: what a run's facts say for and against its figures, a sentence each."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from kerasvgg.backbones.registry import preprocessing_warning
from kerasvgg.data.pictures.thumbnail import SIDE
from kerasvgg.evaluation.test_access import count_accesses, times
from kerasvgg.report.facts import Facts
from kerasvgg.report.figures import Calibration

Verdict = Literal["good", "caution", "bad"]
USUAL = 0.05  # error of calibration below which nobody minds
TESTED = "test", "all"  # parts whose looks are counted
SAME = 1e-3  # between the probabilities of the model that was trained and of the one that was saved


class Check(NamedTuple):
    """A question, the answer in short, and in words."""

    question: str
    verdict: Verdict
    words: str


def checks(facts: Facts) -> list[Check]:
    """Returns what can be said; what a run does not tell is left out."""
    asks = (_guessing, _scored, _preprocessing, _frozen, _leaks, _calibration, _saved, _files)
    return [check for ask in asks for check in ask(facts)]


def _guessing(facts: Facts) -> Iterator[Check]:
    figures, most = facts.figures, facts.majority
    if not figures or not most:
        return
    label, share = most
    low, high = figures.interval_95
    guess = f"always saying {label or 'none of the classes'} would be right on {share:.1%}"
    question = "Better than guessing?"
    if low > share:
        yield Check(question, "good", f"Yes: {guess}, and the interval begins at {low:.1%}.")
    elif high < share:
        yield Check(question, "bad", f"Worse: {guess}. Are the classes mixed up?")
    else:
        yield Check(question, "bad", f"Not shown: {guess}, which is within the interval.")


def _scored(facts: Facts) -> Iterator[Check]:
    figures, question = facts.figures, "Is the accuracy one for new pictures?"
    if not figures:
        return
    seen = max(facts.about.test_seen or 0 if facts.about else 0, count_accesses(figures.scored_sha256))
    if figures.split in TESTED and seen > 1:
        words = f"These pictures have been scored {times(seen)} by now; what is chosen by looking is too high."
        yield Check(question, "caution", words)
    elif figures.split in TESTED and seen:
        yield Check(question, "good", "The pictures were scored once, after everything was decided.")
    elif figures.split == "folds":
        yield Check(question, "good", "Each picture was scored while it was held out from training.")
    elif figures.split == "validation" and (figures.role != "not selected on" or figures.multi_label):
        words = "These pictures helped to choose the epoch or the thresholds: for others the accuracy is lower."
        yield Check(question, "caution", words)
    if figures.compared_with and figures.compared_with.n:
        words = f"{figures.compared_with.n:,} of them were scored by {figures.compared_with.run} before."
        yield Check("Are the pictures new?", "caution", words)
    if known := sum(figures.known_before.values()):
        yield Check("Are the pictures new to it?", "bad", f"{known:,} of the pictures were known to the model before.")


def _preprocessing(facts: Facts) -> Iterator[Check]:
    if not facts.experiment:
        return
    model = facts.experiment.model
    warning = preprocessing_warning(model.base, model.weights, model.preprocessing)
    if warning:
        words = warning.removeprefix("warning: ").partition(". `accept_preprocessing`")[0].replace("`", "")
        yield Check("Is the preprocessing right?", "bad", f"{words[:1].upper()}{words[1:]}.")
    elif model.weights:
        words = f"{model.preprocessing} is what {model.weights} weights were trained on; it is inside the model file."
        yield Check("Is the preprocessing right?", "good", words)


def _frozen(facts: Facts) -> Iterator[Check]:
    trained = [row for row in facts.layers if row["trained_in"]]
    still = [row for row in facts.layers if not row["trained_in"]]
    question = "Was trained what was meant to be?"
    if moved := [row["layer"] for row in still if row["moved"]]:
        yield Check(question, "bad", f"Layers that were frozen have changed: {', '.join(moved[:5])}.")
    elif trained:
        words = f"{len(trained)} layers with weights were trained"
        words += f", {len(still)} were frozen and are bit for bit as they were" if still else ", none was frozen"
        yield Check(question, "good", f"{words}.")


def _leaks(facts: Facts) -> Iterator[Check]:
    """Asks of what lies in the scored part and in another one; pictures in folds are held out together."""
    question, scored = "Are the scored pictures apart from the others?", facts.figures.split if facts.figures else ""
    if scored not in ("test", "validation") or facts.kind != "run":
        return
    doubles = facts.data.doubles if facts.data else None
    near = sum(scored in one.parts for one in doubles or ())
    exact, groups = _in_two_parts(facts.split, "sha256", scored), _in_two_parts(facts.split, "group", scored)
    found = [f"{exact:,} files lie in another part, too"] if exact else []
    found += [f"{groups:,} groups are divided"] if groups else []
    found += [f"{near:,} pairs in different parts show the same"] if near else []
    if found:
        words = f"{', '.join(found)}, which makes the figures too good."
        may_help = facts.experiment and facts.experiment.data.split and not facts.experiment.data.split.keep_together
        words += " keep_together: true would keep such pictures in one part." if may_help else ""
        yield Check(question, "bad" if exact or groups else "caution", words)
    elif facts.split and doubles is not None and _can_be_compared(facts):
        yield Check(question, "good", "No file, group or near duplicate lies in another part as well.")
    elif facts.split:
        yield Check(question, "good", "No file and no group lies in another part as well.")


def _in_two_parts(rows: Sequence[Mapping[str, str]], column: str, scored: str) -> int:
    """Returns how many values of a column both the scored part and another one have."""
    told = [row for row in rows if row.get(column)]
    here, elsewhere = ({row[column] for row in told if (row["split"] == scored) is there} for there in (True, False))
    return len(here & elsewhere)


def _can_be_compared(facts: Facts) -> bool:
    """Tells whether pictures are large enough for near duplicates to be told from others."""
    sizes = facts.data.sizes if facts.data else ()
    return any(min(size) >= SIDE for size in sizes)


def _calibration(facts: Facts) -> Iterator[Check]:
    found = facts.figures.calibration if facts.figures else None
    if found and math.isfinite(found.ece):
        yield Check("Do its probabilities mean what they say?", *_calibrated(found))


def _calibrated(found: Calibration) -> tuple[Verdict, str]:
    """Judges the probabilities as `predict` gives them; the temperature is only applied where it is asked for."""
    error, chance = found.ece, found.ece_by_chance_95
    words = f"Expected calibration error {error:.1%}"
    words += "" if chance is None else f"; up to {chance:.1%} would be chance"
    if found.temperature != 1 and found.ece_calibrated is not None:
        words += f"; {found.ece_calibrated:.1%} with temperature {found.temperature:.3g}, as predict --unsure has it"
    is_good = error <= (USUAL if chance is None else chance)
    gap, interval = found.overconfidence, found.overconfidence_interval_95
    if is_good or found.temperature != 1 or gap is None or interval is None:
        return ("good" if is_good else "caution"), f"{words}."
    if interval[0] > 0:
        return "caution", f"{words}. It is too sure of itself, by {100 * gap:.1f} points."
    if interval[1] < 0:
        return "good", f"{words}. It is too modest, by {-100 * gap:.1f} points."
    return "caution", f"{words}."


def _saved(facts: Facts) -> Iterator[Check]:
    frozen = facts.about.frozen_layers if facts.about else None
    difference = frozen.largest_difference if frozen else None
    if difference is None:
        return
    words = f"Its probabilities are those of the parts that were trained, within {difference:.1g}."
    verdict: Verdict = "good" if difference <= SAME else "bad"
    yield Check("Is the saved model the trained one?", verdict, words)


def _files(facts: Facts) -> Iterator[Check]:
    gone, left_out = facts.about.skipped if facts.about else {}, facts.data.left_out if facts.data else ()
    if count := len(gone) + len(left_out):
        yield Check("Were all files used?", "caution", f"{count:,} were not; they are listed below, with the reason.")
