"""kerasvgg model"""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from kerasvgg.models.networks import Network
    from kerasvgg.models.receptive_field import Seen

Size = Annotated[tuple[int, int] | None, typer.Option(help="Height and width of the pictures, in pixels.")]


def model(
    name: Annotated[str, typer.Argument(help="A network; left out: which there are.")] = "",
    image_size: Size = None,
    classes: Annotated[int | None, typer.Option(min=1, help="Units of the last layer; 1: a sigmoid.")] = None,
    batch_normalization: Annotated[
        bool, typer.Option("--batch-normalization", help="Normalise behind each convolution.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Say it as JSON.")] = False,
) -> None:
    """Show a network of the sources: its layers, what they come to, their parameters, and how much they see."""
    from dataclasses import replace

    from kerasvgg.models.networks import network

    if not name:
        _print_networks(as_json)
        return
    source = network(name)
    asked = replace(source, image_size=image_size or source.image_size, classes=classes or source.classes)
    _check(asked)
    layers = _layers(asked, batch_normalization)
    is_source = asked == source and not batch_normalization
    if as_json:
        typer.echo(json.dumps(_as_data(name, asked, layers), indent=1))
    else:
        _print_layers(layers)
        for line in _lines(asked, layers, is_source):
            typer.echo(line)


def _check(asked: "Network") -> None:
    from kerasvgg.backbones.registry import BACKBONES
    from kerasvgg.errors import ConfigError

    least = BACKBONES[asked.base].smallest
    if min(asked.image_size) < least:
        height, width = asked.image_size
        raise ConfigError(f"`--image-size` must be at least {least} {least} for it, received {height} {width}")


def _layers(asked: "Network", batch_normalization: bool) -> list["Seen"]:
    from kerasvgg.cli.tensorflow import start_tensorflow

    start_tensorflow()
    from kerasvgg.backbones.style import Style
    from kerasvgg.modelfile.open.load import without_variables
    from kerasvgg.models.build import build_network
    from kerasvgg.models.receptive_field import receptive_fields

    with without_variables():
        built = build_network(
            asked.base,
            asked.image_size,
            asked.classes,
            channels=asked.channels,
            units=asked.units,
            dropout=asked.dropout,
            style=Style(batch_normalization, 0.0, asked.initialization),
        )
        return list(receptive_fields(built))


def _print_layers(layers: list["Seen"]) -> None:
    from kerasvgg.cli.tables import print_table

    columns = ("layer", "output", "parameters", "sees (pixels)", "stride")
    rows = (
        (
            seen.layer.name,
            "x".join(map(str, seen.layer.output.shape[1:])),
            f"{seen.layer.count_params():,}",
            "x".join(map(str, seen.field)) if seen.field else "all",
            str(seen.stride[0]) if seen.stride else "",
        )
        for seen in layers
    )
    print_table(columns, rows, right=columns[1:])


def _lines(asked: "Network", layers: list["Seen"], is_source: bool) -> list[str]:
    total = sum(seen.layer.count_params() for seen in layers)
    lines = [f"parameters: {total:,}{_beside(asked, total) if is_source else ''}", asked.source]
    return lines + ([_stack(2), _stack(3)] if asked.base.startswith("vgg") else [])


def _beside(asked: "Network", total: int) -> str:
    """Returns the source's count and whether it is the same, as exactly as the source says it."""
    if asked.claimed is None:
        return "; the source gives no count"
    difference = round(total / asked.rounded_to) - asked.claimed // asked.rounded_to
    claimed = f"{asked.claimed:,}" if asked.rounded_to == 1 else f"{asked.claimed / asked.rounded_to:.0f} million"
    return f"; the source's: {claimed}, {'equal' if not difference else f'{total - asked.claimed:+,} here'}"


def _stack(count: int) -> str:
    """Returns what a row of 3x3 convolutions has instead of one wide one."""
    from kerasvgg.models.receptive_field import receptive_field

    side = receptive_field([(3, 1)] * count)
    words = {2: "two", 3: "three"}[count]
    stacked, wide = count * 3 * 3, side * side
    sees = f"{words} 3x3 convolutions see {side}x{side} as one of {side}x{side} does"
    return f"{sees}, from C channels to C with {stacked} C^2 weights instead of {wide} C^2"


def _as_data(name: str, asked: "Network", layers: list["Seen"]) -> dict[str, Any]:
    return {
        "name": name,
        "source": asked.source,
        "parameters": sum(seen.layer.count_params() for seen in layers),
        "claimed": asked.claimed,
        "layers": [
            {
                "name": seen.layer.name,
                "output": list(seen.layer.output.shape[1:]),
                "parameters": seen.layer.count_params(),
                "receptive_field": seen.field,
                "stride": seen.stride,
            }
            for seen in layers
        ],
    }


def _print_networks(as_json: bool) -> None:
    from dataclasses import asdict

    from kerasvgg.cli.tables import print_table
    from kerasvgg.models.networks import NETWORKS

    if as_json:
        typer.echo(json.dumps({name: asdict(one) for name, one in NETWORKS.items()}, indent=1))
        return
    columns = ("network", "base", "pictures", "classes", "parameters", "source")
    rows = (
        (
            name,
            one.base,
            "x".join(map(str, (*one.image_size, one.channels))),
            str(max(2, one.classes)),
            f"{one.parameters:,}",
            one.source,
        )
        for name, one in NETWORKS.items()
    )
    print_table(columns, rows, right=columns[3:5])
