# The same doors for a developer and for CI. `make help` lists them.
PYTHON := .venv/bin/python
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help run test crash check lint e2e bench screenshots lock clean ready ready-for-tests

help: ## list these commands
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

run: ready ## hub on http://localhost:8082, sandbox on http://localhost:8083
	@$(PYTHON) main.py run $(ARGS)

test: check ## everything that CI runs (the longest crash tests: make crash)
	@scripts/node
	@$(PYTHON) scripts/chromium
	$(PYTHON) -m pytest -n 3 --dist loadgroup -m "not killed_hub" tests
	$(PYTHON) -m pytest e2e

crash: ready-for-tests ## kill -9 of the real hub at each point of a top-up and of an auto-renewal
	@$(PYTHON) scripts/chromium
	$(PYTHON) -m pytest -m killed_hub tests/crash

check: lint ## formatting, lint, types, directions of import
	$(PYTHON) -m mypy
	.venv/bin/lint-imports --no-logo

lint: ready-for-tests ## formatting and lint only
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .

e2e: ready-for-tests ## browser tests; ARGS="--base-url https://hub.example" tests a running hub
	@scripts/node
	@$(PYTHON) scripts/chromium
	$(PYTHON) -m pytest e2e $(ARGS)

bench: ready-for-tests ## measure, and print the numbers beside their floors
	@$(PYTHON) scripts/chromium
	$(PYTHON) -m bench $(ARGS)

screenshots: ready-for-tests ## every page in light and dark, wide and narrow, and invoices, into screenshots/
	@$(PYTHON) scripts/chromium
	$(PYTHON) -m e2e.screenshots $(ARGS)
	$(PYTHON) scripts/invoice_pictures

lock: ## write the lock files anew after a change in pyproject.toml (needs uv)
	uv pip compile $(LOCKING) --output-file requirements.lock pyproject.toml
	uv pip compile $(LOCKING) --extra test --output-file requirements-test.lock pyproject.toml

LOCKING := --quiet --universal --python-version 3.11 --no-python-downloads --generate-hashes \
	--no-emit-index-url --custom-compile-command "make lock"

clean: ## remove what tools left behind; .venv and the data in var/ stay
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	rm -rf screenshots test-results
	find . -name __pycache__ -not -path './.venv/*' -not -path './node_modules/*' -prune -exec rm -rf {} +

ready:
	@scripts/bootstrap

ready-for-tests:
	@scripts/bootstrap --test
