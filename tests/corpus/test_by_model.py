"""A corpus that a model writes, over a real server on loopback that knows the planner's answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dataclaw.corpus import CorpusConfig, build
from dataclaw.corpus.export import export
from dataclaw.corpus.report import write_report
from dataclaw.models.prices import Price
from dataclaw.testing import Asked, ModelServer, Reply
from dataclaw.worlds import register

register("tiny", "tests.evals.tiny:WORLD")
CONFIG = CorpusConfig(worlds=["tiny"], streams=3, asks=4, by="planner", near=1.0, validation=0.0)


def rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_a_model_writes_a_corpus_and_what_it_took_is_told(tmp_path: Path) -> None:
    list(build(CONFIG, tmp_path / "plain"))
    export(CONFIG, tmp_path / "plain")
    traces = rows(tmp_path / "plain" / "export" / "traces.jsonl")
    assert traces
    known: dict[str, list[str]] = {}
    for trace in traces:
        said = [m["content"] for m in trace["messages"] if m["role"] == "assistant"]
        known[next(m["content"] for m in trace["messages"] if m["role"] == "user")] = said

    def answer(asked: Asked) -> Reply:
        """As the rollout ended that began with these words of a user: with its draft."""
        (first,) = [text for text in asked.texts if text.startswith("Task: ")]
        turns = next(turns for told, turns in known.items() if first.startswith(told))
        return Reply(turns[-1], read=1000, written=100)

    with ModelServer(answer) as server:
        config = CONFIG.model_copy(update={"by": "openai:m", "base_url": server.url})
        assert not [unit.failure for unit in build(config, tmp_path / "model") if unit.failure]
    numbers = write_report(config, tmp_path / "model", export(config, tmp_path / "model"), Price(2.0, 10.0))
    drafts = rows(tmp_path / "model" / "3_drafts.jsonl")
    turns = sum(row["spent"]["steps"] for row in drafts)
    assert {row["by"] for row in drafts} == {"openai:m"}
    assert numbers["total"] == len(traces)
    assert numbers["tokens"] == {"prompt_tokens": 1000 * turns, "tokens": 100 * turns}
    assert numbers["cost"] == pytest.approx(0.003 * turns)
    assert "| tokens read |" in (tmp_path / "model" / "report.md").read_text(encoding="utf-8")
