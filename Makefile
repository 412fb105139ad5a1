PYTHON ?= python3
BIN = .venv/bin
# Compiling all takes a minute; Python compiles what is used.
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -c requirements.txt

.PHONY: runtimes run test test-slow test-all test-faults test-wheel check wheel reproduction bench bench-long

run: .venv/installed
	$(BIN)/kerasvgg run quickstart

test: .venv/installed-dev
	$(BIN)/python -m pytest -n 2 --dist worksteal

test-slow: .venv/installed-dev
	$(BIN)/python -m pytest -m "slow and not very_slow" -n 2 --dist worksteal

test-all: .venv/installed-dev
	$(BIN)/python -m pytest -m ""

test-faults: .venv/installed-dev
	$(BIN)/python -m pytest -m "" -n 2 --dist worksteal tests/faults tests/training/test_resume.py tests/features/test_killed.py

test-wheel: .venv/installed-dev
	$(BIN)/python -m pytest -m "" tests/package

check: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

wheel: .venv/installed-dev
	$(BIN)/python -m build --outdir dist

SOURCE ?= chapter
SEEDS ?= 3

reproduction: .venv/installed
	$(BIN)/python -m tools.reproduction $(SOURCE) --seeds $(SEEDS)

bench: .venv/installed-bench
	$(BIN)/kerasvgg weights get vgg16
	$(BIN)/python -m benchmarks

bench-long: .venv/installed-bench
	$(BIN)/kerasvgg weights get vgg16
	$(BIN)/python -m benchmarks --long

.venv/installed: requirements.txt pyproject.toml setup.py
	$(PYTHON) -m venv .venv
	$(INSTALL) -e .
	touch $@

.venv/installed-dev: .venv/installed
	$(INSTALL) -e ".[dev,cluster,export,serve,sweep,ui]"
	touch $@

runtimes: .venv/installed-dev # what a page that is one file runs by
	KERASVGG_HOME= KERASVGG_CACHE= $(BIN)/python -c "from kerasvgg.export.to_web import runtime; print(runtime())"

.venv/installed-bench: .venv/installed
	$(INSTALL) -e ".[bench]"
	touch $@
