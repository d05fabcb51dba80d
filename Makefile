# `make` lists what there is. Needs one of these Pythons (with venv) and make; the rest is installed
# into .venv by the first target that wants it. For a newer Python, pinned packages have no wheels.

PYTHONS := 3.14 3.13 3.12 3.11 3.10
PYTHON ?= $(shell for python in python3 $(addprefix python,$(PYTHONS)); do \
	case " $(PYTHONS) " in (*" $$($$python -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) "*) \
	echo $$python; break;; esac; done)
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
PYTEST_ARGS ?=
SOAK_TRIALS ?= 500
SUITES ?= bookworm trixie
BENCHMARKS ?=
MUTANTS ?=

# Without a home to keep its cache in uv would give up, and Meltano's uv as well.
ifneq ($(shell test -w "$$HOME" && echo yes),yes)
export UV_NO_CACHE := 1
endif

# Whatever the shell says: with nothing compiled, every process that starts takes seconds more.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo benchmarks test quick check lint types imports pytest fault-matrix refusal-matrix soak audit format install clean

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|' 2>/dev/null \
		|| sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1  \2/p' $(MAKEFILE_LIST)

demo: $(INSTALLED) ## Run Meltano: this tap into a throw-away PostgreSQL, twice, and show the result
	@$(BIN)/python -m demo

.PHONY: playground
playground: $(INSTALLED) ## Serve a local LinkedIn and a PostgreSQL for docs/walk.md until Ctrl-C
	@$(BIN)/python -m demo.playground

.PHONY: dashboard
dashboard: $(INSTALLED) ## Serve a playground with everything loaded, and a dashboard on it, until Ctrl-C
	@$(BIN)/python -m demo.playground --dashboard

benchmarks: $(INSTALLED) ## Measure the tap beside other programs and floors; BENCHMARKS="workers --quick"
	@$(BIN)/python -m benchmarks $(BENCHMARKS)

test: check pytest ## Run everything that must pass before a commit

quick: $(INSTALLED) ## Run the quick tests only, in about a minute: everything not marked slow
	@$(BIN)/python -m pytest -m "not slow" $(PYTEST_ARGS)

check: lint types imports ## Run the static checks only

lint: $(INSTALLED) ## Check style and formatting (ruff)
	@echo "==> ruff"
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

types: $(INSTALLED) ## Check types (mypy, strict)
	@echo "==> mypy"
	@$(BIN)/mypy

imports: $(INSTALLED) ## Check who imports whom (import-linter)
	@echo "==> import-linter"
	@$(BIN)/lint-imports --no-cache

pytest: $(INSTALLED) ## Run the tests; PYTEST_ARGS="-m 'not slow' -k state" runs a part
	@echo "==> pytest"
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

.PHONY: docs
docs: $(INSTALLED) ## Write from catalog and schemas: docs/streams.md, docs/data-model.md, tables of docs/quotas.md
	@DOCS=write $(BIN)/python -m pytest -n 0 tests/test_stream_page.py tests/test_quota_page.py tests/test_data_model.py $(PYTEST_ARGS)

fault-matrix: $(INSTALLED) ## Play every fault on every kind of stream; write docs/fault-matrix.md
	@FAULT_MATRIX=write $(BIN)/python -m pytest tests/test_fault_matrix.py $(PYTEST_ARGS)

refusal-matrix: $(INSTALLED) ## Refuse every shape of request in turn; write docs/refusal-matrix.md
	@REFUSAL_MATRIX=write $(BIN)/python -m pytest tests/test_refusals.py -n0 -o faulthandler_timeout=0

.PHONY: loaders
loaders: $(INSTALLED) ## Try loaders, each in an environment of its own; write docs/loaders.md (needs the network)
	@$(BIN)/python -m tests.loader_page

.PHONY: thorough
thorough: $(INSTALLED) ## Play all cases of the tests of which `make test` plays a part; takes an hour
	@WHOLE=1 FAULT_MATRIX=all RANDOM_STREAMS=12 RANDOM_WORLDS=24 VALUES_EXAMPLES=3 \
		$(BIN)/python -m pytest tests/test_unreadable.py tests/test_fault_matrix.py tests/test_random_*.py \
		tests/test_any_value.py tests/test_plan.py $(PYTEST_ARGS)

.PHONY: mutants
mutants: $(INSTALLED) ## Change the tap's code in small ways, see which tests notice; write docs/mutants.md
	@$(BIN)/python -m tests.mutants $(MUTANTS)

.PHONY: bare-debian
bare-debian: ## Do README's two minutes as an ordinary user of a bare Debian (SUITES); needs root and debootstrap
	@for suite in $(SUITES); do tests/bare_debian.sh $$suite || test $$? -eq 77 || exit 1; done

.PHONY: pictures
pictures: $(INSTALLED) ## Take the pictures in docs anew; needs chromium and chromedriver
	@PICTURES=write $(BIN)/python -m pytest tests/test_login.py tests/test_progress.py tests/test_demo.py -n0 -k "chromium or terminal"

soak: $(INSTALLED) ## Kill and resume the tap SOAK_TRIALS (500) times; write docs/soak.md
	@SOAK_TRIALS=$(SOAK_TRIALS) $(BIN)/python -m pytest -o faulthandler_timeout=0 tests/test_kill_and_resume.py $(PYTEST_ARGS)

audit: $(INSTALLED) ## Look for known vulnerabilities in workflows and pinned packages (needs the network)
	@$(BIN)/uv tool run zizmor==1.32.0 --offline --persona pedantic .github/workflows
	@$(BIN)/uv tool run pip-audit==2.9.0 --strict --requirement constraints.txt --no-deps --disable-pip

.PHONY: hub
hub: $(INSTALLED) ## Write the definitions for MeltanoHub into dist/hub; OWNER=... is who owns the repository
	@test -n "$(OWNER)" || { echo "Say whose repository it is on GitHub: make hub OWNER=name"; exit 1; }
	@$(BIN)/python -m hub "$(OWNER)" dist/hub

.PHONY: sbom
sbom: $(INSTALLED) ## Write sbom.json: what an installation consists of, with licences (needs the network)
	@bash .ci/sbom sbom.json

format: $(INSTALLED) ## Format and fix what can be fixed
	@$(BIN)/ruff format
	@$(BIN)/ruff check --fix

install: $(INSTALLED) ## Make or refresh .venv

clean: ## Remove .venv, caches and what demo and builds left
	rm -rf $(VENV) .airflow .dashboard .dbt .loaders .meltano .mutants .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache dist output

$(INSTALLED): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Found none of Python $(PYTHONS) on the path. Name one: make PYTHON=/path/to/python3.13"; exit 1; }
	@echo "==> Installing into $(VENV) with $$($(PYTHON) --version)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) \
		|| { rm -rf $(VENV); echo "Python's venv module is missing; on Debian: apt-get install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt pip uv
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --constraint constraints.txt --build-constraint constraints.txt --group dev --editable . \
		|| { echo "==> uv could not install; trying pip"; \
		$(BIN)/python -m pip install --constraint constraints.txt --group dev --editable . ; }
	@touch $@
