"""What fuzzing has found to reach much of the readers: they may refuse it, and do nothing else."""

import zipfile
from pathlib import Path

import pytest
from fuzz_targets import TARGETS

FUZZED = Path(__file__).parent / "fuzzed"


@pytest.mark.parametrize("target", TARGETS)
def test_readers_take_or_refuse_what_fuzzing_came_upon(target: str) -> None:
    with zipfile.ZipFile(FUZZED / f"{target}.zip") as kept:
        inputs = {name: kept.read(name) for name in kept.namelist()}
    assert len(inputs) > 10
    for content in inputs.values():
        TARGETS[target](content)
