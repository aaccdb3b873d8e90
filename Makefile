# Everything runs in .venv, made by the first target that needs it. `make help` lists the targets.
PYTHON ?= python3
VENV := .venv
VLLM_VENV ?= .venv-vllm
BIN := $(VENV)/bin
MODELS := .venv-models
SECURITY_VENV ?= .venv-security
export PIP_DISABLE_PIP_VERSION_CHECK = 1
export PIP_ROOT_USER_ACTION = ignore

.DEFAULT_GOAL := help
.PHONY: help install demo compose-env compose-check test test-e2e test-postgres test-redis test-models test-security sbom lint format messages bench clean

help: ## List the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

$(VENV)/.base: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Vernacular needs Python 3.11 or newer: make PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@echo "Installing the packages into $(VENV): a minute or two, and nothing is printed meanwhile."
	$(BIN)/pip install -q -c constraints.txt -e .
	@touch $@

$(VENV)/.test: $(VENV)/.base
	$(BIN)/pip install -q -c constraints.txt -e '.[test]'
	@touch $@

install: $(VENV)/.base ## Install the product into .venv

demo: $(VENV)/.base ## Set up, load four example tenants, start gateway and front end (Ctrl-C stops all)
	@$(BIN)/vernacular demo

test: $(VENV)/.test ## Set up and run the tests (no browser), cut off from every network where the system allows
	@$(BIN)/python -m tests.cut_off $(BIN)/python -m pytest -n auto --dist loadfile

test-e2e: $(VENV)/.test ## Tests in a real browser (installs Debian's Chromium if there is none)
	@command -v chromium >/dev/null || { apt-get update -q && apt-get install -y -q chromium fonts-noto-cjk fonts-noto-core; }
	$(BIN)/python -m pytest -m e2e tests/e2e -n 2 --dist loadfile

test-postgres: $(VENV)/.test ## Tests on a PostgreSQL of their own (installs Debian's if there is none)
	@command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || { apt-get update -q && apt-get install -y -q postgresql; }
	$(BIN)/python -m pytest -m postgres tests/postgres

test-redis: $(VENV)/.test ## Tests on a Redis of their own (installs Debian's if there is none)
	@command -v redis-server >/dev/null || { apt-get update -q && apt-get install -y -q redis-server; }
	$(BIN)/pip install -q -c constraints.txt -e '.[redis]'
	$(BIN)/python -m pytest -m redis tests/redis

$(MODELS)/.made: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(MODELS)
	$(MODELS)/bin/pip install -q -c constraints.txt -e '.[test,test-models]'
	@touch $@

test-models: $(MODELS)/.made ## Tests with a real embedding model, in an environment of their own (.venv-models)
	$(MODELS)/bin/python -m pytest -m models tests/models

compose-env: ## Write random secrets for docker-compose.yml to .env
	@sh deploy/make_env.sh .env

compose-check: ## Have Docker Compose read docker-compose.yml with every profile (installs Debian's if there is none)
	@sh deploy/check_compose.sh

test-vllm: $(VENV)/.test ## Tests on a real vLLM, on the CPU (installs it into .venv-vllm: 2 GB, once)
	$(BIN)/python tests/vllm/environment.py $(VLLM_VENV)
	VERNACULAR_MODEL_SERVER__COMMAND=$(abspath $(VLLM_VENV))/bin/vllm $(BIN)/python -m pytest -m vllm tests/vllm

test-security: $(VENV)/.test ## Attacks by outside tools, and the long search for leaks (installs the tools into .venv-security, once)
	$(BIN)/python tests/security/environment.py $(SECURITY_VENV)
	@VERNACULAR_TESTS_TOOLS=$(abspath $(SECURITY_VENV))/bin $(BIN)/python -m tests.cut_off $(BIN)/python -m pytest -n auto --dist loadfile -m security tests/security tests/isolation

sbom: ## Write dist/sbom.cdx.json: every package of a plain installation with version and licence (CycloneDX)
	$(PYTHON) tests/security/environment.py $(SECURITY_VENV)
	$(PYTHON) -m venv --clear .venv-sbom
	.venv-sbom/bin/pip install -q -c constraints.txt .
	@mkdir -p dist
	$(SECURITY_VENV)/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible --of JSON -o dist/sbom.cdx.json .venv-sbom/bin/python

lint: $(VENV)/.test ## Formatting, lint, types, layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.test ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

messages: $(VENV)/.test ## Bring the interface's catalogs up to date with the texts in its source
	@$(BIN)/python -m docs.update_messages

bench: $(VENV)/.test ## Print the figures: ingest, search, first run (long; see bench/README.md)
	$(BIN)/python -m bench.ingest
	$(BIN)/python -m bench.search
	$(BIN)/python -m bench.first_run

clean: ## Remove .venv, .venv-vllm, .venv-security, .venv-sbom and caches (never your data)
	rm -rf $(VENV) .venv-vllm $(SECURITY_VENV) .venv-sbom $(MODELS) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
