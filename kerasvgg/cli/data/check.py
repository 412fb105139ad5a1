"""kerasvgg check"""

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kerasvgg.cli.names import Cluster, Rehash, Threads

if TYPE_CHECKING:
    from kerasvgg.quality.kinds import Finding
    from kerasvgg.quality.report import Report
    from kerasvgg.quality.survey import Survey

PLACES = 5  # named of each kind
MOST_CLASSES = 20  # in the table; --json has them all


def check(
    source: Annotated[
        str, typer.Argument(help="Folders of classes or parts, a data set's name, an experiment, a shard, or a URL.")
    ],
    *,
    variant: Annotated[str, typer.Option(help="Variant of the experiment; otherwise the one that runs first.")] = "",
    labels: Annotated[Path | None, typer.Option(help="CSV file that says the classes: path, class, group.")] = None,
    wrong_labels: Annotated[
        bool, typer.Option("--wrong-labels", help="Look for wrong labels too, by VGG16's features: minutes, once.")
    ] = False,
    output: Annotated[Path | None, typer.Option(help="Folder for what is found; checks/NAME/N otherwise.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object; draw only with --output.")] = False,
    all_: Annotated[bool, typer.Option("--all", help="Name every file, not the first five of a kind.")] = False,
    dark: Annotated[bool, typer.Option("--dark", help="Draw on a dark ground.")] = False,
    cluster: Cluster = None,
    threads: Threads = 1,
    rehash: Rehash = False,
    apply: Annotated[
        Path | None, typer.Option(help="CSV file of decisions to carry out: path, decision (keep, move, aside), class.")
    ] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Put back what --apply has moved.")] = False,
) -> None:
    """Look for what would spoil training: bad files, copies, also across a split, odd classes, wrong labels.

    Exit status 1 if there are errors, otherwise 2 if labels were to be looked at and can't be. On a cluster, and of
    shards, tables, lists and object stores, only what can't be decoded and exact copies are told, in tables.
    """
    from kerasvgg.data.streams.records import is_stream

    if apply is not None or undo:
        others = {"--variant": variant, "--labels": labels, "--wrong-labels": wrong_labels, "--output": output}
        _move(Path(source), apply, [name for name, given in others.items() if given], undo=undo)
        return
    if cluster is not None or rehash or is_stream(source):
        others = {"--variant": variant, "--labels": labels, "--wrong-labels": wrong_labels, "--json": as_json}
        _look_for_copies(source, output, (cluster, threads, rehash), [name for name, given in others.items() if given])
        return
    told, more, why = _looked(_survey(source, variant, labels), wrong_labels)
    if as_json:
        typer.echo(json.dumps(told.as_json(), indent=1))
    else:
        _tell(told, None if all_ else PLACES)
    if output is not None or (not as_json and (told.copies or more)):
        _draw(told, output, Path(source).absolute().stem, dark)
    if why:
        typer.echo(f"labels were not looked at: {why}", err=True)
    if told.errors or why:
        raise typer.Exit(1 if told.errors else 2)


def _move(root: Path, file: Path | None, others: list[str], *, undo: bool) -> None:
    """Carries decisions out, or takes them back; exit status 1 where some files had to stay."""
    from kerasvgg.data.folder.scan import scan
    from kerasvgg.errors import ConfigError
    from kerasvgg.files.text import escape
    from kerasvgg.process.signals import interruptible
    from kerasvgg.quality import moves
    from kerasvgg.quality.decisions import moves as planned_moves
    from kerasvgg.quality.decisions import read_decisions

    if file is not None and undo:
        raise ConfigError("`--apply` and `--undo` must not be given together, received both")
    if others:
        raise ConfigError(f"{' and '.join(others)} must be left out where files are moved")
    if not root.is_dir():
        raise ConfigError(f"`SOURCE` must be a folder whose files are moved, received {root}")
    with interruptible():
        if file is None:
            done, words = moves.undo(root), "put back"
        else:
            source = scan(root, least=1)
            decisions = read_decisions(file, source, moves.moved_paths(root))
            done, words = moves.apply(root, planned_moves(decisions, source)), "moved"
    typer.echo(f"{words}: {done.moved:,} between classes, {done.aside:,} {'from' if undo else 'put'} aside")
    for why in done.refused:
        typer.echo(f"left where it is: {why}", err=True)
    if words == "moved" and done.moved + done.aside:
        typer.echo(escape(f"`kerasvgg check {shlex.quote(str(root))} --undo` puts them back"), err=True)
    if done.refused:
        raise typer.Exit(1)


def _looked(found: "Survey", wrong_labels: bool) -> "tuple[Report, list[Finding], str]":
    from kerasvgg.quality.report import report

    more, why = _wrong_labels(found) if wrong_labels else ([], "")
    return report(found, more), more, why


def _look_for_copies(source: str, output: Path | None, where: tuple[str | None, int, bool], others: list[str]) -> None:
    from kerasvgg.cli.runs.predict_job import going_on, tell
    from kerasvgg.cluster.jobs import check_job
    from kerasvgg.cluster.run import Where
    from kerasvgg.errors import ConfigError

    if output is None:
        raise ConfigError("`--output` must name a folder for the tables, received none")
    if others:
        raise ConfigError(f"{' and '.join(others)} must be left out of shards, stores and clusters")
    address, threads, rehash = where
    with going_on():
        done = check_job(source, output, Where(address, threads, rehash=rehash))
    tell(done, output)
    if done.bad:
        raise typer.Exit(1)


def _survey(source: str, variant: str, labels: Path | None) -> "Survey":
    from kerasvgg.config.load import load_experiments
    from kerasvgg.config.shipped import experiment_path, shipped
    from kerasvgg.data.catalog.catalog import CATALOG
    from kerasvgg.errors import ConfigError
    from kerasvgg.quality.survey import survey, survey_split
    from kerasvgg.runs.pictures import data_folder, experiment_split

    if source in shipped() and source not in CATALOG:
        source = str(experiment_path(Path(source)))
    if Path(source).suffix in (".yaml", ".yml") and Path(source).is_file():
        if labels is not None:
            raise ConfigError(f"`--labels` must be left out where {source} is an experiment, which has `data.labels`")
        experiments = load_experiments(source, variants=[variant] if variant else None)
        name, experiment = next(iter(experiments.items()))
        if name:
            typer.echo(f"variant {name}", err=True)
        return survey_split(experiment_split(experiment))
    if variant:
        raise ConfigError(f"`--variant` must be left out where {source} is no experiment, received {variant!r}")
    return survey(data_folder(source), labels)


def _wrong_labels(survey: "Survey") -> "tuple[list[Finding], str]":
    """Returns the labels that look wrong, or why nobody could say so: that is no reason to keep the rest back."""
    from kerasvgg.cli.tensorflow import start_tensorflow
    from kerasvgg.errors import KerasVGGError
    from kerasvgg.files.text import escape

    start_tensorflow()
    from kerasvgg.quality.labels import wrong_labels

    try:
        return wrong_labels(survey), ""
    except (KerasVGGError, OSError) as error:
        return [], escape(str(error))


def _tell(told: "Report", places: int | None) -> None:
    from kerasvgg.files.text import escape
    from kerasvgg.quality.kinds import KINDS, LEVELS

    _tell_classes(told)
    for kind, found in told.by_kind.items():
        typer.echo(f"\n{KINDS[kind].level}: {kind}, {len(found):,}: {KINDS[kind].means}")
        for one in found[:places]:
            paths = (" = " if kind.startswith("same-") else ", ").join(one.paths)
            typer.echo(escape("  " + ": ".join(filter(None, (paths, one.text)))))
        if places and len(found) > places:
            typer.echo(f"  and {len(found) - places:,} more")
    counts = {level: sum(one.level == level for one in told.findings) for level in LEVELS}
    words = ", ".join(f"{count:,} {level}{'s' * (count != 1)}" for level, count in counts.items())
    typer.echo(f"\n{words}")


def _tell_classes(told: "Report") -> None:
    from collections import Counter

    from kerasvgg.cli.tables import print_table
    from kerasvgg.quality.report import sides

    survey = told.survey
    classes = sorted(survey.counts, key=lambda label: -survey.counts[label][""])
    columns = ("class", "pictures", *survey.parts)
    rows = [(label, *(f"{count:,}" for count in survey.counts[label].values())) for label in classes[:MOST_CLASSES]]
    print_table(columns, rows, right=columns[1:])
    if len(classes) > MOST_CLASSES:
        typer.echo(f"and {len(classes) - MOST_CLASSES:,} smaller classes")
    formats = Counter(one.facts.format for one in survey.surveyed).most_common()
    listed = ", ".join(f"{count:,} {name}" for name, count in formats)
    spread = ", ".join(f"{name} {low:,} to {high:,}" for name, (low, _, high) in sides(survey).items())
    typer.echo(f"{len(survey.surveyed):,} pictures: {listed or 'none'}" + (f"; pixels: {spread}" if spread else ""))


def _draw(told: "Report", output: Path | None, name: str, dark: bool) -> None:
    from kerasvgg.files.run_folder import new_folder
    from kerasvgg.quality.sheets import draw_sheets

    with new_folder(output, Path("checks"), name) as folder:
        folder.write_json(folder.path / "report.json", told.as_json())
        for path in (folder.path / "report.json", *draw_sheets(told, folder.path, dark)):
            typer.echo(str(path), err=True)
