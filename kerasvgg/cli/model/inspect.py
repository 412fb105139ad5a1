"""kerasvgg inspect"""

import math
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from kerasvgg.modelfile.facts.facts import Facts

Model = Annotated[
    Path, typer.Argument(help="A model file (.h5, .keras, .weights.h5, MatConvNet's .mat) or a run folder.")
]


def inspect(
    model: Model,
    *,
    weights: Annotated[bool, typer.Option("--weights", help="Read the arrays too: figures, NaN, ImageNet's.")] = False,
    layer: Annotated[str, typer.Option(help="Show one layer: its name, or the names that lead to it.")] = "",
    diff: Annotated[Path | None, typer.Option(help="Compare with another model, layer by layer.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw the layers into this picture (.png, .svg or .pdf).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Say it as JSON (docs/inspect.md).")] = False,
) -> None:
    """Say what is in a saved model, whoever made it, without running anything of it.

    Exit status: 0 for a model that is safe to open (with --diff: the same as the other), 1 for another, 2 for no model.
    """
    from kerasvgg.cli.names import model_file
    from kerasvgg.errors import ConfigError
    from kerasvgg.modelfile.inspect import inspect as facts_of

    if diff is not None and (plot or layer or weights):
        raise ConfigError("`--diff` goes with `--json` alone, received another option too")
    model = model_file(model)
    if diff is not None:
        raise typer.Exit(_compare(model, model_file(diff), as_json))
    facts = facts_of(model, weights=weights or bool(layer))
    if plot is not None:
        from kerasvgg.plots.layers import plot_layers

        plot_layers(facts, plot)
    if layer:
        _print_layer(facts, layer, as_json)
    elif as_json:
        _print_json(facts)
    else:
        _print_facts(facts)
    raise typer.Exit(0 if facts.is_safe else 1)


def _compare(model: Path, other: Path, as_json: bool) -> int:
    from kerasvgg.cli.model.facts_text import difference_rows
    from kerasvgg.cli.tables import print_table
    from kerasvgg.modelfile.facts.difference import SAME
    from kerasvgg.modelfile.inspect import compare

    found = compare(model, other)
    if as_json:
        _print_json(found)
    else:
        columns = ("layer", "differs in", "largest change", "relative change", "first; second")
        print_table(columns, difference_rows(found), right=columns[2:4])
        changed = sum(one.what != SAME for one in found)
        typer.echo(f"{changed} of {len(found)} layers differ" if changed else f"all {len(found)} layers are the same")
    return int(any(one.what != SAME for one in found))


def _print_facts(facts: "Facts") -> None:
    from kerasvgg.cli.model.facts_text import layer_columns, layer_rows, lines
    from kerasvgg.cli.tables import print_table
    from kerasvgg.files.text import escape

    for line in lines(facts):
        typer.echo(escape(line))
    if facts.layers:
        typer.echo()
        columns = layer_columns(facts)
        print_table(columns, layer_rows(facts), right=columns[3:])


def _print_layer(facts: "Facts", name: str, as_json: bool) -> None:
    from kerasvgg.cli.model.facts_text import layer_lines
    from kerasvgg.errors import ConfigError
    from kerasvgg.files.text import escape
    from kerasvgg.modelfile.facts.network import leaves_of

    leaves = list(leaves_of(facts.layers))
    found = [leaf for leaf in leaves if name in (leaf.path, leaf.layer.name)]
    if not found:
        names = ", ".join(escape(leaf.path)[:80] for leaf in leaves[:200])
        raise ConfigError(f"`--layer` must be one of {names or 'no layers'}, received {name!r}")
    if as_json:
        _print_json([leaf.layer for leaf in found])
        return
    for leaf in found:
        for line in layer_lines(leaf):
            typer.echo(escape(line))


def _print_json(said: object) -> None:
    import json

    typer.echo(json.dumps(_plain(said), allow_nan=False, indent=1))


def _plain(value: Any) -> Any:
    """Returns facts as what JSON has: no number that is NaN or infinite, no half of a letter."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {_plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    return None if isinstance(value, float) and not math.isfinite(value) else value
