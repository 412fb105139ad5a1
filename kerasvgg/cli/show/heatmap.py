"""kerasvgg show heatmap"""

from typing import TYPE_CHECKING, Annotated

import typer

from kerasvgg.cli.show.output import Dark, Image, Model, Output, Preprocessing, Size

if TYPE_CHECKING:
    import numpy as np

    from kerasvgg.cli.show.subject import Subject
    from kerasvgg.plots.heatmaps import Heat
    from kerasvgg.visualise.class_maps import ClassMaps

Class = Annotated[
    str, typer.Option("--class", help="A class's name or number; otherwise both of two, or the likeliest.")
]


def heatmap(
    model: Model,
    image: Image = "",
    *,
    class_name: Class = "",
    layer: Annotated[str, typer.Option(help="The feature maps to take; the last ones before pooling otherwise.")] = "",
    check: Annotated[
        bool, typer.Option("--check", help="Compare with heatmaps of the model with its weights drawn anew.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="What --check draws weights by.")] = 0,
    image_size: Size = None,
    output: Output = None,
    dark: Dark = False,
    preprocessing: Preprocessing = "",
) -> None:
    """Draw where in a picture the evidence for a class lies (Grad-CAM), on the score before sigmoid or softmax."""
    from kerasvgg.cli.show.output import opened, word_of
    from kerasvgg.cli.show.subject import check_size, size_word
    from kerasvgg.files.text import escape
    from kerasvgg.plots.heatmaps import draw_heatmaps

    check_size(image_size)
    subject, target = opened(model, preprocessing, output)
    from kerasvgg.visualise.class_maps import class_maps

    wanted = [_number(class_name, subject.class_names)] if class_name else None
    file = subject.file(image)
    named = {"class": class_name, "layer": layer, "check": check, "seed": seed or None, "size": size_word(image_size)}
    path = target.path("heatmap", word_of(file), **named, preprocessing=preprocessing, dark=dark)
    pixels, seen = subject.picture(file, image_size)
    found = class_maps(subject.model, pixels, wanted, layer)
    about = f"{subject.title}: Grad-CAM at {found.layer}, each heat on its own scale"
    size = seen.pixels.shape[:2]
    heats = _checked(subject, pixels, found, seed, size) if check else _heats(subject, found, size)
    columns = 4 if len(heats) > 2 else 3
    draw_heatmaps(seen, heats, path, title=seen.name, subtitle=about, columns=columns, dark=dark)
    typer.echo(escape(path))


def _number(name: str, names: tuple[str, ...]) -> int:
    from kerasvgg.errors import ConfigError, did_you_mean

    if name in names:
        return names.index(name)
    if name.isdecimal() and int(name) < len(names):
        return int(name)
    listed = ", ".join(names[:20]) + (" ..." if len(names) > 20 else "")
    raise ConfigError(f"`--class` must be one of {listed}, received {name!r}{did_you_mean(name, names)}")


def _heats(subject: "Subject", found: "ClassMaps", size: tuple[int, int]) -> "list[Heat]":
    """Returns the heat of the classes that were asked for, of both of two, or of the likeliest; prints them."""
    from kerasvgg.plots.heatmaps import Heat
    from kerasvgg.visualise.class_maps import heat

    likeliest = int(found.probabilities.argmax())
    heats = []
    for one, coarse in zip(found.classes, found.maps, strict=True):
        if len(found.classes) > 2 and one != likeliest:
            continue
        remark = "" if coarse.any() else "nothing in the picture speaks for it"
        heats.append(Heat(heat(coarse, size), _named(subject, found, one), remark))
    return heats


def _named(subject: "Subject", found: "ClassMaps", one: int) -> str:
    share = float(found.probabilities[one])
    return f"{subject.class_names[one]}  {share:.1%}" if 0 <= share <= 1 else subject.class_names[one]


def _checked(
    subject: "Subject", pixels: "np.ndarray", found: "ClassMaps", seed: int, size: tuple[int, int]
) -> "list[Heat]":
    """Returns the likeliest class's heat, and that of models that have forgotten more and more; prints a table."""
    from kerasvgg.cli.tables import print_table
    from kerasvgg.plots.heatmaps import Heat
    from kerasvgg.visualise.class_maps import heat
    from kerasvgg.visualise.weights_check import weights_check

    one = max(found.classes, key=lambda number: found.probabilities[number])
    stages = weights_check(subject.model, pixels, one, found.layer, seed=seed)
    rows = [(stage.down_to, str(stage.drawn), f"{stage.correlation:.2f}") for stage in stages[1:]]
    print_table(("drawn anew down to", "layers", "rank correlation"), rows, right=("layers", "rank correlation"))
    heats = [Heat(heat(stages[0].coarse, size), _named(subject, found, one), "as it was trained")]
    for stage in stages[1:]:
        name = f"down to {stage.down_to.rpartition('/')[2]}"
        remark = f"{stage.drawn} layer{'s' * (stage.drawn > 1)} drawn anew: rank correlation {stage.correlation:.2f}"
        heats.append(Heat(heat(stage.coarse, size), name, remark))
    return heats
