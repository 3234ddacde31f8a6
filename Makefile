# The two commands of the README: `make run` and `make test`. Both make the environment first.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
TRACE := examples/traces/shop_and_mail
OUT := out/shop_and_mail
CUT := examples/cuts/violin_workshop.edl

.PHONY: run test lint types contracts tests docs bench crash interrupts fuzz faults injection soak clean

run: $(BIN)/.installed
	$(BIN)/dataclaw run --domain gui --intent "Extract the ordered UI actions with coordinates" $(TRACE) --out $(OUT)
	$(BIN)/dataclaw run --domain aigc --intent "a cut list of the two longest talking heads" $(CUT) --out out/violin_workshop
	@echo "samples: $(OUT)/samples.jsonl, out/violin_workshop/samples.jsonl"
	@echo "reports: $(OUT)/report.html, out/violin_workshop/report.html"

test: $(BIN)/.installed-dev lint types contracts tests

lint: $(BIN)/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(BIN)/.installed-dev
	$(BIN)/basedpyright

contracts: $(BIN)/.installed-dev
	$(BIN)/lint-imports

tests: $(BIN)/.installed-dev
	$(BIN)/python -m pytest -n 2 -m "slow or not slow"

# The site lies in out/site; open its index.html.
docs: $(BIN)/.installed-docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

# Those of training need the model, TRL, or a GPU to say much: docs/train.md.
LEARNT := benchmarks/rollouts.py benchmarks/rollouts_agent.py benchmarks/sft.py benchmarks/embedded.py

bench: $(BIN)/.installed-dev
	for file in $(filter-out $(LEARNT),$(wildcard benchmarks/*.py)); do $(BIN)/python $$file || exit 1; done

# Hours: something goes wrong at every operation of the commands that write folders.
crash: $(BIN)/.installed-dev
	$(BIN)/python -m endurance.crash --jobs 2 --state out/crash.jsonl

# Half an hour: 300 runs are interrupted, each at a moment of its own.
interrupts: $(BIN)/.installed-dev
	INTERRUPTS=300 $(BIN)/python -m pytest -m "slow or not slow" tests/cli/test_interrupts.py

# About an hour: a million damaged copies of files of every kind that is read.
fuzz: $(BIN)/.installed-dev
	$(BIN)/python -m endurance.fuzz --workers 2 --state out/fuzz

# Minutes: every fault of a server against everything that asks servers.
faults: $(BIN)/.installed-dev
	$(BIN)/python -m endurance.faults

# An hour of `dataclaw serve` under load.
soak: $(BIN)/.installed-dev
	$(BIN)/python -m endurance.soak

# A quarter of an hour: AgentDojo's orders in recordings. The package is read, and never imported.
injection: $(BIN)/.installed-dev
	$(BIN)/python -m pip install --quiet --no-deps "agentdojo>=0.1.35,<0.2"
	$(BIN)/python -m endurance.injection

clean:
	rm -rf $(VENV) out

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(BIN)/.installed: $(BIN)/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(BIN)/.installed-docs: $(BIN)/.installed
	$(BIN)/python -m pip install --quiet --editable ".[docs]"
	touch $@

$(BIN)/.installed-dev: $(BIN)/.installed
	$(BIN)/python -m pip install --quiet --editable ".[dev]"
	touch $@
