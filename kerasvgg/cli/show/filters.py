"""kerasvgg show filters"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from kerasvgg.cli.show.output import Dark, Model, Output, Preprocessing

if TYPE_CHECKING:
    import numpy as np

MOST = 1024
METHOD = "regularised"
Numbers = Annotated[
    str, typer.Option("--filters", help="Which filters: 7, or 0-15, or 3,8,20-25; the first 16 otherwise.")
]


def filters(
    model: Model,
    *,
    layer: Annotated[str, typer.Option(help="A convolution (or another layer), as block3_conv1.")],
    numbers: Numbers = "",
    method: Annotated[str, typer.Option(help="regularised, or the chapter's own.")] = METHOD,
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
    from kerasvgg.cli.show.output import opened
    from kerasvgg.files.text import escape
    from kerasvgg.plots.tiles import draw_tiles

    chosen = _numbers(numbers) if numbers else None
    subject, target = opened(model, preprocessing, output)
    from kerasvgg.visualise.filters import filter_pictures
    from kerasvgg.visualise.layers import find_path, layers_by_path

    place = find_path(layers_by_path(subject.model), layer)
    settings = {"method": method, "steps": steps, "step_size": step_size, "side": side}
    named = {**settings, "method": method if method != METHOD else None, "seed": seed or None}
    path = target.path("filters", place, filters=numbers, **named, preprocessing=preprocessing, dark=dark)
    pictures = filter_pictures(subject.model, place, chosen, **settings, seed=seed)  # type: ignore[arg-type]
    names = _names(subject.model, place, chosen or range(len(pictures)), pictures)
    about = f"{subject.title}: the pictures that excite filters most, {method} ascent"
    draw_tiles(list(pictures), names, path, title=place, subtitle=about, dark=dark)
    typer.echo(escape(path))


def _names(model: object, place: str, numbers: Sequence[int], pictures: "np.ndarray") -> list[str]:
    from kerasvgg.visualise.filters import excited

    pairs = zip(numbers, excited(model, place, numbers, pictures), strict=True)
    return [f"{one}{'' if is_excited else ': not excited'}" for one, is_excited in pairs]


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
