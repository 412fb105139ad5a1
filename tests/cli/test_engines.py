"""Engines on the command line: chosen, forced, failing, and predictions without TensorFlow."""

import json
import re
import sys
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from kerasvgg.cli import names
from kerasvgg.engines.engine import ENGINES
from kerasvgg.engines.memory import everything
from kerasvgg.engines.ncnn import EngineError, NcnnForward

FROZEN = """
data: {dataset: pictures, split: {train: 8, validation: 2, test: 2}, image_size: [48, 48]}
model: {base: small_cnn, head: {pooling: average, units: 4}}
train: [{layers: head, epochs: 1, learning_rate: 1e-3}, {layers: [conv4, head], epochs: 1, learning_rate: 1e-4}]
"""


@pytest.fixture
def frozen(class_folders, place) -> str:
    class_folders()
    Path("frozen.yaml").write_text(FROZEN)
    return "frozen.yaml"


def facts(run="runs/frozen/1"):
    return json.loads(Path(run, "environment.json").read_text())["frozen_layers"]


def test_the_option_names_all_engines():
    assert get_args(get_args(get_args(names.Engine)[0])[0]) == ENGINES


def test_a_run_by_an_engine_that_is_asked_for_comes_to_what_tensorflow_comes_to(cli, frozen):
    done = cli("run", frozen, "--engine", "ncnn")
    assert done.status == 0, done.err
    assert facts()["engine"] == "ncnn"
    assert "engine: ncnn" in Path("runs/frozen/1/experiment.yaml").read_text()
    assert cli("run", frozen, "engine=graph").status == 0
    ncnn, graph = (
        np.loadtxt(f"runs/frozen/{n}/predictions.csv", delimiter=",", skiprows=1, usecols=(3, 4)) for n in (1, 2)
    )
    assert np.abs(ncnn - graph).max() < 1e-4
    assert len(list(Path(everything_kept()).glob("*.sqlite"))) == 4  # two cuts of each


def everything_kept():
    from kerasvgg.files.locations import cache

    return cache() / "features"


@pytest.mark.parametrize("fails_after", [pytest.param(0, marks=pytest.mark.slow), 1])
def test_where_ncnn_fails_in_between_the_run_begins_again_by_tensorflow(
    cli, frozen, monkeypatch, taking_engine, fails_after
):
    run, calls = NcnnForward.__call__, []

    def failing(self, x):
        calls.append(len(x))
        if len(calls) > fails_after:
            raise EngineError("it ran out of luck")
        return run(self, x)

    taking_engine("ncnn")
    monkeypatch.setattr(NcnnForward, "__call__", failing)
    done = cli("run", frozen)
    assert done.status == 0, done.err
    assert re.search(r"ncnn failed: .*it ran out of luck\. It begins again with TensorFlow's own engine", done.err)
    assert facts()["engine"] == "graph"
    assert len(calls) == fails_after + 1
    assert cli("run", frozen).status == 0  # and is not taken again
    assert len(calls) == fails_after + 1
    (found,) = (one for one in everything().values() if "before" in one.network)
    assert found.refused["ncnn"].endswith("it ran out of luck")


def test_an_engine_that_has_not_all_layers_is_refused_where_it_is_asked_for(cli, frozen):
    other = ("model.base=mobilenetv3_large", "model.weights=null", "model.preprocessing=none", "train.1.layers=head")
    done = cli("run", frozen, *other, "engine=ncnn")
    assert done.status == 2
    assert "`engine` must be one that can compute mobilenetv3_large at 48 x 48, before" in done.err
    assert "received ncnn: it has not all layers of" in done.err
    assert cli("run", frozen, "engine=cuda").status == 2


@pytest.fixture
def without_tensorflow(monkeypatch):
    def forbid():
        def refused():
            raise AssertionError("TensorFlow was asked for")

        monkeypatch.setattr("kerasvgg.cli.tensorflow.start_tensorflow", refused)

    return forbid


def test_a_model_that_was_seen_to_agree_predicts_without_tensorflow(cli, frozen, without_tensorflow, monkeypatch):
    assert cli("run", frozen).status == 0
    picture = "pictures/cat/0.png"
    first = cli("predict", "runs/frozen/1", picture, "--json")
    without_tensorflow()
    second = cli("predict", "runs/frozen/1", picture, "--json")
    assert second.status == 0, second.err
    shares = [json.loads(one.out)["top"] for one in (first, second)]
    assert shares[0] == pytest.approx(shares[1], abs=1e-5)
    with pytest.raises(AssertionError):
        cli("predict", "runs/frozen/1", picture, "--engine", "graph")
    monkeypatch.setattr("kerasvgg.engines.saved.MEASURE_FROM", 24)  # so many are worth measuring what is fastest
    with pytest.raises(AssertionError):
        cli("predict", "runs/frozen/1", "pictures")
    model = Path("runs/frozen/1/model.keras")
    model.write_bytes(model.read_bytes() + b"\0")
    with pytest.raises(AssertionError):
        cli("predict", "runs/frozen/1", picture)


@pytest.mark.slow
def test_where_ncnn_fails_while_it_predicts_tensorflow_goes_on(cli, frozen, monkeypatch):
    assert cli("run", frozen).status == 0
    expected = cli("predict", "runs/frozen/1", "pictures", "--csv").out
    monkeypatch.setattr("kerasvgg.runs.predict.BATCH", 5)
    run, calls = NcnnForward.__call__, []

    def failing(self, x):
        calls.append(len(x))
        if len(calls) > 2:
            raise EngineError("it ran out of luck")
        return run(self, x)

    monkeypatch.setattr(NcnnForward, "__call__", failing)
    done = cli("predict", "runs/frozen/1", "pictures", "--csv")
    assert done.status == 0, done.err
    assert "ncnn failed: it ran out of luck. TensorFlow goes on" in done.err
    rows, others = ([line.split(",") for line in text.splitlines()] for text in (done.out, expected))
    assert [row[:2] for row in rows] == [row[:2] for row in others]
    cli("predict", "runs/frozen/1", "pictures", "--csv")
    assert len(calls) == 3


@pytest.mark.slow
def test_a_model_that_went_without_tensorflow_goes_with_it_where_ncnn_can_not_be_loaded(cli, frozen, monkeypatch):
    assert cli("run", frozen).status == 0
    first = cli("predict", "runs/frozen/1", "pictures/cat/0.png", "--json")
    monkeypatch.setitem(sys.modules, "ncnn", None)
    again = cli("predict", "runs/frozen/1", "pictures/cat/0.png", "--json")
    assert again.status == 0, again.err
    assert "ncnn failed: " in again.err
    assert json.loads(again.out) == json.loads(first.out)


@pytest.mark.slow
def test_an_answer_stays_one_where_the_cache_can_not_be_written(cli, frozen, monkeypatch, tmp_path):
    assert cli("run", frozen).status == 0
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("KERASVGG_CACHE", str(tmp_path / "file" / "below"))
    assert cli("predict", "runs/frozen/1", "pictures/cat/0.png").status == 0


@pytest.mark.slow
def test_a_run_is_not_resumed_with_another_ncnn(cli, frozen, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("kerasvgg.runs.run.score", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
        assert cli("run", frozen, "--engine", "ncnn").status == 130
    monkeypatch.setattr("kerasvgg.engines.engine.ncnn_version", lambda: "99")
    done = cli("run", "runs/frozen/1", "--resume")
    assert done.status == 2
    assert "frozen layers.ncnn: was 1." in done.err
    assert "is 99" in done.err
    assert cli("run", "runs/frozen/1", "--resume", "--force").status == 0


def test_engines_are_listed_with_what_was_measured(cli, frozen, monkeypatch):
    assert "nothing was measured here yet" in cli("engines").out
    monkeypatch.setattr("kerasvgg.engines.choice.MEASURE_FROM", 1)
    monkeypatch.setattr("kerasvgg.engines.choice.ncnn_version", lambda: None)
    assert cli("run", frozen).status == 0
    done = cli("engines")
    assert done.status == 0
    assert "small_cnn at 48 x 48, before conv4" in done.out
    assert "ncnn is not taken for small_cnn at 48 x 48, before conv4: it is not installed" in done.out
    assert "forgotten: " in cli("engines", "--forget").out
    assert "nothing was measured here yet" in cli("engines").out
