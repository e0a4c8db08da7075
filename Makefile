# make run    the dashboard on http://localhost:8501, with its demonstration
# make run BUNDLE=DIR   shows a bundle that `python -m pipeline publish` wrote; installs no models
# make test   everything that must hold, from fast to slow; the first failure stops
# make check  the fast part of it: format, lint, types, import contracts, known vulnerabilities
# make bench  speed, as ratios against references measured in the same run

PYTHON ?= python3
PORT ?= 8501
VENV := .venv
BIN := $(VENV)/bin
SOURCES := cache pipeline dashboard benchmarks scripts tests

.PHONY: run test check bench browser clean

ifdef BUNDLE
run: export LAYERSCOPE_BUNDLE := $(abspath $(BUNDLE))
run: $(VENV)/installed-web
else
run: $(VENV)/installed
endif
	$(BIN)/python -m streamlit run dashboard/server.py --server.port $(PORT)

test: check browser
	$(BIN)/python -m pytest cache pipeline dashboard/access dashboard/serving dashboard/plain_text.py \
	    dashboard/components dashboard/charts
	$(BIN)/python -m pytest tests --ignore=tests/dashboard --ignore=tests/e2e
	$(BIN)/python -m pytest tests/dashboard
	$(BIN)/python -m pytest tests/e2e -p no:randomly

check: $(VENV)/installed-dev
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python scripts/audit.py

bench: $(VENV)/installed-dev
	$(BIN)/python -m benchmarks

browser: $(VENV)/installed-dev
	$(BIN)/python scripts/find_browser.py

clean:
	rm -rf $(VENV)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo "LayerScope needs Python 3.11 or newer: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
	    || { rm -rf $(VENV); echo "Python's venv is missing: apt install python3-venv"; exit 1; }

$(VENV)/installed-web: $(VENV)/bin/python requirements-web.txt pyproject.toml
	$(BIN)/pip install --quiet -r requirements-web.txt
	@touch $@

$(VENV)/installed: $(VENV)/bin/python requirements.txt requirements-web.txt pyproject.toml
	$(BIN)/pip install --quiet -r requirements.txt
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed requirements-dev.txt
	$(BIN)/pip install --quiet -r requirements-dev.txt
	@touch $@
