"""Folders, targets and models that are not what they should be, through every command that takes them."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import keras
import pytest

Make = Callable[..., Path]
CLASSES = "must hold at least two classes of pictures: class folders, files named like cat.0.jpg, or train/ and"


def _missing(make: Make, root: Path) -> None:
    pass


def _file(make: Make, root: Path) -> None:
    root.write_text("a note")


def _empty(make: Make, root: Path) -> None:
    root.mkdir()


def _one_class(make: Make, root: Path) -> None:
    make(("cat",), root=root)


def _empty_classes(make: Make, root: Path) -> None:
    for name in ("cat", "dog"):
        (root / name).mkdir(parents=True)


def _no_pictures(make: Make, root: Path) -> None:
    _empty_classes(make, root)
    for path in ("cat/a.txt", "cat/b.jpg", "dog/a.txt", "dog/b.jpg"):
        (root / path).write_text("a note")


def _no_pictures_of_one_class(make: Make, root: Path) -> None:
    make(("cat",), root=root)
    (root / "dog").mkdir()
    (root / "dog" / "note.txt").write_text("a note")


def _hidden(make: Make, root: Path) -> None:
    for path in make(root=root).rglob("*.png"):
        path.rename(path.with_name(f".{path.name}"))


def _flat_without_class(make: Make, root: Path) -> None:
    for i, path in enumerate(make(root=root, flat=True, per_class=2).iterdir()):
        path.rename(root / f"picture{i}.png")


def _links_to_nothing(make: Make, root: Path) -> None:
    _empty_classes(make, root)
    for name in ("cat", "dog"):
        (root / name / "0.png").symlink_to("nowhere.png")


def _no_utf8(make: Make, root: Path) -> None:
    make(root=root)
    (root / "dog").rename(root / os.fsdecode(b"d\xffg"))


# What `split`, `run` and `init` say of each.
FOLDERS = [
    pytest.param(_missing, "`bad` must be a folder of pictures, received nothing", id="missing"),
    pytest.param(_file, "`bad` must be a folder of pictures, received a file", id="a file"),
    pytest.param(_empty, f"`bad` {CLASSES}", id="empty"),
    pytest.param(_one_class, f"`bad` {CLASSES}", id="one class"),
    pytest.param(_empty_classes, f"`bad` {CLASSES}", id="empty classes"),
    pytest.param(_hidden, f"`bad` {CLASSES}", id="hidden files"),
    pytest.param(_links_to_nothing, f"`bad` {CLASSES}", id="links to nothing"),
    pytest.param(_flat_without_class, f"`bad` {CLASSES}", id="flat without class"),
    pytest.param(_no_utf8, "`bad`: a class must have a name in UTF-8", id="class name not in UTF-8"),
]
# Only a look at the files tells.
NO_PICTURES = [
    pytest.param(_no_pictures, id="no pictures"),
    pytest.param(_no_pictures_of_one_class, id="no pictures of one class"),
]
COMMANDS = (
    ("split", "bad", "made", "--validation", "0.5"),
    ("run", "tiny.yaml", "data.dataset=bad"),
    ("init", "bad", "--output", "made.yaml"),
)


@pytest.fixture
def refused(cli: Callable, standing: Callable) -> Callable[..., str]:
    """Calls a command that has to end with status 2 and to write nothing; returns what it told on stderr."""

    def refuse(*words: object) -> str:
        before = standing()
        done = cli(*words)
        assert (done.status, done.out) == (2, "")
        assert "Traceback" not in done.err
        assert standing() == before
        taken, _, rest = done.err.partition("\n")
        return rest if taken.startswith("experiment: ") else done.err

    return refuse


def _where(command: tuple[str, ...]) -> str:
    return "tiny.yaml: " if command[0] == "run" else ""  # an experiment's mistakes begin with its file


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
@pytest.mark.parametrize(("spoil", "told"), FOLDERS)
def test_a_bad_folder_is_refused_by_split_run_and_init(
    refused: Callable, class_folders: Make, tiny: str, spoil: Callable, told: str, command: tuple[str, ...]
) -> None:
    spoil(class_folders, Path("bad"))
    if spoil is _missing and command[0] == "run":  # there the name of a data set would do too
        told = "`data.dataset` must be a folder of pictures or one of"
    (line,) = refused(*command).splitlines()
    assert line.startswith(_where(command) + told)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
@pytest.mark.parametrize("spoil", NO_PICTURES)
def test_classes_without_pictures_are_refused_by_split_run_and_init(
    refused: Callable, class_folders: Make, tiny: str, spoil: Callable, command: tuple[str, ...]
) -> None:
    spoil(class_folders, Path("bad"))
    assert re.search(r"`bad`.* must (have|hold) pictures of .*; received none of ", refused(*command))


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
@pytest.mark.parametrize("closed", ["bad", "bad/dog"])
def test_an_unreadable_folder_is_refused_by_split_run_and_init(
    refused: Callable, class_folders: Make, tiny: str, closed: str, command: tuple[str, ...]
) -> None:
    class_folders(root=Path("bad"))
    mode = Path(closed).stat().st_mode
    Path(closed).chmod(0)
    try:
        if os.access(closed, os.R_OK):
            pytest.skip("root may read everything")
        assert re.search(f"'{closed}' is not readable|`{closed}` can't be read|denied: '{closed}'", refused(*command))
    finally:
        Path(closed).chmod(mode)


LEFT_OUT = {_no_pictures: 4, _empty_classes: 2, _hidden: 24 + 2, _links_to_nothing: 2}  # lines that name a path
PREDICT = [
    pytest.param(_missing, "`bad` must be a picture or a folder of pictures, received nothing there", id="missing"),
    pytest.param(_file, "bad: not a picture (known are JPEG, PNG", id="a file"),
    pytest.param(_empty, "`bad` must hold at least one picture, received none", id="empty"),
    pytest.param(_empty_classes, "`bad` must hold at least one picture, received none", id="empty classes"),
    pytest.param(_hidden, "`bad` must hold at least one picture, received none", id="hidden files"),
    pytest.param(_links_to_nothing, "`bad` must hold at least one picture, received none", id="links to nothing"),
    pytest.param(_no_pictures, "`bad` must hold at least one picture, received none", id="no pictures"),
]


@pytest.mark.sampled(by_default=4)
@pytest.mark.parametrize(("spoil", "told"), PREDICT)
def test_a_bad_folder_is_refused_by_predict(
    refused: Callable, class_folders: Make, trained: Path, spoil: Callable, told: str
) -> None:
    spoil(class_folders, Path("bad"))
    *left_out, line = refused("predict", trained, "bad").splitlines()
    assert line.startswith(told)
    assert len(left_out) == LEFT_OUT.get(spoil, 0)


@pytest.mark.parametrize("command", COMMANDS[:2], ids=lambda command: command[0])
def test_a_split_folder_that_lacks_a_class_in_validation_is_refused(
    refused: Callable, class_folders: Make, tiny: str, command: tuple[str, ...]
) -> None:
    class_folders(root=Path("bad/train"))
    class_folders(("cat",), root=Path("bad/validation"))
    words = command[:3] if command[0] == "split" else (*command, "data.split=null")
    told = refused(*words)
    assert told.startswith(
        f"{_where(command)}`bad`: validation must have pictures of at least two classes and of each class"
    )
    assert "received none of dog" in told


@pytest.mark.parametrize("command", COMMANDS[:2], ids=lambda command: command[0])
def test_a_split_folder_without_validation_pictures_is_refused(
    refused: Callable, class_folders: Make, tiny: str, command: tuple[str, ...]
) -> None:
    class_folders(root=Path("bad/train"))
    _empty_classes(class_folders, Path("bad/validation"))
    words = command[:3] if command[0] == "split" else (*command, "data.split=null")
    assert "validation" in refused(*words)


def test_a_split_that_would_fall_into_its_source_is_refused(refused: Callable, tiny: str) -> None:
    for target in ("pictures", "pictures/split", "pictures/cat", ".", "pictures/../pictures"):
        told = refused("split", "pictures", target, "--validation", "0.5")
        assert told == f"`{Path(target)}` must lie outside the source and not around it; the source is `pictures`\n"


def test_a_split_never_takes_the_place_of_something_else(refused: Callable, class_folders: Make, tiny: str) -> None:
    class_folders(root=Path("foreign"))
    Path("note").write_text("a note")
    for target in ("foreign", "note"):
        told = refused("split", "pictures", target, "--validation", "0.5", "--force")
        assert told.startswith(f"`{target}` stands already and is not a split of kerasvgg's")


def test_another_split_stays_unless_forced(cli: Callable, refused: Callable, tiny: str) -> None:
    assert cli("split", "pictures", "made", "--validation", "0.5").status == 0
    told = refused("split", "pictures", "made", "--validation", "0.25")
    assert told.startswith("`made` holds another split: choose another folder, or --force")
    assert cli("split", "pictures", "made", "--validation", "0.25", "--force").status == 0
    assert len(list(Path("made/validation").rglob("*.png"))) == 6


def test_a_split_below_a_file_is_refused(refused: Callable, tiny: str) -> None:
    assert "Not a directory" in refused("split", "pictures", "tiny.yaml/made", "--validation", "0.5")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ((), "`pictures` is not split: say how many"),
        (("--validation", "half"), "`--validation` must be a whole number or a fraction, received 'half'"),
        (("--validation", "1.5"), "`train`, `validation`, `test` must be whole numbers"),
        (("--validation", "-1"), "`train`, `validation`, `test` must be whole numbers"),
        (("--train", "3"), "`train`, `validation`, `test` must be whole numbers"),
        (("--train", "12", "--validation", "1"), "too few pictures for the split (cat: wanted 13, found 12"),
        (("--validation", "0.5", "--how", "move"), "`how` must be one of copy, hardlink, symlink, received move"),
    ],
)
def test_amounts_and_ways_that_make_no_split_are_refused(
    refused: Callable, tiny: str, options: tuple[str, ...], told: str
) -> None:
    assert refused("split", "pictures", "made", *options).startswith(told)


def test_init_never_overwrites(refused: Callable, tiny: str) -> None:
    assert refused("init", "pictures", "--output", tiny) == f"`--output` must not exist yet, received {tiny}\n"


def test_init_refuses_a_name_that_yaml_can_not_hold(refused: Callable, class_folders: Make) -> None:
    class_folders(root=Path("two\nlines"))
    assert refused("init", "two\nlines") == (
        "`folder` must have a name in UTF-8 without control characters, received 'two\\nlines'\n"
    )


def _note(path: Path, trained: Path) -> None:
    path.write_text("a note")


def _nothing(path: Path, trained: Path) -> None:
    path.write_bytes(b"")


def _half(path: Path, trained: Path) -> None:
    whole = (trained / "model.keras").read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def _foreign(path: Path, trained: Path) -> None:
    keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)]).save(path)


def _unfinished(path: Path, trained: Path) -> None:
    path.mkdir()
    (path / "history.csv").write_bytes((trained / "history.csv").read_bytes())


MODELS = [
    pytest.param("m.keras", None, "`m.keras` must be a run folder or a model file", id="missing"),
    pytest.param("pictures", None, "`pictures` must be a run folder with history.csv in it", id="not a run folder"),
    pytest.param("m.keras", _note, "`m.keras` must be a Keras model (.h5, .keras", id="a note"),
    pytest.param("m.h5", _nothing, "`m.h5` must be a Keras model (.h5, .keras", id="no bytes"),
    pytest.param("m.keras", _half, "`m.keras` could not be read to the end", id="half of a file"),
    pytest.param("m.keras", _foreign, "`m.keras` does not say its class names", id="foreign"),
    pytest.param(
        "run", _unfinished, "`run` is unfinished: `kerasvgg run run --resume` goes on with it", id="unfinished run"
    ),
]


@pytest.mark.sampled(by_default=3)
@pytest.mark.parametrize(("model", "make", "told"), MODELS)
def test_a_bad_model_is_refused_by_predict(
    refused: Callable, tiny: str, trained: Path, model: str, make: Callable | None, told: str
) -> None:
    if make:
        make(Path(model), trained)
    assert refused("predict", model, "pictures").startswith(told)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("pictures",), "`pictures` must be a run folder with history.csv in it, received none"),
        (("no/run",), "`no/run` must be a run folder with history.csv in it, received none"),
        (("run", "--output", "curves.doc"), "`--output` must end in .png or .svg, received curves.doc"),
    ],
)
def test_what_can_not_be_plotted_is_refused(
    refused: Callable, tiny: str, trained: Path, words: tuple[str, ...], told: str
) -> None:
    _unfinished(Path("run"), trained)
    assert refused("plot", *words) == told + "\n"


def test_a_reader_that_runs_out_of_time_does_not_blame_the_file_alone(
    refused: Callable, tiny: str, trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kerasvgg.modelfile.read.child.SECONDS", 0.01)
    monkeypatch.setattr("kerasvgg.modelfile.read.child.BYTES_A_SECOND", 1 << 40)
    assert "or this machine has much else to do" in refused("predict", trained, "pictures")


def test_a_damaged_history_is_refused(refused: Callable, place: Path) -> None:
    Path("run").mkdir()
    Path("run/history.csv").write_text("phase,epoch,loss\nhead,one,0.5\n")
    assert refused("plot", "run").startswith("`run/history.csv` is damaged: ")
