"""Whether heatmaps show what a model goes by: python -m benchmarks.heatmaps RUN --images 100

For pictures of the run's test split, evenly chosen, and the class that the model sees in each: its score (before
sigmoid or softmax) is compared with what is left of it when the mean colour hides the hottest 20 % of the picture, when
it hides the same form elsewhere, and when it hides as many random cells of the heatmap's grid. The sign test says how
likely so many pictures are by chance. Then the heatmaps of a model with all its weights drawn anew, for each picture
differently, are compared with the model's own.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from statistics import mean, median
from typing import Any, NamedTuple

import numpy as np
from scipy.stats import binomtest

from benchmarks.hidden_parts import class_scores, elsewhere, hidden, hottest, random_cells
from benchmarks.measure import print_table, spread
from kerasvgg.cli.names import model_file
from kerasvgg.data.pictures.decode import decode
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.modelfile.open.open import open_model
from kerasvgg.process.progress import track
from kerasvgg.runs.pictures import RunPicture, scored_pictures
from kerasvgg.visualise.class_maps import class_maps, heat
from kerasvgg.visualise.weights_check import learning_layers, randomised, rank_correlation

SHARE = 0.2
LIMIT = 0.01  # of the sign test
MOST_CORRELATION = 0.3


class Found(NamedTuple):
    """Of one picture: how much of the class's score is lost, how alike the two heatmaps are, whether one is flat."""

    hottest: float
    elsewhere: float
    cells: float
    correlation: float
    flat: bool


def main(run: Path, images: int, seed: int) -> None:
    """Prints one line for each way of hiding, and one for the randomised models."""
    opened = open_model(model_file(run))
    pictures = _evenly(scored_pictures(RunFolder.open(run)), images)
    found = [
        _look(opened.model, decode(one.path, *opened.description.resizing), i, seed)
        for i, one in enumerate(track(pictures, "pictures", len(pictures)))
    ]
    print_table(("hidden", "score lost, median", "hottest loses more", "sign test, p"), _rows(found))
    alike = [one.correlation for one in found]
    print(f"\nrank correlation with randomised models: mean {mean(alike):.3f}, median {spread(alike, 3)}")
    others = [one.correlation for one in found if not one.flat]
    if others:
        flat = len(found) - len(others)
        print(f"{flat} of them are the same everywhere, and count as 0; mean of the others {mean(others):.3f}")
    print(f"below {MOST_CORRELATION}: {mean(alike) < MOST_CORRELATION}; sign test below {LIMIT}: {_is_clear(found)}")


def _evenly(pictures: Sequence[RunPicture], count: int) -> list[RunPicture]:
    places = np.linspace(0, len(pictures) - 1, min(count, len(pictures))).round().astype(int)
    return [pictures[place] for place in places]


def _look(model: Any, image: np.ndarray, number: int, seed: int) -> Found:
    draw = np.random.default_rng((seed, number))
    size = image.shape[:2]
    score = class_scores(model, image[None])[0]
    seen = int(score.argmax())
    own = class_maps(model, image, [seen])
    hot = hottest(heat(own.maps[0], size), SHARE, draw)
    masks = (hot, elsewhere(hot, draw), random_cells(size, own.maps[0].shape, SHARE, draw))
    left = class_scores(model, np.stack([hidden(image, mask) for mask in masks]))[:, seen]
    with randomised(learning_layers(model), int(draw.integers(2**32))):
        other = class_maps(model, image, [seen], own.layer).maps[0]
    return Found(*(score[seen] - left).tolist(), rank_correlation(own.maps[0], other), np.ptp(other) == 0)


def _rows(found: Sequence[Found]) -> list[tuple[str, ...]]:
    rows = [("the hottest 20 %", f"{median(one.hottest for one in found):.2f}", "", "")]
    for name, words in (("elsewhere", "the same form elsewhere"), ("cells", "random cells, 20 %")):
        lost = [getattr(one, name) for one in found]
        more, differ, p = _sign_test([one.hottest for one in found], lost)
        rows.append((words, f"{median(lost):.2f}", f"{more} of {differ}", f"{p:.1e}"))
    return rows


def _sign_test(ours: Sequence[float], theirs: Sequence[float]) -> tuple[int, int, float]:
    pairs = [(mine, other) for mine, other in zip(ours, theirs, strict=True) if mine != other]
    more = sum(mine > other for mine, other in pairs)
    p = binomtest(more, len(pairs), alternative="greater").pvalue if pairs else 1.0
    return more, len(pairs), float(p)


def _is_clear(found: Sequence[Found]) -> bool:
    hot = [one.hottest for one in found]
    return all(
        _sign_test(hot, lost)[2] < LIMIT for lost in ([one.elsewhere for one in found], [one.cells for one in found])
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="a run folder")
    parser.add_argument("--images", type=int, default=100, help="how many test pictures; 100")
    parser.add_argument("--seed", type=int, default=0, help="what random masks and weights follow; 0")
    main(**vars(parser.parse_args()))
