# Two commands do everything on a fresh machine with Python 3.11+, pip and make: `make tour` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: tour test bench cards pictures format lock clean

tour: $(READY)  ## Play the main job on this machine, in under a minute
	@$(BIN)/staffroom tour

test: $(READY)  ## Everything that must pass: lint, types, floors, tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/pytest -n 2 --dist worksteal -q

bench: $(READY)  ## Measure; figures and method are in docs/figures.md
	$(BIN)/python -m bench $(BENCH)

cards: $(READY)  ## Fetch Microsoft's own packages (npm) that our cards are checked with; `make test` does so where it can
	@$(BIN)/python -c 'from tests.cards.outside import packages; print(packages())'

pictures: $(READY)  ## Draw every card and dialog of Teams into .cache/pictures, to look at (npm and Chromium)
	@$(BIN)/python -m tests.cards

format: $(READY)  ## Put the code in form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock:  ## Write requirements.lock anew from pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --no-annotate --quiet --output-file requirements.lock

clean:  ## Remove what the commands above made
	rm -rf .venv .mypy_cache .ruff_cache .hypothesis .import_linter_cache .cache

$(READY): requirements.lock pyproject.toml
	@echo "Setting up .venv (once, about half a minute)"
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)
