# `make demo` and `make test` need Python >= 3.11 and nothing else; both create .venv on first use.
PYTHON ?= python3
VENV ?= .venv
# A CUDA or CPU build of one's choice: make TORCH="torch==2.13.0 --index-url <index>" test
TORCH ?= torch==2.13.0
JOBS ?= 2

BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# One thread a process: the matrices here are small, and two threads on one are slower than one.
RUN := OMP_NUM_THREADS=1 MKL_NUM_THREADS=1 PYTHONHASHSEED=0

.DEFAULT_GOAL := help
.PHONY: help venv demo test test-browser lint types unit doctest bench wheel-check constraints clean

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(STAMP): pyproject.toml constraints.txt
	@echo "== creating $(VENV) (about two minutes the first time)"
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --progress-bar on -c constraints.txt $(TORCH)
	$(BIN)/python -m pip install --progress-bar on -c constraints.txt -e '.[dev]'
	@touch $@

venv: $(STAMP)  ## create the environment and install the project into it

demo: $(STAMP)  ## discover, train and compare on the embedded molecules; one table, figures, HTML
	$(RUN) $(BIN)/semola-compare experiment=demo hydra.run.dir=outputs/demo
	@echo "== figures and the HTML report lie in outputs/demo"

test: $(STAMP) lint types unit doctest  ## everything that must pass: ruff, mypy --strict, tests, doctests

lint: $(STAMP)
	@echo "== ruff"
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	@echo "== mypy --strict"
	$(BIN)/mypy --strict semola_geo

unit: $(STAMP)
	@echo "== unit and integration tests"
	$(RUN) $(BIN)/python -m pytest -n $(JOBS) tests

doctest: $(STAMP)
	@echo "== doctests"
	$(RUN) $(BIN)/python -m pytest -n $(JOBS) --doctest-modules semola_geo

test-browser: $(STAMP)  ## open reports in a headless chromium, offline, at two widths, light and dark
	$(RUN) $(BIN)/python -m pytest -m browser tests/browser

bench: $(STAMP)  ## speed ratios, one thread, each within one run
	@set -e; for script in tests/benchmarks/bench_*.py; do \
	  echo "== $$script"; $(RUN) $(BIN)/python $$script; done

# An empty environment outside the repository, so that nothing is found in the source tree by luck.
wheel-check: $(STAMP)  ## build the wheel and run it from an empty environment elsewhere
	rm -rf dist && $(BIN)/python -m build --wheel --no-isolation
	@set -e; root=$$PWD; work=$$(mktemp -d); trap 'rm -rf "$$work"' EXIT; \
	$(PYTHON) -m venv "$$work/venv"; \
	"$$work/venv/bin/python" -m pip install --progress-bar on -c constraints.txt $(TORCH); \
	"$$work/venv/bin/python" -m pip install --progress-bar on -c constraints.txt dist/*.whl; \
	cd "$$work"; $(RUN) "$$work/venv/bin/semola-discover" data=qm9_xtb target=dipole \
	  discovery=tiny data.limit=200 hydra.run.dir="$$work/out"; \
	ls "$$work/out"; test -s "$$work/out/report.json"; \
	echo "== the wheel works outside the repository"

constraints: $(STAMP)  ## pin the versions now installed
	{ head -n 1 constraints.txt; $(BIN)/python -m pip freeze --exclude-editable \
	  | sed 's/+cpu$$//'; } > constraints.new
	mv constraints.new constraints.txt

clean:  ## remove the environment and everything generated
	rm -rf $(VENV) build dist outputs multirun .mypy_cache .ruff_cache .pytest_cache .hypothesis
