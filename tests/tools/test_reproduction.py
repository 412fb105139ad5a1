"""`make reproduction`: claims beside what came out, resumable."""

import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import pytest

from tools.reproduction import claims
from tools.reproduction.__main__ import main
from tools.reproduction.claim import Claim, Figure
from tools.reproduction.claims import SOURCES

TINY = """\
seed: 1
data: {dataset: pictures, split: {train: 6, validation: 3, test: 3}, image_size: [48, 48], batch_size: 8}
model: {base: small_cnn, head: {units: 8}}
train: [{epochs: 1, learning_rate: 1e-3}]
"""
CLAIM = Claim(
    "colours",
    "a network for colours",
    "a source: 50 %",
    (Figure("test", 0.5, 0.5, 100), Figure("validation", 0.4, 0.5, 100)),
    "tiny.yaml",
    "",
    ("train.0.epochs=2",),
)
ABSENT = Claim("absent", "pictures that nobody has", "a source", (Figure("test", 0.9, 0.9, 10),), "absent.yaml", "")


class Done(NamedTuple):
    status: int
    out: str
    err: str


@pytest.fixture
def cli() -> Callable[..., Done]:
    """Calls the command in this process."""

    def call(*words: str) -> Done:
        out, err = StringIO(), StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            patch.setattr(sys, "argv", ["reproduction", *words])
            with pytest.raises(SystemExit) as ended:
                main()
        return Done(int(ended.value.code or 0), out.getvalue(), err.getvalue())

    return call


@pytest.fixture
def source(class_folders: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    class_folders()
    Path("experiments").mkdir()
    Path("experiments/tiny.yaml").write_text(TINY)
    Path("experiments/absent.yaml").write_text(TINY.replace("dataset: pictures", "dataset: nowhere"))
    monkeypatch.setitem(claims.SOURCES, "colours", (CLAIM, ABSENT))


@pytest.mark.slow
def test_claims_are_run_with_each_seed_once_and_written_beside_what_came_out(source: None, cli: Callable) -> None:
    done = cli("colours", "--seeds", "2", "--output", "page.md")
    assert (done.status, done.out) == (1, "page.md\n")
    assert "left out: reproduce/absent/seed-0" in done.err
    row = next(line for line in Path("page.md").read_text().splitlines() if line.startswith("| a network"))
    _, _, split, says, seeds, here, verdict, _, _ = (cell.strip() for cell in row.split("|"))
    assert (split, says, seeds) == ("test", "50.0% (40.4 to 59.6, n 100)", "2")
    assert "n 12)" in here
    assert verdict in ("below", "within", "above")
    assert "It could not be run" in Path("page.md").read_text()
    assert {path.parent.name for path in Path("runs/reproduce").rglob("metrics.json")} == {"1"}
    again = cli("colours", "--seeds", "2", "--output", "page.md")
    assert again.status == 1
    assert "epoch 1" not in again.err
    assert len(list(Path("runs/reproduce").rglob("metrics.json"))) == 2


@pytest.mark.slow
def test_an_unfinished_run_is_gone_on_with_and_a_changed_one_is_run_anew(source: None, cli: Callable) -> None:
    cli("colours", "--seeds", "1", "--only", "colours", "--output", "page.md")
    Path("runs/reproduce/colours/seed-0/1/metrics.json").unlink()
    done = cli("colours", "--seeds", "1", "--only", "colours", "--output", "page.md")
    assert done.status == 0
    assert "going on in runs/reproduce/colours/seed-0/1" in done.err
    text = Path("experiments/tiny.yaml").read_text()
    Path("experiments/tiny.yaml").write_text(text.replace("units: 8", "units: 9"))
    done = cli("colours", "--seeds", "1", "--only", "colours", "--output", "page.md")
    assert "into runs/reproduce/colours/seed-0/2" in done.err


@pytest.mark.parametrize(
    ("words", "told"), [(["chaptre"], "did you mean `chapter`"), (["chapter", "--only", "small_cn"], "small_cnn")]
)
def test_an_unknown_source_or_claim_is_refused_with_what_is_allowed(words: list[str], told: str, cli: Callable) -> None:
    done = cli(*words)
    assert done.status == 2
    assert told in done.err


def test_the_verdict_compares_with_the_interval_of_the_claim() -> None:
    figure = Figure("test", 0.9, 0.9, 1000)
    assert figure.interval == pytest.approx((0.87984, 0.91709), abs=1e-5)  # scipy.stats.binomtest(900, 1000)
    assert [figure.verdict(share) for share in (0.879, 0.88, 0.917, 0.918)] == ["below", "within", "within", "above"]


def test_every_claim_names_an_experiment_that_is_there_with_its_variant_and_settings() -> None:
    from kerasvgg.config.load import load_experiments

    shipped = Path(__file__).parents[2] / "experiments"
    for claim in (claim for source in SOURCES.values() for claim in source if claim.experiment):
        loaded = load_experiments(shipped / str(claim.experiment), claim.overrides, [claim.variant])
        assert list(loaded) == [claim.variant]
        assert claim.figures
