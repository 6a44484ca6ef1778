# make run | test | bench | lint. Needs Python 3.11 or newer and make, nothing else.
# Settings come from the environment or from the command line: make run PORT=9000

PYTHON ?= python3
VENV := .venv
# Most tests wait for processes, so there may be more of them than cores. A module's tests stay
# together, since they share a site or a browser.
DIST := --dist loadscope --no-loadscope-reorder
PARALLEL ?= -n 3 $(DIST)
PARALLEL_FAST ?= -n 2 $(DIST)
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --no-input
APP := $(VENV)/.installed
TOOLS := $(VENV)/.installed-tools
QUEUES := $(VENV)/.installed-queues
PRODUCERS := $(VENV)/.installed-producers
OUT ?= data/verify-matrix
# No index is asked for versions: the lock files name every package and its hashes.
INSTALL := $(PIP) install --quiet --no-deps --require-hashes
UV := uv==0.13.9

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test test-fast test-newest bench verify-matrix lint format lock hooks clean

help:
	@echo "make run     start the site on http://127.0.0.1:8000 (LIBRARY_ROOT=~/Pictures, PORT=9000)"
	@echo "make test    run all tests (ARGS='-k name' for some, ALL_STACKS=1 on each database and broker)"
	@echo "make lint    check format, style, types, import rules, words, security and licences"
	@echo "make format  rewrite the code in the project's format"
	@echo "make bench   run the benchmarks and write docs/benchmarks.md"
	@echo
	@echo "make test-fast    run the tests that need no server, no cluster and no browser"
	@echo "make test-newest  run those and the engine's on the newest Python and Django"
	@echo "make verify-matrix  damage files of all kinds and compare verify with the free tools (OUT=folder)"
	@echo "make lock         pin all packages with their hashes, after a change of a requirements file"
	@echo "make hooks        check format and words before each commit"

# Only this target switches debug on: here one person works at this machine.
run: export DJANGO_DEBUG := $(if $(DJANGO_DEBUG),$(DJANGO_DEBUG),true)
run: $(APP)
	@$(PY) manage.py serve

# Compiled tests are kept: compiling them takes each process of a run several seconds.
test test-fast test-newest: export PYTHONDONTWRITEBYTECODE :=

test: $(TOOLS)
	@$(PY) -m pytest $(PARALLEL) $(ARGS)

test-fast: $(TOOLS)
	@$(PY) -m pytest $(PARALLEL_FAST) -m "not programs and not bench" $(ARGS)

test-newest:
	@PARALLEL="$(PARALLEL_FAST)" .ci/newest $(ARGS)

bench: $(TOOLS) $(QUEUES)
	@$(PY) -m tests.bench $(ARGS)

# Takes half an hour. Programs that are not installed are left out: .ci/nightly installs them.
verify-matrix: $(PRODUCERS)
	@$(PY) -m tests.verify_matrix --out "$(OUT)" $(ARGS)

lint: $(TOOLS)
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	$(PY) -c "from importlinter.cli import lint_imports_command as run; run()"
	$(PY) -m tests.lint.words
	$(PY) -m bandit --quiet --recursive --configfile pyproject.toml batchsite jobs manage.py
	$(PY) -m tests.lint.licences
	$(PY) -m tests.lint.audit

# After a change of a requirements file. UPGRADE=1 takes the newest versions of what others need.
lock: $(PY)
	@$(PIP) install --quiet $(UV)
	@UPGRADE="$(UPGRADE)" .ci/lock
	@$(MAKE) --no-print-directory $(TOOLS)
	@$(PY) -m tests.lint.licences --write

format: $(TOOLS)
	$(PY) -m ruff check --fix --exit-zero --quiet .
	$(PY) -m ruff format .

hooks:
	@git config core.hooksPath .ci/hooks
	@echo "Format and words are checked before each commit. To undo: git config --unset core.hooksPath"

clean:
	rm -rf $(VENV) .venv-newest .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# The stamps are made last, so an interrupted installation is taken up again.
$(APP): requirements.lock | $(PY)
	@echo "Installing what the site needs (once; a minute or two) ..."
	@$(INSTALL) -r requirements.lock
	@touch $@

# Much of them is never imported: what is, Python compiles then.
$(TOOLS): tests/requirements.lock $(APP)
	@echo "Installing the test tools ..."
	@$(INSTALL) --no-compile -r tests/requirements.lock
	@touch $@

# What the benchmarks compare with. They leave out what is not there.
$(QUEUES): tests/bench/requirements.txt $(TOOLS)
	@echo "Installing the queue libraries to compare with ..."
	@$(PIP) install --quiet -r tests/bench/requirements.txt && touch $@ || echo "They cannot be installed; what is not there is left out."

# What makes the files of the matrix, and reads them beside verify.
$(PRODUCERS): tests/verify_matrix/requirements.txt $(TOOLS)
	@echo "Installing the libraries that make files ..."
	@$(PIP) install --quiet -r tests/verify_matrix/requirements.txt && touch $@ || echo "They cannot be installed; what is not there is left out."

$(PY):
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Error: Python " + sys.version.split()[0] + " is too old; 3.11 or newer is needed. Install it, then say: make PYTHON=python3.11")'
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "Error: Python could not make a virtual environment. On Debian or Ubuntu, install the package python3-venv." >&2; exit 1; }
