# The commands of BrightLend. Needs Python 3.11 or newer and make; everything else is installed.

PORT ?= 8001
PYTHON := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help run test bench bench-api bench-small billing-chaos restore-check fuzz properties oracle stop clean lock

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Run web, worker and beat with their private servers; PORT=8002 for another port
	@.ci/environment run
	@$(PYTHON) manage.py serve --port $(PORT)

test: ## Run the whole gate: formatting, lint, types, contracts, migrations, tests, clients, fuzzing
	@.ci/environment test
	@.ci/gate

bench: ## Measure billing, ingestion (up to a million loans) and the API; writes docs/performance.md
	@.ci/environment test
	@$(PYTHON) -m benchmarks --report docs/performance.md
	@$(PYTHON) -m benchmarks.api --report docs/performance.md

bench-api: ## Measure payments and statements over HTTP beside their floors; writes the same page
	@.ci/environment test
	@$(PYTHON) -m benchmarks.api --report docs/performance.md

bench-small: ## The same at small sizes, in about a minute; prints only
	@.ci/environment test
	@$(PYTHON) -m benchmarks --loans 1_000,10_000 --bank-rows 50_000 --memory-rows 100_000 \
		--sample 100

billing-chaos: ## Kill, stop and flush everything under a billing run of 20,000 loans (minutes)
	@.ci/environment test
	@$(PYTHON) -m tests.integration.billing.chaos

restore-check: ## Back the private database up, restore a copy, verify its books
	@.ci/environment run
	@$(PYTHON) manage.py prepare_sandbox
	@$(PYTHON) manage.py back_up var/backups --keep-days 7
	@$(PYTHON) manage.py check_backup "$$(ls var/backups/*.dump | tail -n 1)"

fuzz: ## Throw 20,000 requests made from its description at a running API (many minutes)
	@.ci/environment test
	@$(PYTHON) -m tests.fuzz --cases 20000 --callers local,partner --seconds 240

properties: ## Search for what breaks a property, with new and 50 times as many examples (many minutes)
	@.ci/environment test
	@$(PYTHON) -m pytest -q -m hypothesis --hypothesis-profile=search

oracle: ## Tell 10,000 random loans to the core and to an independent reckoning (many minutes)
	@.ci/environment test
	@$(PYTHON) -m tests.oracle --loans 10000 --borrowers 2000

stop: ## Stop what is running; the data stay
	@.ci/stop

clean: ## Stop what is running and remove all that was made: environment, data, caches
	@.ci/stop --all
	@rm -rf .venv venv var staticfiles *.egg-info
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name .git -prune -o -type d -name __pycache__ -prune -exec rm -rf {} +

lock: ## Compile requirements/*.in to pinned, hashed requirements (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header \
		requirements/base.in -o requirements.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header \
		requirements/tracing.in -o requirements/tracing.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header \
		requirements/dev.in -o requirements/dev.txt
