# The contract: install, run, test, check, drills. PORT and DURE_DATA are honoured by all.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PORT ?= 8000
DURE_DATA ?= data
export PORT DURE_DATA

VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv --quiet
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header pyproject.toml
# Two processes, each with a PostgreSQL of its own. A file stays whole; those with a browser come last.
SIDE_BY_SIDE := -n 2 --dist loadfile --no-loadscope-reorder

.PHONY: help install run test check format drills browser lock clean

help:
	@echo "make install   build .venv"
	@echo "make run       install, migrate and serve http://localhost:$(PORT) with demo calls"
	@echo "make test      every check and every test"
	@echo "make check     the fast checks alone"
	@echo "make drills    the long proofs: kills, soaks, races"

install: $(VENV)/installed

run: install
	@$(BIN)/dure serve --demo --port $(PORT)

test: check browser
	npm test --silent
	$(BIN)/pytest -m "not drill" $(SIDE_BY_SIDE)

drills: $(VENV)/installed-dev browser
	$(BIN)/pytest -m drill

check: $(VENV)/installed-dev node_modules/installed
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache > $(VENV)/lint-imports.log || { cat $(VENV)/lint-imports.log; exit 1; }
	$(BIN)/numpydoc lint $$(git ls-files 'src/dure/truth/[a-z]*.py')
	$(BIN)/djade --check --target-version 5.2 $$(git ls-files '*.html')
	$(BIN)/typos
	npm run --silent check

format: $(VENV)/installed-dev node_modules/installed
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/djade --target-version 5.2 $$(git ls-files '*.html')
	npm run --silent format

# Tests drive Chromium; CHROMIUM names one, else Debian's is used, and installed where we may.
browser:
	@if [ -n "$$CHROMIUM" ] || command -v chromium chromium-browser google-chrome >/dev/null; then :; \
	elif command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
		apt-get update -qq && apt-get install -y -qq chromium fonts-noto-cjk >/dev/null; \
	else \
		echo "The tests need Chromium: install it, or set CHROMIUM to its path."; exit 1; \
	fi

lock: $(VENV)/installed-dev
	$(COMPILE) --upgrade -o requirements.txt
	$(COMPILE) --upgrade --group dev -c requirements.txt -o requirements-dev.txt

clean:
	rm -rf $(VENV) node_modules .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

# Node checks the browser's code; Dure runs without it.
node_modules/installed: package.json package-lock.json
	@command -v npm >/dev/null || { echo "The checks of the browser's code need Node and npm."; exit 1; }
	npm ci --loglevel error --no-audit --no-fund --omit-lockfile-registry-resolved
	@touch $@

$(VENV)/build-installed: requirements-build.txt
	@test -n "$(PYTHON)" || { echo "Dure needs Python 3.11 or newer; none was found."; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-build.txt
	@touch $@

$(VENV)/installed: $(VENV)/build-installed requirements.txt pyproject.toml
	@echo "Installing what Dure needs into $(VENV) …"
	@$(UV) pip install --python $(BIN)/python --require-hashes -r requirements.txt
	@$(UV) pip install --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed requirements-dev.txt
	@echo "Installing what the tests need into $(VENV) …"
	@$(UV) pip install --python $(BIN)/python --require-hashes -r requirements-dev.txt
	@touch $@
