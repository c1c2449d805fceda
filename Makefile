# Every line works in a fresh clone; `make install` is idempotent and does nothing when nothing changed.
PY := .venv/bin/python
UV := $(shell uv --version 2>/dev/null)
# Processes that the files of tests are spread over, each with an engine and a database of its own; 0: none but make's.
# More than there are cores: a quarter of their time the tests wait for what they started.
JOBS ?= 3
ROOMS := models activities workflows api deploy

.PHONY: install run test test-long screenshots capabilities check format bench docs catalog lock
.DEFAULT_GOAL := check

install: .venv/.installed
.venv/.installed: requirements-dev.lock pyproject.toml
ifneq ($(UV),)
	test -x $(PY) || uv venv --quiet --python ">=3.11" .venv
	uv pip sync --quiet --python $(PY) --require-hashes requirements-dev.lock
	uv pip install --quiet --python $(PY) --no-deps --no-build-isolation --editable .
else
	test -x $(PY) || python3 -m venv .venv
	$(PY) -m pip install --quiet --require-hashes --requirement requirements-dev.lock
	$(PY) -m pip install --quiet --no-deps --no-build-isolation --editable .
endif
	touch $@

run: install
	.venv/bin/siklus run --demo

test: install
	$(PY) -m pytest -m "not long" -rs --numprocesses $(JOBS) --dist loadfile --no-loadscope-reorder

test-long: install
	$(PY) -m pytest -m long --timeout 1800

# Every page, wide and as a phone shows it, into an ignored folder; needs a Chromium or a Chrome.
screenshots: install
	$(PY) -m tests.browser .screenshots

# Fails while a row of docs/capabilities.md that is not outside has no test.
capabilities: install
	@$(PY) -m tests.capabilities

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

# Gathers what the pages say and tells each sentence that has no translation yet (docs/contributing.md).
catalog: install
	@$(PY) -m api.web.catalog

LOCK := uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header
lock:
	$(LOCK) pyproject.toml --output-file requirements.lock
	$(LOCK) --group pyproject.toml:build --output-file requirements-build.lock
	$(LOCK) pyproject.toml --extra dev --extra embedded --group pyproject.toml:build --output-file requirements-dev.lock
