"""Every task's answers can be held to their schema in the embedded runtime: at the first turn, midway, and at the last.

The states are those of real rollouts of the planner: on the streams that domains describe, or, where `$DATACLAW_BENCH`
names a benchmark's folder, on an item of every task there. A tiny model of random weights writes under the schema, the
worst that a model can do; the time to compile a schema is measured with the embedded model's own vocabulary.

    pytest -m slow -s tests/agent/test_all_schemas.py
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from dataclaw.agent import steps
from dataclaw.agent.batch import advance
from dataclaw.agent.policy.base import PolicyInput
from dataclaw.agent.policy.planner import Planner
from dataclaw.agent.session import Session
from dataclaw.agent.steps import State
from dataclaw.domain import Domain
from dataclaw.errors import UsageError
from dataclaw.evals.benchmark import BenchItem, read_bench
from dataclaw.kit.fixtures import fixtures_of, stream_of
from dataclaw.models.weights import EMBEDDED, models_folder
from dataclaw.plugins import find_plugins, load_domain
from dataclaw.schema import parse_json
from dataclaw.tools.cache import Cache
from dataclaw.types import Intent, Json, Stream

pytest.importorskip("torch")
pytest.importorskip("gguf")
pytest.importorskip("xllamacpp")

from dataclaw.models.gguf_files import served_model
from dataclaw.models.llama_server import CONTEXT, LlamaServer
from tests.train.tiny import tiny_model, tiny_tokeniser
from tests.train.tiny_gguf import tiny_gguf

pytestmark = pytest.mark.slow

BENCH = os.environ.get("DATACLAW_BENCH", "")
TASKS = [
    (name, task)
    for name, plugin in find_plugins().items()
    if (plugin.package or "").startswith("dataclaw.domains.")
    for task in sorted(load_domain(name).tasks)
]
LONGEST = 6000
SECONDS = 3.0
"""Most CPU time that compiling a schema may take."""


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LlamaServer]:
    from transformers import AutoModelForCausalLM

    root = tmp_path_factory.mktemp("tiny")
    model = AutoModelForCausalLM.from_pretrained(tiny_model(root / "model"))
    model.config.max_position_embeddings = CONTEXT  # rotary positions need no table
    runtime = LlamaServer(tiny_gguf(model, tiny_tokeniser(), root / "tiny.gguf"))
    yield runtime
    runtime.close()


@pytest.fixture(scope="module")
def embedded() -> Iterator[LlamaServer | None]:
    """The embedded model, None where its weights are not here: then no time is measured."""
    there = (models_folder() / Path(EMBEDDED.member).name).is_file()
    runtime = LlamaServer(served_model()) if there else None
    yield runtime
    if runtime:
        runtime.close()


@cache
def items() -> Mapping[tuple[str, str], BenchItem]:
    return {(item.domain, item.task): item for item in reversed(read_bench(Path(BENCH)).items())}


def asked(domain: Domain, task: str) -> tuple[Stream, str]:
    if BENCH:
        item = items()[domain.name, task]
        return read_bench(Path(BENCH)).open(item, domain), item.intent
    row = next(row for row in fixtures_of(domain) if row.task == task)
    return stream_of(row), row.intent


def states(domain: Domain, task: str, store: Path) -> tuple[Session, dict[str, State]]:
    """Where the planner decides: first, midway, and at the end with one step left."""
    stream, intent = asked(domain, task)
    session = Session(stream, domain.task(task), Cache(store))
    state = State("k", domain.name, task, Intent(intent), (0.0, stream.duration), budget=session.task.budget)
    seen: list[State] = []
    while state.phase != "done":
        seen.append(state)
        state = advance(steps.decide(state, Planner().decide([PolicyInput(state, session)])[0]), session)
    last = seen[-1]
    ended = replace(last, budget=last.budget.model_copy(update={"steps": last.spent.steps + 1}))
    return session, {"first": seen[0], "midway": seen[len(seen) // 2], "last": ended}


def finite(text: str) -> Json:
    """The JSON of a text as the agent reads it, None where a number is larger than it takes; schemas bound none."""
    try:
        return parse_json(text)
    except UsageError as error:
        if "too large" in error.message:
            return None
        raise


def compiled_in(runtime: LlamaServer, schema: Mapping[str, Json]) -> float:
    """CPU time [s] from a request to its first token under a schema, beyond that of one without."""

    def seconds(own: Mapping[str, Json] | None) -> float:
        start = time.process_time()  # of all threads, whoever else is on this machine
        runtime.complete("x", max_tokens=1, schema=own)
        return time.process_time() - start

    return seconds(schema) - min(seconds(None) for _ in range(2))


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("name", "task"), TASKS)
def test_answers_are_held_to_the_schema(
    name: str, task: str, tiny: LlamaServer, embedded: LlamaServer | None, tmp_path: Path
):
    session, found = states(load_domain(name), task, tmp_path / "cache.sqlite")
    for turn, state in found.items():
        schema: dict[str, Any] = session.action_schema(state)
        judge = jsonschema_rs.validator_for(schema)
        whole = 0
        for seed in range(6):
            said = tiny.complete("x", max_tokens=LONGEST, temperature=1.0, seed=seed, schema=schema)
            value = None if said.written == LONGEST else finite(said.text)
            if value is None:
                continue  # not yet at its end, or with a number like 1e999
            assert not [error.message for error in judge.iter_errors(value)][:3], (turn, seed, said.text[:500])
            action = steps.parse_action(said.text)
            assert action.tool == "submit" if turn == "last" else action.tool in {*session.task.tools, "submit"}
            whole += 1
            if whole == 2:
                break
        assert whole, f"{turn}: no answer of six ended within {LONGEST} tokens"
        seconds = compiled_in(embedded, schema) if embedded else 0.0
        print(f"{name}.{task} {turn}: {len(json.dumps(schema)):,} characters, {whole} answers, {seconds:.2f} s")
        assert seconds < SECONDS
