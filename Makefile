PYTHON ?= python3
BIN = .venv/bin

.PHONY: run test test-all test-faults check reproduction bench

run: .venv/installed
	$(BIN)/kerasvgg run experiments/quickstart.yaml

test: .venv/installed-dev
	$(BIN)/python -m pytest -n 2 --dist worksteal

test-all: .venv/installed-dev
	$(BIN)/python -m pytest -m "slow or not slow"

test-faults: .venv/installed-dev
	$(BIN)/python -m pytest -m "slow or not slow" tests/faults tests/training/test_resume.py tests/features/test_killed.py

check: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

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

.venv/installed: requirements.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	touch $@

.venv/installed-dev: .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[dev]"
	touch $@

.venv/installed-bench: .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[bench]"
	touch $@
