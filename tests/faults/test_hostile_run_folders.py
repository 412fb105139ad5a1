"""Run folders from strangers, given to predict, plot, report and ls: shown, or refused with a message, no more."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from PIL import Image

import kerasvgg

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has neither pipes nor copies of a process")

SLOW = pytest.mark.slow
LONGEST = 15  # seconds of the processor
MOST_MEMORY = 1 << 30  # bytes more than TensorFlow takes by itself
HEADER = "phase,epoch,learning_rate,loss,accuracy,val_loss,val_accuracy\n"
ROW = "head,1,0.001,0.5,0.5,0.5,0.5\n"
OUTSIDE = "the user's"
Make = Callable[[Path], object]


QUICK = ("a pipe", "a link to a device", "a gigabyte of holes", "a terminal's signs", "no numbers", "brackets")
QUICK += (
    "a Lambda with code",
    "gigabytes of units",
    "a huge size",
    "a description in a pipe",
    "a list for the split",
)


def most_are_slow(kinds: dict[str, Any]) -> list:
    """Returns a parameter for each kind, most of them for the slow run: a command takes up to two seconds."""
    return [pytest.param(kind, id=name, marks=() if name in QUICK else SLOW) for name, kind in kinds.items()]


class Done(NamedTuple):
    status: int
    out: str
    err: str
    seconds: float
    memory: int


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Done]]:
    """Runs a command of kerasvgg in the working folder."""
    with copies(tmp_path_factory.mktemp("forked")) as run:
        yield run


@pytest.fixture(scope="session")
def kerasvgg_(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Done]]:
    """The same with TensorFlow loaded."""
    with copies(tmp_path_factory.mktemp("forked"), "tensorflow") as run:
        yield run


@contextmanager
def copies(home: Path, *words: str) -> Iterator[Callable[..., Done]]:
    env = {**os.environ, "PYTHONPATH": str(Path(kerasvgg.__file__).parents[1]), "TF_CPP_MIN_LOG_LEVEL": "2"}
    command = [sys.executable, str(Path(__file__).with_name("forked.py")), str(home), *words]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, env=env, text=True, **pipes) as process:

        def run(*words: str) -> Done:
            process.stdin.write(json.dumps([str(Path.cwd()), *words]) + "\n")
            process.stdin.flush()
            return Done(*json.loads(process.stdout.readline()))

        yield run
        process.stdin.close()


@pytest.fixture(scope="session")
def right(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder as a run leaves it, with a model of a few weights."""
    import keras

    from kerasvgg.modelfile.description import Description
    from kerasvgg.models.save import save_model

    folder = tmp_path_factory.mktemp("right") / "run"
    folder.mkdir()
    layers = [keras.Input((16, 16, 3)), keras.layers.Conv2D(4, 3), keras.layers.Flatten()]
    model = keras.Sequential([*layers, keras.layers.Dense(1, activation="sigmoid")])
    description = Description(("cat", "dog"), (16, 16), "bilinear", "unit", "small_cnn")
    for name in ("model.keras", "model.h5"):
        save_model(model, folder / name, description)
    (folder / "history.csv").write_text(HEADER + ROW + ROW.replace("1", "2", 1))
    (folder / "metrics.json").write_text(json.dumps({"split": "test", "accuracy": 0.5, "n": 8, "role": "test"}))
    (folder / "split.csv").write_text("path,class,split,sha256\n../../outside/user.txt,cat,train,0\n")
    return folder


@pytest.fixture
def place(tmp_path: Path, right: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with a stranger's run folder in it and the user's own things around."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "user.txt").write_text(OUTSIDE)
    (tmp_path / "work" / "runs").mkdir(parents=True)
    shutil.copytree(right, tmp_path / "work" / "runs" / "run")
    Image.fromarray(np.full((20, 20, 3), 90, np.uint8)).save(tmp_path / "work" / "picture.png")
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path


def check(done: Done, place: Path, status: int = 2) -> None:
    assert done.status == status, done.err or done.out
    assert "Traceback" not in done.err
    assert (done.out + done.err).replace("\n", "").isprintable(), done.out + done.err
    assert len(done.err) < 5_000
    assert done.seconds < LONGEST
    assert done.memory < MOST_MEMORY
    assert {path.name for path in place.rglob("RAN*")} == set()
    assert [path.name for path in place.iterdir()] == [
        one.name for one in place.iterdir() if one.name in ("outside", "work")
    ]
    assert (place / "outside" / "user.txt").read_text() == OUTSIDE


def text(content: str | bytes) -> Make:
    return lambda path: path.write_bytes(
        content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    )


def sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 30)


def folder(path: Path) -> None:
    path.mkdir()


def link(target: str) -> Make:
    return lambda path: path.symlink_to(target)


PLAIN = {
    "a pipe": os.mkfifo if os.name != "nt" else None,
    "a folder": folder,
    "a link to a device": link("/dev/zero"),
    "a link to another device": link("/dev/null"),
    "a link to nowhere": link("nowhere"),
    "a link to itself": link("history.csv"),
    "a link to the user's file": link("../../../outside/user.txt"),
    "a link to the system's": link("/etc/passwd"),
    "a gigabyte of holes": sparse,
    "bytes": text(bytes(range(256)) * 50),
    "nothing": text(""),
}
# Whether a history can be drawn.
HISTORIES: dict[str, tuple[Make, bool]] = {
    **{name: (make, False) for name, make in PLAIN.items()},
    "a NUL": (text(HEADER + "he\0ad,1,1,1,1,1,1\n"), True),
    "only its header": (text(HEADER), True),
    "a column too few": (text("phase,epoch,loss\nhead,1,1\n"), False),
    "a cell too few": (text(HEADER + "head,1\n"), False),
    "a cell too many": (text(HEADER + ROW.strip() + ",5\n"), False),
    "a column twice": (text(HEADER.replace("loss", "accuracy", 1) + ROW), False),
    "formulas": (text(HEADER + "\"=cmd|' /C calc'!A0\",1,=1+1,0,0,0,0\n"), False),
    "a formula for a phase": (text(HEADER + "=cmd|' /C calc'!A0,1,0,0,0,0,0\n"), True),
    "a terminal's signs": (text(HEADER + ROW.replace("head", "\x1b[2J\x1b]0;owned\x07")), True),
    "a terminal's signs for a number": (text(HEADER + ROW.replace("0.5", "\x1b[2J")), False),
    "letters of other scripts": (text(HEADER + ROW.replace("head", "\u202e\u0915\U0001f600$x$")), True),
    "a surrogate": (text(HEADER + ROW.replace("head", "\ud800")), False),
    "a cell of a megabyte": (text(HEADER + ROW.replace("head", "h" * 1_000_000)), False),
    "a number of a thousand digits": (text(HEADER + ROW.replace("0.5", "9" * 1000)), True),
    "an epoch of five thousand digits": (text(HEADER + ROW.replace("1", "9" * 5000, 1)), False),
    "the epoch a billion": (text(HEADER + ROW.replace("1", "1000000000", 1)), False),
    "the epoch -1": (text(HEADER + ROW.replace("1", "-1", 1)), False),
    "no numbers": (text(HEADER + ROW.replace("0.5", "nan") + ROW.replace("0.5", "-inf")), True),
    "numbers after none": (text(HEADER + ROW.replace("0.5", "nan") + ROW), True),
    "huge numbers": (text(HEADER + ROW.replace("0.5", "1e308") + ROW), True),
    "tiny numbers": (text(HEADER + ROW.replace("0.5", "1e-320")), True),
    "twenty thousand epochs": (text(HEADER + "".join(f"head,{n},0,1,0,1,0\n" for n in range(1, 20_000))), True),
    "twenty thousand phases": (text(HEADER + "".join(f"p{n},{n},0,1,0,1,0\n" for n in range(1, 20_000))), True),
    "forty megabytes": (text(HEADER + ROW * 1_400_000), False),
    "quotes without an end": (text(HEADER + '"' + ROW * 100), False),
}


@pytest.mark.parametrize("kind", most_are_slow(HISTORIES))
def test_a_strangers_history_is_drawn_or_refused(place: Path, plain: Callable, kind: tuple[Make, bool]) -> None:
    make, is_drawn = kind
    history = Path("runs/run/history.csv")
    history.unlink()
    make(history)
    check(plain("plot", "runs/run"), place, 0 if is_drawn else 2)
    assert Path("runs/run/curves.png").exists() == is_drawn
    _require_page(plain, place)


def _require_page(plain: Callable, place: Path) -> None:
    """Fails unless a page is written of what there is, and it is no huge one."""
    check(plain("report", "runs/run"), place, 0)
    page = Path("runs/run/report.html")
    assert page.read_text().rstrip().endswith("</html>")
    assert page.stat().st_size < 3_000_000


METRICS: dict[str, Make] = {
    **PLAIN,
    "no JSON": text("{"),
    "a list": text("[]"),
    "a number": text("5"),
    "no numbers": text('{"split": "test", "accuracy": NaN, "n": Infinity}'),
    "lists for numbers": text('{"split": ["a"], "accuracy": [0.5], "n": {}}'),
    "text for numbers": text('{"split": 5, "accuracy": "1", "n": "2"}'),
    "null": text('{"split": null, "accuracy": null, "n": null}'),
    "a number for the split": text('{"split": 5, "accuracy": 0.5, "n": 2}'),
    "a list for the split": text('{"split": ["\\u001b[2J"], "accuracy": 0.5, "n": 2}'),
    "a huge number": text('{"split": "test", "accuracy": 1' + "0" * 400 + ', "n": 2}'),
    "a number of five thousand digits": text('{"split": "test", "accuracy": 1, "n": ' + "9" * 5000 + "}"),
    "a terminal's signs": text('{"split": "\\u001b]0;owned\\u0007\\u001b[2J\\u009b", "accuracy": 0.5, "n": 2}'),
    "a split of a megabyte": text('{"split": "' + "a" * 1_000_000 + '", "accuracy": 0.5, "n": 2}'),
    "brackets": text("[" * 100_000),
    "brackets in it": text('{"split": ' + "[" * 50_000 + "]" * 50_000 + "}"),
}


@pytest.mark.parametrize("make", most_are_slow(METRICS))
def test_strange_metrics_stop_no_listing(place: Path, plain: Callable, make: Make) -> None:
    metrics = Path("runs/run/metrics.json")
    metrics.unlink()
    make(metrics)
    shutil.copytree("runs/run", "runs/another", symlinks=True, ignore=lambda *_: ["metrics.json"])
    done = plain("ls")
    check(done, place, 0)
    assert "runs/run" in done.out
    assert "runs/another" in done.out
    assert len(done.out) < 50_000
    _require_page(plain, place)


NAMES = ["\x1b[2J", "\x1b]0;owned\x07", "a\nb", "\x9b2J", "\u202eabc", "[red]x"]


@pytest.mark.sampled(slow=3)
@pytest.mark.parametrize("name", NAMES)
def test_names_never_steer_the_terminal(place: Path, plain: Callable, name: str) -> None:
    shutil.copytree("runs/run", f"runs/{name}")
    Path("experiments").mkdir()
    Path(f"experiments/{name}.yaml").write_text(f"# {name} hello")
    for words in (["ls"], ["plot", f"runs/{name}"]):
        check(plain(*words), place, 0)
    Path(f"runs/{name}/history.csv").unlink()
    for words in (["plot", f"runs/{name}"], ["validate", f"{name}.yaml"], ["validate", f"experiments/{name}.yaml"]):
        check(plain(*words), place)


@pytest.mark.sampled(slow=7)
@SLOW
@pytest.mark.parametrize("name", NAMES)
def test_nor_do_they_with_predict(place: Path, kerasvgg_: Callable, name: str) -> None:
    shutil.copytree("runs/run", f"runs/{name}")
    check(kerasvgg_("predict", f"runs/{name}", "picture.png"), place, 0)
    Path(f"runs/{name}/model.keras").write_text(name)
    for model in (f"runs/{name}", f"runs/{name}/model.keras"):
        check(kerasvgg_("predict", model, "picture.png"), place)


@pytest.mark.parametrize("make", [os.mkfifo, folder, link("/dev/zero"), link("nowhere"), text(b"\xff"), sparse])
def test_strange_experiments_stop_no_listing(place: Path, plain: Callable, make: Make) -> None:
    Path("experiments").mkdir()
    make(Path("experiments/x.yaml"))
    Path("experiments/y.yaml").write_text("# Good one")
    done = plain("ls")
    check(done, place, 0)
    assert "Good one" in done.out


def configured(change: Callable[[dict], object]) -> Make:
    """A model.keras that is right but for its configuration."""

    def make(path: Path) -> None:
        rewrite(path, "config.json", lambda text: json.dumps(change(json.loads(text))))

    return make


def described(**fields: object) -> Make:
    """A model.keras that is right but for what it says of itself."""
    return lambda path: rewrite(path, "kerasvgg.json", lambda text: json.dumps({**json.loads(text), **fields}))


def rewrite(path: Path, member: str, change: Callable[[str], str | bytes], times: int = 1) -> None:
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members[member] = change(members[member].decode())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def layer(number: int, **fields: object) -> Callable[[dict], dict]:
    """Changes fields of one layer's configuration."""

    def change(config: dict) -> dict:
        config["config"]["layers"][number]["config"].update(fields)
        return config

    return change


def instead(number: int, **entry: object) -> Callable[[dict], dict]:
    """Puts another entry in a layer's place."""

    def change(config: dict) -> dict:
        config["config"]["layers"][number] = entry
        return config

    return change


def saved(*middle: Callable[[], object]) -> Make:
    """A model.keras that is whole, with other layers."""

    def make(path: Path) -> None:
        import keras

        from kerasvgg.modelfile.description import read_description
        from kerasvgg.models.save import save_model

        layers = [keras.Input((16, 16, 3)), *(layer() for layer in middle), keras.layers.Dense(1)]
        model, description = keras.Sequential(layers), read_description(path)
        path.unlink()
        save_model(model, path, description)
        Path("RAN").unlink(missing_ok=True)

    return make


def code_inside() -> object:
    import keras

    return keras.layers.Lambda(lambda x: [Path("RAN").touch(), x][1], output_shape=(16, 16, 3))


def enlarged() -> object:
    import keras

    return keras.layers.UpSampling2D(5000)


def pooled() -> object:
    import keras

    return keras.layers.GlobalAveragePooling2D()


def zip_bomb(member: str) -> Make:
    return lambda path: rewrite(path, member, lambda text: bytes(400 << 20)) if member != "more" else add(path)


def add(path: Path) -> None:
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        for number in range(4):
            archive.writestr(f"assets/{number}", bytes(100 << 20))


def half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def other_weights(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    path.with_name("weights.h5").write_bytes(members["model.weights.h5"])
    h5_external(path.with_name("weights.h5"))
    members["model.weights.h5"] = path.with_name("weights.h5").read_bytes()
    path.with_name("weights.h5").unlink()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def again(make: Make) -> Make:
    """What takes the place of the right file, instead of changing it."""

    def replace(path: Path) -> None:
        path.unlink()
        make(path)

    return replace


def system(name: str = "layers", module: str = "os") -> Callable[[dict], dict]:
    return instead(1, module=module, class_name=name, config={"command": "touch RAN"}, registered_name=None)


MODELS: dict[str, Make] = {
    **{name: again(make) for name, make in PLAIN.items()},
    "half of it": half,
    "a Lambda with code": saved(code_inside, pooled),
    "a picture of gigabytes inside": saved(enlarged, pooled),
    "a class of os": configured(system("system")),
    "a class of subprocess": configured(system("Popen", "subprocess")),
    "a function of builtins": configured(system("exec", "builtins")),
    "a function of keras that fetches": configured(
        instead(1, module="keras.utils", class_name="get_file", config={"fname": "RAN", "origin": "file:///etc/passwd"})
    ),
    "a class that is not there": configured(system("Nothing", "no.such.module")),
    "a module that is a path": configured(system("x", "../../outside")),
    "units without end": configured(layer(3, units=10**12)),
    "gigabytes of units": configured(layer(3, units=800_000)),
    "filters without end": configured(layer(1, filters=10**9)),
    "filters of text": configured(layer(1, filters="\x1b[2J" * 99)),
    "negative units": configured(layer(3, units=-5)),
    "a huge picture": configured(layer(0, batch_shape=[None, 10**6, 10**6, 3])),
    "a huge output": configured(
        instead(
            1, module="keras.layers", class_name="UpSampling2D", config={"size": [5000, 5000]}, registered_name=None
        )
    ),
    "a huge repetition": configured(
        instead(2, module="keras.layers", class_name="RepeatVector", config={"n": 10**12}, registered_name=None)
    ),
    "no layers": configured(lambda config: {**config, "config": {"name": "x", "layers": []}}),
    "no configuration": configured(lambda config: None),
    "deep brackets": lambda path: rewrite(path, "config.json", lambda text: "[" * 100_000),
    "a model in a model in a model": configured(lambda config: json.loads('{"a":' * 90 + "1" + "}" * 90)),
    "a bomb for a configuration": zip_bomb("config.json"),
    "a bomb for its description": zip_bomb("kerasvgg.json"),
    "bombs beside it": zip_bomb("more"),
    "weights that lead elsewhere": other_weights,
    "no names": described(class_names=[]),
    "a name too many": described(class_names=["a", "b", "c"]),
    "a million names": described(class_names=["a"] * 1_000_000),
    "names that are lists": described(class_names=[["a"], {}]),
    "names that are one text": described(class_names=5),
    "a huge size": described(image_size=[100_000, 100_000]),
    "another size": described(image_size=[32, 32]),
    "a size of text": described(image_size="16"),
    "a size without end": described(image_size=[float("inf"), 16]),
    "an unknown interpolation": described(interpolation="magic"),
    "an interpolation of lists": described(interpolation=[]),
    "an unknown fit": described(fit="stretch"),
    "a fit of lists": described(fit=[]),
    "a novelty of lists": described(novelty=[]),
    "a huge novelty": described(
        novelty={"threshold": 1, "rest": 1, "mean": "A" * 9_000_000, "variances": "", "axes": ""}
    ),
    "unknown fields": described(exec="touch RAN"),
    "wrong weights": described(weights_sha256="0" * 64),
    "a description of brackets": lambda path: rewrite(path, "kerasvgg.json", lambda text: "[" * 100_000),
    "a description of bytes": lambda path: rewrite(path, "kerasvgg.json", lambda text: b"\xff\xfe"),
}


@pytest.mark.sampled(slow=12)
@pytest.mark.parametrize("make", most_are_slow(MODELS))
def test_a_strangers_model_is_refused(place: Path, kerasvgg_: Callable, make: Make) -> None:
    make(Path("runs/run/model.keras"))
    check(kerasvgg_("predict", "runs/run", "picture.png"), place)


def h5_external(path: Path) -> None:
    import h5py

    def point(name: str, item: object) -> None:
        if isinstance(item, h5py.Dataset) and item.ndim > 1:
            found.append(name)

    found: list[str] = []
    with h5py.File("../outside/other.h5", "w") as file:
        file["kernel"] = np.zeros((3, 3, 3, 4), np.float32)
    with h5py.File(path, "a") as file:
        file.visititems(point)
        del file[found[0]]
        file[found[0]] = h5py.ExternalLink("../outside/other.h5", "kernel")


def h5_changed(change: Callable) -> Make:
    def make(path: Path) -> None:
        import h5py

        with h5py.File(path, "a") as file:
            change(h5py, file)

    return make


def described_elsewhere(h5py: object, file: object) -> None:
    del file["kerasvgg"]
    os.mkfifo("pipe.h5")
    file["kerasvgg"] = h5py.ExternalLink("pipe.h5", "x")


def stored_elsewhere(h5py: object, file: object) -> None:
    del file["kerasvgg"]
    file.create_dataset("kerasvgg", (10,), "S1", external=[("../../outside/user.txt", 0, 10)])


def virtual(h5py: object, file: object) -> None:
    del file["kerasvgg"]
    layout = h5py.VirtualLayout(shape=(10,), dtype="S1")
    layout[:] = h5py.VirtualSource("../outside/user.txt", "x", shape=(10,))
    file.create_virtual_dataset("kerasvgg", layout)


def huge(h5py: object, file: object) -> None:
    del file["kerasvgg"]
    file.create_dataset("kerasvgg", (10**11,), "S1", chunks=(10**6,), compression="gzip")


def soft(h5py: object, file: object) -> None:
    file["loop"] = h5py.SoftLink("/loop")


def a_group(h5py: object, file: object) -> None:
    del file["kerasvgg"]
    file.create_group("kerasvgg")


def huge_units(h5py: object, file: object) -> None:
    config = json.loads(file.attrs["model_config"])
    config["config"]["layers"][3]["config"]["units"] = 800_000
    file.attrs["model_config"] = json.dumps(config)


def code(h5py: object, file: object) -> None:
    config = json.loads(file.attrs["model_config"])
    config["config"]["layers"][1] = {"class_name": "system", "module": "os", "config": {"command": "touch RAN"}}
    file.attrs["model_config"] = json.dumps(config)


H5 = {
    "weights that lead elsewhere": h5_external,
    "a description in a pipe": h5_changed(described_elsewhere),
    "a description in another file": h5_changed(stored_elsewhere),
    "a virtual description": h5_changed(virtual),
    "a description of 100 GB": h5_changed(huge),
    "a link to itself": h5_changed(soft),
    "a group for a description": h5_changed(a_group),
    "gigabytes of units": h5_changed(huge_units),
    "code for a layer": h5_changed(code),
    "half of it": half,
}


@pytest.mark.sampled(slow=3)
@pytest.mark.parametrize("make", H5.values(), ids=H5)
def test_a_strangers_h5_is_refused(place: Path, kerasvgg_: Callable, make: Make) -> None:
    make(Path("runs/run/model.h5"))
    (place / "outside" / "other.h5").unlink(missing_ok=True)
    check(kerasvgg_("predict", "runs/run/model.h5", "picture.png"), place)


@pytest.mark.slow
def test_the_folder_that_all_of_them_change_is_right(place: Path, kerasvgg_: Callable) -> None:
    check(kerasvgg_("plot", "runs/run"), place, 0)
    for model in ("runs/run", "runs/run/model.h5"):
        done = kerasvgg_("predict", model, "picture.png")
        check(done, place, 0)
        assert done.out.startswith("picture.png: ")
    assert "50.0 % (" in kerasvgg_("ls").out


@SLOW
def test_a_strangers_class_names_never_steer_the_terminal(place: Path, kerasvgg_: Callable) -> None:
    described(class_names=["\x1b[2J", "\x1b]0;owned\x07"])(Path("runs/run/model.keras"))
    for words in ([], ["--json"]):
        check(kerasvgg_("predict", "runs/run", "picture.png", *words), place, 0)
