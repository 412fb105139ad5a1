"""Batches that memory can't hold."""

import re
import sys
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from kerasvgg.errors import ConfigError, KerasVGGError
from kerasvgg.process.memory import available_memory
from kerasvgg.recipes import from_scratch
from kerasvgg.training.loop import fit

SMALL = {"image_size": (48, 48), "units": (4,), "epochs": 1}


@pytest.fixture
def arrays():
    images = np.random.default_rng(0).integers(0, 255, (8, 48, 48, 3)).astype(np.uint8)
    return images, np.arange(8) % 2


def test_a_batch_that_can_not_fit_is_refused_with_one_that_does(arrays):
    free = available_memory()
    if free is None:
        pytest.skip("the system does not say how much memory there is")
    with pytest.raises(ConfigError, match="`batch_size` 1,000,000 needs at least") as caught:
        from_scratch(arrays, arrays, **SMALL, batch_size=1_000_000)
    fits = int(re.search(r"try ([\d,]+),", str(caught.value)).group(1).replace(",", ""))
    each = 4 * (46 * 46 * 32 + 23 * 23 * 32)  # the first convolution and its pooling
    assert 1 <= fits < free / each
    keras.backend.clear_session()


@pytest.mark.slow
def test_a_batch_that_fits_is_not_refused(arrays, monkeypatch):
    monkeypatch.setattr("kerasvgg.training.build.available_memory", lambda: 50_000_000)
    assert len(from_scratch(arrays, arrays, **SMALL, batch_size=8).history) == 1
    keras.backend.clear_session()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says what is available")
def test_the_memory_is_what_linux_says(tmp_path, monkeypatch):
    available = available_memory()
    total = int(re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text()).group(1)) * 1024
    assert 0 < available <= total
    monkeypatch.setattr("kerasvgg.process.memory.CGROUP", tmp_path)
    (tmp_path / "memory.max").write_text("5000\n")
    (tmp_path / "memory.current").write_text("1000\n")
    (tmp_path / "memory.stat").write_text("anon 300\ninactive_file 700\nactive_file 0\n")
    assert available_memory() == 4700
    (tmp_path / "memory.max").write_text("max\n")
    assert available_memory() > 4000


def test_running_out_of_memory_says_which_batch_size_to_try():
    def run_out(*_, **__):
        raise MemoryError

    empty = SimpleNamespace(failures=[])
    with pytest.raises(KerasVGGError, match="out of memory with `batch_size` 64: try 32"):
        fit(SimpleNamespace(fit=run_out), empty, empty, 64, callbacks=[])
