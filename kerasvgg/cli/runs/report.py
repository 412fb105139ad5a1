"""kerasvgg report"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from kerasvgg.cli.names import Common


def report(
    runs: Annotated[list[Path], typer.Argument(help="A run folder or an evaluation; several are compared.")],
    *,
    heatmaps: Annotated[
        bool, typer.Option("--heatmaps", help="Draw the worst mistakes of an older run, which has none, first.")
    ] = False,
    common: Common = False,
    output: Annotated[
        Path | None,
        typer.Option(help="The page to write. Left out: report.html in the run folder, or comparisons/N/ for several."),
    ] = None,
) -> None:
    """Write a run, or a comparison of several, as a page that is one file: for a browser, a mail, or a printer."""
    from kerasvgg.errors import ConfigError
    from kerasvgg.files.run_folder import RunFolder
    from kerasvgg.files.text import escape
    from kerasvgg.report.run_page import write_page

    paths = list(dict.fromkeys(runs))
    if output and output.is_dir():
        raise ConfigError(f"`--output` must be a file, received the folder {output}")
    if heatmaps:
        from kerasvgg.runs.worst import add_worst_mistakes

        for path in paths:
            add_worst_mistakes(RunFolder(path))
    made = write_page(RunFolder(paths[0]), output) if len(paths) == 1 else [_compared(paths, common, output)]
    for path in made:
        typer.echo(escape(path))


def _compared(paths: Sequence[Path], common: bool, output: Path | None) -> Path:
    from kerasvgg.evaluation.aligned import align_predictions
    from kerasvgg.evaluation.compare import compare_runs
    from kerasvgg.files.atomic import write_text
    from kerasvgg.files.run_folder import new_folder, run_names
    from kerasvgg.report.comparison import comparison_page
    from kerasvgg.runs.disagreements import shown_of

    found, names = align_predictions(paths, common), run_names(paths)
    page = comparison_page(names, found, compare_runs(found)[0], shown_of(names, found))
    if output:
        write_text(output, page)
        return output
    with new_folder(None, Path(), "comparisons") as folder:
        write_text(folder.report, page)
        return folder.report
