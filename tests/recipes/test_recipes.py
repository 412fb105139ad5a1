import csv
import inspect
import json
import pydoc
from contextlib import closing
from pathlib import Path

import keras
import numpy as np
import pytest

from kerasvgg.__main__ import main
from kerasvgg.config.load import load_experiments
from kerasvgg.data.pictures.sources import ArrayPictures
from kerasvgg.data.pipeline import ordered_batches
from kerasvgg.errors import ConfigError, DataError, ModelFileError
from kerasvgg.features.store import Store
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.models.freezing import CutModel
from kerasvgg.recipes import auto, feature_extraction, fine_tuning, from_scratch
from kerasvgg.recipes.options import OPTIONS
from kerasvgg.runs.trained import Trained

SMALL = {"image_size": (48, 48), "batch_size": 8, "units": (16,)}
RANDOM_VGG = {**SMALL, "weights": None, "pooling": "average"}
RECIPES = {
    "from_scratch": (from_scratch, {**SMALL, "epochs": 2}),
    "feature_extraction": (feature_extraction, {**RANDOM_VGG, "epochs": 2}),
    "fine_tuning": (fine_tuning, {**RANDOM_VGG, "head_epochs": 1, "epochs": 1}),
}


@pytest.fixture(scope="module")
def arrays(noisy):
    return noisy(redder=99)


@pytest.fixture(scope="module")
def others(noisy):
    """What no recipe trains on."""
    return noisy(redder=99, seed=1)


@pytest.fixture(
    params=[
        "from_scratch",
        pytest.param("feature_extraction", marks=pytest.mark.very_slow),
        pytest.param("fine_tuning", marks=pytest.mark.very_slow),
    ]
)
def recipe(request):
    function, arguments = RECIPES[request.param]
    return lambda *sources, **more: function(*sources, **{**arguments, **more})


def test_a_recipe_takes_arrays_and_returns_model_and_history(recipe, arrays, others, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    trained = recipe(arrays, others)
    assert [row["epoch"] for row in trained.history] == [1, 2]
    figures = ["loss", "accuracy", "val_loss", "val_accuracy"]
    assert list(trained.history[0]) == ["phase", "epoch", "learning_rate", *figures]
    outputs = trained.model.predict(arrays[0].astype("float32"), verbose=0)
    predictions = trained.predict(arrays[0])
    assert outputs.shape == (24, 1)
    assert np.allclose([one.probabilities for one in predictions], np.hstack([1 - outputs, outputs]), atol=1e-6)
    assert [one.predicted for one in predictions] == ["1" if output > 0.5 else "0" for output in outputs]
    assert trained.description.class_names == ("0", "1")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_folders_arrays_and_datasets_train_alike(class_folders):
    root = class_folders(per_class=8, size=(48, 48))
    paths = sorted(root.rglob("*.png"))
    images = np.stack([keras.utils.img_to_array(keras.utils.load_img(path)) for path in paths])
    labels = np.arange(16) // 8
    dataset = ordered_batches(ArrayPictures(images, labels), 5)
    histories = [
        from_scratch(source, source, **SMALL, epochs=2).history for source in (root, (images, labels), dataset)
    ]
    assert histories[0] == histories[1] == histories[2]


def test_a_run_folder_is_as_complete_as_the_commands(recipe, arrays, others, tmp_path):
    trained = recipe(arrays, others, run_folder=tmp_path / "run")
    folder = RunFolder(tmp_path / "run")
    drawn = {
        "confusion.png",
        "curves.png",
        "reliability.png",
        *(["mistakes.png", "worst"] if folder.mistakes.is_file() else []),
    }
    assert {path.name for path in folder.path.iterdir()} == {
        "experiment.yaml", "split.csv", "environment.json", "history.csv", "layers.csv", "predictions.csv",
        "metrics.json", "model.h5", "model.keras", "data.json", "report.html", "card.md", *drawn,
    }  # fmt: skip
    assert folder.read_history() == trained.history
    assert not any("time" in name or "second" in name for name in trained.history[0])
    assert load_experiments(folder.experiment)[""].train[-1].epochs in (1, 2)
    opened = Trained.open(folder.path)
    assert opened.history == trained.history
    assert [one.probabilities for one in opened.predict(arrays[0][:3])] == [
        one.probabilities for one in trained.predict(arrays[0][:3])
    ]


@pytest.mark.slow
def test_the_commands_take_a_functions_run_as_they_take_their_own(class_folders, tmp_path, capsys, monkeypatch):
    for part, count in (("train", 8), ("validation", 4), ("test", 4)):
        class_folders(per_class=count, root=tmp_path / "pets" / part)
    monkeypatch.chdir(tmp_path)
    for seed in (0, 1):
        parts = {part: f"pets/{part}" for part in ("train", "validation", "test")}
        trained = from_scratch(**parts, **SMALL, epochs=1, seed=seed, run_folder=f"runs/mine/{seed}")
        assert trained.evaluate(Path("pets/test"))["n"] == 8
    for words in (
        ["ls"], ["evaluate", "runs/mine/0"], ["compare", "runs/mine/0", "runs/mine/1"],
        ["show", "heatmap", "runs/mine/0"], ["run", "runs/mine/0", "--resume"],
    ):  # fmt: skip
        monkeypatch.setattr("sys.argv", ["kerasvgg", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        assert not ended.value.code, (words, capsys.readouterr())
    told = capsys.readouterr().out
    assert "unfinished" not in told
    assert "the same as the run's" in told
    with (tmp_path / "runs/mine/0/split.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["path"] == "train/cat/0.png"
    assert [sum(row["split"] == part for row in rows) for part in parts] == [16, 8, 8]


@pytest.mark.slow
def test_a_finished_run_is_opened_and_an_unfinished_one_gone_on_with(recipe, arrays, others, tmp_path):
    trained = recipe(arrays, others, run_folder=tmp_path / "run")
    again = recipe(arrays, others, run_folder=tmp_path / "run", resume=True)
    assert again.history == trained.history
    assert again.model is not trained.model


@pytest.mark.slow
def test_own_callbacks_optimizer_and_base_are_taken_and_noted(arrays, others, tmp_path):
    base = keras.Sequential(
        [keras.Input((48, 48, 3)), keras.layers.Conv2D(4, 3, strides=4, name="mine")], name="own_net"
    )
    start, epochs = base.get_weights(), []
    noting = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: epochs.append(epoch))
    trained = feature_extraction(
        arrays, others, image_size=(48, 48), batch_size=8, units=(4,), base=base, preprocessing="unit", epochs=2,
        optimizer=keras.optimizers.AdamW(1e-3), callbacks=[noting], run_folder=tmp_path / "run", keep="last",
    )  # fmt: skip
    assert epochs == [0, 1]
    assert isinstance(trained.model.optimizer, keras.optimizers.AdamW)
    for mine, theirs in zip(trained.model.get_layer("mine").get_weights(), start, strict=True):
        np.testing.assert_array_equal(mine, theirs)  # frozen, and the caller's own is a copy's source
    about = json.loads((tmp_path / "run" / "environment.json").read_text())["given_by_a_program"]
    assert about == ["the base own_net", "the optimizer AdamW", "the callback LambdaCallback"]
    assert trained.description.base == "own_net"


def test_help_shows_every_option_with_its_meaning_and_default():
    for function, base in ((from_scratch, "small_cnn"), (fine_tuning, "vgg16")):
        parameters = inspect.signature(function).parameters
        assert {"optimizer", "early_stopping", "augment", "run_folder", "callbacks"} <= parameters.keys()
        assert parameters["base"].default == base
        shown = pydoc.render_doc(function, renderer=pydoc.plaintext)
        assert "batch_size: Pictures per batch. Default: 20" in shown
        assert all(f"    {name}: " in shown for name in parameters if name in OPTIONS)


@pytest.mark.slow
def test_progress_can_be_turned_off(arrays, others, capfd):
    from_scratch(arrays, others, **SMALL, epochs=1, verbose=False)
    assert "epoch" not in capfd.readouterr().err


@pytest.mark.very_slow
def test_the_same_seed_gives_the_same_history_and_weights_and_another_does_not(recipe, arrays, others):
    first, again, other = (recipe(arrays, others, seed=seed) for seed in (3, 3, 4))
    assert first.history == again.history != other.history
    pairs = zip(first.model.get_weights(), again.model.get_weights(), strict=True)
    assert all(np.array_equal(a, b) for a, b in pairs)


@pytest.mark.slow
def test_evaluate_agrees_with_the_history(recipe, arrays, others):
    trained = recipe(arrays, others, keep="last")
    loss, accuracy = trained.model.evaluate(others[0].astype("float32"), others[1], verbose=0)
    assert loss == pytest.approx(trained.history[-1]["val_loss"], abs=1e-5)
    assert accuracy == pytest.approx(trained.history[-1]["val_accuracy"], abs=1e-6)
    assert trained.evaluate(others)["accuracy"] == pytest.approx(accuracy, abs=1e-6)


RANKS = {
    "best": lambda row: (row["val_accuracy"], -row["val_loss"]),
    "lowest_loss": lambda row: (-row["val_loss"], row["val_accuracy"]),
}


@pytest.mark.slow
@pytest.mark.parametrize("keep", RANKS)
def test_keep_returns_the_epoch_with_the_best_validation(arrays, others, keep):
    wrong = others[0], np.where(np.arange(24) % 4, others[1], 1 - others[1])  # so that certainty costs loss
    trained = from_scratch(arrays, wrong, **SMALL, epochs=6, learning_rate=3e-3, keep=keep)
    ranked, other = (max(trained.history, key=RANKS[one]) for one in sorted(RANKS, key=keep.__ne__))
    assert ranked is not other  # otherwise this test shows nothing
    assert ranked is not trained.history[-1]  # otherwise this test shows nothing
    loss, accuracy = trained.model.evaluate(wrong[0].astype("float32"), wrong[1], verbose=0)
    assert (loss, accuracy) == pytest.approx((ranked["val_loss"], ranked["val_accuracy"]), abs=1e-5)


@pytest.mark.slow
def test_training_on_cached_features_equals_training_the_whole_model(arrays, others, monkeypatch):
    cut = fine_tuning(arrays, others, **RANDOM_VGG, head_epochs=2, epochs=2)
    monkeypatch.setattr(CutModel, "_cut", lambda self, patterns: None)
    whole = fine_tuning(arrays, others, **RANDOM_VGG, head_epochs=2, epochs=2)
    for mine, theirs in zip(cut.history, whole.history, strict=True):
        assert mine["loss"] == pytest.approx(theirs["loss"], abs=1e-3)
        assert mine["val_loss"] == pytest.approx(theirs["val_loss"], abs=1e-3)


@pytest.mark.very_slow
def test_fresh_augmentation_through_frozen_layers_equals_training_the_whole_model(arrays, others, monkeypatch):
    augment = {"rotation_range": 40, "horizontal_flip": True}
    options = {**RANDOM_VGG, "epochs": 2, "augment": augment, "steps_per_epoch": 4}
    cut = feature_extraction(arrays, others, **options)
    monkeypatch.setattr(CutModel, "_cut", lambda self, patterns: None)
    whole = feature_extraction(arrays, others, **options)
    for mine, theirs in zip(cut.history, whole.history, strict=True):
        assert mine["loss"] == pytest.approx(theirs["loss"], abs=1e-3)
        assert mine["val_loss"] == pytest.approx(theirs["val_loss"], abs=1e-3)


@pytest.mark.very_slow
def test_augmented_copies_are_computed_once_and_kept_for_the_next_call(arrays, others, tmp_path):
    options = {**RANDOM_VGG, "augment": {"rotation_range": 40}, "feature_folder": tmp_path, "keep": "last"}
    first = feature_extraction(arrays, others, **options, epochs=4, augment_copies=2)
    (path,) = tmp_path.glob("*.sqlite")
    with closing(Store.open(path)) as store:
        assert len(store) == 24 * 3  # two views of each picture to train on, and each as it is to validate
        again = feature_extraction(arrays, others, **options, epochs=4, augment_copies=2)
        assert again.history == first.history
        feature_extraction(arrays, others, **options, epochs=3, augment_copies=5)
        assert len(store) == 24 * 4  # one view more: of five, three epochs need three


@pytest.mark.very_slow
def test_half_precision_features_are_rounded_and_say_so(arrays, others, tmp_path):
    histories = [
        feature_extraction(arrays, others, **RANDOM_VGG, epochs=2, feature_dtype=dtype).history
        for dtype in ("float32", "float16")
    ]
    assert histories[0] != histories[1]
    assert histories[0][-1]["val_loss"] == pytest.approx(histories[1][-1]["val_loss"], rel=1e-2)


@pytest.mark.slow
def test_frozen_layers_stay_and_thawed_ones_move(arrays, others):
    before = feature_extraction(arrays, others, **RANDOM_VGG, epochs=1, dropout=0).model
    after = fine_tuning(arrays, others, **RANDOM_VGG, head_epochs=1, epochs=1, keep="last").model
    for layer in before.layers:
        pairs = zip(layer.get_weights(), after.get_layer(layer.name).get_weights(), strict=True)
        moved = any(not np.array_equal(a, b) for a, b in pairs)
        assert moved == (layer.name.startswith(("block5_conv", "head_dense", "head_output")))


@pytest.mark.slow
def test_augmented_training_takes_steps_and_both_engines(arrays, others):
    histories = [
        from_scratch(
            arrays, others, **SMALL, epochs=2, steps_per_epoch=4, validation_steps=2,
            augment={"rotation_range": 40, "horizontal_flip": True, "engine": engine},
        ).history
        for engine in ("tfdata", "imagedatagenerator")
    ]  # fmt: skip
    for mine, theirs in zip(*histories, strict=True):
        assert mine["loss"] == pytest.approx(theirs["loss"], rel=1e-2)


@pytest.mark.very_slow
def test_three_classes_are_learnt_with_a_softmax(class_folders):
    root = class_folders(("a", "b", "c"), per_class=10)
    trained = from_scratch(root, root, **SMALL, epochs=8, learning_rate=1e-3)
    assert trained.description.class_names == ("a", "b", "c")
    assert trained.history[-1]["val_accuracy"] > 0.9


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"epoch": 3}, ConfigError, "received epoch"),
        ({"optimizer": "adamw"}, ConfigError, "rmsprop, adam, sgd"),
        ({"image_size": (40, 48)}, DataError, "that of the arrays"),
        ({"class_names": ("a",)}, DataError, "0..0"),
        ({"augment_copies": 2}, ConfigError, "`augment_copies` must go together with `augment`.* received 2"),
        ({"augment_copies": 0, "augment": {"horizontal_flip": True}}, ConfigError, "received 0"),
        ({"feature_dtype": "half"}, ConfigError, "float32, float16, received 'half'"),
        ({"feature_folder": __file__}, ConfigError, "must be a folder, received the file"),
        ({"class_names": "ab"}, ConfigError, "`class_names` must be a list of names, received 'ab'"),
        ({"class_names": ("a", "a")}, ConfigError, "`class_names` must differ from each other, received a, a"),
        ({"callbacks": [print]}, ConfigError, "`callbacks` must be Keras callbacks, received <built-in"),
        ({"optimizer": keras.optimizers.Adam}, ConfigError, "a name or a Keras optimizer, received <class"),
        ({"base": keras.Sequential([keras.layers.Flatten()]), "preprocessing": "none"}, ModelFileError, "never built"),
    ],
)
def test_wrong_options_are_refused(arrays, others, change, error, words):
    with pytest.raises(error, match=words):
        from_scratch(arrays, others, **{**SMALL, "epochs": 1, **change})


@pytest.mark.slow
def test_a_broken_picture_in_a_folder_is_said_and_left_out(class_folders, capfd):
    root = class_folders(per_class=3)
    (root / "cat" / "0.png").write_bytes(b"broken")
    trained = from_scratch(root, root, **SMALL, epochs=1)
    assert "left out: cat/0.png: not a picture" in capfd.readouterr().err
    assert len(trained.history) == 1


def test_a_folder_without_one_good_picture_is_refused(class_folders, tmp_path):
    root = class_folders(per_class=2)
    for name in ("cat", "dog"):
        bad = tmp_path / "bad" / name / "0.png"
        bad.parent.mkdir(parents=True)
        bad.write_bytes(b"broken")
    with pytest.raises(DataError, match="validation must have pictures of at least two classes"):
        from_scratch(root, tmp_path / "bad", **SMALL, epochs=1)


@pytest.mark.slow
def test_a_picture_that_breaks_during_training_is_named(class_folders, monkeypatch):
    root = class_folders(per_class=8)
    seen = []

    def decode(path, *how):
        seen.append(path)
        if len(seen) > 10:
            raise DataError(f"{path}: gone")
        return np.zeros((48, 48, 3), dtype=np.uint8)

    monkeypatch.setattr("kerasvgg.data.pictures.sources.decode", decode)
    with pytest.raises(DataError, match="png: gone"):
        from_scratch(root, root, **SMALL, epochs=1)


def test_validation_with_an_unknown_class_is_refused(class_folders, tmp_path):
    train = class_folders(("cat", "dog"), per_class=2)
    other = class_folders(("cat", "fox"), per_class=2, root=tmp_path / "other")
    with pytest.raises(DataError, match="fox"):
        from_scratch(train, other, **SMALL, epochs=1)


@pytest.mark.slow
def test_own_callbacks_stop_and_steer_a_training(arrays, others):
    stopping = keras.callbacks.EarlyStopping("val_loss", min_delta=100, patience=1)
    steering = keras.callbacks.LearningRateScheduler(lambda epoch: 0.5**epoch)
    options = {**SMALL, "epochs": 5, "keep": "last"}
    assert len(from_scratch(arrays, others, **options, callbacks=[stopping]).history) == 2
    history = from_scratch(arrays, others, **options, callbacks=[steering]).history
    assert [row["learning_rate"] for row in history] == [1, 0.5, 0.25, 0.125, 0.0625]
    own = from_scratch(arrays, others, **{**options, "epochs": 1}, optimizer=keras.optimizers.Adam(0.0123))
    assert own.history[0]["learning_rate"] == pytest.approx(0.0123)


@pytest.mark.slow
def test_an_own_schedule_sets_the_rates_of_batches(arrays, others):
    falling = keras.optimizers.schedules.ExponentialDecay(0.1, decay_steps=1, decay_rate=0.5)
    options = {**SMALL, "epochs": 2, "keep": "last", "steps_per_epoch": 3, "stop_when_dead": False}
    history = from_scratch(arrays, others, **options, optimizer=keras.optimizers.SGD(falling)).history
    assert [row["learning_rate"] for row in history] == pytest.approx([0.1 * 0.5**2, 0.1 * 0.5**5])


@pytest.mark.slow
def test_nothing_of_a_run_that_is_replaced_stays_to_be_taken_for_the_new_one(arrays, others, tmp_path):
    folder = RunFolder(tmp_path / "run")
    from_scratch(arrays, others, **SMALL, epochs=1, log_iterations=True, run_folder=folder.path)
    assert folder.metrics.is_file()
    assert folder.iterations.is_file()

    def stop(batch, logs):
        raise RuntimeError("stopped")

    stopping = keras.callbacks.LambdaCallback(on_train_batch_end=stop)
    with pytest.raises(RuntimeError, match="stopped"):
        from_scratch(arrays, others, **SMALL, epochs=1, callbacks=[stopping], run_folder=folder.path)
    assert not folder.metrics.exists()
    assert not folder.iterations.exists()


@pytest.mark.very_slow
def test_a_finished_run_of_other_settings_is_not_taken_for_this_one(arrays, others, tmp_path):
    from_scratch(arrays, others, **SMALL, epochs=1, run_folder=tmp_path / "run")
    with pytest.raises(ConfigError, match=r"was run in another way: `model.head.units.0` was 16, is 8"):
        from_scratch(arrays, others, **{**SMALL, "units": (8,)}, epochs=1, run_folder=tmp_path / "run", resume=True)


@pytest.mark.slow
def test_what_is_left_out_is_told_also_without_progress(class_folders, arrays, capfd):
    root = class_folders(("0", "1"), per_class=4)
    (root / "0" / "0.png").write_bytes(b"broken")
    from_scratch(arrays, root, **SMALL, epochs=1, verbose=False)
    told = capfd.readouterr().err
    assert "left out: 0/0.png: not a picture" in told
    assert "epoch" not in told


def test_a_folder_that_is_split_is_no_part(class_folders, tmp_path):
    for part in ("train", "validation"):
        class_folders(per_class=3, root=tmp_path / "pets" / part)
    with pytest.raises(DataError, match="must hold the train pictures alone, received a folder that is split"):
        from_scratch(tmp_path / "pets", tmp_path / "pets" / "validation", **SMALL, epochs=1)


@pytest.mark.slow
def test_a_base_with_operations_and_a_normalisation_trains(arrays, others):
    pictures = keras.Input((48, 48, 3))
    x = keras.layers.Rescaling(1 / 255)(pictures)
    x = keras.ops.relu(keras.layers.Conv2D(4, 3, strides=4, name="mine")(x) - 0.1)
    base = keras.Model(pictures, x, name="mine_all")
    with pytest.raises(ConfigError, match="`preprocessing` must be said for a `base` of your own"):
        from_scratch(arrays, others, image_size=(48, 48), epochs=1, base=base)
    trained = from_scratch(arrays, others, **SMALL, epochs=1, base=base, preprocessing="none")
    assert {row["layer"]: row["trained_in"] for row in trained.layers}["mine"] == "all"


@pytest.mark.slow
def test_the_statistics_of_an_own_base_stay_unless_asked(arrays, others):
    made = keras.layers.Conv2D(2, 3, name="block1_conv"), keras.layers.BatchNormalization(name="block1_bn")
    base = keras.Sequential([keras.Input((48, 48, 3)), *made])

    def moved(**more):
        trained = from_scratch(arrays, others, **SMALL, epochs=1, base=base, preprocessing="none", **more)
        return bool(np.any(trained.model.get_layer("block1_bn").moving_mean))

    assert not moved()
    assert moved(batch_statistics="trained")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"head_epochs": 0}, "`head_epochs` must be a whole number of at least 1, received 0"),
        ({"epochs": 0}, "`epochs` must be a whole number of at least 1, received 0"),
        ({"learning_rate": -1.0}, "`learning_rate` must be a number above 0"),
        ({"base": "vgg61"}, "`base` must be one of .*received 'vgg61'"),
    ],
)
def test_each_stretch_of_a_recipe_is_told_by_its_own_name(arrays, others, change, told):
    with pytest.raises(ConfigError, match=told):
        fine_tuning(arrays, others, **{**RANDOM_VGG, "head_epochs": 1, "epochs": 1, **change})


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda images, labels: None, "must be a folder's path, .* received NoneType"),
        (lambda images, labels: images, "a folder's path, .images, labels. or a tf.data.Dataset of such, received nd"),
        (lambda images, labels: (images, labels, labels), "received 3 things"),
        (lambda images, labels: (images, labels[:3]), "one length of at least 1, received 24 and 3"),
        (lambda images, labels: (images, np.array(["cat", "dog"])[labels]), "`labels` must be class numbers, received"),
        (lambda images, labels: (images, labels + 0.5), "`labels` must be whole numbers, received 0.5"),
        (lambda images, labels: (images, np.eye(2)[labels] * 0.9), "or one-hot rows, received an array .24, 2."),
        (lambda images, labels: (images, np.ones((24, 2))), "or one-hot rows"),
        (lambda images, labels: (images, labels - 1), "`labels` must lie in 0..0"),
    ],
)
def test_pictures_of_a_strange_kind_are_refused(arrays, others, change, told):
    with pytest.raises(DataError, match=told):
        from_scratch(change(*arrays), others, **SMALL, epochs=1)


@pytest.mark.slow
def test_labels_may_be_one_hot_and_a_callback_alone(arrays, others):
    def train(sources, **more):
        return from_scratch(*sources, **SMALL, epochs=1, **more)

    epochs = []
    noted = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: epochs.append(epoch))
    one_hot = [[images, np.eye(2)[labels]] for images, labels in (arrays, others)]
    assert train(one_hot, callbacks=noted).history == train((arrays, others)).history
    assert epochs == [0]


@pytest.mark.slow
def test_what_is_no_picture_for_the_model_is_said(arrays, others):
    trained = from_scratch(arrays, others, **SMALL, epochs=1)
    images, labels = others
    with pytest.raises(DataError, match=r"`picture` must have the shape \(48, 48, 3\), received \(40, 48, 3\)"):
        trained.show(images[0, :40])
    with pytest.raises(DataError, match=r"`labels` must lie in 0..1, received 1 to 2"):
        trained.evaluate((images, labels + 1))
    with pytest.raises(DataError, match="several files or an array, received NoneType"):
        trained.predict(None)


@pytest.fixture
def untrained_vgg16(monkeypatch):
    monkeypatch.setattr("kerasvgg.training.build.imagenet_weights", lambda base: None)


CHOSEN = {"image_size": (32, 32), "verbose": False}


def test_auto_takes_all_pictures_in_one_and_returns_a_model_that_knows_them(untrained_vgg16, noisy):
    pictures, more = noisy(redder=99, side=32), noisy(redder=99, side=32, seed=1)
    trained = auto(pictures, **CHOSEN)
    assert [row["phase"] for row in trained.history] == ["head"]
    assert trained.evaluate(more)["accuracy"] > 0.9
    assert [layer.name for layer in trained.model.layers][-1] == "head_output"
    assert trained.folder is None


@pytest.mark.slow
def test_auto_with_a_run_folder_is_what_the_command_runs(untrained_vgg16, class_folders, tmp_path):
    folder = class_folders(per_class=6)
    trained = auto(folder, run_folder=tmp_path / "run", **CHOSEN)
    figures = json.loads((tmp_path / "run/metrics.json").read_text())
    assert (figures["split"], figures["n"]) == ("folds", 12)
    assert load_experiments(tmp_path / "run/experiment.yaml")[""].auto is not None
    again = Trained.open(tmp_path / "run")
    assert again.predict(folder) == trained.predict(folder)
    assert again.history == trained.history


@pytest.mark.parametrize("option", [{"epochs": 3}, {"units": (16,)}, {"augment": {"horizontal_flip": True}}])
def test_auto_has_no_options_that_it_chooses_itself(noisy, option):
    with pytest.raises(ConfigError, match="options must be among"):
        auto(noisy(side=32), **option)


@pytest.mark.slow
def test_several_classes_a_picture_get_thresholds_by_validation(class_folders, tmp_path):
    parts = [class_folders(("c", "d"), per_class=6, root=tmp_path / part) for part in ("train", "held")]
    for root in parts:
        (root / "all").mkdir()  # one folder tells no classes
        for name in "cd":
            (root / name).rename(root / "all" / name)
        rows = [f"all/{name}/{i}.png,{label}" for name, label in (("c", "cat"), ("d", "dog|cat")) for i in range(6)]
        (root / "labels.csv").write_text("\n".join(["path,class", *rows]) + "\n")
    how = {"epochs": 1, "learning_rate": 1e-3, "verbose": False, **SMALL}
    trained = from_scratch(*parts, **how)
    cat, dog = trained.description.thresholds
    assert cat < 0.5  # all are cats, so that the best threshold is below every probability
    assert dog != 0.5
    for one in trained.predict(parts[1]):
        said = zip(("cat", "dog"), one.probabilities, (cat, dog), strict=True)
        assert one.predicted == "|".join(name for name, share, least in said if share >= least)
    with pytest.raises(DataError, match="must have pictures of one class each beside arrays"):
        from_scratch(parts[0], (np.full((4, 48, 48, 3), 99), np.arange(4) % 2), **how)
