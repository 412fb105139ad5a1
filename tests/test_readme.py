"""Every command in the README runs, the long ones on few pictures for one epoch."""

import lzma
import re
import shlex
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from kerasvgg.__main__ import main
from kerasvgg.config.load import load_experiments
from kerasvgg.config.shipped import experiment_path, shipped
from kerasvgg.models.classifier import build_classifier
from kerasvgg.models.save import save_model

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)
SHELL = [line for kind, text in BLOCKS if kind == "sh" for line in text.splitlines() if line and line[0] != "#"]
TABLE = re.findall(r"`(kerasvgg run [^`]*)`", README)
COMMANDS = list(dict.fromkeys(SHELL + TABLE))
# What needs a folder, a model or a run that an earlier command has made; several processes share out the others.
STORY = [line for line in COMMANDS if re.search(r"\bpets\b|runs/|gender|cats_and_dogs_small|quickstart$", line)]


def test_the_readme_has_commands_and_only_known_ones():
    assert len(SHELL) > 10
    assert {line.split()[0] for line in COMMANDS} == {"make", "kerasvgg", "pip"}
    for line in COMMANDS:
        if line.startswith("make"):
            subprocess.run(["make", "-n", line.split()[1]], cwd=ROOT, check=True, capture_output=True)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A working folder with a folder `pets` of one's own pictures and a model of Keras 2.1.6."""
    folder = tmp_path_factory.mktemp("readme")
    old = ROOT / "tests" / "corpus" / "files" / "keras216_cats_and_dogs_small_1.h5.xz"
    (folder / "cats_and_dogs_small_1.h5").write_bytes(lzma.decompress(old.read_bytes()))
    return folder


def _reduced(words: list[str], pictures: Path, folder: Path) -> list[str]:
    """Adds overrides to what trains, so that it takes seconds."""
    if words[1] != "run":
        return words
    if (folder / words[2]).is_dir():
        return [*words, "data.image_size=[48, 48]"]
    small = ["data.image_size=[48, 48]", f"data.dataset={pictures}"]
    asked = words[words.index("--variant") + 1 :][:1] if "--variant" in words else None
    path = folder / words[2] if (folder / words[2]).exists() else experiment_path(Path(words[2]))
    experiments = load_experiments(path, (), asked).values()
    most = min(len(experiment.train) for experiment in experiments)
    phases = [f"train.{i}.{name}" for i in range(most) for name in ("epochs=1", "steps_per_epoch=1")]
    if any(experiment.train and experiment.train[0].windows for experiment in experiments):
        phases.append("train.0.windows={least: 2, most: 3, last_start: 4}")
    parts = ["data.split={train: 0.5, validation: 0.2}"] if most else []
    return words + small + parts + phases


@pytest.mark.slow
def test_the_commands_that_build_on_one_another_run_in_order(place, class_folders, weights_file, monkeypatch):
    for line in STORY:
        _run(line, place, class_folders, weights_file, monkeypatch)


OTHERS = [line for line in COMMANDS if line not in STORY and line.startswith("kerasvgg")]


def _mark(line: str) -> object:
    """Trainings are slow; in the table, another variant of an experiment is one more of a kind."""
    if line not in SHELL and " --variant " in line:
        return pytest.mark.very_slow
    return pytest.mark.slow if re.search(" run | lr-find ", line) else ()


@pytest.mark.parametrize("line", [pytest.param(line, marks=_mark(line)) for line in OTHERS])
def test_every_other_command_in_the_readme_runs(line, place, class_folders, weights_file, monkeypatch):
    _run(line, place, class_folders, weights_file, monkeypatch)


def _run(line, place, class_folders, weights_file, monkeypatch):
    pictures = class_folders(per_class=8, root=place / "pets", size=(60, 60))
    monkeypatch.setenv("KERASVGG_HOME", str(weights_file.parent.parent))
    words = _reduced(shlex.split(line), pictures, place)
    monkeypatch.chdir(place)
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit) as ended:
        main()
    allowed = (0, 1) if words[1] == "inspect" else (0,)  # 1: it can't be opened as it is
    assert ended.value.code in allowed, line
    keras.backend.clear_session()


def test_the_shown_report_is_what_inspect_says(place, monkeypatch, capsys):
    monkeypatch.chdir(place)
    monkeypatch.setattr(sys, "argv", ["kerasvgg", "inspect", "cats_and_dogs_small_1.h5"])
    with pytest.raises(SystemExit):
        main()
    shown = next(text for kind, text in BLOCKS if kind == "text" and "verdict" in text)
    assert capsys.readouterr().out.startswith(shown)


@pytest.mark.slow
def test_the_python_in_the_readme_runs(place, class_folders, weights_file, monkeypatch):
    class_folders(per_class=4, root=place / "pets", size=(60, 60))
    for part in ("train", "validation"):
        class_folders(per_class=4, root=place / "pets-split" / part, size=(60, 60))
    monkeypatch.chdir(place)
    monkeypatch.setenv("KERASVGG_HOME", str(weights_file.parent.parent))
    for code in [text for kind, text in BLOCKS if kind == "python"]:
        exec(compile(re.sub(r"epochs=\d+", "epochs=1", code), "README.md", "exec"), {})
    assert (place / "pets.keras").stat().st_size > 1e6


@pytest.mark.slow
def test_the_python_on_the_page_about_seeing_runs(tmp_path):
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "seeing.md").read_text(encoding="utf-8"), re.DOTALL)
    model = build_classifier("vgg16", (32, 32), 2, kind="vgg", pooling="average", units=())
    save_model(model, tmp_path / "model.keras", None)
    names = {"path": tmp_path / "model.keras", "image": np.full((32, 32, 3), 90, np.float32)}
    assert "range(16))" in code  # sixteen filters take a minute
    exec(compile(code.replace("range(16))", "range(1), steps=2)"), "seeing.md", "exec"), names)
    assert names["outputs"]["block1_conv1"].shape == (32, 32, 64)
    assert names["heat"].shape == (32, 32)
    assert names["pictures"].shape == (1, 128, 128, 3)


def test_every_experiment_says_what_it_does_its_command_and_what_to_expect():
    for name, path in shipped().items():
        text = path.read_text(encoding="utf-8")
        assert f"kerasvgg run {name}" in text
        assert "# Expect: " in text
        assert "@@" not in text
        assert load_experiments(path, (), ("all",))


def test_links_in_the_documentation_lead_somewhere():
    for page in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")):
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            if not target.startswith("http"):
                assert (page.parent / target).exists(), f"{page.name}: {target}"
