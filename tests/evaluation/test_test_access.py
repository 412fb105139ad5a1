import subprocess
import sys
from pathlib import Path

import pytest

from kerasvgg.errors import ConfigError
from kerasvgg.evaluation import test_access as module
from kerasvgg.evaluation.test_access import count_accesses, record_access, require_countable, scored_hash, times
from kerasvgg.files.lock import BusyError, locked

SPLIT, OTHER = scored_hash([("cat", "00"), ("dog", "01")]), scored_hash([("cat", "00")])
LOOK = """
import sys
from pathlib import Path
from kerasvgg.evaluation.test_access import record_access
for i in range(20):
    record_access(sys.argv[1], Path("x"))
"""


def test_the_hash_is_of_contents_and_classes_in_any_order():
    assert scored_hash([("dog", "01"), ("cat", "00")]) == SPLIT
    assert len({SPLIT, OTHER, scored_hash([("cat", "01"), ("dog", "00")]), scored_hash([])}) == 4


def test_looks_are_counted_for_each_split():
    assert [record_access(SPLIT, Path("runs/1")) for _ in range(3)] == [1, 2, 3]
    assert record_access(OTHER, Path("runs/1")) == 1
    assert (count_accesses(SPLIT), count_accesses(OTHER), count_accesses("0" * 64)) == (3, 1, 0)


def test_a_name_with_a_line_feed_is_one_look(cache):
    assert record_access(SPLIT, Path(f"a\n{OTHER}\tb\udcff")) == 1
    assert (count_accesses(SPLIT), count_accesses(OTHER)) == (1, 0)
    assert len((cache / "looks.tsv").read_text().splitlines()) == 1


def test_processes_that_look_at_once_lose_no_look():
    for other in [subprocess.Popen([sys.executable, "-c", LOOK, SPLIT]) for _ in range(3)]:
        assert other.wait(60) == 0
    assert count_accesses(SPLIT) == 60


def test_one_that_holds_it_for_ever_is_named(cache, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    with locked(cache / ".looks.tsv.lock"), pytest.raises(BusyError, match="process"):
        record_access(SPLIT, Path("x"))
    assert record_access(SPLIT, Path("x")) == 1


def test_a_place_where_nothing_can_be_noted_is_refused_in_words(cache, monkeypatch):
    require_countable()
    assert not list(cache.iterdir())
    (cache / "file").touch()
    for place in (cache / "file", cache / "file" / "below"):
        monkeypatch.setenv("KERASVGG_CACHE", str(place))
        with pytest.raises(ConfigError, match=f"`KERASVGG_CACHE` must be a folder .* received {place}: "):
            require_countable()


def test_a_damaged_file_keeps_what_can_be_read(cache):
    (cache / "looks.tsv").write_bytes(b"\xff\xfe\x00\n" + f"{SPLIT}\thalf a line\n".encode())
    assert record_access(SPLIT, Path("x")) == 2


@pytest.mark.parametrize(("count", "words"), [(1, "once"), (2, "2 times"), (1234, "1,234 times")])
def test_looks_are_said_in_words(count, words):
    assert times(count) == words
