"""Benchmarks: the same by every way to make them, whole or refused."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dataclaw.errors import ConfigError, StreamError, UsageError
from dataclaw.evals.benchmark import (
    MANIFEST,
    Benchmark,
    anchors_json,
    benchmark_files,
    load_anchors,
    read_bench,
    set_name,
    sha256,
)
from dataclaw.evals.build import BenchPlan, BenchResult, SceneNews, make_bench
from dataclaw.evals.embedding import Fuzzy
from dataclaw.evals.leaks import NEAR, as_samples
from dataclaw.evals.metrics import score
from dataclaw.evals.references import WORK
from dataclaw.export.duplicates import NearDuplicates
from dataclaw.planning import decline
from dataclaw.plugins import load_domain
from dataclaw.types import Anchor
from tests.evals import tiny as tiny_world
from tests.evals.conftest import COUNT


@pytest.fixture
def copy(built: Path, tmp_path: Path) -> Path:
    """A benchmark that may be changed."""
    shutil.copytree(built, tmp_path / "bench", ignore=shutil.ignore_patterns(WORK))
    return tmp_path / "bench"


def contents(root: Path) -> dict[str, str]:
    return {name: sha256(root / name) for name in [*benchmark_files(root), MANIFEST]}


def test_a_benchmark_is_the_same_however_many_processes_make_it(built: Path, tiny: str, tmp_path: Path) -> None:
    *news, made = make_bench(BenchPlan.of(COUNT, COUNT, names=[tiny]), tmp_path / "again", workers=2)
    assert contents(tmp_path / "again") == contents(built)
    assert isinstance(made, BenchResult)
    assert made.items == {"val": COUNT, "intent": COUNT}
    assert made.short == {}
    assert all(isinstance(one, SceneNews) and one.accepted for one in news)


def test_what_is_finished_is_not_done_again(built: Path, tiny: str, tmp_path: Path) -> None:
    shutil.copytree(built, tmp_path / "bench")
    news = [
        one
        for one in make_bench(BenchPlan.of(COUNT, COUNT, names=[tiny]), tmp_path / "bench")
        if isinstance(one, SceneNews)
    ]
    assert {one.seconds for one in news} == {0.0}
    more = [
        one
        for one in make_bench(BenchPlan.of(COUNT + 4, COUNT, names=[tiny]), tmp_path / "bench")
        if isinstance(one, SceneNews)
    ]
    assert [one.seconds > 0 for one in more].count(True) == len(more) - len(news)
    assert len(read_bench(tmp_path / "bench").items()) == COUNT + 4


def test_items_are_even_and_their_references_score_100(bench: Benchmark) -> None:
    items = bench.items()
    domain = load_domain("education")
    assert len(items) == len({item.id for item in items}) == COUNT
    assert {
        task: sum(i.task == task for i in items) for task in domain.tasks if any(i.task == task for i in items)
    } == {
        "concept_qa": COUNT // 2,
        "lecture_summary": COUNT // 2,
    }
    assert len({item.lot["difficulty"] for item in items}) > 2
    for item in items:
        assert item.lot["split"] == "held"
        assert item.scene in item.stream
        assert item.evidence
        assert item.sources["thing"]
        assert bench.open(item, domain).id == item.stream_id
        assert score(item.cited_reference(), item.cited_reference(), item.setting(domain), Fuzzy()).total == 1.0


def test_no_two_items_say_nearly_the_same(bench: Benchmark) -> None:
    seen = NearDuplicates(NEAR)
    for sample in as_samples(bench):
        assert seen.like(sample) is None
        seen.add(sample)


def test_open_requests_are_all_different_and_name_no_task(bench: Benchmark) -> None:
    requests = bench.items("intent")
    assert len({item.intent for item in requests}) == len(requests) == COUNT
    assert {item.task for item in requests} == {""}
    assert {item.language for item in requests} == {"en", "zh"}
    assert {item.scene for item in requests} <= {item.scene for item in bench.items()}


def test_the_manifest_tells_what_the_benchmark_is_made_of(bench: Benchmark) -> None:
    manifest = bench.manifest
    assert manifest["items"] == {"val": COUNT, "intent": COUNT}
    assert manifest["counts"]["task"] == {"concept_qa": COUNT // 2, "lecture_summary": COUNT // 2}
    assert set(manifest["worlds"]) == {"tiny"}
    assert manifest["engines"]["numpy"]
    assert set(manifest["schemas"]) == {"education.concept_qa", "education.lecture_summary"}
    assert set(manifest["files"]) == set(benchmark_files(bench.root))


@pytest.mark.parametrize("name", ["val.jsonl", "scene"])
def test_a_changed_file_is_refused_with_both_hashes(copy: Path, name: str) -> None:
    if name == "scene":
        name = next(name for name in benchmark_files(copy) if name.endswith(".srt"))
    before = sha256(copy / name)
    (copy / name).write_bytes((copy / name).read_bytes() + b"\n")
    with pytest.raises(ConfigError) as error:
        read_bench(copy)
    assert name in str(error.value)
    assert before in str(error.value)
    assert sha256(copy / name) in str(error.value)
    assert read_bench(copy, check=False).items()


def test_missing_and_added_files_are_named(copy: Path) -> None:
    (copy / "intent.jsonl").unlink()
    (copy / "more.txt").write_text("x")
    (copy / ".hidden").write_text("is nobody's business")
    with pytest.raises(ConfigError) as error:
        read_bench(copy)
    assert "intent.jsonl: missing" in str(error.value)
    assert "more.txt: not in the manifest" in str(error.value)
    assert "hidden" not in str(error.value)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"files": {}, "format": 99}'])
def test_a_damaged_manifest_is_refused(copy: Path, text: str) -> None:
    (copy / MANIFEST).write_text(text)
    with pytest.raises(ConfigError, match="bench"):
        read_bench(copy)


@pytest.mark.parametrize("line", ["{", "[]", "{}", '{"id": 3, "anchors": {}}', '{"id": "x", "anchors": []}'])
def test_a_damaged_item_is_named(copy: Path, line: str) -> None:
    text = (copy / "val.jsonl").read_text().split("\n", 1)
    (copy / "val.jsonl").write_text(f"{text[0]}\n{line}\n")
    with pytest.raises(ConfigError, match=r"val\.jsonl:2"):
        read_bench(copy, check=False).items()


def test_what_reads_differently_today_is_refused(bench: Benchmark) -> None:
    item, domain = bench.items()[0], load_domain("education")
    with pytest.raises(StreamError, match="reads as"):
        bench.open(replace(item, stream_id="0" * 16), domain)
    with pytest.raises(ConfigError, match="another schema"):
        replace(item, schema="0" * 16).setting(domain)


def test_plans_that_cannot_be_are_refused(tiny: str, tmp_path: Path) -> None:
    for asked in ({"domains": ["surgery"]}, {"domains": ["gui"], "names": [tiny]}):
        with pytest.raises(UsageError):
            BenchPlan.of(10, COUNT, **asked)
    with pytest.raises(UsageError):
        BenchPlan.of(0, COUNT, names=[tiny])
    with pytest.raises(UsageError, match="no set"):
        set_name("test")
    (tmp_path / "thesis.txt").write_text("precious")
    with pytest.raises(ConfigError, match="no benchmark"):
        list(make_bench(BenchPlan.of(2, COUNT, names=[tiny]), tmp_path))
    assert (tmp_path / "thesis.txt").read_text() == "precious"


def test_a_task_that_no_expert_can_serve_is_named_as_short(tiny: str, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("dataclaw.evals.build.LOTS", 1)
    *_, made = make_bench(BenchPlan.of(8, COUNT, names=[tiny]), tmp_path / "b")
    assert isinstance(made, BenchResult)
    assert made.short
    assert sum(made.short.values()) == 8 - made.items["val"]
    assert json.loads((tmp_path / "b" / MANIFEST).read_text())["short"] == made.short


def test_what_nothing_more_is_found_for_is_given_up(tiny: str, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("dataclaw.evals.build.IDLE", 3)

    def decline_all(order: Any) -> Any:
        raise decline("nobody knows", "Ask somebody else.")
        yield

    monkeypatch.setattr(
        tiny_world, "WORLD", replace(tiny_world.WORLD, experts=dict.fromkeys(tiny_world.WORDS, decline_all))
    )
    *news, made = make_bench(BenchPlan.of(8, COUNT, names=[tiny]), tmp_path / "b", workers=1)
    assert isinstance(made, BenchResult)
    assert made.items == {"val": 0, "intent": 0}
    assert len(news) == 3  # all in one wave
    assert sum(made.short.values()) == 8
    assert set(made.refused) == {"education.concept_qa: nobody knows.", "education.lecture_summary: nobody knows."}


def test_a_world_that_fails_is_noted_and_the_others_go_on(tiny: str, tmp_path: Path, monkeypatch: Any) -> None:
    asks = tiny_world.asks

    def broken(scene: Any, count: int) -> Any:
        if scene.spec.seed == 0:
            raise ValueError("a pool is empty")
        return asks(scene, count)

    monkeypatch.setattr(tiny_world, "WORLD", replace(tiny_world.WORLD, requests=broken))
    *_, made = make_bench(BenchPlan.of(4, COUNT, names=[tiny]), tmp_path / "b")
    assert isinstance(made, BenchResult)
    assert made.items["val"] == 4
    assert made.failures == {"tiny-held-1-000000": "the world failed: ValueError: a pool is empty"}


def test_a_disk_that_fails_is_no_failure_of_a_world(tiny: str, tmp_path: Path, monkeypatch: Any) -> None:
    asks, plan = tiny_world.asks, BenchPlan.of(4, COUNT, names=[tiny])

    def unreadable(scene: Any, count: int) -> Any:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(tiny_world, "WORLD", replace(tiny_world.WORLD, requests=unreadable))
    with pytest.raises(OSError, match="Input/output"):
        list(make_bench(plan, tmp_path / "b"))
    monkeypatch.setattr(tiny_world, "WORLD", replace(tiny_world.WORLD, requests=asks))
    *_, made = make_bench(plan, tmp_path / "b")
    assert isinstance(made, BenchResult)
    assert not made.failures
    assert made.items["val"] == 4


def test_anchors_survive_the_way_through_json() -> None:
    anchors = {
        "e1": Anchor("e1", "event", "a click", 1.0, 2.0, frame=0, box=(1.0, 2.0, 3.0, 4.0), attrs={"verb": "click"}),
        "A.f3": Anchor("A.f3", "frame", "", 0.0, 0.0, point=(1.5, 2.5), part="A"),
    }
    assert load_anchors(json.loads(json.dumps(anchors_json(anchors)))) == anchors
