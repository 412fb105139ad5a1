import sys

import pytest

from kerasvgg.files.lock import BusyError, locked


def test_one_at_a_time_is_at_work_and_the_other_is_told_who(tmp_path):
    path = tmp_path / "lock"
    with locked(path), pytest.raises(BusyError, match=r"process \d+ on .* is at work on it"), locked(path):
        pass
    assert not path.exists()
    with locked(path):
        assert path.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="there an open file keeps its name")
def test_a_lock_whose_name_went_between_opening_and_locking_guards_nothing(tmp_path, monkeypatch):
    import fcntl

    path, flock = tmp_path / "lock", fcntl.flock

    def late(handle: int, how: int) -> None:
        path.unlink()  # as the holder before does at its end
        flock(handle, how)

    monkeypatch.setattr("fcntl.flock", late)
    with pytest.raises(BusyError), locked(path):
        pass
