"""A training that is interrupted and taken up again ends as if nothing had happened."""

import os
import shutil

import keras
import numpy as np
import pytest
from keras.initializers import GlorotUniform

from kerasvgg.errors import ConfigError, DataError
from kerasvgg.files.hashing import fingerprint
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.recipes import feature_extraction, fine_tuning, from_scratch
from kerasvgg.training.checkpoint import CheckpointWriter, WriteThrottle
from kerasvgg.training.state import DamagedStateError

EVERYTHING = {
    "image_size": (48, 48),
    "batch_size": 8,
    "units": (16,),
    "input_dropout": 0.2,
    "dropout": 0.3,
    "early_stopping": {"patience": 3},
    "reduce_learning_rate": {"patience": 1, "factor": 0.5, "min_delta": 0.002},
}
AUGMENT = {"rotation_range": 30, "zoom_range": 0.2, "horizontal_flip": True}
VGG = {"weights": None, "pooling": "average", "head_epochs": 3, "head_learning_rate": 1e-2, "epochs": 4}
RECIPES = {
    "small CNN": (from_scratch, {"epochs": 4, "augment": AUGMENT}),
    "small CNN, Keras' augmentation": (
        from_scratch,
        {"epochs": 3, "optimizer": "adam", "augment": {**AUGMENT, "engine": "imagedatagenerator"}},
    ),
    "features": (feature_extraction, {"weights": None, "pooling": "average", "epochs": 4, "learning_rate": 1e-2}),
    "features of copies": (
        feature_extraction,
        {"weights": None, "pooling": "average", "epochs": 3, "augment": AUGMENT, "augment_copies": 2},
    ),
    "fine-tuning": (fine_tuning, {**VGG, "augment": AUGMENT, "learning_rate": 1e-4}),
    "fine-tuning, last": (fine_tuning, {**VGG, "keep": "last", "optimizer": "sgd", "steps_per_epoch": 4}),
}


SHORT = ("small CNN",)
LONG = tuple(name for name in RECIPES if name not in SHORT)


class Killed(BaseException):
    """What no handler of errors catches."""


@pytest.fixture(scope="module")
def arrays(noisy):
    return noisy()


@pytest.fixture
def every_epoch(monkeypatch):
    """Writes a state after every epoch, however short."""
    monkeypatch.setattr(WriteThrottle, "is_due", True)


def _stopping_after(epochs):
    def call(keeper, record, written=CheckpointWriter.__call__):
        written(keeper, record)
        if len(record.rows) == epochs:
            raise Killed

    return call


@pytest.mark.parametrize(
    "name",
    [
        *(pytest.param(name, marks=pytest.mark.slow) for name in SHORT),
        *(pytest.param(name, marks=pytest.mark.very_slow) for name in LONG),
    ],
)
def test_stopped_at_any_epoch_it_ends_like_the_uninterrupted_training(name, arrays, tmp_path, every_epoch, monkeypatch):
    recipe, options = RECIPES[name]
    options = {**EVERYTHING, **options}
    whole = recipe(arrays, arrays, **options)
    run = tmp_path / "run"
    stops = 0
    while stops <= len(whole.history):
        with monkeypatch.context() as patch:
            patch.setattr(CheckpointWriter, "__call__", _stopping_after(stops + 1))
            try:
                resumed = recipe(arrays, arrays, **options, run_folder=run, resume=True)
            except Killed:
                stops += 1
            else:
                break
    assert stops == len(whole.history) > 2
    assert resumed.history == whole.history == RunFolder.open(run).read_history()
    assert fingerprint(resumed.model.weights) == fingerprint(whole.model.weights)
    assert resumed.resumed_after == list(range(1, stops + 1))


@pytest.mark.very_slow
def test_the_rules_are_at_work_in_what_is_resumed(arrays):
    recipe, options = RECIPES["fine-tuning"]
    history = recipe(arrays, arrays, **{**EVERYTHING, **options, "epochs": 30}, stop_when_dead=False).history
    assert len(history) < 33  # early stopping
    assert len({row["learning_rate"] for row in history[3:]}) > 1


@pytest.mark.slow
def test_each_phase_begins_with_its_own_learning_rate(arrays):
    always = {"patience": 1, "factor": 0.5, "min_delta": 10.0}
    recipe, options = RECIPES["fine-tuning"]
    history = recipe(arrays, arrays, **{**EVERYTHING, **options, "epochs": 3, "reduce_learning_rate": always}).history
    assert [row["learning_rate"] for row in history] == [1e-2, 1e-2, 5e-3, 1e-4, 1e-4, 5e-5]


@pytest.fixture(scope="module")
def three_epochs(arrays, tmp_path_factory):
    """The folder of a small training that was stopped after three epochs of five."""
    folder = tmp_path_factory.mktemp("stopped") / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WriteThrottle, "is_due", True)
        patch.setattr(CheckpointWriter, "__call__", _stopping_after(3))
        with pytest.raises(Killed):
            from_scratch(arrays, arrays, **EVERYTHING, epochs=5, run_folder=folder)
    return folder


@pytest.fixture
def stopped(arrays, three_epochs, tmp_path, every_epoch):
    """How to call that training again, and its folder."""
    folder = shutil.copytree(three_epochs, tmp_path / "run")
    options = {**EVERYTHING, "epochs": 5, "run_folder": folder, "resume": True}
    return lambda **more: from_scratch(arrays, arrays, **{**options, **more}), RunFolder(folder)


def test_the_last_two_states_are_kept(stopped):
    _, folder = stopped
    assert sorted(path.name for path in folder.checkpoints.glob("state*")) == ["state-000002.zip", "state-000003.zip"]


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param("cut", marks=pytest.mark.slow),
        *(
            pytest.param(how, marks=pytest.mark.very_slow)
            for how in ("pipe", "bit", "empty", "text", "compressed", "deep", "other")
        ),
    ],
)
def test_a_damaged_state_is_said_and_the_one_before_taken(stopped, damage, capfd, arrays):
    call, folder = stopped
    path = folder.checkpoints / "state-000003.zip"
    _damage(path, damage)
    resumed = call()
    assert f"`{path}` must be a whole state of a training" in capfd.readouterr().err
    assert resumed.resumed_after == [2]
    assert resumed.history == from_scratch(arrays, arrays, **EVERYTHING, epochs=5).history


@pytest.mark.slow
def test_any_changed_byte_of_a_state_is_noticed_or_means_nothing(stopped, arrays):
    from kerasvgg.training.state import read_state

    _, folder = stopped
    path = folder.checkpoints / "state-000003.zip"
    before, whole = read_state(path), path.read_bytes()
    draw = np.random.default_rng(0)
    noticed = 0
    # The archive's own lists are at both ends, and what they cause is more various.
    ends = [*range(0, 60, 3), *range(len(whole) - 300, len(whole), 3)]
    for place in [*draw.integers(0, len(whole), 60), *ends]:
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        try:
            after = read_state(path)
        except DamagedStateError:
            noticed += 1
            continue
        assert after.rows == before.rows
        assert all(np.array_equal(a, b) for a, b in zip(after.weights, before.weights, strict=True))
    assert noticed > 50


def _damage(path, how):
    import zipfile

    content = path.read_bytes()
    if how == "pipe":
        path.unlink()
        os.mkfifo(path)
        return
    if how in ("compressed", "deep", "other"):
        text = {"compressed": "{}", "deep": "[" * 100_000, "other": '{"rows": 5}'}[how]
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED if how == "compressed" else 0) as archive:
            archive.writestr("state.json", text)
        return
    middle = len(content) // 2
    path.write_bytes(
        {
            "cut": content[:middle],
            "bit": content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :],
            "empty": b"",
            "text": b"no archive",
        }[how]
    )


@pytest.mark.very_slow
def test_a_damaged_state_does_not_stay_among_the_last_two(stopped, monkeypatch):
    call, folder = stopped
    _damage(folder.checkpoints / "state-000003.zip", "cut")
    monkeypatch.setattr(WriteThrottle, "is_due", False)  # then only the end of the phase has a state
    monkeypatch.setattr(RunFolder, "remove_checkpoints", lambda self: None)
    call()
    assert sorted(path.name for path in folder.checkpoints.glob("state*")) == ["state-000002.zip", "state-000005.zip"]


def test_with_all_states_damaged_it_stops_and_says_so(stopped):
    call, folder = stopped
    for path in folder.checkpoints.glob("state*"):
        path.write_bytes(b"")
    with pytest.raises(DamagedStateError, match=r"state-000002\.zip` must be a whole state"):
        call()


@pytest.mark.sampled(by_default=4, slow=9)
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"epochs": 6}, r"`train\.0\.epochs` was 5, is 6"),
        ({"learning_rate": 0.5}, r"`train\.0\.learning_rate` was .*, is 0\.5"),
        ({"early_stopping": None}, r"train\.0\.early_stopping"),
        ({"augment": {"rotation_range": 3}}, r"`augment\.rotation_range` was not there, is 3"),
        ({"batch_size": 4}, "batch_size` was 8, is 4"),
        ({"seed": 9}, "`seed` was 0, is 9"),
        ({"units": (17,)}, r"`model\.head\.units\.0` was 16, is 17"),
        ({"keep": "last"}, "`keep` was best, is last"),
        ({"fit": "pad"}, r"`data\.fit` was squeeze, is pad"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_changed_setting_is_named_and_refused(stopped, change, words):
    call, folder = stopped
    before = {path: path.read_bytes() for path in folder.path.rglob("*") if path.is_file()}
    with pytest.raises(ConfigError, match=words):
        call(**change)
    assert before == {path: path.read_bytes() for path in folder.path.rglob("*") if path.is_file()}


def test_changed_pictures_and_versions_are_named(stopped, arrays, monkeypatch):
    call, folder = stopped
    images = arrays[0].copy()
    images[5] = 0
    with pytest.raises(ConfigError, match=r"training pictures: was .*; validation pictures: was"):
        from_scratch(
            (images, arrays[1]),
            (images, arrays[1]),
            **{**EVERYTHING, "epochs": 5, "run_folder": folder.path, "resume": True},
        )
    other_labels = arrays[0], 1 - arrays[1]
    with pytest.raises(ConfigError, match="training pictures: was"):
        from_scratch(other_labels, arrays, **EVERYTHING, epochs=5, run_folder=folder.path, resume=True)
    with monkeypatch.context() as patch:
        patch.setattr("kerasvgg.training.resume.threads", lambda: 99)
        with pytest.raises(ConfigError, match=r"threads: was \d+, is 99"):
            call()
    with pytest.raises(ConfigError, match="`feature_dtype` was float32, is float16"):
        call(feature_dtype="float16")
    monkeypatch.setattr("tensorflow.__version__", "3.0.0")
    with pytest.raises(ConfigError, match=r"versions\.tensorflow: was 2\.\S+, is 3\.0\.0"):
        call()


@pytest.mark.slow
def test_told_to_it_goes_on_after_a_change(stopped, capfd):
    call, _ = stopped
    resumed = call(epochs=6, learning_rate=1e-4, force=True)
    assert "going on although changed: `train.0.epochs` was 5, is 6" in capfd.readouterr().err
    assert resumed.history[3]["learning_rate"] == 1e-4
    assert len(resumed.history) == 6


@pytest.mark.slow
def test_other_layers_can_not_be_forced_and_nothing_is_lost_by_trying(stopped, arrays):
    call, folder = stopped
    before = {path: path.read_bytes() for path in folder.path.rglob("*") if path.is_file()}
    with pytest.raises(ConfigError, match="the state must hold arrays of the shapes"):
        call(units=(17,), force=True)
    assert before == {path: path.read_bytes() for path in folder.path.rglob("*") if path.is_file()}
    assert call().history == from_scratch(arrays, arrays, **EVERYTHING, epochs=5).history


@pytest.mark.very_slow
def test_a_phase_that_is_over_can_not_be_changed_even_by_force(arrays, tmp_path, every_epoch, monkeypatch):
    recipe, options = RECIPES["fine-tuning"]
    options = {**EVERYTHING, **options, "run_folder": tmp_path / "run"}
    with monkeypatch.context() as patch:
        patch.setattr(CheckpointWriter, "__call__", _stopping_after(4))
        with pytest.raises(Killed):
            recipe(arrays, arrays, **options)
    with pytest.raises(ConfigError, match=r"has come to `train\.1`, which must be there, and what is before it"):
        recipe(arrays, arrays, **{**options, "head_epochs": 9, "resume": True, "force": True})
    with pytest.raises(ConfigError, match=r"has come to `train\.1`"):
        feature_extraction(
            arrays,
            arrays,
            **{**EVERYTHING, "weights": None, "pooling": "average", "epochs": 3},
            run_folder=tmp_path / "run",
            resume=True,
            force=True,
        )


@pytest.mark.very_slow
def test_another_training_in_the_folder_does_not_mix_with_the_states_of_the_first(stopped, arrays, monkeypatch):
    _, folder = stopped
    options = {**EVERYTHING, "epochs": 5, "learning_rate": 1e-4, "run_folder": folder.path}
    with monkeypatch.context() as patch:
        patch.setattr(CheckpointWriter, "__call__", _stopping_after(1))
        with pytest.raises(Killed):
            from_scratch(arrays, arrays, **options)
    assert [path.name for path in folder.checkpoints.glob("state*")] == ["state-000001.zip"]
    resumed = from_scratch(arrays, arrays, **options, resume=True)
    assert resumed.resumed_after == [1]


@pytest.mark.very_slow
def test_a_folder_without_a_state_starts_anew(arrays, stopped):
    call, folder = stopped
    shutil.rmtree(folder.checkpoints)
    assert call().history == from_scratch(arrays, arrays, **EVERYTHING, epochs=5).history


@pytest.mark.slow
def test_a_finished_training_is_resumed_to_the_same_end(arrays, tmp_path, every_epoch):
    options = {**EVERYTHING, "epochs": 2, "run_folder": tmp_path / "run"}
    first = from_scratch(arrays, arrays, **options)
    again = from_scratch(arrays, arrays, **options, resume=True)
    assert again.history == first.history
    assert fingerprint(again.model.weights) == fingerprint(first.model.weights)


@pytest.mark.slow
def test_other_weights_of_an_own_base_are_named_and_refused(arrays, tmp_path, every_epoch, monkeypatch):
    def train(seed):
        layers = [
            keras.Input((48, 48, 3)),
            keras.layers.Conv2D(4, 3, kernel_initializer=GlorotUniform(seed), name="mine"),
        ]
        base = keras.Sequential(layers, name="own_net")
        options = {**EVERYTHING, "epochs": 3, "preprocessing": "unit", "run_folder": tmp_path / "run"}
        return feature_extraction(arrays, arrays, **options, base=base, resume=True)

    with monkeypatch.context() as patch:
        patch.setattr(CheckpointWriter, "__call__", _stopping_after(1))
        with pytest.raises(Killed):
            train(seed=0)
    with pytest.raises(ConfigError, match="frozen weights: was"):
        train(seed=1)
    assert train(seed=0).resumed_after == [1]


def test_two_trainings_in_one_folder_do_not_mix(arrays, tmp_path):
    folder = RunFolder(tmp_path / "run")
    with folder.held(), pytest.raises(DataError, match=r"process \d+ on \S+ is at work on it and holds"):
        from_scratch(arrays, arrays, **EVERYTHING, epochs=1, run_folder=folder.path)


def test_resume_needs_a_run_folder(arrays):
    with pytest.raises(ConfigError, match="`resume` must go together with `run_folder`"):
        from_scratch(arrays, arrays, **EVERYTHING, epochs=1, resume=True)


def test_nan_is_not_remembered_as_the_best():
    from types import SimpleNamespace

    from kerasvgg.training.history import TrainingHistory

    record = TrainingHistory(None, SimpleNamespace(layers=[]), 3)
    for loss in (float("nan"), 0.7, 0.8):
        record.add("all", 0.1, {"loss": loss, "accuracy": 0.5, "val_loss": loss, "val_accuracy": 0.5})
    assert record.best["epoch"] == 2


def test_of_equal_epochs_the_first_is_the_best():
    from types import SimpleNamespace

    from kerasvgg.training.history import TrainingHistory

    record = TrainingHistory(None, SimpleNamespace(layers=[]), 3)
    for accuracy in (0.5, 0.6, 0.6):
        record.add("all", 0.1, {"loss": 0.7, "accuracy": 0.5, "val_loss": 0.7, "val_accuracy": accuracy})
    assert record.best["epoch"] == 2


@pytest.mark.very_slow
def test_writing_the_best_model_late_does_not_disturb_the_training(arrays, tmp_path, monkeypatch):
    options = {**EVERYTHING, "early_stopping": None, "epochs": 7, "learning_rate": 3e-2, "keep": "last"}
    whole = from_scratch(arrays, arrays, **options)
    ranks = [(row["val_accuracy"], -row["val_loss"]) for row in whole.history]
    late = next(n for n in range(2, 7) if max(ranks[:n]) > ranks[n - 1])  # the first epoch that is not the best
    present = []

    def call(keeper, record, write=CheckpointWriter.__call__):
        present[:] = [len(record.rows)]
        write(keeper, record)

    monkeypatch.setattr(CheckpointWriter, "__call__", call)
    monkeypatch.setattr(WriteThrottle, "is_due", property(lambda pace: present == [late]))
    monkeypatch.setattr(RunFolder, "remove_checkpoints", lambda self: None)
    kept = from_scratch(arrays, arrays, **options, run_folder=tmp_path / "run")
    assert RunFolder(tmp_path / "run").best.is_file()
    assert kept.history == whole.history
    assert fingerprint(kept.model.weights) == fingerprint(whole.model.weights)


def test_states_are_written_as_often_as_costs_allow(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("kerasvgg.training.checkpoint.time.monotonic", lambda: now[0])
    pace = WriteThrottle(seconds=30)
    assert pace.is_due
    with pace.writing():
        now[0] += 0.1
    now[0] += 9.9
    assert not pace.is_due  # one percent would be exceeded
    now[0] += 0.2
    assert pace.is_due
    with pace.writing():
        now[0] += 5
    now[0] += 29
    assert not pace.is_due
    now[0] += 2
    assert pace.is_due
