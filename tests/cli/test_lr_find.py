"""`kerasvgg lr-find`: a sweep, its picture and what to set."""

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.mark.slow
def test_a_rate_is_suggested_as_a_setting_and_drawn(tiny: str, cli: Callable) -> None:
    done = cli("lr-find", tiny, "train.0.optimizer=adam", "--steps", "100", "--output", "lr.png")
    assert done.status == 0
    setting, rest, picture = done.out.splitlines()
    assert setting.startswith("train.0.learning_rate=")
    assert 1e-6 <= float(setting.partition("=")[2].partition(":")[0]) < 1
    assert "the experiment has 1.0e-03" in rest
    assert picture == "lr.png"
    assert Path("lr.png").stat().st_size > 5000
    assert not Path("runs").exists()


def test_a_round_that_is_not_there_is_refused(tiny: str, cli: Callable) -> None:
    done = cli("lr-find", tiny, "--phase", "1")
    assert done.status == 2
    assert "`--phase` must be a number from 0 to 0" in done.err
