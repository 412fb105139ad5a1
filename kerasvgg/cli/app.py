"""The commands and their names."""

import os
from typing import Annotated

import typer

from kerasvgg import __version__
from kerasvgg.cli.data import cache, data, weights
from kerasvgg.cli.data.check import check
from kerasvgg.cli.data.split import split
from kerasvgg.cli.model.engines import engines
from kerasvgg.cli.model.export import export
from kerasvgg.cli.model.inspect import inspect
from kerasvgg.cli.model.model import model
from kerasvgg.cli.model.serve import serve
from kerasvgg.cli.model.upgrade import upgrade
from kerasvgg.cli.runs.compare import compare
from kerasvgg.cli.runs.evaluate import evaluate
from kerasvgg.cli.runs.features import features
from kerasvgg.cli.runs.plot import plot
from kerasvgg.cli.runs.predict import predict
from kerasvgg.cli.runs.report import report
from kerasvgg.cli.show import app as show
from kerasvgg.cli.train.crossvalidate import crossvalidate
from kerasvgg.cli.train.distill import distill
from kerasvgg.cli.train.init import init
from kerasvgg.cli.train.learning_curve import learning_curve
from kerasvgg.cli.train.lr_find import lr_find
from kerasvgg.cli.train.ls import ls
from kerasvgg.cli.train.run import run
from kerasvgg.cli.train.sweep import sweep
from kerasvgg.cli.train.validate import validate
from kerasvgg.cli.ui import ui
from kerasvgg.process.requirements import two_tensorflows

app = typer.Typer(
    help="Transfer learning with VGG16: from a folder of pictures to a model you can trust.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
for command in (
    run,
    init,
    validate,
    check,
    split,
    predict,
    evaluate,
    features,
    compare,
    report,
    inspect,
    upgrade,
    export,
    serve,
    model,
    engines,
    plot,
    lr_find,
    crossvalidate,
    learning_curve,
    sweep,
    distill,
    ls,
    ui,
):
    app.command()(command)
app.add_typer(show.app, name="show")
app.add_typer(data.app, name="data")
app.add_typer(weights.app, name="weights")
app.add_typer(cache.app, name="cache")


@app.callback(invoke_without_command=True)
def _options(
    home: Annotated[str, typer.Option(help="Folder of data sets and weights.", envvar="KERASVGG_HOME")] = "",
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if mixed := two_tensorflows():
        typer.echo(mixed, err=True)
    if home:
        os.environ["KERASVGG_HOME"] = home
    if version:
        typer.echo(__version__)
        raise typer.Exit
