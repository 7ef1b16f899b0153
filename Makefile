# Every command a person needs. Each one does its own set-up: only Python >= 3.11 (with venv) and make are asked for.
# Written for GNU make 3.81 too, which is what macOS has.

SHELL := /bin/sh
PACKAGES := kit contracts services/orders services/production services/training services/gateway ops
BIN := .venv/bin
STAMP := .venv/installed
MANIFESTS := $(addsuffix /pyproject.toml,$(PACKAGES))
PIP := $(BIN)/python -m pip install --disable-pip-version-check --root-user-action=ignore
# One line that changes, where somebody watches.
SHOW := test ! -t 1 || printf '\r  %-66.66s'
PYTEST := $(BIN)/python -m pytest
# Two at a time: what a laptop of two cores carries while each worker has its own PostgreSQL and Valkey.
TEST_WORKERS ?= 2
PART_TESTS = $(wildcard $(addsuffix /tests,$(PACKAGES)) tests/architecture tests/contracts)
WHOLE_TESTS = $(wildcard tests/e2e tests/faults tests/browser)

.DEFAULT_GOAL := help
.PHONY: help .venv run test check bench compose-test env reset lock

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z.-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.venv: $(STAMP) ## Install everything into .venv, by hash

$(STAMP): requirements-dev.lock $(MANIFESTS)
	@python=; \
	for candidate in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
	  if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$candidate; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "Giatja needs Python 3.11 or newer; python3 here is: $$(python3 --version 2>&1)." >&2; \
	  echo "Install one (Debian/Ubuntu: apt-get install python3 python3-venv; macOS: brew install python3), or say make PYTHON=/path/to/python3" >&2; \
	  exit 1; \
	fi; \
	if ! "$$python" -c 'import venv, ensurepip' 2>/dev/null; then \
	  echo "This Python has no venv. Debian/Ubuntu: apt-get install python3-venv" >&2; exit 1; \
	fi; \
	echo "Installing into .venv ($$($$python --version)); the first time takes a minute ..."; \
	"$$python" -m venv .venv
	@rm -f .venv/failed; all=$$(grep -c '^[a-z].*==' requirements-dev.lock); \
	{ $(PIP) --require-hashes -r requirements-dev.lock || touch .venv/failed; } | { \
	  count=0; \
	  while read -r word name rest; do \
	    case $$word in \
	      Collecting | Processing) count=$$((count + 1)); $(SHOW) "fetching $$count of $$all: $${name##*/}" ;; \
	      Installing) $(SHOW) "unpacking $$count packages" ;; \
	    esac; \
	  done; \
	}; \
	if [ -t 1 ]; then printf '\r%70s\r' ''; fi; \
	test ! -e .venv/failed
	@$(PIP) --quiet --no-deps --no-build-isolation $(addprefix -e ,$(PACKAGES))
	@touch $@

run: $(STAMP) ## Start the whole system here, with the demonstration, and print its address
	@exec $(BIN)/giatja up

test: $(STAMP) ## Run every test against real parts it starts itself
	@status=0; \
	$(PYTEST) -n $(TEST_WORKERS) --dist loadfile $(PART_TESTS) || status=$$?; \
	if [ -n "$(WHOLE_TESTS)" ]; then $(PYTEST) $(WHOLE_TESTS) || status=$$?; fi; \
	exit $$status

check: $(STAMP) ## Check style, types, borders between packages and their dependencies
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	@for part in $(PACKAGES) $(wildcard tests); do echo "mypy $$part"; $(BIN)/mypy "$$part" || exit 1; done
	$(BIN)/lint-imports
	@for part in $(PACKAGES); do echo "deptry $$part"; (cd "$$part" && "$(CURDIR)/$(BIN)/deptry" .) || exit 1; done

bench: $(STAMP) ## Measure, each figure beside a floor of the same run, into docs/benchmarks.md
	@$(BIN)/giatja bench

compose-test: $(STAMP) ## Drive the composed system: story over HTTPS, scaling, kills, pauses
	@$(PYTEST) tests/compose

env: $(STAMP) ## Write .env and ./secrets for Docker Compose
	@$(BIN)/giatja env

reset: $(STAMP) ## Clear ./var, after asking
	@$(BIN)/giatja reset

lock: $(STAMP) ## Renew both lock files from their inputs, for every platform
	@for name in requirements requirements-dev; do \
	  $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-emit-find-links --no-header --no-annotate $$name.in -o $$name.lock || exit 1; \
	done
