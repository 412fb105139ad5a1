"""Can it be trusted: what a run's facts say for and against its figures, a sentence each."""

import math
from collections.abc import Iterator
from typing import Literal, NamedTuple

from kerasvgg.backbones.registry import preprocessing_warning
from kerasvgg.evaluation.test_access import times
from kerasvgg.report.facts import Facts
from kerasvgg.report.figures import Calibration

Verdict = Literal["good", "caution", "bad"]
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
    seen = (facts.about and facts.about.test_seen) or 1
    if figures.split == "test" and seen > 1:
        words = (
            f"These test pictures have been scored {times(seen)} by now; what is chosen by looking comes out too high."
        )
        yield Check(question, "caution", words)
    elif figures.split == "test":
        yield Check(question, "good", "The test pictures were scored once, after everything was decided.")
    elif figures.split == "folds":
        yield Check(question, "good", "Each picture was scored while it was held out from training.")
    elif figures.role == "selected on":
        words = "These pictures helped to choose the epoch, so that the accuracy is too high for others."
        yield Check(question, "caution", words)
    if sum(figures.known_before.values()):
        words = f"{sum(figures.known_before.values()):,} of the pictures were known to the model before."
        yield Check("Are the pictures new to it?", "bad", words)


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
    question = "Are training and test pictures apart?"
    exact = facts.about.in_two_parts if facts.about else 0
    doubles = facts.data.doubles if facts.data else None
    if exact or doubles:
        found = [f"{exact:,} files lie in two parts"] if exact else []
        found += [f"{len(doubles):,} pairs in different parts show the same"] if doubles else []
        words = f"{' and '.join(found)}, which makes the figures too good; keep_together: true would keep them in one."
        yield Check(question, "bad" if exact else "caution", words)
    elif doubles is not None and facts.split:
        yield Check(question, "good", "No file and no near duplicate lies in two parts of the split.")


def _calibration(facts: Facts) -> Iterator[Check]:
    found = facts.figures.calibration if facts.figures else None
    if found and math.isfinite(found.ece):
        yield Check("Do its probabilities mean what they say?", *_calibrated(found))


def _calibrated(found: Calibration) -> tuple[Verdict, str]:
    error = found.ece if found.ece_calibrated is None else found.ece_calibrated
    words = f"Expected calibration error {error:.1%}"
    words += f" with temperature {found.temperature:.3g} ({found.ece:.1%} without)" if found.temperature != 1 else ""
    chance = found.ece_by_chance_95
    if chance is None:
        return ("good" if error < 0.05 else "caution"), f"{words}."
    words += f"; up to {chance:.1%} would be chance."
    gap, interval = found.overconfidence, found.overconfidence_interval_95
    if error <= chance or gap is None or interval is None:
        return ("good" if error <= chance else "caution"), words
    if interval[0] > 0:
        return "caution", f"{words} It is too sure of itself, by {100 * gap:.1f} points."
    if interval[1] < 0:
        return "good", f"{words} It is too modest, by {-100 * gap:.1f} points."
    return "caution", words


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
    said = [f"{len(left_out):,} files were left out before"] if left_out else []
    said += [f"{len(gone):,} went bad meanwhile and were skipped"] if gone else []
    if said:
        yield Check("Were all files used?", "caution", f"{' and '.join(said)}; they are listed below.")
