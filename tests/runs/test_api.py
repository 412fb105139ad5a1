"""The public functions: what the commands do, with plain arguments and results."""

import shutil
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

import kerasvgg
from kerasvgg.errors import ConfigError, DataError, KerasVGGError, ModelFileError
from kerasvgg.modelfile.description import read_description

TINY = """\
seed: 1
data: {dataset: pictures, split: {train: 6, validation: 3, test: 3}, image_size: [48, 48], batch_size: 8}
model: {base: small_cnn, head: {units: 8}}
train: [{epochs: 1, learning_rate: 1e-3}]
"""
SMALL = "data.image_size=[32, 32]"


@pytest.fixture
def place(class_folders, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    class_folders()
    Path("tiny.yaml").write_text(TINY)
    yield tmp_path
    keras.backend.clear_session()


@pytest.mark.slow
def test_a_run_is_predicted_evaluated_compared_opened_and_upgraded(place):
    first = kerasvgg.run("tiny.yaml")["tiny"]
    assert first.metrics["n"] == 6
    second = kerasvgg.run("tiny.yaml", "train.0.epochs=2")["tiny"]
    predictions = kerasvgg.predict(first.folder.path, "pictures")
    assert len(predictions) == 24
    assert {one.predicted for one in predictions} <= {"cat", "dog"}
    assert kerasvgg.predict(kerasvgg.open_model(first.folder.model_h5), "pictures/cat/0.png")[0].true == ""
    scored = kerasvgg.evaluate(first.folder.path, "pictures").metrics
    assert (scored["n"], scored["known_before"]) == (24, {"train": 12, "validation": 6})
    compared = kerasvgg.compare(first.folder.path, second.folder.path)
    assert [one["n"] for one in compared.figures] == [6, 6]
    assert len(compared.pairs) == 1
    assert kerasvgg.inspect(first.folder.model_keras).is_safe
    assert kerasvgg.upgrade(first.folder.model_h5, "again.keras").difference == 0
    trained = kerasvgg.Trained.open(first.folder.path)
    assert trained.predict(np.zeros((1, 48, 48, 3)))[0].predicted in ("cat", "dog")
    assert trained.show("pictures/cat/0.png").shape == (48, 48, 3)
    for predict in (trained.predict, lambda *what, **how: kerasvgg.predict(trained, *what, **how)):
        with pytest.raises(ModelFileError, match="to tell what is unknown"):
            predict("pictures", unknown=True)
    trained.save("copy.h5")
    assert kerasvgg.open_model("copy.h5").description == trained.description


@pytest.mark.slow
def test_a_finished_run_is_left_alone_by_resume(place):
    first = kerasvgg.run("tiny.yaml")["tiny"]
    written = first.folder.metrics.stat().st_mtime_ns
    assert kerasvgg.run("tiny.yaml", resume=True)["tiny"].metrics == first.metrics
    assert first.folder.metrics.stat().st_mtime_ns == written


def test_folders_are_checked_and_split(place):
    assert kerasvgg.check("pictures").errors == 0
    planned = kerasvgg.split("pictures", "parts", train=6, validation=3, test=3)
    assert len(planned.pictures) == 24
    assert len(list(Path("parts/test/cat").iterdir())) == 3


def test_labels_say_the_classes_of_what_is_checked_and_split(place):
    rows = [f"{name}/{i}.png,{'even' if i % 2 else 'odd'},{name}" for name in ("cat", "dog") for i in range(12)]
    Path("my.csv").write_text("\n".join(["path,class,group", *rows]))
    assert kerasvgg.check("pictures", labels="my.csv").survey.counts.keys() == {"even", "odd"}
    planned = kerasvgg.split("pictures", "parts", labels="my.csv", validation=0.5)
    assert planned.classes == ("even", "odd")
    assert {(one.group, one.split) for one in planned.pictures} in (
        {("cat", "train"), ("dog", "validation")},
        {("dog", "train"), ("cat", "validation")},
    )


@pytest.mark.parametrize(
    ("call", "error", "told"),
    [
        (lambda: kerasvgg.run("nowhere.yaml"), ConfigError, "there is no such file"),
        (lambda: kerasvgg.predict("nowhere.keras", "pictures"), KerasVGGError, "received nothing there"),
        (lambda: kerasvgg.compare("one"), ConfigError, "at least two folders"),
        (lambda: kerasvgg.check("nowhere"), DataError, "which is neither"),
    ],
)
def test_mistakes_are_kerasvggs_own_errors(place, call, error, told):
    with pytest.raises(error, match=told):
        call()


def test_the_public_names_are_shown_and_load_nothing_before_they_are_asked_for():
    assert set(kerasvgg.__all__) <= set(dir(kerasvgg))
    assert all(getattr(kerasvgg, name) for name in kerasvgg.__all__)
    code = "import sys, kerasvgg; dir(kerasvgg); print({'numpy', 'tensorflow', 'pydantic'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.slow
def test_seeds_are_run_side_by_side_and_pooled(place, monkeypatch, capsys):
    from kerasvgg.__main__ import main

    monkeypatch.setattr("sys.argv", ["kerasvgg", "run", "tiny.yaml", "--seeds", "2"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    assert "tiny: mean " in capsys.readouterr().out
    assert sorted(path.parent.name for path in Path("runs/tiny").glob("*/1")) == ["seed-1", "seed-2"]


@pytest.fixture
def pets(class_folders, tmp_path, monkeypatch):
    monkeypatch.setattr("kerasvgg.training.build.imagenet_weights", lambda base: None)
    monkeypatch.chdir(tmp_path)
    yield class_folders(root=Path("pets"), per_class=4)
    keras.backend.clear_session()


def test_a_folder_of_pictures_is_run_as_the_command_runs_it(pets, monkeypatch, capsys):
    from kerasvgg.__main__ import main

    rows = [f"{name}/{i}.png,{'even' if i % 2 else 'odd'}" for name in ("cat", "dog") for i in range(4)]
    Path("my.csv").write_text("\n".join(["path,class", *rows]))
    made = kerasvgg.run("pets", SMALL, quick=True, labels="my.csv")["pets"]
    assert (made.folder.path, made.metrics["n"]) == (Path("runs/pets/1"), 8)
    assert read_description(made.folder.model_h5).class_names == ("even", "odd")
    assert "fine_tuning: false" in Path("runs/pets.yaml").read_text()
    again = kerasvgg.run("pets", SMALL, quick=True, labels="my.csv", resume=True)
    assert again["pets"].metrics == made.metrics
    words = ["kerasvgg", "run", "pets", SMALL, "--quick", "--labels", "my.csv", "--resume"]
    monkeypatch.setattr("sys.argv", words)
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    assert "runs/pets/1 is finished already" in capsys.readouterr().err
    assert sorted(path.name for path in Path("runs").iterdir()) == ["pets", "pets.yaml"]


@pytest.mark.slow
def test_a_run_is_brought_up_to_date_with_a_folder(pets):
    made = kerasvgg.run("pets", SMALL, quick=True)["pets"]
    shutil.copy("pets/cat/0.png", "pets/cat/again.png")
    updated = kerasvgg.run(pets, from_run=made.folder.path)["pets"]
    assert updated.folder.path == Path("runs/pets/2")
    assert (updated.metrics["n"], updated.metrics["compared_with"]["n"]) == (9, 8)


@pytest.mark.parametrize(
    ("what", "options", "told"),
    [
        ("pets", {"minutes": -1}, "`minutes` must be a number above 0, received -1"),
        ("pets", {"minutes": float("nan")}, "`minutes` must be a number above 0, received nan"),
        ("quickstart", {"minutes": 3}, "must go with a folder of pictures"),
        ("quickstart", {"from_run": "pets"}, "must go with a folder of pictures"),
        ("pets", {"from_run": "pets"}, "must be the folder of a finished run"),
        ("pets", {"from_run": "pets", "quick": True}, "must go without `quick`"),
    ],
)
def test_options_that_do_not_suit_what_is_run_are_refused_and_nothing_is_written(pets, what, options, told):
    with pytest.raises(ConfigError, match=told):
        kerasvgg.run(what, **options)
    assert not Path("runs").exists()
