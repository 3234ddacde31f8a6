"""A model as a judge: what it is asked, what it may answer, and where its marks are shown."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dataclaw.agent.policy import make_policy
from dataclaw.agent.policy.planner import Planner
from dataclaw.cli import app
from dataclaw.config import ModelOptions, RunConfig
from dataclaw.domain import Domain
from dataclaw.errors import ConfigError, UsageError
from dataclaw.evals.benchmark import Benchmark
from dataclaw.evals.compare import compare
from dataclaw.evals.embedding import Fuzzy
from dataclaw.evals.judging import CRITERIA, RATINGS, Rating, latest, mark_tests, mean_marks, rate, read_ratings, rubric
from dataclaw.evals.predict import PREDICTIONS, EvalRun, Prediction, begin
from dataclaw.evals.report import write_report
from dataclaw.evals.scoring import score_run, summarise, write_scores
from dataclaw.run.prepare import prepare
from dataclaw.testing import Asked, ModelServer, Reply, ScriptedPolicy
from dataclaw.types import Action

GOOD = {"why": "All of it is said.", "valid": 5, "grounded": 4, "useful": 3, "fits": 4}


def marks(args: dict[str, Any]) -> Callable[[Asked], Reply]:
    """The same marks for everything."""
    return lambda _: Reply(json.dumps({"tool": "rate", "args": args}), read=900, written=40)


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer(marks(GOOD)) as running:
        yield running


@pytest.fixture(scope="module")
def domains() -> dict[str, Domain]:
    return prepare(RunConfig(intent="benchmark")).domains


@pytest.fixture
def run(bench: Benchmark, domains: dict[str, Domain], tmp_path: Path) -> Callable[[str], Path]:
    """A scored run over the first four items, whose third has no draft."""

    def make(name: str) -> Path:
        items, out = bench.items()[:4], tmp_path / name
        made = [Prediction(one.id, draft=None if at == 2 else one.reference) for at, one in enumerate(items)]
        told = EvalRun(bench.digest, "val", name, limit=4)
        begin(told, out)
        rows, names = score_run(bench, told, made, domains, Fuzzy())
        write_scores(out, rows, summarise(told, rows, names, "fuzzy"))
        (out / PREDICTIONS).write_text("".join(json.dumps(one.to_json()) + "\n" for one in made))
        return out

    return make


def marked(out: Path, bench: Benchmark, domains: dict[str, Domain], answers: list[Any], batch: int = 1) -> list[Rating]:
    items = bench.items()[: len(answers)]
    made = {item.id: Prediction(item.id, draft=item.reference) for item in items}
    waiting = iter(answers)
    judge = ScriptedPolicy([lambda _: next(waiting)], name="judge")
    return list(rate(bench, items, made, judge, domains, out, batch=batch))


def test_a_judge_is_asked_through_a_server_and_its_marks_are_kept(
    server: ModelServer, bench: Benchmark, domains: dict[str, Domain], run: Callable[[str], Path]
) -> None:
    out, items = run("one"), bench.items()[:3]
    made = {item.id: Prediction(item.id, draft=item.reference) for item in items[:2]}
    judge = make_policy("openai:m", ModelOptions(base_url=server.url))
    found = list(rate(bench, items, made, judge, domains, out))
    assert [one.marks for one in found[:2]] == [{key: GOOD[key] for key in CRITERIA}] * 2
    assert [(one.read, one.wrote, one.mean) for one in found] == [(900, 40, 4.0), (900, 40, 4.0), (0, 0, 1.0)]
    assert found[2].why == "no draft"
    assert read_ratings(out) == found
    assert len(server.asked) == 2
    request = server.asked[0].body
    assert request["temperature"] == 0
    assert "rate" in json.dumps(request["response_format"])
    said = {message["role"]: message["content"] for message in request["messages"]}
    assert "whole number from 1 to 5" in said["system"]
    assert any(f"Request: {item.intent}" in said["user"] for item in items)
    assert "planner" not in said["user"]
    again = list(rate(bench, items, made, judge, domains, out))
    assert again == found
    assert len(server.asked) == 2  # nobody is asked twice
    judge.close()


def test_a_judge_sees_the_stream_the_draft_and_what_it_cites(
    bench: Benchmark, domains: dict[str, Domain], tmp_path: Path
) -> None:
    item, seen = bench.items()[0], []

    def answer(scene: Any) -> Action:
        seen.extend(message.text for message in scene.messages())
        return Action("rate", GOOD)

    list(rate(bench, [item], {item.id: Prediction(item.id, draft=item.reference)},
              ScriptedPolicy([answer], name="judge"), domains, tmp_path))  # fmt: skip
    material = seen[1]
    assert "is found in old mountains" in material.partition("Draft:")[0]
    assert json.dumps(item.reference, ensure_ascii=False)[:60] in material
    cited = next(iter(item.anchors))
    assert f"\n{cited} (" in material.partition("Evidence that it cites:")[2]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("I would give it a 4.", "no rating"),
        (Action("rate", {**GOOD, "valid": 6}), "valid is not from 1 to 5"),
        (Action("rate", {**GOOD, "fits": "5"}), "fits is not from 1 to 5"),
        (Action("rate", {**GOOD, "useful": True}), "useful is not from 1 to 5"),
        (Action("rate", {"why": "x"}), "valid, grounded, useful, fits is not"),
        (Action("submit", GOOD), "submit is not"),
    ],
)
def test_an_answer_that_is_no_rating_is_told_and_asked_again(
    bench: Benchmark, domains: dict[str, Domain], tmp_path: Path, answer: Any, why: str
) -> None:
    (found,) = marked(tmp_path, bench, domains, [answer])
    assert found.marks == {}
    assert why in found.why
    assert read_ratings(tmp_path) == []
    (found,) = marked(tmp_path, bench, domains, [Action("rate", GOOD)])
    assert found.mean == 4.0


def test_a_line_that_was_cut_off_is_rated_again(bench: Benchmark, domains: dict[str, Domain], tmp_path: Path) -> None:
    marked(tmp_path, bench, domains, [Action("rate", GOOD)] * 2)
    file = tmp_path / RATINGS
    file.write_bytes(file.read_bytes()[:-30])
    assert len(marked(tmp_path, bench, domains, [Action("rate", GOOD)] * 2)) == 2
    assert [one.id for one in read_ratings(tmp_path)] == [item.id for item in bench.items()[:2]]
    file.write_text("{}\n")
    with pytest.raises(ConfigError, match="no rating"):
        read_ratings(tmp_path)


def test_a_planner_is_no_judge(bench: Benchmark, domains: dict[str, Domain], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no judge"):
        list(rate(bench, [], {}, Planner(), domains, tmp_path))


def test_marks_are_averaged_and_compared_apart_from_the_scores(
    bench: Benchmark, domains: dict[str, Domain], run: Callable[[str], Path], tmp_path: Path
) -> None:
    first, second = run("first"), run("second")
    marked(first, bench, domains, [Action("rate", GOOD)] * 4)
    marked(second, bench, domains, [Action("rate", {**GOOD, "valid": 1})] * 3, batch=2)
    name, streams = f"judge ({rubric()})", {item.id: item.scene for item in bench.items()}
    assert set(latest(first)) == {name}
    means = mean_marks(second, streams)[name]
    assert (means["mean"].mean, means["valid"].mean, means["mean"].n) == (3.0, 1.0, 3)
    tests = mark_tests(first, second, streams)[name]
    assert tests["mean"].difference.mean == -1.0
    assert tests["valid"].difference.mean == -4.0
    assert tests["fits"].difference.mean == 0.0
    assert tests["mean"].difference.n == 3
    found = compare(first, second)
    assert found.tests["overall"]["total"].difference.mean == 0.0
    assert found.judges == {name: tests}
    assert found.to_json()["judges"][name]["mean"]["difference"]["mean"] == -1.0
    page = write_report([first, second], tmp_path / "page.html").read_text()
    for said in ("Judges", name, "-4.00", "no part of them"):
        assert said in page


def test_judging_on_the_command_line(
    server: ModelServer,
    built: Path,
    bench: Benchmark,
    run: Callable[[str], Path],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    from typer.testing import CliRunner

    monkeypatch.setenv("DATACLAW_CACHE", str(tmp_path / "cache"))
    out = run("run")
    order = ["eval", "judge", str(out), "--bench", str(built), "--by", "openai:m", "--base-url", server.url]
    done = CliRunner().invoke(app, [*order, "--price-in", "2", "--price-out", "10"], env={"COLUMNS": "160"})
    assert done.exit_code == 0, done.output
    assert "2,700 tokens read, 120 written; cost: 0.0066 in all" in done.stdout
    assert len(server.asked) == 3
    done = CliRunner().invoke(app, [*order, "--json"])
    said = json.loads(done.stdout)
    assert said["by"] == f"openai:m ({rubric()})"
    assert said["marks"]["mean"]["mean"] == pytest.approx(3.25)  # three at 4 and one without a draft at 1
    assert len(server.asked) == 3
    server.answer = marks({"why": "?"})
    (out / RATINGS).unlink()
    done = CliRunner().invoke(app, order)
    assert done.exit_code == 1
    assert "3 not rated" in done.stderr
    done = CliRunner().invoke(app, ["eval", "compare", str(out), str(out)], env={"COLUMNS": "160"})
    assert f"judge openai:m ({rubric()})" in done.stdout
