PYTHON ?= python3
BIN = .venv/bin
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check -c requirements.txt

.PHONY: run test test-slow test-all test-faults test-wheel check wheel reproduction bench

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
	$(BIN)/python -m benchmarks.split_folder
	$(BIN)/python -m benchmarks.predict_folder
	$(BIN)/python -m benchmarks.duplicates
	$(BIN)/python -m benchmarks.inspecting
	$(BIN)/python -m benchmarks.book_stages
	$(BIN)/python -m benchmarks.forward
	$(BIN)/python -m benchmarks.augmentation
	$(BIN)/python -m benchmarks.warm
	$(BIN)/python -m benchmarks.epochs
	$(BIN)/python -m benchmarks.chapter
	$(BIN)/python -m benchmarks.states
	$(BIN)/python -m benchmarks.growth
	$(BIN)/python -m benchmarks.growth --alone --images 1000 20000
	$(BIN)/python -m benchmarks.fold_coverage

.venv/installed: requirements.txt pyproject.toml setup.py
	$(PYTHON) -m venv .venv
	$(INSTALL) -e .
	touch $@

.venv/installed-dev: .venv/installed
	$(INSTALL) -e ".[dev]"
	touch $@

.venv/installed-bench: .venv/installed
	$(INSTALL) -e ".[bench]"
	touch $@
