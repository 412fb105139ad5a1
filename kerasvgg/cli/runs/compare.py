"""kerasvgg compare"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kerasvgg.cli.names import Common

if TYPE_CHECKING:
    from kerasvgg.evaluation.aligned import AlignedPredictions, Key
    from kerasvgg.evaluation.compare import Pair
    from kerasvgg.files.run_folder import RunFolder

MOST_SHOWN = 24  # pictures of a sheet
LONGEST = 18  # letters of a run's name on it


def compare(
    runs: Annotated[list[Path], typer.Argument(help="Run folders, or folders that `kerasvgg evaluate` wrote.")],
    *,
    common: Common = False,
    output: Annotated[
        Path | None, typer.Option(help="New folder for the results. Left out: comparisons/N here.")
    ] = None,
    dark: Annotated[bool, typer.Option("--dark", help="Draw on a dark ground.")] = False,
) -> None:
    """Say whether one run is better than another: figures, McNemar's exact test, the pictures on which they differ."""
    from kerasvgg.errors import ConfigError
    from kerasvgg.evaluation.aligned import align_predictions
    from kerasvgg.evaluation.compare import compare_runs
    from kerasvgg.files.run_folder import new_folder, run_names
    from kerasvgg.files.text import escape

    paths = list(dict.fromkeys(runs))
    if len(paths) < 2:
        raise ConfigError(f"`RUNS` must be at least two different folders, received {len(paths)}")
    found, names = align_predictions(paths, common), run_names(paths)
    figures = [one.figures | ({"known_before": one.known} if one.known else {}) for one in found]
    pairs, classes = compare_runs(found)
    with new_folder(output, Path(), "comparisons") as folder:
        made = list(_write(folder, names, found, dark))
        notes: dict[str, Any] = {"runs": dict(zip(names, figures, strict=True))}
        notes["pairs"] = [pair._asdict() for pair in pairs]
        if classes:
            notes["classes"] = {name: [pair._asdict() for pair in some] for name, some in classes.items()}
        folder.write_json(folder.metrics, notes)
    if common:
        typer.echo(f"on the {figures[0]['n']:,} pictures that all of them have scored:")
    _print_runs(names, found, figures)
    _print_pairs(names, pairs)
    if classes:
        _print_classes(names, classes)
    for path in (folder.metrics, *made):
        typer.echo(escape(path))


def _print_runs(
    names: Sequence[str], found: "Sequence[AlignedPredictions]", figures: Sequence[Mapping[str, Any]]
) -> None:
    from kerasvgg.cli.tables import print_table
    from kerasvgg.evaluation.statistics import accuracy_words
    from kerasvgg.evaluation.test_access import times
    from kerasvgg.files.text import escape
    from kerasvgg.runs.evaluation_set import known_words

    rows = [
        (
            name,
            run.scored + (", not all new" if run.known else ""),
            accuracy_words(one["correct"], one["n"], one.get("independent")),
            f"{one['loss']:.4f}",
            f"{100 * one['calibration']['ece']:.1f} %",
            times(run.test_seen) if run.test_seen else "",
        )
        for name, run, one in zip(names, found, figures, strict=True)
    ]
    columns = ("run", "scored on", "accuracy (95 % interval)", "loss", "calibration error", "test seen")
    print_table(columns, rows, right=columns[3:])
    for name, run in zip(names, found, strict=True):
        if run.known:
            words = f"of what {name} scored {known_words(run.known)}: its figures are too good for what is new"
            typer.echo(escape(f"warning: {words}, and being better here is no evidence for it"), err=True)


def _print_pairs(names: Sequence[str], pairs: "Sequence[Pair]") -> None:
    from kerasvgg.files.text import escape

    many = len(pairs) > 1
    for pair in pairs:
        first, second = names[pair.first], names[pair.second]
        typer.echo(
            escape(f"{first} and {second}: only the first is right on {pair.b:,}, only the second on {pair.c:,}")
        )
        p = f"p = {pair.corrected:.2g}" + (f" (Holm; {pair.p:.2g} alone)" if many else "")
        verdict = "no evidence that they differ" if pair.better is None else f"{names[pair.better]} is better"
        typer.echo(escape(f"  {verdict}, {p} by McNemar's exact test"))


def _print_classes(names: Sequence[str], classes: "Mapping[str, Sequence[Pair]]") -> None:
    """Prints which run says better whether each class is there."""
    from kerasvgg.cli.tables import print_table

    columns = ("class", "runs", "only the first right", "only the second", "p (Holm)", "better")
    rows = (
        (
            name,
            f"{names[pair.first]}, {names[pair.second]}",
            f"{pair.b:,}",
            f"{pair.c:,}",
            f"{pair.corrected:.2g}",
            "no evidence" if pair.better is None else names[pair.better],
        )
        for name, pairs in classes.items()
        for pair in pairs
    )
    print_table(columns, rows, right=columns[2:5])


def _write(
    folder: "RunFolder", names: Sequence[str], found: "Sequence[AlignedPredictions]", dark: bool
) -> Iterator[Path]:
    """Writes what there is to see; yields the files."""
    from kerasvgg.plots.curves import draw_curves
    from kerasvgg.runs.disagreements import disagreements, write_disagreements

    keys = disagreements(found)
    table = folder.path / "differences.csv"
    write_disagreements(table, names, found, keys)
    yield table
    sheet, count = folder.path / "differences.png", f"{len(keys):,} picture{'s' * (len(keys) > 1)}"
    if _draw_differences(sheet, names, found, keys[:MOST_SHOWN], count, dark=dark):
        yield sheet
    histories = {
        name: run.folder.read_history() for name, run in zip(names, found, strict=True) if run.folder.history.is_file()
    }
    if histories:
        draw_curves(histories, folder.curves, dark=dark)
        yield folder.curves


def _draw_differences(
    path: Path,
    names: Sequence[str],
    found: "Sequence[AlignedPredictions]",
    keys: "Sequence[Key]",
    count: str,
    *,
    dark: bool,
) -> bool:
    """Draws the pictures; tells whether one of them is still there."""
    from kerasvgg.evaluation.predictions import NO_CLASS
    from kerasvgg.plots.figure import shortened
    from kerasvgg.plots.pictures import Captioned, draw_captioned
    from kerasvgg.runs.disagreements import PictureFinder

    pictures, escape = PictureFinder(found), []
    for key in keys:
        said = [run.predictions[key] for run in found]
        lines = [
            f"{shortened(name, LONGEST)}: {one.predicted or NO_CLASS} {100 * run.confidence(one):.0f}%"
            for name, run, one in zip(names, found, said, strict=True)
        ]
        escape.append(Captioned(pictures.pixels(key), (f"is {key[1] or NO_CLASS}", *lines, Path(said[0].path).name)))
    if all(one.pixels is None for one in escape):
        return False
    title = f"{count} on which {' and '.join(names) if len(names) == 2 else 'the runs'} differ"
    draw_captioned(escape, path, title=title, subtitle="the first are those on which they differ most", dark=dark)
    return True
