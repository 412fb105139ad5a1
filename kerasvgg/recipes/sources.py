"""From what a notebook has at hand to an experiment, and through the one way to train."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from kerasvgg.backbones.registry import OWN
from kerasvgg.config.experiment import Experiment
from kerasvgg.config.explain import explain
from kerasvgg.config.problems import Mistake, node_of
from kerasvgg.data.folder.scan import scan
from kerasvgg.data.folder.split import Split
from kerasvgg.data.folder.verify import verify_pictures
from kerasvgg.data.picture import Picture
from kerasvgg.data.pictures.loading import Pictures
from kerasvgg.data.pictures.memory import check_pixel_range
from kerasvgg.data.pictures.resizing import Resizing
from kerasvgg.data.pictures.sources import ArrayPictures, FilePictures, require_known
from kerasvgg.errors import ConfigError, DataError
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.files.text import escape
from kerasvgg.process.progress import quiet, warn
from kerasvgg.recipes.options import BY_THE_WEIGHTS, OPTIONS
from kerasvgg.runs.decisions import Decisions
from kerasvgg.runs.going_on import changes
from kerasvgg.runs.pictures import IN_MEMORY, experiment_split
from kerasvgg.runs.prepare import Given, prepare
from kerasvgg.runs.proportions import with_chosen_fit
from kerasvgg.runs.run import train_and_score, train_in_memory
from kerasvgg.runs.trained import Trained
from kerasvgg.selection.folds import FOLDS

Stretch = tuple[tuple[str, ...], int, float]
Sources = dict[str, Any]


def train_from_sources(
    train_source: Any,
    validation: Any,
    stretches: Sequence[Stretch],
    options: Mapping[str, Any],
    auto: Mapping[str, Any] | None = None,
) -> Trained:
    """Trains on what `train_source` and `validation` are (see the recipes), for each (layers, epochs, learning rate).

    With the settings of `auto` there are no such stretches, and there may be no `validation`. With `run_folder` among
    the options all is written there that `kerasvgg run` writes.
    """
    rest = dict(options)
    sources = {"train": train_source, **({} if validation is None and auto else {"validation": validation})}
    if (test := rest.pop("test")) is not None:
        sources["test"] = test
    run_folder, resume = rest.pop("run_folder"), rest.pop("resume")
    if resume and not run_folder:
        raise ConfigError("`resume` must go together with `run_folder`, whose state it takes up; received none")
    if "test" in sources and not run_folder:
        raise ConfigError("`test` must go together with `run_folder`, where its predictions are written; received none")
    folder = RunFolder(Path(run_folder)) if run_folder else None
    with quiet(not rest.pop("verbose")):
        return _trained(sources, stretches, {**rest, "auto": auto}, folder, resume)


def _trained(
    sources: Sources, stretches: Sequence[Stretch], rest: dict[str, Any], folder: RunFolder | None, resume: bool
) -> Trained:
    given_by_program = _given(rest)
    force, names = rest.pop("force"), _class_names(rest.pop("class_names"))
    in_files = all(isinstance(source, str | PathLike) for source in sources.values())
    data = _data_of_folders(sources) if in_files else {"dataset": IN_MEMORY}
    experiment = _experiment(data, _with_rate(stretches, given_by_program), rest)
    if resume and folder and folder.is_finished:
        if (changed := changes(experiment, folder)) and not force:
            raise ConfigError(f"`{folder.path}` is finished, and was run in another way: {'; '.join(changed)}")
        return Trained.open(folder.path)
    split: Split | None = None
    pictures: dict[str, Pictures] = {}
    if not in_files:
        split, pictures = _split_of_sources(sources, names, experiment)
    elif names:
        split = _split_of_folders(experiment, names)
    given = Given(split, pictures, **given_by_program)
    prepared = prepare(experiment, folder if resume else None, force, given)
    if folder:
        classifier, result = train_and_score(prepared, folder, folder.path.name)
    else:
        prepared, _ = with_chosen_fit(prepared, Decisions(None))
        classifier, result = train_in_memory(prepared)
    return Trained.of(classifier, result, folder)


def _data_of_folders(sources: Sources) -> dict[str, Any]:
    """Returns a folder for each part or, where there is one folder alone, its pictures in folds."""
    if "validation" in sources:
        return {"dataset": {part: str(source) for part, source in sources.items()}}
    if "test" in sources:
        raise ConfigError("`validation` must be given, too, where `test` is a folder; received none")
    return {"dataset": str(sources["train"]), "split": {"folds": FOLDS}}


def _given(rest: dict[str, Any]) -> dict[str, Any]:
    """Takes out of the options what no experiment can say."""
    feature_folder = rest.pop("feature_folder")
    given: dict[str, Any] = {"callbacks": _callbacks(rest.pop("callbacks", ()))}
    if feature_folder is not None and Path(feature_folder).exists() and not Path(feature_folder).is_dir():
        raise ConfigError(f"`feature_folder` must be a folder, received the file {str(feature_folder)!r}")
    given["feature_folder"] = Path(feature_folder) if feature_folder is not None else None
    if not isinstance(rest["base"], str):
        if rest[BY_THE_WEIGHTS] is None:
            raise ConfigError("`preprocessing` must be said for a `base` of your own, none if it takes RGB 0..255")
        given["base"], rest["base"], rest["weights"] = rest["base"], OWN, None
    if not isinstance(rest.get("optimizer", ""), str):
        given["optimizer"] = rest.pop("optimizer")
        if not hasattr(given["optimizer"], "apply_gradients") or isinstance(given["optimizer"], type):
            raise ConfigError(f"`optimizer` must be a name or a Keras optimizer, received {given['optimizer']!r}")
    return given


def _callbacks(given: Any) -> tuple[Any, ...]:
    callbacks = tuple(given) if isinstance(given, Iterable) else (given,)
    if strange := [one for one in callbacks if not hasattr(one, "on_epoch_end") or isinstance(one, type)]:
        raise ConfigError(f"`callbacks` must be Keras callbacks, received {strange[0]!r}")
    return callbacks


def _class_names(given: Any) -> tuple[str, ...] | None:
    if given is None:
        return None
    names = tuple(given) if isinstance(given, Iterable) else (given,)
    if isinstance(given, str) or not all(isinstance(one, str) for one in names):
        raise ConfigError(f"`class_names` must be a list of names, received {given!r}")
    if len(set(names)) < len(names):
        raise ConfigError(f"`class_names` must differ from each other, received {', '.join(names)}")
    return names


def _with_rate(stretches: Sequence[Stretch], given: Mapping[str, Any]) -> Sequence[Stretch]:
    """Returns the stretches with the constant learning rate of a program's own optimizer, if there is one."""
    optimizer = given.get("optimizer")
    if optimizer is None:
        return stretches
    return [(layers, epochs, float(optimizer.learning_rate)) for layers, epochs, _ in stretches]


def _experiment(data: dict[str, Any], stretches: Sequence[Stretch], options: dict[str, Any]) -> Experiment:
    if options[BY_THE_WEIGHTS] is None:
        del options[BY_THE_WEIGHTS]
    if options.get("augment_copies") is None:
        options.pop("augment_copies", None)
    rounds = [{"layers": layers, "epochs": epochs, "learning_rate": rate} for layers, epochs, rate in stretches]
    tree: dict[str, Any] = {"data": data, "model": {"head": {}}, "train": rounds, "auto": options.pop("auto")}
    for name, value in options.items():
        *above, last = OPTIONS[name].place
        for place in rounds if above[:1] == ["train"] else [_below(tree, above)]:
            place[last] = value
    node = node_of(tree)
    try:
        return Experiment.model_validate(node.plain())
    except ValidationError as error:
        raise ConfigError(_in_options(explain(error, node), len(stretches))) from error


def _below(tree: dict[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    for key in keys:
        tree = tree[key]
    return tree


def _in_options(mistakes: Sequence[Mistake], count: int) -> str:
    """Returns the mistakes with the names that options have, where an experiment has places."""
    places = {".".join(option.place): name for name, option in OPTIONS.items() if option.place}
    lines = []
    for mistake in mistakes:
        place = mistake.text.split("`")[1]
        general = re.sub(r"^train\.\d+", "train.{phase}", place)
        known = next((one for one in places if f"{general}.".startswith(f"{one}.")), None)
        option = f"`{places[known]}{general[len(known) :]}`" if known else _of_stretch(place, count)
        lines.append(mistake.text.replace(f"`{place}`", option, 1))
    return "\n".join(dict.fromkeys(lines))


def _of_stretch(place: str, count: int) -> str:
    """Returns the recipe's own name for a setting of one of its `count` stretches, of which the first is the head's."""
    found = re.fullmatch(r"train\.(\d+)\.(epochs|learning_rate|layers)(.*)", place)
    if found is None:
        return "the options"
    is_head = count > 1 and found[1] == "0" and found[2] != "layers"
    return f"`{'head_' if is_head else ''}{found[2]}{found[3]}`"


def _split_of_folders(experiment: Experiment, names: Sequence[str]) -> Split:
    """Returns the split of an experiment whose labels are numbered in the order of the names."""
    split = experiment_split(experiment)
    if strange := sorted(set(split.classes) - set(names)):
        raise DataError(f"`class_names` must have all classes there are; received {', '.join(names)}, not {strange[0]}")
    return replace(split, class_names=tuple(names))


def _split_of_sources(
    sources: Sources, names: Sequence[str] | None, experiment: Experiment
) -> tuple[Split, dict[str, Pictures]]:
    """Returns a split that names pictures in memory by part and number, and the pictures of each part."""
    pictures: dict[str, Pictures] = {}
    listed: list[Picture] = []
    for part, source in sources.items():
        pictures[part], names = as_pictures(source, names, experiment.data.resizing)
        keys = [key.partition(".")[0] for key in pictures[part].keys]  # without how they are decoded
        pairs = zip(pictures[part].labels.tolist(), keys, strict=True)
        listed += [
            Picture(f"{part}/{number}", str(number), names[label], part, key)
            for number, (label, key) in enumerate(pairs)
        ]
    return Split(Path(), tuple(listed), class_names=tuple(names or ())), pictures


def as_pictures(source: Any, class_names: Sequence[str] | None, resizing: Resizing) -> tuple[Pictures, tuple[str, ...]]:
    """Returns the pictures of a folder, of arrays (images, labels), or of a tf.data.Dataset, and the class names.

    These are the given ones, else a folder's in alphabetical order, else "0", "1" ... Arrays are as the recipes say.
    """
    if isinstance(source, str | PathLike):
        found = scan(Path(source))
        if found.multi_label:
            raise DataError(
                f"`{source}` must have pictures of one class each beside arrays, received such with several"
            )
        good, bad = verify_pictures(found.root, found.files)
        for path, reason in sorted((*found.left_out, *bad)):
            warn(f"left out: {escape(path)}: {reason}")
        listed = [Picture(file.path, file.place, file.label, "", *seen) for file, seen in good]
        names = tuple(class_names or sorted({one.label for one in listed}))
        if strange := sorted({one.label for one in listed} - set(names)):
            raise DataError(f"`{source}` must hold the classes {', '.join(names)}; received also {', '.join(strange)}")
        return FilePictures.of_split(found.root, listed, names, resizing), names
    arrays = ArrayPictures.of(source)
    check_pixel_range(*arrays.value_range)
    if arrays.shape != (*resizing.image_size, 3):
        wanted = f"({resizing.image_size[0]}, {resizing.image_size[1]}, 3)"
        raise DataError(f"`image_size` must be that of the arrays, {wanted}; received {arrays.shape}")
    names = tuple(class_names or map(str, range(int(arrays.labels.max()) + 1)))
    require_known(arrays.labels, len(names))
    return arrays, names
