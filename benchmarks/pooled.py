"""Accuracies of several runs of one experiment together: python -m benchmarks.pooled runs/gender/book/*"""

import argparse
import json
from pathlib import Path

from kerasvgg.evaluation.statistics import wilson
from kerasvgg.files.run_folder import RunFolder


def main() -> None:
    """Prints each run's accuracy, and all of them as one with Wilson's 95 % interval.

    The seeds draw their held-out pictures from the same few hundred, so that the interval is somewhat too narrow.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=Path, nargs="+")
    folders = list(map(RunFolder, parser.parse_args().runs))
    if unfinished := [str(folder.path) for folder in folders if not folder.is_finished]:
        parser.error(f"`runs` must be finished runs, received {', '.join(unfinished)}")
    found = [json.loads(folder.metrics.read_text(encoding="utf-8")) for folder in folders]
    correct, n = (sum(one[name] for one in found) for name in ("correct", "n"))
    low, high = wilson(correct, n)
    print("each:", ", ".join(f"{one['accuracy']:.2%}" for one in found))
    print(f"pooled: {correct} of {n} right, {correct / n:.2%} ({low:.2%} to {high:.2%}), {found[0]['split']}")
    drawn = [one["stochastic"]["accuracies"] for one in found if "stochastic" in one]
    if drawn:
        single = [accuracy for accuracies in drawn for accuracy in accuracies]
        text = f"{sum(single) / len(single):.2%} ({min(single):.2%} to {max(single):.2%})"
        print(f"dropout at work, {len(single)} passes of {len(drawn)} runs: {text}")


if __name__ == "__main__":
    main()
