# Two commands: `make run` and `make test`. They need make, and Python 3.11 or newer, and bring the rest themselves.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:

# Python's and the crew's app's packages are fetched side by side: most of the first start is waiting for them.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += --jobs=2
endif

# The first Python that is new enough; PYTHON= chooses another.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)

# Node.js from the PATH when it is new enough and has npm, else the one that comes with the Python packages.
NODE_FITS = node -e 'const [a, b] = process.versions.node.split(".").map(Number); \
	process.exit(a === 20 && b >= 19 || a === 22 && b >= 12 || a > 22 ? 0 : 1)' && npm --version
NODE_FROM_PYTHON := $(shell { $(NODE_FITS); } >/dev/null 2>&1 || echo yes)
NPM = $(if $(NODE_FROM_PYTHON),PATH="$(CURDIR)/.venv/bin:$$PATH") npm --prefix pwa

PWA_SOURCES := $(shell find pwa -type f -not -path 'pwa/node_modules/*' -not -path 'pwa/dist/*' 2>/dev/null)

# A stamp says what was done; it is void when its result was removed.
$(if $(wildcard .venv/bin/python),,$(shell rm -f .make/python .make/python-tests))
$(if $(wildcard pwa/node_modules/.package-lock.json),,$(shell rm -f .make/pwa-packages))
$(if $(wildcard pwa/dist/*),,$(shell rm -f .make/pwa))

.PHONY: help run test proofs lint lint-python lint-pwa bench soak screenshots clean-free

help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  For run: PORT=8000  HOST=127.0.0.1  DATA_DIR=./data  DEMO=1 (0 starts empty)  TLS_CERT= TLS_KEY="
	@echo "  and any TIPWATCH_* setting of README.md. For test: PYTEST=\"tests/server -k push\" runs a part."

run: export TIPWATCH_PORT := $(or $(PORT),$(TIPWATCH_PORT),8000)
run: export TIPWATCH_HOST := $(or $(HOST),$(TIPWATCH_HOST),127.0.0.1)
run: export TIPWATCH_DATA_DIR := $(or $(DATA_DIR),$(TIPWATCH_DATA_DIR),data)
run: export TIPWATCH_DEMO := $(or $(DEMO),$(TIPWATCH_DEMO),1)
run: .make/python .make/pwa ## Start everything on http://127.0.0.1:8000, until Ctrl-C
	@exec .venv/bin/tipwatch run --stop-with-parent $(if $(TLS_CERT),--tls-cert $(TLS_CERT)) $(if $(TLS_KEY),--tls-key $(TLS_KEY))

test: .make/python-tests .make/pwa ## Run the checks and tests, with real Redis, PostgreSQL and Chromium
	@sh tests/services/install.sh
	@$(MAKE) --no-print-directory lint
	@$(NPM) run test
	@exec .venv/bin/python -m pytest --numprocesses=2 --dist=loadfile --no-loadscope-reorder -m "not proof" $(PYTEST)

proofs: .make/python-tests .make/pwa ## Run the long tests: faults in a real browser, kills at named and at random moments
	@sh tests/services/install.sh
	@exec .venv/bin/python -m pytest --numprocesses=2 --dist=loadfile -m proof $(PYTEST)

lint: lint-python lint-pwa ## Check style and types, in Python and TypeScript

lint-python: .make/python-tests
	.venv/bin/ruff check .
	.venv/bin/mypy

lint-pwa: .make/pwa-packages
	@$(NPM) run typecheck
	@$(NPM) run lint

bench: .make/python-tests .make/pwa ## Measure speed, memory and size, and write docs/figures.md; BENCH="push desk" measures parts
	@sh tests/services/install.sh
	.venv/bin/python -m tests.bench $(BENCH)

soak: .make/python-tests .make/pwa ## Prove on many phones, under kills and on other browsers, that nothing is lost, and write docs/soak.md
	@sh tests/services/install.sh firefox-esr:firefox-esr WebKitWebDriver:webkit2gtk-driver Xvfb:xvfb
	.venv/bin/python -m tests.soak $(if $(SEED),--seed $(SEED)) $(SOAK)

docs/faults.md: $(wildcard tests/faults/*.py) $(shell grep -rl --include='test_*.py' pytest.mark.fault tests) | .make/python-tests ## Make the page of faults anew from its tests
	.venv/bin/python -m tests.faults.page > $@

screenshots: .make/python-tests .make/pwa ## Make the README's pictures anew
	@sh tests/services/install.sh
	.venv/bin/python -m tests.browser.screenshots docs/images

clean-free: ## Remove all that make made: packages, builds and caches, never the data folder
	rm -rf .venv .make pwa/node_modules pwa/dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Tipwatch needs Python 3.11 or newer, and found none. On Debian: apt-get install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make virtual environments. On Debian: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv --clear .venv

.make/python: requirements.lock pyproject.toml .venv/bin/python
	.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	.venv/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@mkdir -p .make && touch $@

.make/python-tests: requirements-test.lock .make/python
	.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-test.lock
	@mkdir -p .make && touch $@

.make/pwa-packages: pwa/package.json pwa/package-lock.json pwa/.npmrc | $(if $(NODE_FROM_PYTHON),.make/python)
	@$(NPM) ci --no-audit --no-fund
	@mkdir -p .make && touch $@

.make/pwa: .make/pwa-packages $(PWA_SOURCES)
	@$(NPM) run build
	@touch $@
