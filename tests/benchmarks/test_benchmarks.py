import json
import re
import subprocess
import sys
from collections import Counter
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
MEASURE = """
import sys
from benchmarks.measure import print_table, ratios, rates, reported, run, spread, take_turns
small = run(["-c", "pass"])
large = run(["-c", "import time; kept = b'x' * (300 << 20); time.sleep(0.5)"])
assert 250 < large.peak_mb - small.peak_mb < 400, (small, large)
assert 0 < small.seconds < 20
assert 0.5 < large.seconds < 20
assert rates(10, [large]) == [10 / large.seconds]
order = []
cases = {(way, 1): lambda way=way: order.append(way) or small for way in ("a", "b")}
assert take_turns(cases, rounds=2) == {("a", 1): [small] * 2, ("b", 1): [small] * 2}
assert order == ["a", "b", "a", "b"]
assert spread([3, 1, 1000]) == "3 (1 to 1,000)"
assert ratios([1, 4], [2, 2]) == [0.5, 2]
said = reported(["-c", "import json, os; print(json.dumps({'home': os.environ['HOME'][:0], 'peak_mb': -1}))"])
assert said["home"] == "" and said["seconds"] > 0 and said["peak_mb"] > 5, said
run(["-c", "import os; assert os.environ['A_PLACE'] == '7'"], variables={"A_PLACE": 7})
print_table(("name", "n"), [("a long one", "1")])
"""
WIDER = ((128, 256), (256, 512), (512, 512))  # inputs and outputs of VGG16's last three blocks
SMALL = 'data.image_size=[48,48] train=[{"layers":"head","epochs":1,"learning_rate":1e-4}]'
REPORT = {
    "gflops": 560.0,
    "probe_seconds": 1.0,
    "images": {"train": 2000, "validation": 1000, "test": 1000},
    "first_epoch_seconds": 30.0,
    "epoch_seconds": [21.0, 20.0, 25.0],
    "seconds": 107.0,
}


@pytest.fixture(autouse=True)
def importable(monkeypatch):
    """The benchmarks are not installed; they run from the checkout."""
    monkeypatch.syspath_prepend(str(ROOT))


def _python(*words):
    return subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=False)


def test_children_are_timed_and_weighed_and_take_turns():
    done = _python("-c", MEASURE)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "| name       | n |\n| ---------- | - |\n| a long one | 1 |\n"


def test_a_child_that_fails_ends_the_benchmark_with_what_it_said():
    done = _python("-c", "from benchmarks.measure import run; run(['-c', 'raise ValueError(5)'])")
    assert done.returncode == 1
    assert "ValueError: 5" in done.stderr


def test_the_pictures_of_a_benchmark_differ_and_decode(tmp_path, monkeypatch):
    from kerasvgg.data.pictures.decode import trouble

    monkeypatch.setenv("KERASVGG_HOME", str(tmp_path / "none"))
    assert _python("-m", "benchmarks.pictures", str(tmp_path / "pictures"), "205").returncode == 0
    paths = list((tmp_path / "pictures").iterdir())
    assert len({path.read_bytes() for path in paths}) == 205
    assert [trouble(path) for path in paths] == [None] * 205


def test_the_photos_of_a_benchmark_keep_class_and_order(tmp_path, monkeypatch):
    root = tmp_path / "home" / "datasets" / "cats_and_dogs"
    for name in ("train/cat.10.jpg", "train/cat.9.jpg", "PetImages/Dog/2.jpg"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"\xff\xd8" + name.encode())
    monkeypatch.setenv("KERASVGG_HOME", str(tmp_path / "home"))
    assert _python("-m", "benchmarks.pictures", str(tmp_path / "pictures"), "6").returncode == 0
    contents = {path.name: path.read_bytes().rpartition(b"/")[2] for path in (tmp_path / "pictures").iterdir()}
    cats = {"cat.0.jpg": b"cat.9.jpg", "cat.1.jpg": b"cat.10.jpg", "cat.2.jpg": b"cat.9.jpg"}
    assert contents == cats | dict.fromkeys(("dog.0.jpg", "dog.1.jpg", "dog.2.jpg"), b"2.jpg")


def test_the_pictures_of_a_benchmark_are_laid_out_for_both_sides(tmp_path, monkeypatch):
    monkeypatch.setenv("KERASVGG_HOME", str(tmp_path / "none"))
    show = "import sys, pathlib, benchmarks.photos as p; print(*p.lay_out(pathlib.Path(sys.argv[1]), 20).settings)"
    done = _python("-c", show, str(tmp_path))
    assert done.stdout == f"data.dataset={tmp_path / 'flat'} data.split={{train: 6, validation: 2, test: 2}}\n"
    assert sum(path.suffix == ".jpg" for path in (tmp_path / "flat").iterdir()) == 20
    places = Counter("/".join(path.parts[-3:-1]) for path in (tmp_path / "split").rglob("*.jpg"))
    amounts = {"train": 6, "validation": 2, "test": 2}
    assert places == {f"{part}/{label}": amount for part, amount in amounts.items() for label in ("cat", "dog")}


def test_a_stage_of_the_book_is_extrapolated_and_compared_at_the_same_rate():
    from benchmarks.book import stages

    # 107 seconds: 10 of start, 1 of the probe, 30 + 66 of epochs
    assert stages.whole_seconds("small_cnn", REPORT) == 10 + 30 + 29 * 21
    assert stages.of_reference("small_cnn", REPORT) == pytest.approx(21 / (42 / 2))
    assert stages.of_reference("features", REPORT | {"features_seconds": 64.0}) == pytest.approx(64 / (256 / 2))
    halved = REPORT | {"images": {"train": 1000, "validation": 500, "test": 500}}
    assert stages.of_reference("small_cnn", halved) == pytest.approx(2 * 21 / (42 / 2))


@pytest.mark.filterwarnings("ignore:Your input ran out of data")
def test_an_epoch_with_too_few_batches_ends_the_benchmark():
    import keras

    from benchmarks.book.clock import Clock

    model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1)])
    model.compile(loss="mse")
    data = np.zeros((8, 2)), np.zeros((8, 1))
    clock = Clock(4, 2)
    model.fit(*data, batch_size=2, epochs=2, validation_data=(data[0][:4], data[1][:4]), callbacks=[clock], verbose=0)
    assert len(clock.epochs) == 2
    assert clock.trainable_weights == 2
    for wrong in (Clock(5, 2), Clock(4, 1)):
        with pytest.raises(RuntimeError, match=r"epoch 1 must have \(., .\) batches, received \(4, 2\)"):
            model.fit(*data, batch_size=2, validation_data=(data[0][:4], data[1][:4]), callbacks=[wrong], verbose=0)


def _without_children(monkeypatch, module, run):
    """Lets the benchmark's book take what REPORT says of every stage, and its kerasvgg what `run` returns."""
    from benchmarks.photos import Photos

    def lay_out(folder, images):
        return Photos(folder, folder, images // 4, images // 8)

    for name, made in {"lay_out": lay_out, "run_experiment": run}.items():
        monkeypatch.setattr(module, name, made)
    for place in (module, getattr(module, "stages", module)):
        if hasattr(place, "measure"):
            monkeypatch.setattr(place, "measure", lambda *_: REPORT | {"features_seconds": 80.0, "peak_mb": 1000.0})


def _table(capsys):
    """Returns the printed lines, those of a table as tuples of cells."""
    lines = capsys.readouterr().out.splitlines()
    return [tuple(cell.strip() for cell in line.split("|")[1:-1]) if line[0] == "|" else line for line in lines]


def test_a_warm_run_is_compared_with_the_book_and_follows_a_cold_one(monkeypatch, capsys):
    from benchmarks import warm
    from benchmarks.ours import Run

    seen = []

    def run(words, photos, cache, settings, cold=False):
        seen.append((cold, *settings))
        return Run(53.0 if cold else 10.6, 900.0, 40.0 if cold else 0.5, 0.96, (0.94, 0.97))

    _without_children(monkeypatch, warm, run)
    warm.main(images=4000, rounds=2, epochs=7)
    assert seen == [(True, "train.0.epochs=7"), (False, "train.0.epochs=7", "model.head.units=128")] * 2
    features, whole = _table(capsys)[2:]
    assert features[0] == "features of 4,000 pictures"
    assert [cell.split()[0] for cell in features[1:]] == ["80.0", "40.0", "0.5", "2.0", "160.0"]
    assert [cell.split()[0] for cell in whole[1:4]] == ["106.0", "53.0", "10.6"]  # the book's without the probe
    assert [cell.split()[0] for cell in whole[4:]] == ["2.0", "10.0"]


def test_growth_is_that_of_whole_runs_with_an_empty_cache(monkeypatch, capsys):
    from benchmarks import growth
    from benchmarks.ours import Run

    def run(words, photos, cache, settings):
        assert not list(cache.iterdir())
        assert settings == ["train.0.epochs=2"]
        return Run(photos.train / 5, 900.0 + photos.train / 100, 1.0, 0.5, (0.0, 1.0))

    _without_children(monkeypatch, growth, run)
    growth.main(images=[400, 4000], rounds=3, epochs=2, alone=False)
    header, _, few, many, ours, book = _table(capsys)
    assert len(header) == 6
    assert [cell.split()[0] for cell in few] == ["400", "20.0", "901", "106.0", "1,000", "5.30"]
    assert [cell.split()[0] for cell in many] == ["4,000", "200.0", "910", "106.0", "1,000", "0.53"]
    assert ours == "kerasvgg: 50.0 (50.0 to 50.0) ms a picture beyond the first 400; memory grows by +9 MB"
    assert book.endswith("memory grows by +0 MB")
    growth.main(images=[400, 4000], rounds=1, epochs=2, alone=True)
    header, *_, last = _table(capsys)
    assert len(header) == 3
    assert last.startswith("kerasvgg: ")


@pytest.mark.parametrize("accuracy", [0.97, 0.969])
def test_the_chapter_adds_up_and_says_whether_its_goal_was_reached(accuracy, monkeypatch, capsys):
    from benchmarks import chapter
    from benchmarks.ours import Run

    seen = []

    def run(words, photos, cache, settings, cold):
        seen.append((words, cold, *settings))
        return Run(100.0, 900.0, 1.0, accuracy, (0.9, 0.98))

    _without_children(monkeypatch, chapter, run)
    chapter.main(images=4000, rounds=1, epochs=2, shortcut="mine.yaml", settings=["seed=1"])
    assert [words for words, *_ in seen] == [*(pair.ours for pair in chapter.PAIRS), "mine.yaml"]
    assert [cold for _, cold, _ in seen] == [True, False, False, False, False, True]
    assert all(path.is_file() for path in (ROOT / words.split()[0] for words, *_ in seen[:-1]))
    lines = _table(capsys)
    assert lines[7].endswith("hours, extrapolated")  # the book's stages come first
    rows = lines[10:]
    # 40 before the last epochs and 21 for each of them, in stages of 30, 100, 30, 30 and 100 epochs
    short, long = 40 + 29 * 21, 40 + 99 * 21
    expected = [short, long, short, short, long, 3 * short + 2 * long, short + long]
    assert [row[1].split()[0] for row in rows[:7]] == [f"{seconds:,}" for seconds in expected]
    assert [row[2].split()[0] for row in rows[:7]] == ["100"] * 5 + ["500", "100"]
    assert rows[6][0] == "folder to 97 %"
    assert rows[6][4] == f"{100 * accuracy:.1f} % (90.0 % to 98.0 %)"
    assert [row[:29] for row in rows[7:]] == ([] if accuracy == 0.97 else ["folder to 97 %: not reached, "])


def test_an_epoch_is_the_difference_of_warm_runs_and_its_features_are_spread_over_thirty(monkeypatch, capsys):
    from benchmarks import epochs
    from benchmarks.ours import Run

    seen = []

    def run(words, photos, cache, settings, cold=False):
        seen.append((cold, *settings))
        epochs_run = int(settings[0].split("=")[1])
        return Run(20.0 + 7.0 * epochs_run + 100 * cold, 900.0, 60.0 if cold else 0.1, 0.9, (0.8, 0.95))

    _without_children(monkeypatch, epochs, run)
    epochs.main(images=4000, rounds=1, epochs=2)
    assert [cold for cold, _ in seen] == [True, False, False] * 3
    assert [setting for _, setting in seen[:3]] == ["train.1.epochs=1", "train.1.epochs=1", "train.1.epochs=4"]
    rows = _table(capsys)[2:]
    assert [row[2].split()[0] for row in rows] == ["7.0"] * 3
    assert [row[3].split()[0] for row in rows] == ["60"] * 3
    assert [row[4].split()[0] for row in rows] == [f"{21 / 7:.1f}"] * 3
    assert [row[5].split()[0] for row in rows] == [f"{21 / 9:.1f}"] * 3


@pytest.fixture
def given(tmp_path):
    """Two pictures, and what a network made of them."""
    from benchmarks.peers.given import Given

    np.save(tmp_path / "features.npy", np.array([[4.0], [-8.0]]))
    return Given(tmp_path)


def _peer(monkeypatch, error):
    outputs = np.array([[4.0], [-8.0 * (1 + error)]])
    peer = SimpleNamespace(prepare=lambda variant, given: lambda: outputs)
    monkeypatch.setitem(sys.modules, "benchmarks.peers.some", peer)


def test_a_peer_is_timed_when_its_outputs_are_those_of_keras(given, monkeypatch):
    from benchmarks.peers.pass_once import measure

    _peer(monkeypatch, error=9e-4)
    report = measure("some", "any", given, passes=2)
    assert report["difference"] == pytest.approx(9e-4, rel=0.2)  # relative (L2), of an error that is one of the largest
    assert report["images_per_second"] > 0


@pytest.mark.parametrize("error", [2e-3, np.nan])
def test_a_peer_with_other_outputs_ends_the_benchmark(error, given, monkeypatch):
    from benchmarks.peers.pass_once import measure

    _peer(monkeypatch, error)
    with pytest.raises(SystemExit, match="some, any: outputs must be Keras' within"):
        measure("some", "any", given, passes=1)


def test_the_work_of_an_image_is_that_of_its_convolutions():
    from benchmarks.forward import gflop

    sizes, widths = (150, 75, 37, 18, 9), ((3, 64, 64), (64, 128, 128), *((n, m, m, m) for n, m in WIDER))
    work = sum(2 * 9 * size**2 * n * m for size, of in zip(sizes, widths, strict=True) for n, m in pairwise(of))
    assert pytest.approx(work / 1e9) == gflop(150)
    assert gflop(150) == pytest.approx(13.23, abs=0.005)


def test_forward_ratios_are_those_of_the_same_round_and_missing_peers_are_named(monkeypatch, capsys):
    from benchmarks import forward

    rates = {"graph": iter((20.0, 24.0)), "xla": iter((10.0, 12.0)), "ncnn": iter((30.0, 36.0))}
    rates |= {"32": iter((15.0, 12.0)), "20": iter((10.0, 18.0))}
    limit = iter((40 * forward.gflop(150), 36 * forward.gflop(150)))

    def reported(command):
        if command[1] == "benchmarks.matmul":
            return {"gflops": next(limit)}
        return {"images_per_second": next(rates[command[3]]), "difference": 1e-7, "peak_mb": 500.0}

    monkeypatch.setattr(forward, "run", lambda command: None)
    monkeypatch.setattr(forward, "reported", reported)
    monkeypatch.setattr(forward, "find_spec", lambda package: None)
    forward.main(sides=[150], images=32, rounds=2)
    graph, xla, ncnn, by_32, by_20, last, fastest, *missing = _table(capsys)[2:]
    expected = ("150", "kerasvgg, ncnn", "33.0 (30.0 to 36.0)", "1.50 (1.50 to 1.50)", "0.88 (0.75 to 1.00)")
    assert ncnn[:5] == expected
    assert [row[3] for row in (graph, xla)] == ["1.00 (1.00 to 1.00)", "0.50 (0.50 to 0.50)"]
    assert (by_32[1], by_32[3]) == ("keras, 32", "0.62 (0.50 to 0.75)")
    assert (by_20[1], by_20[3]) == ("keras, 20", "0.62 (0.50 to 0.75)")
    assert last[:3] == ("150", "limit of direct convolution", "38.0 (36.0 to 40.0)")
    assert fastest == "kerasvgg's fastest / the fastest other way of each round: 2.00 (2.00 to 2.00)"
    assert len(missing) == len(forward.PEERS) - 2
    assert missing[-1] == 'openvino, LATENCY: not installed; pip install -e ".[bench]"'


def test_forward_takes_whole_batches_only():
    done = _python("-m", "benchmarks.forward", "--images", "40")
    assert done.returncode == 1
    assert done.stderr == "`--images` must be a multiple of 32, received 40\n"


@pytest.mark.very_slow
@pytest.mark.timeout(900)
def test_the_forward_benchmark_compares_all_that_is_installed(weights_file):
    from benchmarks.forward import OURS, PEERS

    done = _python("-m", "benchmarks.forward", "--images", "32", "--rounds", "1", "--sides", "150")
    assert done.returncode == 0, done.stderr
    told = done.stdout.splitlines()[2:]
    for (peer, variant), packages in (OURS | PEERS).items():
        line = next(line for line in told if f"{peer}, {variant} " in line or line.startswith(f"{peer}, {variant}: "))
        installed = all(find_spec(package) for package in packages)
        assert line.startswith("| ") if installed else 'pip install -e ".[bench]"' in line
    assert any(line.startswith("kerasvgg's fastest / the fastest other way of each round: ") for line in told)


@pytest.fixture(scope="module")
def split(tmp_path_factory):
    """40 pictures to train on, 20 to validate, 20 to test."""
    folder = tmp_path_factory.mktemp("book")
    show = "import sys, pathlib, benchmarks.photos as p; p.lay_out(pathlib.Path(sys.argv[1]), 80)"
    assert _python("-c", show, str(folder)).returncode == 0
    return folder / "split"


@pytest.mark.very_slow
@pytest.mark.parametrize(
    ("stage", "trainable"),
    [("small_cnn", 12), ("augmented_cnn", 12), ("features", 4), ("frozen_base", 4), ("fine_tuning", 10)],
)
def test_a_stage_of_the_book_runs_and_reports(stage, trainable, split, weights_file):
    done = _python("-m", f"benchmarks.book.{stage}", str(split), "--epochs", "3")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["images"] == {"train": 40, "validation": 20, "test": 20}
    assert report["trainable_weights"] == trainable
    assert report["gflops"] > 1
    assert len(report["epoch_seconds"]) == 2
    assert ("features_seconds" in report) == (stage == "features")


@pytest.mark.very_slow
def test_the_whole_book_prints_a_line_for_each_stage(weights_file):
    from benchmarks.book import stages

    done = _python("-m", "benchmarks.book_stages", "--images", "40", "--rounds", "1")
    assert done.returncode == 0, done.stderr
    titles = [stage.title for stage in stages.STAGES.values()]
    assert [line.split("|")[1].strip() for line in done.stdout.splitlines()[2:-1]] == titles
    assert "hours, extrapolated" in done.stdout


@pytest.mark.very_slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("words", "lines"),
    [
        ("warm --images 40 --rounds 1 --epochs 2", 2),
        ("growth --images 40 80 --rounds 1", 2),
        ("growth --images 40 --rounds 1 --alone", 1),
        ("chapter --images 40 --shortcut experiments/cats_and_dogs/feature_extraction.yaml " + SMALL, 7),
    ],
)
def test_a_benchmark_of_whole_runs_prints_its_table(words, lines, weights_file):
    done = _python("-m", *f"benchmarks.{words}".split())
    assert done.returncode == 0, done.stderr
    assert sum(line.startswith("| ") for line in done.stdout.splitlines()) == 2 + lines


@pytest.mark.very_slow
@pytest.mark.parametrize("words", [["split_folder", "40", "80"], ["predict_folder", "--counts", "40", "80"]])
def test_a_benchmark_runs_and_prints_a_line_for_each_number_of_pictures(words):
    done = _python("-m", f"benchmarks.{words[0]}", *words[1:])
    assert done.returncode == 0, done.stderr
    assert [line.split("|")[1].strip() for line in done.stdout.splitlines()[:4]][0::2] == ["pictures", "40"]
    assert done.stdout.splitlines()[3].startswith("| 80")


@pytest.mark.very_slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("words", "first", "lines"),
    [
        (["one_picture", "--rounds", "1"], "all ", 3),
        (["phones", "--rounds", "1", "--images", "16"], "224x224 ", 4),
        (["decoders", "--rounds", "1"], "kerasvgg ", 4),
        (["jpeg_scales", "--images", "40"], "whole ", 2),
    ],
)
def test_a_benchmark_prints_its_lines(words, first, lines, weights_file, real_cats_and_dogs):
    done = _python("-m", f"benchmarks.{words[0]}", *words[1:])
    assert done.returncode == 0, done.stderr
    rows = [line for line in done.stdout.splitlines() if line.startswith("| ")][2:]
    assert rows[0].startswith(f"| {first}")
    assert len(rows) >= lines


def test_what_a_benchmark_prints_takes_its_place_on_a_page(tmp_path, monkeypatch, capsys):
    from benchmarks import __main__ as all_of_them

    (tmp_path / "a.md").write_text("# A\n<!-- benchmark: two -->\nold\n<!-- end -->\nrest <!-- end -->\n")
    (tmp_path / "b.md").write_text("# B\n")
    monkeypatch.setattr(all_of_them, "run", lambda words, output: output.write_text(f"| {words[1]} \\1 |\n"))
    monkeypatch.setattr(all_of_them, "_commit", lambda: "abc")
    all_of_them.main({"one": "one", "two": "two --images 4"}, tmp_path)
    printed = "`python -m benchmarks.two --images 4`, at abc:\n\n| benchmarks.two \\1 |"
    expected = f"# A\n<!-- benchmark: two -->\n\n{printed}\n\n<!-- end -->\nrest <!-- end -->\n"
    assert (tmp_path / "a.md").read_text() == expected
    assert (tmp_path / "b.md").read_text() == "# B\n"
    told = capsys.readouterr().out
    assert "on no page" in told
    assert "; a.md)" in told
    with pytest.raises(SystemExit, match="NAME must be one of forward, "):
        all_of_them._asked(["three"])


def test_each_benchmark_has_a_module_and_each_mark_a_benchmark():
    from benchmarks.__main__ import LONG, SHORT

    modules = {command.split()[0] for command in (*LONG.values(), *SHORT.values())}
    assert all((ROOT / "benchmarks" / f"{name}.py").is_file() for name in modules)
    pages = "".join(page.read_text() for page in (ROOT / "docs").glob("*.md"))
    assert set(re.findall(r"benchmark: (\w+) -->", pages)) <= LONG.keys() | SHORT.keys()


def test_the_coverage_of_folds_is_that_of_gaussian_and_of_stored_features(monkeypatch, tmp_path, capsys):
    from benchmarks import fold_coverage

    for name, value in {"SIZES": (60,), "ACCURACIES": (0.8,), "CLASSES": (2,), "AT_ONCE": 40, "JUDGES": 200}.items():
        monkeypatch.setattr(fold_coverage, name, value)
    fold_coverage.synthetic(40)
    header, _, alone, loose, copies = _table(capsys)
    assert header == ("pictures", "groups", "Wilson's", "ours", "ours, of all", "width, points")
    assert [row[1] for row in (alone, loose, copies)] == ["none", "loose", "near duplicates"]
    assert float(copies[2].split()[0]) < 80 < 88 < float(copies[3].split()[0])
    draw = np.random.default_rng(0)
    labels = np.arange(600) % 3
    np.savez(
        tmp_path / "some.npz", y=np.array(list("abc"))[labels], x=draw.normal(size=(600, 9)) + np.eye(3, 9)[labels]
    )
    fold_coverage.real([tmp_path / "some.npz"], 40)
    *_, few, more = _table(capsys)
    assert few[:2] == ("some", "60")
    assert more[:2] == ("some", "100")
    assert all(float(row[4]) > 85 for row in (few, more))
