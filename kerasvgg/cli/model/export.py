"""kerasvgg export"""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from kerasvgg.export.record import Exported, Exports

COLUMNS = ("export", "MB", "ms a picture", "memory, MB", "largest difference", "labels changed", "accuracy", "test")


def export(
    model: Annotated[Path, typer.Argument(help="A run folder, or a model file (.keras or .h5).")],
    *,
    to: Annotated[
        str | None,
        typer.Option(
            help="Formats: onnx, litert, openvino, web, savedmodel, by commas. Left out: onnx; of a student web, in "
            "int8."
        ),
    ] = None,
    int8: Annotated[
        bool, typer.Option("--int8", help="Write them in int8, too: a quarter of the size, and faster.")
    ] = False,
    output: Annotated[Path | None, typer.Option(help="A folder. Left out: exports/ in the run, or here.")] = None,
    pictures: Annotated[
        Path | None, typer.Option(help="Pictures that decide, instead of the run's validation; for a model file.")
    ] = None,
    max_shift: Annotated[float, typer.Option(help="How far a probability of an int8 export may move.")] = 0.1,
    keep_anyway: Annotated[
        bool, typer.Option("--keep-anyway", help="Keep an export, too, that says other things than the model.")
    ] = False,
) -> None:
    """Write a model for another runtime, and prove that it still says the same; what does not is refused (status 1)."""
    from kerasvgg.cli.names import model_file
    from kerasvgg.errors import ModelFileError
    from kerasvgg.export.export import export_model
    from kerasvgg.runs.student import is_student

    if not model.exists():
        raise ModelFileError(f"`{model}` must be a run folder or a model file (.keras or .h5), received nothing there")
    model_file(model)  # a run that is unfinished is told so
    if to is None:
        to, int8 = ("web", True) if is_student(model) else ("onnx", int8)
    names = [name.strip() for name in to.split(",") if name.strip()]
    how: dict[str, Any] = {"int8": int8, "output": output, "pictures": pictures}
    made = export_model(model, names, **how, max_shift=max_shift, keep_anyway=keep_anyway)
    _print(made)
    if made.refused:
        raise typer.Exit(1)


def _print(made: "Exports") -> None:
    from kerasvgg.cli.tables import print_table
    from kerasvgg.evaluation.test_access import times
    from kerasvgg.files.text import escape

    keras = "Keras", f"{made.bytes / 1e6:.1f}", f"{made.milliseconds:.1f}", _megabytes(made.memory), "", "", "", ""
    print_table(COLUMNS, [keras, *map(_row, made.files)], right=COLUMNS[1:])
    what = f"{made.n:,} pictures drawn for it" if not made.part else f"{made.n:,} pictures ({made.part})"
    typer.echo(f"held against Keras on {escape(what)}; the test split only tells")
    if made.test_seen:
        typer.echo(f"test split seen {times(made.test_seen)}")
    for one in made.files:
        _tell(one)
    kept = next((one.file for one in made.files if one.file), None)
    if kept:
        opened = f"open {kept} in a browser" if kept.suffix == ".html" else ""
        program = shlex.join(["python", str(made.folder / "predict.py"), str(kept)])
        typer.echo(escape(f"next: {opened or f'{program} PICTURES'}"))


def _tell(one: "Exported") -> None:
    from kerasvgg.files.text import escape

    name = _name(one)
    if len(one.floats) > 1:
        typer.echo(escape(f"{name}: in float32 stayed {', '.join(one.floats)}"))
    for reason in one.refusals:
        verdict = "kept all the same" if one.file else "refused"
        typer.echo(escape(f"{name}: {verdict}: {reason}"), err=not one.file)


def _megabytes(memory: int) -> str:
    return f"{memory / 1e6:.0f}" if memory else ""


def _name(one: "Exported") -> str:
    return f"{one.format} int8" if one.int8 else one.format


def _row(one: "Exported") -> tuple[str, ...]:
    proof, test = one.proof, one.test
    return (
        _name(one) + (" (refused)" if one.refusals else ""),
        f"{one.bytes / 1e6:.1f}",
        f"{one.milliseconds:.1f}",
        _megabytes(one.memory),
        f"{proof.largest:.2g}",
        f"{proof.changed:,} of {proof.n:,}",
        "" if proof.accuracy is None else f"{100 * proof.accuracy:.1f} %",
        "" if test is None else _test_words(test),
    )


def _test_words(test: Any) -> str:
    if test.accuracy is None:
        return ""
    low, high = test.interval_95
    words = f"{100 * test.accuracy:.1f} % ({100 * low:.1f} to {100 * high:.1f}), n {test.n:,}"
    return words + (f", {test.changed:,} changed, p {test.p:.2g}" if test.changed else "")
