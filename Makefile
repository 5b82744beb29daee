# Everything that is needed to use and to develop splpaint, from a fresh clone.
PYTHON ?= python3
CORE := .venv
DEV := .venv-dev
SLICE ?= compact data.images=data/photos/train data.val=data/photos/val

.PHONY: demo test lint format slice clean

demo: $(CORE)/.installed  ## restore real photographs with the bundled model (no torch)
	$(CORE)/bin/python scripts/demo.py

test: $(DEV)/.installed  ## every test
	$(DEV)/bin/python -m pytest --numprocesses 2 --dist worksteal --durations 20

lint: $(DEV)/.installed  ## formatting, lint rules, types
	$(DEV)/bin/ruff format --check .
	$(DEV)/bin/ruff check .
	$(DEV)/bin/mypy

format: $(DEV)/.installed  ## rewrite the sources in the house format
	$(DEV)/bin/ruff format .
	$(DEV)/bin/ruff check --fix .

slice: $(DEV)/.installed  ## slice.tar: what training on a machine with a GPU and no network needs (docs/train.md)
	PYTHON=$(DEV)/bin/python scripts/gpu_slice.sh pack $(SLICE)

clean:
	rm -rf $(CORE) $(DEV) demo

# The stamp is written last, so an interrupted installation starts again; a change of dependencies renews it.
$(CORE)/.installed: pyproject.toml
	$(PYTHON) -m venv $(CORE)
	$(CORE)/bin/python -m pip install --quiet --editable .
	touch $@

$(DEV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(DEV)
	$(DEV)/bin/python -m pip install --quiet --editable '.[dev]'
	touch $@
