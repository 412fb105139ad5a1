"""What becomes of pictures' proportions where `data.fit` is auto: compared on pictures that are held out, in folds."""

import math
from dataclasses import dataclass, replace

import numpy as np

from kerasvgg.config.writer import dump_experiment
from kerasvgg.data.picture import Picture
from kerasvgg.data.pictures.decode import upright_size
from kerasvgg.data.pictures.resizing import FITS
from kerasvgg.data.targets import targets
from kerasvgg.errors import DataError
from kerasvgg.evaluation.calibration import cross_entropies
from kerasvgg.process.progress import say
from kerasvgg.runs.auto import DEVELOPMENT, examples_of
from kerasvgg.runs.decisions import Decisions
from kerasvgg.runs.prepare import Prepared
from kerasvgg.selection.choice import Design, choose
from kerasvgg.selection.folds import stratified_sample
from kerasvgg.settings import Engine

USUAL, *OTHERS = FITS  # of which one has to be better to be taken
FEWEST, MOST = 100, 400  # pictures that are compared: fewer show next to nothing
LOOKED_AT = 50  # pictures whose size is looked at
NEARLY, MOSTLY = 1.15, 0.9  # where sides differ by less than that in so many pictures, all three show the same


@dataclass(frozen=True)
class Compared:
    """What folds say of a `fit`: mean cross entropy in nats, and by how much it is below that of squeeze.

    `standard_error` is that of the differences picture by picture.
    """

    fit: str
    loss: float
    gain: float
    standard_error: float
    pictures: int


def settled(prepared: Prepared) -> Prepared:
    """Returns the experiment with squeeze in place of auto where there is nothing to compare, which is said."""
    if prepared.experiment.data.fit != "auto" or not (reason := _why_not(prepared)):
        return prepared
    say(f"pictures are squeezed: {reason}")
    return with_fit(prepared, USUAL)


def with_fit(prepared: Prepared, fit: str) -> Prepared:
    """Returns the experiment with another `data.fit`; its model, which takes pictures of one size, stays the same."""
    data = prepared.experiment.data.model_copy(update={"fit": fit})
    experiment, classifier = prepared.experiment.model_copy(update={"data": data}), prepared.classifier
    description = replace(classifier.description, fit=data.resizing.fit, experiment=dump_experiment(experiment))
    return replace(prepared, experiment=experiment, classifier=replace(classifier, description=description))


def with_chosen_fit(prepared: Prepared, decisions: Decisions) -> tuple[Prepared, list[Compared]]:
    """Returns the experiment with the best `data.fit` in place of auto, and what folds say of each that was compared.

    That is the one of the least cross entropy if it is below that of squeeze by more than one standard error of the
    differences picture by picture, else squeeze. Test pictures are not looked at.
    """
    prepared = settled(prepared)
    if prepared.experiment.data.fit != "auto":
        return prepared, []
    with prepared.extractor() as extractor:
        engine = decisions.engine(extractor, prepared.pictures("train"))
    losses = {fit: _losses(with_fit(sample(prepared), fit), engine) for fit in FITS}
    seen = [path for path in losses[USUAL] if all(path in found for found in losses.values())]
    rows = [_compared(fit, [[losses[one][path] for path in seen] for one in (USUAL, fit)]) for fit in FITS]
    best = min(rows, key=lambda one: one.loss)
    fit = best.fit if best.gain > best.standard_error else USUAL
    told = ", ".join(f"{one.fit} {one.loss:.3f}" for one in rows)
    say(f"fit: {fit}; cross entropy of {len(seen)} pictures held out: {told}")
    return with_fit(prepared, fit), rows


def sample(prepared: Prepared) -> Prepared:
    """Returns the experiment with the pictures alone that are compared, drawn by the seed."""
    split, developed = prepared.split, _developed(prepared)
    labels = targets([one.label for one in developed], split.classes, split.multi_label)
    pictures = tuple(developed[place] for place in stratified_sample(labels, MOST, prepared.experiment.seed))
    return replace(prepared, split=replace(split, pictures=pictures, class_names=split.classes))


def _why_not(prepared: Prepared) -> str | None:
    if prepared.given.pictures:
        return "arrays are taken as they are"
    count = len(_developed(prepared))
    if count < FEWEST:
        return f"{count} are too few to compare ways to keep proportions by"
    return "nearly all have the proportions of `data.image_size`" if _mostly_of_shape(prepared) else None


def _developed(prepared: Prepared) -> list[Picture]:
    return [one for one in prepared.split.pictures if one.split in DEVELOPMENT]


def _mostly_of_shape(prepared: Prepared) -> bool:
    """Tells whether most pictures have sides as `image_size` has them, or the other way round, by the files."""
    height, width = prepared.experiment.data.image_size
    developed, wide = _developed(prepared), []
    for place in np.unique(np.linspace(0, len(developed) - 1, LOOKED_AT).astype(int)):
        try:
            size = upright_size(prepared.split.root / developed[place].path)
        except DataError:  # gone bad meanwhile, which others tell
            continue
        wide.append(abs(math.log(size[0] / size[1] * height / width)))
    return float(np.mean(np.array(wide) < math.log(NEARLY))) >= MOSTLY if wide else True


def _losses(prepared: Prepared, engine: Engine) -> dict[str, float]:
    """Returns the cross entropy of each picture by its path, while it was held out."""
    with prepared.extractor() as extractor:
        extractor.parts.engine = engine
        parts = [part for part in DEVELOPMENT if prepared.split.part(part)]
        examples, listed = examples_of(prepared, extractor, parts)
    design = Design(tuple(examples.widths)[-2:], "stage")  # which of several is chosen hardly depends on the fit
    choice = choose(examples, prepared.experiment.seed, [design])
    losses = cross_entropies(choice.out_of_fold, examples.labels[choice.places])
    return {listed[place].path: float(loss) for place, loss in zip(choice.places, losses, strict=True)}


def _compared(fit: str, losses: list[list[float]]) -> Compared:
    usual, own = np.array(losses)
    error = float((usual - own).std(ddof=1) / math.sqrt(len(own)))
    return Compared(fit, float(own.mean()), float((usual - own).mean()), error, len(own))
