"""Several models on equal terms: what is compared, what it costs, and what a model without a number would take."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from dataclaw.agent.policy import asking
from dataclaw.cli import app
from dataclaw.errors import UsageError
from dataclaw.evals.benchmark import BenchItem, Benchmark
from dataclaw.evals.charts import pareto_front
from dataclaw.evals.lineup import read_lineup
from dataclaw.evals.predict import read_predictions
from dataclaw.testing import Asked, Fault, ModelServer, Reply
from dataclaw.types import Action


class Knowing:
    """Answers each item with its reference; those named in `lost` with nothing of use, those in `down` not at all."""

    def __init__(self, bench: Benchmark) -> None:
        self.items = bench.items("val")
        self.down: set[str] = set()
        self.lost: set[str] = set()
        self.asked: list[str] = []

    def __call__(self, asked: Asked) -> Any:
        item = self._item("\n".join(asked.texts))
        self.asked.append(item.id)
        if item.id in self.down:
            return Fault(503)
        if item.id in self.lost:
            return Reply("I would rather not.", read=1000)
        return Reply(calls=[Action("submit", {"draft": item.reference})], read=1000)

    def _item(self, text: str) -> BenchItem:
        known = [one for one in self.items if one.intent in text]
        return next(one for one in known if all(a.content in text for a in one.anchors.values() if a.content))


@pytest.fixture
def knowing(bench: Benchmark, monkeypatch: pytest.MonkeyPatch) -> Knowing:
    monkeypatch.setattr(asking, "PAUSE", 0.0)
    return Knowing(bench)


@pytest.fixture
def server(knowing: Knowing) -> Iterator[ModelServer]:
    with ModelServer(knowing) as server:
        yield server


def lineup(tmp_path: Path, server: ModelServer) -> Path:
    file = tmp_path / "models.toml"
    file.write_text(
        '[models.planner]\nmodel = "planner"\n'
        f'[models.knows]\nmodel = "openai:knows"\nbase_url = "{server.url}"\ntries = 1\n'
        "price = { read = 10.0, wrote = 0.0 }\n"
        '[models.away]\nmodel = "openai:away"\nbase_url = "http://127.0.0.1:9/v1"\ntries = 1\nserve = "start it"\n'
    )
    return file


def call(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, [str(one) for one in arguments], env={"COLUMNS": "160"})
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout


def test_models_do_the_same_items_and_are_compared_with_what_they_cost(
    built: Path, bench: Benchmark, tmp_path: Path, server: ModelServer, knowing: Knowing
) -> None:
    knowing.lost, out = {knowing.items[0].id}, tmp_path / "runs"
    same = ("eval", "run", "-b", built, "--models", lineup(tmp_path, server), "-o", out, "--similarity", "fuzzy")
    code, told = call(*same)
    assert code == 1, "a model without a number"
    planner, knows, away = json.loads((out / "models.json").read_text())
    assert planner["against_first"] is None
    assert planner["cost_a_sample"] is None
    assert knows["overall"]["total"]["mean"] < planner["overall"]["total"]["mean"]
    difference = knows["overall"]["total"]["mean"] - planner["overall"]["total"]["mean"]
    assert knows["against_first"]["difference"]["mean"] == pytest.approx(difference, abs=1e-6)
    accepted = sum(bool(one.accepted) for one in read_predictions(out / "knows" / "predictions.jsonl"))
    assert knows["cost_a_sample"] == pytest.approx(len(knowing.asked) * 0.01 / accepted, rel=1e-3)
    assert (away["overall"], away["remedy"]) == (None, "start it")
    assert "away has no number: openai:away gives no answer" in told
    assert "start it" in told
    page = (out / "models.html").read_text()
    assert "Total by cost" in page
    assert "start it" in page

    requests = len(knowing.asked)
    assert call(*same)[0] == 1
    assert len(knowing.asked) == requests, "what is done is not asked again"


def test_items_without_an_answer_are_left_and_asked_again(
    built: Path, bench: Benchmark, tmp_path: Path, server: ModelServer, knowing: Knowing
) -> None:
    out = tmp_path / "run"
    same = ("eval", "run", "-b", built, "-m", "openai:knows", "--base-url", server.url, "-o", out, "--unscored")
    knowing.down = {knowing.items[1].id}
    assert call(*same, "--batch", 1)[0] == 0
    done = [one.id for one in read_predictions(out / "predictions.jsonl")]
    assert sorted(done) == sorted(one.id for one in knowing.items if one.id not in knowing.down)
    left, knowing.down, knowing.asked = set(knowing.down), set(), []
    assert call(*same)[0] == 0
    assert set(knowing.asked) == left


def test_a_server_that_is_down_ends_the_run(built: Path, tmp_path: Path, server: ModelServer, knowing: Knowing) -> None:
    knowing.down = {item.id for item in knowing.items}
    out, asked = tmp_path / "run", ("eval", "run", "-b", built, "-m", "openai:knows", "--base-url", server.url)
    done = CliRunner().invoke(app, [*map(str, asked), "-o", str(out), "--batch", "1"])
    assert done.exit_code != 0
    assert len(set(knowing.asked)) == 3
    assert not read_predictions(out / "predictions.jsonl")


@pytest.mark.parametrize("said", ["planner", "", "a:b,a:b", "a:b,a/b"])
def test_models_are_two_at_least_and_each_once(said: str) -> None:
    with pytest.raises(UsageError, match="does not name models"):
        read_lineup(said, {})


def test_models_that_are_only_named_are_asked_alike() -> None:
    rows = read_lineup("planner, openai:gpt-5 ,vllm:Qwen/Qwen3", {"images": False})
    assert list(rows) == ["planner", "openai-gpt-5", "vllm-Qwen-Qwen3"]
    assert [row.images for row in rows.values()] == [False] * 3


def test_the_models_that_ship_can_be_read() -> None:
    rows = read_lineup(str(Path(__file__).parents[2] / "configs/models.toml"), {})
    assert {row.model.partition(":")[0] for row in rows.values()} >= {
        "planner",
        "openai",
        "anthropic",
        "google",
        "vllm",
    }
    assert all(row.serve for row in rows.values() if row.base_url)


@given(st.lists(st.tuples(st.integers(0, 10), st.integers(0, 10)), min_size=1, max_size=8))
def test_what_is_left_out_is_beaten_by_something_no_dearer(values: list[tuple[int, int]]) -> None:
    found = {str(at): (float(cost), value / 10) for at, (cost, value) in enumerate(values)}
    best = pareto_front(found)
    for name, (cost, value) in found.items():
        others = [found[one] for one in best if one != name]
        assert any(a <= cost and b >= value for a, b in others) == (name not in best)
