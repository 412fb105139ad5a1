import pytest

from kerasvgg.files import locations as home


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """A working folder of its own, without any setting."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KERASVGG_HOME", raising=False)
    monkeypatch.delenv("KERASVGG_CACHE", raising=False)
    return tmp_path


@pytest.fixture
def read_only_home(tmp_path, monkeypatch):
    """A home with one data set, whose mode bits forbid writing (which root is free to ignore, and kerasvgg is not)."""
    folder = tmp_path / "shelf"
    (folder / "datasets" / "digits").mkdir(parents=True)
    folder.chmod(0o555)
    monkeypatch.setenv("KERASVGG_HOME", str(folder))
    yield folder
    folder.chmod(0o755)


def resolved(path):
    return path.absolute()


def test_without_settings_all_is_in_data_here(here):
    assert resolved(home.home()) == resolved(home.cache()) == here / "data"


def test_a_setting_that_is_empty_counts_as_none(here, monkeypatch):
    monkeypatch.setenv("KERASVGG_HOME", "")
    monkeypatch.setenv("KERASVGG_CACHE", "")
    assert resolved(home.home()) == resolved(home.cache()) == here / "data"


def test_a_writable_home_is_read_from_and_written_to(here, monkeypatch):
    monkeypatch.setenv("KERASVGG_HOME", str(here / "shelf"))
    assert home.home() == home.cache() == here / "shelf"


def test_a_home_that_is_not_there_yet_is_written_to_if_its_parent_can_be(here, monkeypatch):
    monkeypatch.setenv("KERASVGG_HOME", str(here / "closed" / "a" / "b"))
    (here / "closed").mkdir()
    assert home.cache() == here / "closed" / "a" / "b"
    (here / "closed").chmod(0o555)
    assert resolved(home.cache()) == here / "data"


def test_the_cache_setting_wins_over_a_writable_home(here, monkeypatch):
    monkeypatch.setenv("KERASVGG_HOME", str(here / "shelf"))
    monkeypatch.setenv("KERASVGG_CACHE", str(here / "scratch"))
    assert (home.home(), home.cache()) == (here / "shelf", here / "scratch")


def test_a_read_only_home_serves_for_reading(read_only_home):
    assert home.find("datasets", "digits") == read_only_home / "datasets" / "digits"


def test_a_read_only_home_is_never_written_to(here, read_only_home, monkeypatch):
    assert resolved(home.cache()) == here / "data"
    monkeypatch.setenv("KERASVGG_CACHE", str(here / "scratch"))
    assert home.cache() == here / "scratch"


def test_what_was_written_beside_a_read_only_home_is_found_again(here, read_only_home):
    (home.cache() / "weights").mkdir(parents=True)
    assert resolved(home.find("weights")) == here / "data" / "weights"
    assert home.find("weights", "vgg16.npz") is None


def test_the_home_is_looked_at_before_the_cache(here, monkeypatch):
    for name in ("shelf", "scratch"):
        (here / name / "datasets").mkdir(parents=True)
    monkeypatch.setenv("KERASVGG_HOME", str(here / "shelf"))
    monkeypatch.setenv("KERASVGG_CACHE", str(here / "scratch"))
    assert home.find("datasets") == here / "shelf" / "datasets"


def test_a_data_set_made_beside_a_read_only_home_leaves_it_as_it_was(here, read_only_home):
    from kerasvgg.data.catalog import catalog

    (read_only_home / "datasets" / "digits").rmdir()
    before = sorted(read_only_home.rglob("*"))
    made = catalog.source("digits")
    assert resolved(made).is_relative_to(here / "data")
    assert sorted(read_only_home.rglob("*")) == before
