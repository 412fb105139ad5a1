import os
import subprocess
import sys
from pathlib import Path

import pytest

from kerasvgg.files import locations
from kerasvgg.files.locations import cache, checkout, find, home

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """A working folder of its own, without any setting."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KERASVGG_HOME", raising=False)
    monkeypatch.delenv("KERASVGG_CACHE", raising=False)
    locations._tell_of_another.cache_clear()
    return tmp_path


@pytest.fixture
def installed(here, monkeypatch):
    """An installed package: no checkout, and the platform's folder of a user who has nothing yet."""
    monkeypatch.setattr(locations, "checkout", lambda: None)
    monkeypatch.setattr("platformdirs.user_data_path", lambda name, appauthor: here / "user" / name)
    return here / "user" / "kerasvgg"


@pytest.fixture
def clone(here, monkeypatch):
    """A checkout that is not where one works."""
    monkeypatch.setattr(locations, "checkout", lambda: here / "clone")
    return here / "clone"


@pytest.fixture
def read_only_home(tmp_path, monkeypatch):
    """A home with one data set, whose mode bits forbid writing (which root is free to ignore, and kerasvgg is not)."""
    folder = tmp_path / "shelf"
    (folder / "datasets" / "digits").mkdir(parents=True)
    folder.chmod(0o555)
    monkeypatch.setenv("KERASVGG_HOME", str(folder))
    yield folder
    folder.chmod(0o755)


def package(folder, project):
    """Returns a package called kerasvgg beside a pyproject.toml."""
    (folder / "kerasvgg").mkdir(parents=True)
    (folder / "pyproject.toml").write_text(project)
    return folder / "kerasvgg"


def test_a_checkout_is_one_by_its_pyproject(tmp_path, monkeypatch):
    assert checkout() == ROOT
    monkeypatch.setattr(locations, "PACKAGE", package(tmp_path / "a", '[project]\nname = "kerasvgg"\n'))
    assert checkout() == tmp_path / "a"


@pytest.mark.parametrize("project", ['[project]\nname = "mine"\n', "[tool.ruff]\n", "project = 1\n", "no TOML", "\xff"])
def test_beside_another_pyproject_it_is_none(tmp_path, monkeypatch, project):
    monkeypatch.setattr(locations, "PACKAGE", package(tmp_path, project))
    assert checkout() is None


def test_without_a_pyproject_it_is_none(tmp_path, monkeypatch):
    monkeypatch.setattr(locations, "PACKAGE", tmp_path / "site-packages" / "kerasvgg")
    assert checkout() is None


def test_in_a_checkout_all_is_in_its_data_wherever_one_works(clone):
    assert home() == cache() == clone / "data"


def test_installed_all_is_in_the_users_folder(installed):
    assert home() == cache() == installed


@pytest.mark.skipif(sys.platform != "linux", reason="the variable is Linux'")
def test_the_users_folder_is_where_the_platform_has_it(here, monkeypatch):
    monkeypatch.setattr(locations, "checkout", lambda: None)
    monkeypatch.setenv("XDG_DATA_HOME", str(here / "share"))
    assert home() == here / "share" / "kerasvgg"


def test_a_setting_that_is_empty_counts_as_none(installed, monkeypatch):
    monkeypatch.setenv("KERASVGG_HOME", "")
    monkeypatch.setenv("KERASVGG_CACHE", "")
    assert home() == cache() == installed


def test_a_writable_home_is_read_from_and_written_to(here, monkeypatch):
    monkeypatch.setenv("KERASVGG_HOME", str(here / "shelf"))
    assert home() == cache() == here / "shelf"


def test_a_home_that_is_not_there_yet_is_written_to_if_its_parent_can_be(here, clone, monkeypatch):
    monkeypatch.setenv("KERASVGG_HOME", str(here / "closed" / "a" / "b"))
    (here / "closed").mkdir()
    assert cache() == here / "closed" / "a" / "b"
    (here / "closed").chmod(0o555)
    assert cache() == clone / "data"


def test_the_cache_setting_wins_over_a_writable_home(here, monkeypatch):
    monkeypatch.setenv("KERASVGG_HOME", str(here / "shelf"))
    monkeypatch.setenv("KERASVGG_CACHE", str(here / "scratch"))
    assert (home(), cache()) == (here / "shelf", here / "scratch")


def test_a_read_only_home_serves_for_reading(read_only_home):
    assert find("datasets", "digits") == read_only_home / "datasets" / "digits"


def test_a_read_only_home_is_never_written_to(here, read_only_home, clone, monkeypatch):
    assert cache() == clone / "data"
    monkeypatch.setenv("KERASVGG_CACHE", str(here / "scratch"))
    assert cache() == here / "scratch"


def test_a_read_only_home_of_an_installed_package_neither(read_only_home, installed):
    assert (home(), cache()) == (read_only_home, installed)


def test_a_read_only_checkout_is_never_written_to(here, installed, clone):
    clone.mkdir()
    clone.chmod(0o555)
    assert (home(), cache()) == (clone / "data", installed)


def test_what_was_written_beside_a_read_only_home_is_found_again(read_only_home, clone):
    (cache() / "weights").mkdir(parents=True)
    assert find("weights") == clone / "data" / "weights"
    assert find("weights", "vgg16.npz") is None


def test_the_home_is_looked_at_before_the_cache(here, monkeypatch):
    for name in ("shelf", "scratch"):
        (here / name / "datasets").mkdir(parents=True)
    monkeypatch.setenv("KERASVGG_HOME", str(here / "shelf"))
    monkeypatch.setenv("KERASVGG_CACHE", str(here / "scratch"))
    assert find("datasets") == here / "shelf" / "datasets"


def test_a_data_set_made_beside_a_read_only_home_leaves_it_as_it_was(read_only_home, clone):
    from kerasvgg.data.catalog import catalog

    (read_only_home / "datasets" / "digits").rmdir()
    before = sorted(read_only_home.rglob("*"))
    made = catalog.source("digits")
    assert made.is_relative_to(clone / "data")
    assert sorted(read_only_home.rglob("*")) == before


@pytest.mark.parametrize("name", ["datasets", "weights", "features"])
def test_data_here_that_is_not_used_is_named_once(here, installed, capsys, name):
    (here / "data" / name).mkdir(parents=True)
    assert home() == cache() == home() == installed
    told = f"`data` here has {name}/ but is not used: `{installed}` is, until `KERASVGG_HOME=data` says otherwise\n"
    assert capsys.readouterr().err == told


def test_data_here_beside_a_read_only_home_is_named_for_the_cache(here, read_only_home, installed, capsys):
    (here / "data" / "features").mkdir(parents=True)
    cache()
    assert "`KERASVGG_CACHE=data`" in capsys.readouterr().err


@pytest.mark.parametrize("variable", ["KERASVGG_HOME", "KERASVGG_CACHE"])
def test_data_here_that_is_used_is_not_named(here, installed, monkeypatch, capsys, variable):
    (here / "data" / "datasets").mkdir(parents=True)
    monkeypatch.setenv(variable, "data")
    find("datasets", "digits")
    assert capsys.readouterr().err == ""


def test_data_of_the_checkout_that_one_works_in_is_not_named(here, monkeypatch, capsys):
    (here / "data" / "datasets").mkdir(parents=True)
    monkeypatch.setattr(locations, "checkout", lambda: here)
    assert cache() == here / "data"
    assert capsys.readouterr().err == ""


def test_data_of_somebody_elses_is_not_named(here, installed, capsys):
    (here / "data" / "train").mkdir(parents=True)
    cache()
    assert capsys.readouterr().err == ""


def test_the_option_wins_over_data_here(here):
    (here / "data" / "datasets").mkdir(parents=True)
    env = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"}
    words = ["-m", "kerasvgg", "--home", "shelf", "cache", "list"]
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=True, env=env)
    assert done.stderr == ""
