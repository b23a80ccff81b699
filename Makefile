# Two commands do everything on a fresh machine: `make demo` and `make test`.
.PHONY: demo test lint unit deep servers recording docs bench clean help

UV := $(shell command -v uv 2>/dev/null)
VENV := .venv
ifeq ($(UV),)
  # Without uv on the PATH, it is brought by pip into a folder of its own.
  UV := .uv/bin/uv
endif
RUN := $(UV) run --no-sync
# Byte code makes every start twice as fast; some machines switch it off.
unexport PYTHONDONTWRITEBYTECODE

help: ## What can be made
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

demo: $(VENV)/.installed ## Install daytwo and review the bundled recording of a shop with troubles
	@$(RUN) daytwo review --demo || test $$? -eq 1
	@echo
	@echo "That was a recording. One of its problems whole: $(VENV)/bin/daytwo problem 2 --demo"
	@echo "Your own cluster, read only:                     $(VENV)/bin/daytwo review"

test: $(VENV)/.complete ## Install what tests need, then lint, types, contracts and all tests
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory servers
	@$(MAKE) --no-print-directory unit

lint: $(VENV)/.complete ## Format, lint, strict types, import contracts
	$(RUN) ruff format --check .
	$(RUN) ruff check .
	$(RUN) mypy
	$(RUN) lint-imports --config .importlinter

unit: $(VENV)/.complete
	$(RUN) pytest -n 2 --dist loadgroup -m "not deep"

servers: $(VENV)/.complete ## Find PostgreSQL, find or build the control plane and the helm that tests run (about 15 minutes the first time)
	@$(RUN) python -m tests.servers.postgresql
	@$(RUN) python -m tests.servers.binaries
	@$(RUN) python -m tests.servers.helm

deep: $(VENV)/.complete servers ## The long counts: fuzzing and kills; its last result is committed in docs/deep.md
	$(RUN) python -m tests.deep

recording: $(VENV)/.complete servers ## Make the demo's recording anew from a real control plane
	$(RUN) python -m tests.shop.make_recording
	@$(MAKE) --no-print-directory docs

docs: $(VENV)/.complete ## Write the reference from the code
	$(RUN) python -m tests.completeness.reference

bench: $(VENV)/.complete servers ## Measure speed and memory on made data, durable runs beside DBOS
	$(RUN) python -m bench.review
	$(RUN) python -m bench.check
	$(RUN) python -m bench.live
	$(RUN) python -m bench.remember
	$(RUN) python -m bench.ledger
	@UV_PROJECT_ENVIRONMENT=$(VENV)-bench $(UV) sync --quiet --frozen --group bench
	$(RUN) python -m bench.runs

clean:
	rm -rf $(VENV) $(VENV)-bench .uv .mypy_cache .ruff_cache .import_linter_cache .hypothesis dist bench/data

.uv/bin/uv:
	@python3 -m venv .uv && .uv/bin/pip install --quiet --disable-pip-version-check "uv>=0.9"

$(VENV)/.installed: pyproject.toml uv.lock | $(filter .uv/bin/uv,$(UV))
	@echo "Installing daytwo into $(VENV) ..." >&2
	@$(UV) sync --quiet --frozen --no-dev && touch $@

$(VENV)/.complete: pyproject.toml uv.lock | $(filter .uv/bin/uv,$(UV))
	@echo "Installing daytwo and what its tests need into $(VENV) ..." >&2
	@$(UV) sync --quiet --frozen && touch $@ $(VENV)/.installed
