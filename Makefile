# Each target does all of its own set-up, on a fresh machine too.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help serve test lint bless fuzz docs fidelity pictures clean debian

help: ## what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

serve: $(VENV)/.runtime ## serve the sample catalog; prints a URL to open
	@$(BIN)/isproxy serve --config config.toml

test: lint ## everything that has to hold: style, types, import contracts, tests
	$(BIN)/python -m pytest -n auto

lint: debian $(VENV)/.development ## style, types and import contracts
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

bless: debian $(VENV)/.development ## take what the program says now as what tests expect; look at the difference before you commit it
	$(BIN)/python -m pytest -q --bless tests/spec tests/plans tests/recipe
	$(BIN)/python -m tests.conformance_status

fuzz: debian $(VENV)/.development ## try 100,000 requests of a new seed; `make fuzz ARGS="--seed 7 --first 50000"` for others
	$(BIN)/python -m tests.fuzz $(ARGS)

docs: $(VENV)/.development ## write the reference pages in docs/ from the tables
	$(BIN)/isproxy docs docs

fidelity: debian $(VENV)/.development ## measure pixels against other programs and write docs/fidelity.md; some minutes
	@sh scripts/debian-packages soffice:libreoffice-writer-nogui
	$(BIN)/python -m fidelity

pictures: $(VENV)/.development ## have the server make the pictures of docs/examples anew
	$(BIN)/python -m tests.example_pages

clean: ## remove the virtual environment and what was made by running
	rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info

# Debian's packages that tests call; only root on a machine with apt-get can have them installed.
debian:
	@sh scripts/debian-packages unzip node:nodejs npm mogrify:imagemagick chromium transicc:liblcms2-utils \
		gs:ghostscript pdfimages:poppler-utils heif-convert:libheif-examples JxrDecApp:libjxr-tools \
		/usr/share/color/icc/ghostscript/default_cmyk.icc:libgs-common /usr/share/color/icc/colord/AdobeRGB1998.icc:colord-data \
		/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf:fonts-dejavu-core \
		/usr/share/fonts/truetype/lohit-devanagari/Lohit-Devanagari.ttf:fonts-lohit-deva

$(BIN)/python:
	@sh scripts/debian-packages --venv $(PYTHON)
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: pyproject.toml | $(BIN)/python
	$(PIP) install --editable .
	@touch $@

$(VENV)/.development: pyproject.toml | $(BIN)/python
	$(PIP) install --editable '.[dev]'
	@touch $@ $(VENV)/.runtime
