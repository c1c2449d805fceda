# Every line works in a fresh clone; `make install` is idempotent and does nothing when nothing changed.
PY := .venv/bin/python
UV := $(shell uv --version 2>/dev/null)
# `make test JOBS=2` spreads the files over two processes: sooner, in another order each time.
JOBS ?= 0
ROOMS := models activities workflows api deploy

.PHONY: install run test test-long check format bench docs lock
.DEFAULT_GOAL := check

install: .venv/.installed
.venv/.installed: requirements-dev.lock pyproject.toml
ifneq ($(UV),)
	test -x $(PY) || uv venv --quiet --python ">=3.11" .venv
	uv pip sync --quiet --python $(PY) --require-hashes requirements-dev.lock
	uv pip install --quiet --python $(PY) --no-deps --editable .
else
	test -x $(PY) || python3 -m venv .venv
	$(PY) -m pip install --quiet --require-hashes --requirement requirements-dev.lock
	$(PY) -m pip install --quiet --no-deps --editable .
endif
	touch $@

run: install
	.venv/bin/siklus run --demo

test: install
	$(PY) -m pytest -m "not long" --numprocesses $(JOBS) --dist loadfile

test-long: install
	$(PY) -m pytest -m long --timeout 1800

check: install
	@.venv/bin/ruff format --check $(ROOMS) tests
	@.venv/bin/ruff check $(ROOMS) tests
	@.venv/bin/mypy
	@.venv/bin/lint-imports

format: install
	.venv/bin/ruff check --fix $(ROOMS) tests
	.venv/bin/ruff format $(ROOMS) tests

bench: install
	.venv/bin/siklus bench

docs: install
	$(PY) -m models.diagram > docs/lifecycle.md

lock:
	uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header pyproject.toml --output-file requirements.lock
	uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header --extra dev --extra embedded pyproject.toml --output-file requirements-dev.lock
