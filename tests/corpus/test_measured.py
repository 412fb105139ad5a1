"""What was measured of the corpus, and what is told of it."""

import pytest
from corpus import FACTS, facts
from table import HEAD, MEASURED, PAGE, page_with, table, upgrade_of


def test_every_generation_is_there():
    versions = [facts(name)["keras"] for name in FACTS]
    bands = {
        "1": "1.", "2.0 to 2.2": ("2.0.", "2.1.", "2.2."), "2.3": "2.3.1", "2.4 to 2.11": ("2.4.", "2.7.", "2.11."),
        "2.12 to 2.15": ("2.12", "2.15"), "3": "3.",
    }  # fmt: skip
    counts = {band: sum(version.startswith(start) for version in versions) for band, start in bands.items()}
    assert min(counts.values()) >= 3, counts
    assert len(FACTS) >= 60


@pytest.mark.sampled(by_default=6, slow=2)
@pytest.mark.parametrize("name", FACTS)
def test_changes_are_told_exactly_where_plain_keras_fails(name):
    upgraded, plain = upgrade_of(name), MEASURED[name]["plain_keras"]
    assert bool(upgraded.changes or upgraded.obstacles) is not plain["opens"], (upgraded, plain)
    assert bool(upgraded.obstacles) is (not MEASURED[name]["kerasvgg"]["opens"] or facts(name)["weights_only"])


@pytest.mark.slow
def test_the_page_has_the_table_that_was_measured():
    page = PAGE.read_text()
    assert HEAD in page
    assert page == page_with(page, table()), "run `python tests/corpus/table.py`"


@pytest.mark.parametrize("name", [name for name in FACTS if MEASURED[name]["kerasvgg"]["opens"]])
def test_all_that_was_measured_is_within_the_limit(name):
    assert MEASURED[name]["kerasvgg"]["difference"] < 1e-5
