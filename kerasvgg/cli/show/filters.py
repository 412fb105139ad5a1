"""kerasvgg show filters"""

from collections.abc import Sequence
from typing import Annotated

import typer

from kerasvgg.cli.show.options import Dark, Model, Output, Preprocessing

MOST = 1024
Numbers = Annotated[
    str, typer.Option("--filters", help="Which filters: 7, or 0-15, or 3,8,20-25; the first 16 otherwise.")
]


def filters(
    model: Model,
    *,
    layer: Annotated[str, typer.Option(help="A convolution (or another layer), as block3_conv1.")],
    numbers: Numbers = "",
    method: Annotated[str, typer.Option(help="regularised, or the chapter's own.")] = "regularised",
    steps: Annotated[int | None, typer.Option(min=1, help="Steps of ascent; 64, the chapter's 40.")] = None,
    step_size: Annotated[float | None, typer.Option(help="Length of a step, above 0; 0.05, the chapter's 1.")] = None,
    side: Annotated[
        int | None, typer.Option(min=16, max=1024, help="Pixels of a picture's side; 128, or what the model takes.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="What the noise to start from follows.")] = 0,
    output: Output = None,
    dark: Dark = False,
    preprocessing: Preprocessing = "",
) -> None:
    """Draw the pictures that excite a layer's filters most, found by gradient ascent."""
    from kerasvgg.cli.quiet import start_tensorflow
    from kerasvgg.cli.show.output import output_path
    from kerasvgg.data.shown import shown
    from kerasvgg.plots.tiles import draw_tiles

    chosen = _numbers(numbers) if numbers else None
    path = output_path(output, None)
    start_tensorflow()
    from kerasvgg.cli.show.subject import open_subject
    from kerasvgg.visualise.excited import excited
    from kerasvgg.visualise.filter_pictures import filter_pictures
    from kerasvgg.visualise.layers import find_path, layers_by_path

    subject = open_subject(model, preprocessing)
    place = find_path(layers_by_path(subject.model), layer)
    path = output_path(output, subject.folder, "filters", place)
    settings = {"method": method, "steps": steps, "step_size": step_size, "side": side, "seed": seed}
    pictures = filter_pictures(subject.model, place, chosen, **settings)  # type: ignore[arg-type]
    drawn = chosen or range(len(pictures))
    pairs = zip(drawn, excited(subject.model, place, drawn, pictures), strict=True)
    names = [f"{one}{'' if is_excited else ': not excited'}" for one, is_excited in pairs]
    about = f"{subject.title}: the pictures that excite filters most, {method} ascent"
    draw_tiles(list(pictures), names, path, title=place, subtitle=about, dark=dark)
    typer.echo(shown(path))


def _numbers(text: str) -> Sequence[int]:
    from kerasvgg.errors import ConfigError

    found: list[int] = []
    try:
        for part in text.split(","):
            first, _, last = part.partition("-")
            found += range(int(first), min(int(last or first), MOST) + 1)
    except ValueError:
        found = []
    if not 0 < len(found) <= MOST:
        raise ConfigError(f"`--filters` must be numbers and ranges, as 3,8,20-25, received {text[:60]!r}")
    return found
