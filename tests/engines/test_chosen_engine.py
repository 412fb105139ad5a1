"""Which engine is chosen, what is remembered of it, and what is refused."""

import json
import re
import sys
import time

import numpy as np
import pytest

from kerasvgg.engines import choice
from kerasvgg.engines.choice import choose
from kerasvgg.engines.engine import ENGINES
from kerasvgg.engines.memory import FILE, everything
from kerasvgg.engines.ncnn import NcnnForward
from kerasvgg.engines.network import network_of
from kerasvgg.errors import ConfigError
from kerasvgg.models.forward import Forward

MANY = choice.MEASURE_FROM


@pytest.fixture
def asked(noise):
    """Gives some pictures and counts how often they were asked for."""

    def give():
        give.times += 1
        return noise(n=8)

    give.times = 0
    return give


def test_it_is_measured_once_and_not_for_few_pictures(small, asked, cache, capsys):
    assert choose(small, "small_cnn", asked, MANY - 1) == "graph"
    assert asked.times == 0
    first = choose(small, "small_cnn", asked, MANY)
    assert [choose(small, "small_cnn", asked, count) for count in (10_000, 3)] == [first] * 2
    assert asked.times == 1
    (found,) = everything().values()
    assert found.rates.keys() == {"graph", "xla", "ncnn"}
    assert found.engine == max(found.rates, key=found.rates.get)
    assert found.differences["ncnn"] < 1e-5
    assert "is the fastest here; pictures a second: " in capsys.readouterr().err
    (cache / FILE).write_text("damaged")
    choose(small, "small_cnn", asked, MANY)
    assert asked.times == 2


@pytest.mark.parametrize("fast", ["graph", "xla", "ncnn"])
def test_the_fastest_is_the_one_with_the_shortest_time(fast, small, asked, monkeypatch):
    def slow(engine, kind):
        run = kind.__call__

        def called(self, x):
            time.sleep(0.0 if (engine or self.mode) == fast else 0.05)
            return run(self, x)

        monkeypatch.setattr(kind, "__call__", called)

    slow("", Forward)
    slow("ncnn", NcnnForward)
    assert choose(small, "small_cnn", asked, MANY) == fast


def test_other_weights_are_measured_again(small, asked):
    choose(small, "small_cnn", asked, MANY)
    layer = small.get_layer("conv2")
    before = layer.get_weights()
    layer.set_weights([before[0] + 1e-3, before[1]])
    try:
        choose(small, "small_cnn", asked, MANY)
    finally:
        layer.set_weights(before)
    assert asked.times == 2


def missing(monkeypatch):
    monkeypatch.setattr("kerasvgg.engines.choice.ncnn_version", lambda: None)


def broken(monkeypatch):
    monkeypatch.setattr("kerasvgg.engines.ncnn.extracted", lambda *_: 1 / 0)


def wrong(monkeypatch):
    monkeypatch.setattr(NcnnForward, "_maps", _slightly_wrong(NcnnForward._maps))


def _slightly_wrong(maps):
    return lambda self, x: {place: one * np.float32(1.0001) for place, one in maps(self, x).items()}


def crashing(monkeypatch, tmp_path):
    """Puts an ncnn before the real one that ends every process that imports it."""
    monkeypatch.setattr("kerasvgg.engines.choice.trouble", REAL_TROUBLE)
    (tmp_path / "ncnn.py").write_text("import os\nos.kill(os.getpid(), 11)\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])


REAL_TROUBLE = choice.trouble


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (missing, "it is not installed"),
        (broken, "division by zero"),
        (wrong, r"its results differ by 0\.0001 from TensorFlow's, 1e-05 is allowed"),
        (crashing, "it breaks down with status -11"),
    ],
)
def test_an_engine_that_is_missing_broken_or_wrong_is_named_and_refused(
    spoil, reason, small, asked, monkeypatch, tmp_path, capsys
):
    spoil(*((monkeypatch, tmp_path) if spoil is crashing else (monkeypatch,)))
    assert choose(small, "small_cnn", asked, MANY) in ("graph", "xla")
    said = capsys.readouterr().err
    assert "ncnn is not taken for small_cnn: " in said
    assert re.search(reason, said)
    with pytest.raises(ConfigError, match=reason):
        choose(small, "small_cnn", asked, 1, forced="ncnn")
    (found,) = everything().values()
    assert "ncnn" not in found.rates


def test_an_engine_that_is_asked_for_is_taken_without_measuring(small, asked):
    assert choose(small, "small_cnn", asked, 1, forced="ncnn") == "ncnn"
    assert choose(small, "small_cnn", asked, 1, forced="xla") == "xla"
    assert choose(small, "small_cnn", asked, MANY, forced="graph") == "graph"
    assert everything() == {}


def test_what_is_remembered_is_of_this_machine_alone(small, asked, cache, monkeypatch):
    choose(small, "small_cnn", asked, MANY)
    monkeypatch.setattr("kerasvgg.engines.memory.processors", lambda: 99)
    choose(small, "small_cnn", asked, MANY)
    assert asked.times == 2
    assert len(json.loads((cache / FILE).read_text())) == 2


def test_a_trial_in_a_process_of_its_own_lets_a_whole_ncnn_pass(small, noise, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("json", "numpy"):  # a stranger's, where the command is given
        (tmp_path / f"{name}.py").write_text("raise SystemExit(7)\n")
    assert REAL_TROUBLE(network_of(small), noise(n=1)[0]) is None


@pytest.mark.parametrize("content", ["{}", "[1, [], {}]", '[{"engine": "gpu"}]', "[" * 5000, "damaged"])
def test_rows_that_are_not_understood_are_passed_over_and_kept(content, small, asked, cache):
    (cache / FILE).write_text(content)
    assert everything() == {}
    choose(small, "small_cnn", asked, MANY)
    assert len(everything()) == 1
    kept = json.loads((cache / FILE).read_text())
    assert len(kept) == (2 if "gpu" in content or "{}" in content[1:] else 1)


def test_where_nothing_can_be_written_it_is_chosen_all_the_same(small, asked, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("KERASVGG_CACHE", str(tmp_path / "file" / "below"))
    assert choose(small, "small_cnn", asked, MANY) in ENGINES
