# Every target makes .venv itself, and does nothing when nothing has changed since it last
# succeeded; `make -B TARGET` runs it all the same. Needs make and Python 3.11 or newer.

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
SOURCES := $(shell find . -name '.?*' -prune -o \
	\( -name __pycache__ -o -name _site -o -name build -o -name dist -o -name '*.egg-info' \
	-o -name '*.zarr' -o -path ./demo -o -path ./benchmarks/results \) -prune \
	-o -type f \( -name '*.py' -o -name '*.toml' -o -name '*.txt' -o -name '*.md' \) -print)
# Tests run on all cores, on eight at most: each worker compiles and holds a gigabyte.
WORKERS := --numprocesses auto --maxprocesses 8
CHANGED := $(INSTALLED) $(SOURCES) Makefile .make/inputs

.PHONY: help install demo test test-all bench docs clean FORCE
.DELETE_ON_ERROR:

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 12

install: $(INSTALLED) ## make .venv with all that the demo and the tests need

demo: demo/report.html ## 24 virtual patients, four pictures and a report, in demo/

test: .make/test ## lint, format, types and the tests that are not slow

test-all: .make/test-all ## the same with the slow tests

bench: .make/bench ## measure every figure; writes benchmarks/results/

docs: docs/_site/index.html ## API pages, in docs/_site/

clean: ## remove what the targets made
	rm -rf .venv .make demo docs/_site

$(INSTALLED): pyproject.toml constraints.txt Makefile
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@

# A file that is gone is a change, and so is another CARDIOTWIN_DATA: it decides which tests run.
INPUTS := $(CARDIOTWIN_DATA) $(sort $(SOURCES))
.make/inputs: FORCE
	@mkdir -p .make
	@echo '$(INPUTS)' | cmp -s - $@ || echo '$(INPUTS)' > $@

.make/lint: $(CHANGED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	touch $@

.make/test: .make/lint
	$(BIN)/pytest $(WORKERS) -m 'not slow'
	touch $@

.make/test-all: .make/lint
	$(BIN)/pytest $(WORKERS)
	touch $@

.make/bench: $(CHANGED)
	$(BIN)/python benchmarks/slice.py --json benchmarks/results/slice.json
	$(BIN)/python benchmarks/anatomy.py --json benchmarks/results/anatomy.json
	$(BIN)/python benchmarks/solvers.py --json benchmarks/results/solvers.json
	$(BIN)/python benchmarks/signals.py --json benchmarks/results/signals.json
	touch $@

demo/report.html: $(CHANGED)
	$(BIN)/cardiotwin demo --out demo
	touch $@

docs/_site/index.html: $(CHANGED)
	rm -rf docs/_site
	$(BIN)/python docs/api.py docs/_site
