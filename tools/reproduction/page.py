"""The page that says what became of the sources' claims."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from kerasvgg.evaluation.statistics import wilson
from tools.reproduction.claim import Claim, Figure
from tools.reproduction.results import PLACE, Result, pool, results

HEAD = """# What the sources claim, and what came out

Written by `make reproduction`, from the runs below `{place}`. A claim is *within* when the mean of the seeds lies in
the 95 % interval that the source's figure has with so many pictures (Wilson's; for a range, from its lowest to its
highest bound), else *above* or *below*. Ours are the mean and range of the seeds, and the interval of their pictures
pooled; seeds share their pictures, so that it is narrower than new pictures would have it. Validation is of the epoch
that was kept. Minutes are those of the processes that finished the runs; features of earlier runs may be cached.
"""
COLUMNS = ("experiment", "split", "the source says", "seeds", "here", "verdict", "minutes a seed")


def page(sources: Mapping[str, Sequence[Claim]], experiments: Path, runs: Path, failures: Mapping[str, str]) -> str:
    """Returns the page in Markdown; `failures` are reasons, by the name of the claim, why it could not be run."""
    lines = [HEAD.format(place=runs / PLACE)]
    for source, claims in sources.items():
        lines += [f"## {source.capitalize()}", "", _row(COLUMNS), _row(["---"] * len(COLUMNS))]
        found = {claim.name: results(claim, experiments, runs) for claim in claims}
        for claim in claims:
            lines += [_row(cells) for cells in _cells(claim, found[claim.name])]
        lines += ["", *(_about(claim, found[claim.name], failures.get(claim.name)) for claim in claims), ""]
    return "\n".join(lines)


def _cells(claim: Claim, found: Sequence[Result]) -> Iterator[tuple[str, ...]]:
    for figure in claim.figures:
        pooled = pool(found, figure.split)
        if pooled is None:
            yield claim.what, figure.split, _figure(figure), "", "not run", "", ""
            continue
        mean = sum(pooled.accuracies) / len(pooled.accuracies)
        low, high = min(pooled.accuracies), max(pooled.accuracies)
        spread = f", {low:.1%} to {high:.1%}" if len(pooled.accuracies) > 1 else ""
        interval = _percent(wilson(pooled.correct, pooled.n))
        here = f"{mean:.1%}{spread} (pooled: {interval}, n {pooled.n:,})"
        minutes = sum(result.seconds for result in found) / len(found) / 60
        seeds = str(len(pooled.accuracies))
        yield claim.what, figure.split, _figure(figure), seeds, here, figure.verdict(mean), f"{minutes:.1f}"


def _about(claim: Claim, found: Sequence[Result], failure: str | None) -> str:
    parts = [f"- **{claim.what}**: {claim.says}."]
    if claim.experiment:
        parts.append(f"`{claim.command}`.")
    if claim.note:
        parts.append(claim.note)
    if failure and not found:
        parts.append(f"It could not be run: {failure}.")
    return " ".join(parts)


def _figure(figure: Figure) -> str:
    said = f"{figure.low:.1%}" if figure.low == figure.high else f"{figure.low:.1%} to {figure.high:.1%}"
    return f"{said} ({_percent(figure.interval)}, n {figure.n:,})"


def _percent(interval: tuple[float, float]) -> str:
    return f"{100 * interval[0]:.1f} to {100 * interval[1]:.1f}"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
