"""The study of a sweep: the same draws whatever ends in between, and no more trials than were asked for."""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from kerasvgg.config.sweep import Sweep
from kerasvgg.sweep.study import FAILED, FINISHED, MOST_ENDS, PRUNED, Study, TrialResult, mend_journal, ranked

pytestmark = pytest.mark.skipif(find_spec("optuna") is None, reason="no Optuna: `pip install 'kerasvgg[sweep]'`")
SPACE = {"rate": {"low": 1e-4, "high": 1.0, "log": True}, "units": {"low": 1, "high": 9}, "kind": ["a", "b", None]}


def asked(**how: object) -> Sweep:
    return Sweep.model_validate({"experiment": "one", "space": SPACE, "trials": 12, **how})


def figures(settings: dict, epoch: int = 3) -> dict[str, float]:
    """What a training with such settings comes to, which is best for a rate of 0.01 and a few units."""
    import math

    loss = abs(math.log10(settings["rate"]) + 2) + settings["units"] / 10
    return {"epoch": epoch, "val_accuracy": 1 / (1 + loss), "val_loss": loss}


def finish(study: Study, most: int = 100) -> None:
    """Trains what is left, or so many."""
    for _ in range(most):
        if (trial := study.ask(1)) is None:
            return
        trial.tell(TrialResult(figures(trial.settings)))


def drawn(study: Study) -> list[tuple]:
    return [tuple(row.settings.values()) for row in study.rows()]


@pytest.mark.parametrize("how", [{}, {"sampler": "random"}, {"metric": "val_loss", "seed": 3}])
def test_a_study_that_was_interrupted_draws_what_one_that_was_not_does(tmp_path: Path, how: dict) -> None:
    for name in ("whole", "broken"):
        (tmp_path / name).mkdir()
    finish(Study(tmp_path / "whole", asked(**how)))
    finish(Study(tmp_path / "broken", asked(**how)), 4)
    Study(tmp_path / "broken", asked(**how)).ask(1)  # is under way when its process is killed
    study = Study(tmp_path / "broken", asked(**how))
    assert study.renew() == 1
    finish(study, 3)
    study.ask(1)
    study = Study(tmp_path / "broken", asked(**how))
    assert study.renew() == 1
    finish(study)
    assert drawn(study) == drawn(Study(tmp_path / "whole", asked(**how)))
    assert len(drawn(study)) == 12


def test_another_seed_draws_others_and_the_parzen_estimator_comes_nearer_than_chance(tmp_path: Path) -> None:
    best: dict[str, list[float]] = {"tpe": [], "random": []}
    draws = set()
    for sampler, found in best.items():
        for seed in range(3):
            folder = tmp_path / f"{sampler} {seed}"
            folder.mkdir()
            study = Study(folder, asked(sampler=sampler, seed=seed, trials=25))
            finish(study)
            draws.add(tuple(drawn(study)))
            found.append(max(row.figures["val_accuracy"] for row in study.rows()))
    assert len(draws) == 6
    assert sum(best["tpe"]) > sum(best["random"])


def test_processes_that_ask_at_once_begin_no_more_trials_than_were_asked_for(tmp_path: Path) -> None:
    studies = [Study(tmp_path, asked(trials=5)) for _ in range(3)]
    begun = [trial for _ in range(4) for study in studies if (trial := study.ask(1))]
    assert sorted(trial.number for trial in begun) == list(range(5))
    assert len({tuple(trial.settings.values()) for trial in begun}) == 5


def test_only_the_trial_of_a_process_that_has_ended_is_begun_again_with_the_same_settings(tmp_path: Path) -> None:
    study = Study(tmp_path, asked())
    first = study.ask(1)
    assert study.renew(2) == 0
    assert study.renew(1) == 1
    again = study.ask(1)
    assert (again.settings, again.number) == (first.settings, 1)
    assert [row.number for row in study.rows()] == [1]


def test_settings_that_end_every_process_have_failed_and_count(tmp_path: Path) -> None:
    study = Study(tmp_path, asked(trials=2))
    for _ in range(MOST_ENDS):  # whoever stops the command as a whole says nothing of the settings
        study.ask(1)
        study.renew()
    for _ in range(MOST_ENDS):
        study.ask(1)
        study.renew(1)
    (row,) = study.rows()
    assert (row.state, row.why) == (FAILED, f"its process ended {MOST_ENDS} times")
    finish(study)
    assert [row.state for row in study.rows()] == [FAILED, FINISHED]


def test_a_trial_that_fails_says_why_and_one_that_is_worse_is_ended_early(tmp_path: Path) -> None:
    study = Study(tmp_path, asked(trials=8))
    study.ask(1).tell(TrialResult(why="nothing is learnt"))
    for _ in range(6):
        trial = study.ask(1)
        ended = [trial.should_end(epoch, {"val_accuracy": 0.9, "val_loss": 0.1}) for epoch in range(1, 9)]
        assert not any(ended)
        trial.tell(TrialResult(figures(trial.settings)))
    trial = study.ask(1)
    ended = [trial.should_end(epoch, {"val_accuracy": 0.5, "val_loss": 0.7}) for epoch in range(1, 9)]
    assert ended.index(True) == 4  # the fifth epoch
    trial.tell(TrialResult(figures(trial.settings), pruned=True))
    rows = study.rows()
    assert (rows[0].state, rows[0].why, rows[-1].state) == (FAILED, "nothing is learnt", PRUNED)
    assert study.ask(1) is None


def test_half_a_line_of_the_journal_and_a_lock_that_was_left_stop_nothing(tmp_path: Path) -> None:
    finish(Study(tmp_path, asked()), 3)
    with (tmp_path / "journal.log").open("ab") as file:
        file.write(b'{"op_code": 5, "worker')
    (tmp_path / "journal.log.lock").symlink_to("journal.log")  # as Optuna's own lock is
    mend_journal(tmp_path)
    study = Study(tmp_path, asked())
    finish(study)
    assert len(drawn(study)) == 12


def test_a_large_seed_and_figures_that_tie(tmp_path: Path) -> None:
    study = Study(tmp_path, asked(seed=2**32 - 1, trials=3))
    for loss in (0.4, 0.2, 0.3):
        study.ask(1).tell(TrialResult({"epoch": 1, "val_accuracy": 0.9, "val_loss": loss}))
    assert [row.figures["val_loss"] for row in ranked(study.rows(), "val_accuracy")] == [0.2, 0.3, 0.4]


def test_what_makes_the_difference_is_told(tmp_path: Path) -> None:
    study = Study(tmp_path, asked(trials=30, sampler="random"))
    assert study.importance() == {}
    finish(study)
    found = study.importance()
    assert next(iter(found)) == "rate"
    assert found["kind"] < 0.1
    assert sum(found.values()) == pytest.approx(1)


@pytest.mark.parametrize(
    "make",
    [
        lambda: asked(space={"rate": {"low": 1.0, "high": 0.1}}),
        lambda: asked(space={"rate": {"low": 0.0, "high": 0.1, "log": True}}),
        lambda: asked(space={"units": {"low": 1, "high": 9, "step": 0.5}}),
        lambda: asked(space={"kind": ["a"]}),
        lambda: asked(space={}),
        lambda: asked(trials=0),
    ],
)
def test_a_space_that_makes_no_sense_is_refused(make: Callable) -> None:
    with pytest.raises(ValueError, match="Sweep"):
        make()
