# GNU make and a POSIX shell; everything else is installed into .venv from the hash-locked files in requirements/.
SHELL := /bin/sh
.SUFFIXES:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
OUT := out
PIP := $(BIN)/python -m pip --quiet --no-input --disable-pip-version-check
INSTALL := $(PIP) install --require-hashes --no-deps
PACKAGES := geo layers network maps corridors
# the extra set-ups are empty files inside .venv, so removing .venv removes them as well
RUN := $(VENV)/.run
DEV := $(VENV)/.dev
DATA := $(VENV)/.data
BENCH := $(VENV)/.bench
TOOLS := $(VENV)/.tools

.PHONY: help
help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-6s %s\n", $$1, $$2 }' Makefile

.PHONY: map
map: $(RUN) ## set up what is needed to run, and write the map and its layers to out/
	@$(BIN)/corridors build --out $(OUT)

.PHONY: test
test: $(DEV) $(TOOLS) ## run every test, the examples in docstrings included
	@$(BIN)/python -m pytest --doctest-modules --ignore=geo/prepare tests $(PACKAGES) $(PYTEST_ARGS)

.PHONY: lint
lint: $(DEV) ## check style, format, types and the direction of imports
	@status=0; for check in 'ruff check' 'ruff format --check' mypy 'mypy tests $(wildcard benchmarks/*.py)' lint-imports; do \
	    echo "== $$check"; $(BIN)/$$check || status=1; \
	done; exit $$status

.PHONY: data
data: $(DATA) build/packages/world-atlas-2.0.2.tgz ## make geo/data anew from the pinned packages (takes minutes)
	@$(BIN)/python -m geo.prepare

.PHONY: bench
bench: $(BENCH) ## measure the speeds that the documentation promises
	@found=; for script in benchmarks/[!_]*.py; do \
	    if [ -f "$$script" ]; then found=1; printf '== %s\n' "$$script"; $(BIN)/python "$$script"; fi; \
	done; [ -n "$$found" ] || { echo 'corridors: benchmarks/ holds no script' >&2; exit 1; }

.PHONY: fuzz
fuzz: $(DEV) ## send damaged files to a reader: READER=geojson (or all) for SECONDS=60
	@$(BIN)/python -W ignore -m tests.fuzz.readers $(or $(READER),all) -max_total_time=$(or $(SECONDS),60)

.PHONY: docs
docs: $(DEV) ## check what the documents promise: tables, numbers, examples
	@$(BIN)/python -m pytest --doctest-modules --ignore=geo/prepare tests/test_house.py $(wildcard tests/docs) $(PACKAGES)

.PHONY: lock
lock: $(VENV)/.lock ## resolve the dependencies again and write the lock files
	@echo 'corridors: locking the dependencies'
	@sh scripts/lock.sh $(BIN)/uv

.PHONY: clean
clean: ## remove the environment, the output and every cache
	rm -rf $(VENV) $(OUT) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# -- set-up; each step runs once, and again when the files it reads change

$(VENV)/.made:
	@python=$$(sh scripts/python.sh) || exit 1; \
	    echo "corridors: making $(VENV) with $$python ($$("$$python" -c 'import platform; print(platform.python_version())'))"; \
	    "$$python" -m venv $(VENV)
	@touch $@

$(RUN): requirements/build.txt requirements/run.txt pyproject.toml | $(VENV)/.made
	@echo 'corridors: installing what is needed to run (a minute or two the first time)'
	@$(INSTALL) -r requirements/build.txt -r requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV): requirements/dev.txt $(RUN)
	@echo 'corridors: installing what is needed to check'
	@$(INSTALL) -r requirements/dev.txt
	@touch $@

$(DATA): requirements/data.txt $(DEV)
	@echo 'corridors: installing the packages the base data is made from'
	@$(INSTALL) -r requirements/data.txt
	@touch $@

# the world graph of the benchmarks comes from the packages the base data is made from
$(BENCH): requirements/bench.txt $(DATA)
	@echo 'corridors: installing the packages the benchmarks compare with'
	@$(INSTALL) -r requirements/bench.txt
	@touch $@

$(VENV)/.lock: requirements/lock.txt | $(VENV)/.made
	@$(INSTALL) -r requirements/lock.txt
	@touch $@

$(TOOLS): scripts/chromium.sh scripts/gdal.sh scripts/apt-install.sh $(DEV)
	@sh scripts/chromium.sh $(BIN)
	@sh scripts/gdal.sh
	@touch $@

build/packages/world-atlas-%.tgz:
	@command -v npm >/dev/null 2>&1 || { echo 'corridors: npm is needed to fetch world-atlas; install Node.js' >&2; exit 1; }
	@echo 'corridors: fetching world-atlas $*'
	@mkdir -p $(@D)
	@cd $(@D) && npm pack --silent world-atlas@$* >/dev/null
