# On a fresh machine with Python 3.11+ and make: `make run` or `make test`, nothing else.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
OUT    ?= out
JOBS   ?= 2

.DEFAULT_GOAL := help
.PHONY: help run test check lint docs reference bench slow fuzz calibrate lock clean

help:  ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "vagus needs Python 3.11 or newer; found: $$($(PYTHON) --version). Say which to use: make run PYTHON=python3.12" >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv is missing. On Debian or Ubuntu: apt install python3-venv" >&2; exit 2; }
	@touch $@

$(VENV)/.run: $(VENV)/.python requirements.lock pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

run: $(VENV)/.run  ## the main job: a report on the bundled course of treatment
	@mkdir -p $(OUT)
	$(BIN)/vagus report examples/tavns-depression -o $(OUT)/tavns-depression.html

test: $(VENV)/.dev  ## all tests
	$(BIN)/python -m pytest -m "not slow and not peer" -n $(JOBS) --dist loadfile

lint: $(VENV)/.dev  ## ruff, basedpyright, import-linter
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/basedpyright --level error
	$(BIN)/lint-imports --no-logo

check: lint test  ## what CI runs

slow: $(VENV)/.dev  ## tests that take minutes
	$(BIN)/python -m pytest -m slow

fuzz: $(VENV)/.dev  ## a hundred thousand spoiled files for every reader, memory capped (minutes)
	$(BIN)/python -m pytest tests/fuzz -m slow -s

bench: $(VENV)/.dev  ## benchmarks
	$(BIN)/python -m pytest benchmarks/test_*.py --benchmark-only

calibrate: $(VENV)/.dev  ## errors and coverage over 40,000 drawn trials (half an hour; goes on where it stopped)
	OPENBLAS_NUM_THREADS=1 $(BIN)/python benchmarks/calibrate_trial.py docs/rooms/outcome/trial-calibration.csv --parts $(OUT)/calibration

docs: $(VENV)/.dev  ## reference pages into out/docs
	$(BIN)/python -W error docs/build.py $(OUT)/docs

reference: $(VENV)/.dev  ## docs/reference.md and docs/commands.md from the docstrings
	$(BIN)/python docs/write_reference.py

lock: $(VENV)/.dev  ## pin everything again (needs uv)
	uv pip compile --universal --generate-hashes --no-header --quiet --python-version 3.11 pyproject.toml --group build -o requirements.lock
	uv pip compile --universal --generate-hashes --no-header --quiet --python-version 3.11 pyproject.toml --group build --group dev -c requirements.lock -o requirements-dev.lock

clean:  ## remove what was made
	rm -rf $(VENV) $(OUT) .pytest_cache .ruff_cache .hypothesis .benchmarks dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
