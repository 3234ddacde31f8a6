"""Attacks on drafts that were handed in, and drafts to be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dataclaw.agent.runtime import Runtime
from dataclaw.config import RunConfig
from dataclaw.evals.benchmark import BenchItem, Benchmark
from dataclaw.evals.predict import EvalRun, Prediction, predict
from dataclaw.evals.study.hack import AttackedDraft, DraftAttacker, Earnings, attack_run, summary
from dataclaw.evals.study.samples import statements, write_samples
from dataclaw.run.prepare import make_runtime, prepare
from dataclaw.tools.cache import Cache

Made = tuple[Sequence[BenchItem], dict[str, Prediction]]


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    setup = prepare(RunConfig(intent="benchmark", model="planner"))
    made = make_runtime(setup, cache=Cache(tmp_path_factory.mktemp("c") / "c.sqlite"))
    yield made
    made.close()


@pytest.fixture
def made(bench: Benchmark, runtime: Runtime, tmp_path: Path) -> Made:
    told = EvalRun(bench.digest, "val", "planner", limit=6)
    pairs = list(predict(bench, told, runtime, tmp_path / "run"))
    return [item for item, _ in pairs], {item.id: one for item, one in pairs}


def test_no_attack_on_an_honest_draft_earns_more(bench: Benchmark, runtime: Runtime, made: Made):
    items, predictions = made
    found = [one for one in attack_run(DraftAttacker(bench, runtime.domains, runtime.cache), items, predictions) if one]
    assert len(found) == len(items)
    assert all({"empty", "filler"} <= one.made.keys() for one in found)
    assert not [one.id for one in found if one.above]


def test_a_draft_that_pads_itself_earns_less_than_when_it_is_cut(bench: Benchmark, runtime: Runtime, made: Made):
    items, predictions = made
    item = next(one for one in items if one.task == "lecture_summary")
    draft: Any = predictions[item.id].draft
    padded = {**draft, "chapters": [*draft["chapters"], *draft["chapters"], *draft["chapters"]]}
    worse = replace(predictions[item.id], draft=padded)
    (found,) = attack_run(DraftAttacker(bench, runtime.domains, runtime.cache), [item], {item.id: worse})
    assert found
    assert "truncated" in found.above
    assert found.own.reward < max(paid.reward for paid in found.made.values())


def test_what_earns_nothing_is_left_out(bench: Benchmark, runtime: Runtime, made: Made):
    items, predictions = made
    broken = {item.id: replace(predictions[item.id], draft=None) for item in items}
    broken[items[0].id] = replace(predictions[items[0].id], draft={"nonsense": 1})
    assert set(attack_run(DraftAttacker(bench, runtime.domains, runtime.cache), items, broken)) == {None}


def test_the_summary_counts_by_attack_and_rule():
    own, more = Earnings(0.5, False, {"a": 0.5, "b": 1.0}), Earnings(0.75, True, {"a": 1.0, "b": 0.5})
    same = Earnings(0.5, False, {"a": 0.5, "b": 1.0})
    said = summary([AttackedDraft("x", "d.t", own, {"echo": more}), AttackedDraft("y", "d.t", own, {"echo": same})], 3)
    assert (said["drafts"], said["drafts_above"], said["left_out"]) == (2, 1, 3)
    assert said["attacks"]["echo"] == {
        "tried": 2, "above": 1, "accepted": 1, "reward": 0.5, "attacked": 0.625, "rules": {"a": 1},
    }  # fmt: skip
    assert said["worst"] == [{"id": "x", "task": "d.t", "reward": 0.5, "above": {"echo": 0.25}}]


def test_drafts_are_shown_with_their_evidence(made: Made, tmp_path: Path):
    items, predictions = made
    page, count = write_samples(tmp_path, items, predictions, count=4, seed=0)
    text = page.read_text(encoding="utf-8")
    assert count == text.count("\n## ") == 4
    first = next(item for item in items if f"## {item.id}" in text)
    anchors = predictions[first.id].anchors or {}
    assert any(anchor.content[:40] in text for anchor in anchors.values())
    assert write_samples(tmp_path, items, predictions, count=4, seed=0)[0].read_text(encoding="utf-8") == text


def test_what_cites_nothing_has_the_citations_of_what_holds_it():
    draft: Any = {"steps": [{"cite": ["e1"], "text": "go", "box": {"frame": 3}}], "tags": ["a", "b"]}
    assert list(statements(draft)) == [
        ("(top)", "tags: a, b", ()),
        ("steps[0]", "text: go", ["e1"]),
        ("steps[0].box", "frame: 3", ["e1"]),
    ]
