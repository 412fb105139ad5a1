"""What steadies the best block5 recipe, by validation alone: python -m benchmarks.last_epochs [--seeds 20 21 22 23 24]

`cats_and_dogs/fine_tune_block5` is trained with each seed, and its last two epochs once more at a third of its rate.
Then the validation pictures, mirror images too, judge the weights of the last epoch, of the best one, means of the last
ones, and those of the lower rate: all of them cost the same. Test pictures are not looked at. Features come from the
cache; each seed's figures are added to FILE, so that it can be stopped and goes on with the next.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from benchmarks.measure import print_table, spread
from kerasvgg.config.load import load_experiments
from kerasvgg.config.shipped import experiment_path
from kerasvgg.evaluation.calibration import cross_entropies, probabilities
from kerasvgg.files.locations import cache
from kerasvgg.models.freezing import CutModel
from kerasvgg.runs.predict import predict_split
from kerasvgg.runs.prepare import Given, Prepared, prepare
from kerasvgg.runs.run import train
from kerasvgg.training.classifier import train_classifier
from kerasvgg.training.phase import Phase

AGAIN, LOWER = 2, 1e-6  # the last epochs, and their other rate
LAST = f"the last {AGAIN} at {LOWER:g}"
Weights = list[np.ndarray]
Figures = dict[str, list[float]]


class Kept(keras.callbacks.Callback):
    """Keeps the weights of the layers that train, epoch by epoch."""

    def __init__(self, read: Callable[[], Weights]) -> None:
        super().__init__()
        self.weights: list[Weights] = []
        self._read = read

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        self.weights.append(self._read())


def main(seeds: Sequence[int], file: Path) -> None:
    """Adds what is missing to the file, and prints a line for each candidate."""
    for seed in seeds:
        for figures in _of_seed(seed) if LAST not in _known(file)[seed] else ():
            with file.open("a", encoding="utf-8") as log:
                log.write(json.dumps({"seed": seed, "figures": figures}) + "\n")
    found = [_known(file)[seed] for seed in seeds]
    rows = []
    for name in found[0]:
        accuracies, losses = zip(*(figures[name] for figures in found), strict=True)
        rows.append((name, spread([100 * one for one in accuracies], 2), spread(losses, 4), f"{np.mean(losses):.4f}"))
    print_table(("weights", "validation accuracy, %", "validation loss", "mean loss"), rows)


def _known(file: Path) -> dict[int, Figures]:
    found: dict[int, Figures] = defaultdict(dict)
    for line in file.read_text(encoding="utf-8").splitlines() if file.is_file() else ():
        row = json.loads(line)
        found[row["seed"]] |= row["figures"]
    return found


def _of_seed(seed: int) -> Iterator[Figures]:
    """Yields the figures of what one training leaves, and then of its last epochs at the lower rate."""
    variables: list[Any] = []
    kept = Kept(lambda: [np.array(one) for one in variables])
    prepared = _prepared(seed, kept)
    for layer in prepared.classifier.model.layers:
        variables += layer.variables if layer.name.startswith(("block5", "head")) else []
    with prepared.extractor() as extractor:
        _, result = train(prepared, extractor)
        best = max(result.history, key=lambda row: float(row["val_accuracy"]))["epoch"]
        yield dict(_judged(prepared, extractor, variables, _candidates(kept.weights, int(best))))
        _put(variables, kept.weights[-1 - AGAIN])
        lower = Phase(layers=("block5", "head"), epochs=AGAIN, learning_rate=LOWER)
        low = Kept(kept._read)
        settings = replace(prepared.settings, phases=(lower,), callbacks=(low,))
        parts = prepared.pictures("train"), prepared.pictures("validation")
        alone = replace(prepared.classifier, cut_model=CutModel(prepared.classifier.model, [lower.layers]))
        train_classifier(alone, settings, *parts, extractor)
        yield dict(_judged(prepared, extractor, variables, {LAST: low.weights[-1]}))


def _prepared(seed: int, kept: Kept) -> Prepared:
    path = experiment_path(Path("cats_and_dogs/fine_tune_block5"))
    (plain,) = load_experiments(path, [f"seed={seed}"], ["best"]).values()
    return prepare(plain, given=Given(callbacks=(kept,), feature_folder=cache() / "features"))


def _candidates(weights: Sequence[Weights], best: int) -> dict[str, Weights]:
    """Returns weights by what they are called; the best epoch is counted from 1."""
    means = {f"mean of the last {count}": _mean(weights[-count:]) for count in (2, 3, 4)}
    return {"last epoch": weights[-1], "best epoch": weights[best - 1], **means}


def _mean(some: Sequence[Weights]) -> Weights:
    return [np.mean(arrays, axis=0) for arrays in zip(*some, strict=True)]


def _judged(
    prepared: Prepared, extractor: Any, variables: Sequence[Any], candidates: dict[str, Weights]
) -> Iterator[tuple[str, list[float]]]:
    listed, about = prepared.split.part("validation"), prepared.classifier.description
    pictures = prepared.pictures("validation")
    for name, weights in candidates.items():
        _put(variables, weights)
        found = predict_split(extractor, pictures, listed, about, mirrored=True).predictions
        right = float(np.mean([one.true == one.predicted for one in found]))
        labels = np.array([about.class_names.index(one.true) for one in found])
        yield name, [right, float(cross_entropies(probabilities(found), labels).mean())]


def _put(variables: Sequence[Any], weights: Weights) -> None:
    for variable, values in zip(variables, weights, strict=True):
        variable.assign(values)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[20, 21, 22, 23, 24])
    parser.add_argument("--file", type=Path, default=Path("last_epochs.jsonl"), help="where figures are kept")
    main(**vars(parser.parse_args()))
