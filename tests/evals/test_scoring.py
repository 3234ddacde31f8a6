"""Runs of a benchmark: kept as they come, scored against references and rules, compared and reported."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dataclaw.agent.policy import PolicyInput
from dataclaw.agent.router import has_pictures, route
from dataclaw.agent.runtime import Runtime
from dataclaw.cli import app
from dataclaw.config import RunConfig
from dataclaw.errors import ConfigError, UsageError
from dataclaw.evals.benchmark import Benchmark, SetName, read_bench
from dataclaw.evals.compare import compare
from dataclaw.evals.embedding import Fuzzy
from dataclaw.evals.open_scores import judge
from dataclaw.evals.predict import (
    PREDICTIONS,
    REFUSED,
    EvalRun,
    Prediction,
    begin,
    predict,
    read_predictions,
    read_run,
)
from dataclaw.evals.report import write_report
from dataclaw.evals.scoring import ScoredItem, read_summary, score_run, summarise, write_scores
from dataclaw.models.prices import Price, price_of
from dataclaw.plugins import load_domain
from dataclaw.run.policy_selection import choose_policies
from dataclaw.run.prepare import make_runtime, prepare
from dataclaw.testing import ScriptedPolicy
from dataclaw.tools.cache import Cache
from dataclaw.types import Decision
from tests.evals.conftest import COUNT


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    cache = Cache(tmp_path_factory.mktemp("cache") / "tools.sqlite")
    made = make_runtime(prepare(RunConfig(intent="benchmark", model="planner")), cache=cache)
    yield made
    made.close()


def told(bench: Benchmark, which: SetName = "val", **parts: Any) -> EvalRun:
    return EvalRun(bench.digest, which, "planner", **parts)


def kept(bench: Benchmark, run: EvalRun, runtime: Runtime, out: Path, **how: Any) -> list[Prediction]:
    return [one for _, one in predict(bench, run, runtime, out, **how)]


def scored(bench: Benchmark, run: EvalRun, made: list[Prediction], runtime: Runtime, out: Path) -> list[ScoredItem]:
    rows, names = score_run(bench, run, made, runtime.domains, Fuzzy())
    write_scores(out, rows, summarise(run, rows, names, Fuzzy().name))
    return rows


def untimed(one: Prediction) -> dict[str, Any]:
    return {**one.to_json(), "seconds": 0}


def test_a_run_goes_on_where_it_was(bench: Benchmark, runtime: Runtime, tmp_path: Path) -> None:
    first = kept(bench, told(bench, limit=3), runtime, tmp_path / "run")
    file = tmp_path / "run" / PREDICTIONS
    before = file.read_bytes()
    file.write_bytes(before[:-40])  # killed while it wrote the third
    all_of_them = kept(bench, told(bench), runtime, tmp_path / "run")
    assert file.read_bytes().startswith(b"".join(before.splitlines(keepends=True)[:2]))
    assert [untimed(one) for one in all_of_them[:3]] == [untimed(one) for one in first]
    assert [one.id for one in all_of_them] == [item.id for item in bench.items()]
    assert len(read_predictions(file)) == COUNT


def test_a_model_may_write_no_more_than_is_allowed(bench: Benchmark, runtime: Runtime, tmp_path: Path) -> None:
    told = EvalRun(bench.digest, "val", "planner", limit=2, tokens=1)
    made = [one for _, one in predict(bench, told, runtime, tmp_path / "run")]
    assert {one.stop for one in made} == {"tokens_spent"}
    assert {one.steps for one in made} == {1}
    with pytest.raises(ConfigError, match="tokens"):
        list(predict(bench, replace(told, tokens=2), runtime, tmp_path / "run"))


def test_a_run_may_take_the_items_of_some_domains_alone(
    built: Path, tmp_path: Path, call: Callable[..., tuple[int, str, str]]
) -> None:
    bench = read_bench(built)
    domain = bench.items()[-1].domain
    out, options = tmp_path / "run", ["--similarity", "fuzzy", "--limit", "2"]
    assert call("eval", "run", "-b", str(built), "-o", str(out), "-d", domain, *options)[0] == 0
    wanted = [item.id for item in bench.items() if item.domain == domain][:2]
    assert [one.id for one in read_predictions(out / PREDICTIONS)] == wanted
    assert read_summary(out)["overall"]["n"] == len(wanted)
    with pytest.raises(UsageError, match=domain):
        call("eval", "run", "-b", str(built), "-o", str(tmp_path / "no"), "-d", "nowhere", *options)


def test_a_batch_decides_as_one_by_one(bench: Benchmark, runtime: Runtime, tmp_path: Path) -> None:
    one_by_one = kept(bench, told(bench), runtime, tmp_path / "a")
    together = kept(bench, told(bench), runtime, tmp_path / "b", batch=5)
    assert {one.id: untimed(one) for one in one_by_one} == {one.id: untimed(one) for one in together}
    tasks = [one.task for one in together]
    assert tasks == sorted(tasks), "a task's items are decided about together"


def test_another_run_is_not_mixed_in(bench: Benchmark, tmp_path: Path) -> None:
    begin(told(bench), tmp_path / "run")
    begin(told(bench, limit=5), tmp_path / "run")
    with pytest.raises(ConfigError, match="differs in model"):
        begin(EvalRun(bench.digest, "val", "embedded"), tmp_path / "run")
    with pytest.raises(ConfigError, match="differs in bench"):
        begin(EvalRun("0" * 64, "val", "planner"), tmp_path / "run")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("x")
    with pytest.raises(ConfigError, match="no run"):
        begin(told(bench), tmp_path / "mine")


def test_references_handed_in_score_100(bench: Benchmark, runtime: Runtime) -> None:
    texts = [Prediction(item.id, draft=f"```json\n{json.dumps(item.reference)}\n```") for item in bench.items()]
    rows, names = score_run(bench, told(bench), texts, runtime.domains, Fuzzy())
    assert {row.scores["total"] for row in rows} == {1.0}
    assert names.lines() == []
    summary = summarise(told(bench), rows, names, "fuzzy")
    streams = len({item.stream for item in bench.items()})
    assert summary["overall"]["total"] == {"mean": 1.0, "low": 1.0, "high": 1.0, "n": COUNT, "streams": streams}
    assert summary["overall"]["accepted"] is None  # nobody asked the rules
    assert set(summary["task"]) == {"education.concept_qa", "education.lecture_summary"}


def test_missing_unknown_and_repeated_predictions_are_named(bench: Benchmark, runtime: Runtime) -> None:
    items = bench.items()
    given = [Prediction(item.id, draft=item.reference) for item in items[1:5]]
    given += [Prediction(items[1].id, draft={}), Prediction("nobody", draft={})]
    rows, names = score_run(bench, told(bench, limit=4), given, runtime.domains, Fuzzy())
    assert names.missing == (items[0].id,)
    assert names.unknown == ("nobody",)
    assert names.extra == (items[4].id, items[1].id)
    assert [row.scores["total"] for row in rows] == [0.0, 1.0, 1.0, 1.0]
    assert rows[0].missing
    assert [line.split()[0] for line in names.lines()] == ["1", "1", "2"]


def test_a_draft_may_only_cite_what_its_own_rollout_saw(bench: Benchmark, runtime: Runtime) -> None:
    item = bench.items()[0]
    for anchors, gate in ((None, 1.0), (item.anchors, 1.0), ({}, 0.0)):
        one = Prediction(item.id, draft=item.reference, anchors=anchors)
        rows, _ = score_run(bench, told(bench, limit=1), [one], runtime.domains, Fuzzy())
        assert rows[0].scores["gate"] == gate


def test_a_policy_that_only_writes_nonsense_scores_nothing(bench: Benchmark, runtime: Runtime, tmp_path: Path) -> None:
    nonsense = Runtime(ScriptedPolicy(["never mind"] * 9), runtime.domains, runtime.cache)
    made = kept(bench, told(bench, limit=2), nonsense, tmp_path)
    assert {one.stop for one in made} == {"invalid_actions"}
    rows = scored(bench, told(bench, limit=2), made, runtime, tmp_path)
    assert [row.scores["total"] for row in rows] == [0.0, 0.0]
    assert all(row.scores["handed_in"] == 0.0 and row.why for row in rows)


@pytest.fixture
def lost(built: Path, tmp_path: Path) -> Benchmark:
    """The benchmark, whose second open request says nothing that a task knows."""
    shutil.copytree(built, tmp_path / "lost")
    file = tmp_path / "lost" / "intent.jsonl"
    said = ["make 2 quiz questions", "frobnicate the quux", "summarise this lecture"]
    rows = [json.loads(line) for line in file.read_text().splitlines()[:3]]
    file.write_text("".join(json.dumps({**row, "intent": text}) + "\n" for row, text in zip(rows, said, strict=True)))
    return read_bench(tmp_path / "lost", check=False)


def test_a_request_that_any_run_refuses_is_refused_counted_and_named(
    lost: Benchmark, runtime: Runtime, tmp_path: Path
) -> None:
    run, name = told(lost, "intent"), lost.items("intent")[1].id
    made = {one.id: one for one in kept(lost, run, runtime, tmp_path / "run", batch=3)}
    assert made[name].stop == REFUSED
    assert "no task knows 'frobnicate', 'quux'" in made[name].why
    rows, names = score_run(lost, run, made.values(), runtime.domains, Fuzzy())
    assert names.refused == (name,)
    assert names.lines() == [f"1 refused by the router, as in any run (scored 0): {name}"]
    assert rows[1].scores["total"] == 0.0
    assert rows[1].effort == {}
    assert [row.effort != {} for row in rows] == [True, False, True]


def test_a_run_may_leave_the_choice_of_the_task_to_the_router(
    bench: Benchmark, runtime: Runtime, tmp_path: Path
) -> None:
    alone = kept(bench, told(bench, routed=True), runtime, tmp_path / "one")
    assert {one.domain for one in alone} >= {"education"}
    sent = {one.id: (one.domain, one.task) for one in alone}
    for item in bench.items():
        pictures = has_pictures(bench.open(item, runtime.domains[item.domain]))
        routed = route(item.intent, item.kind, runtime.domains, pictures=pictures)
        assert sent[item.id] == (("", "") if routed.lost else (routed.choice.domain, routed.choice.task))


def test_the_record_names_who_decides_for_which_domain(call: Any, built: Path, tmp_path: Path) -> None:
    registry = tmp_path / "plugins.toml"
    registry.write_text('[domains.gui]\nmodel = "embedded"\nadapter = "gui.gguf"\n', encoding="utf-8")
    (tmp_path / "gui.gguf").write_bytes(b"GGUF")
    models = choose_policies(None, prepare(RunConfig(intent="benchmark"), registry).domains, registry)
    digest = hashlib.sha256(b"GGUF").hexdigest()[:12]
    assert models["gui"].describe() == f"embedded + gui.gguf ({digest})"
    assert models["education"].describe() == "planner"
    registry.write_text('[domains.education]\nmodel = "planner"\n', encoding="utf-8")
    out = tmp_path / "run"
    options = ["--limit", "1", "--similarity", "fuzzy", "--plugins", str(registry)]
    assert call("eval", "run", "-b", str(built), "-o", str(out), *options)[0] == 0
    assert (read_run(out).model, read_run(out).models) == ("planner", {})


def test_what_tokens_cost_is_told_where_it_is_known(bench: Benchmark, runtime: Runtime) -> None:
    items = bench.items()[:2]
    made = [Prediction(items[0].id, prompt=3000, wrote=500), Prediction(items[1].id, prompt=1000, wrote=100)]
    rows, names = score_run(bench, told(bench, limit=2), made, runtime.domains, Fuzzy())
    effort = [
        summarise(told(bench), rows, names, "fuzzy", price)["overall"]["effort"] for price in (None, Price(2.0, 10.0))
    ]
    assert "cost" not in effort[0]
    assert effort[1]["prompt"] == 2000
    assert effort[1]["cost"] == pytest.approx((2000 * 2 + 300 * 10) / 1e6)
    unknown = [Prediction(item.id, wrote=100) for item in items]
    rows, names = score_run(bench, told(bench, limit=2), unknown, runtime.domains, Fuzzy())
    assert not {"cost", "prompt"} & set(summarise(told(bench), rows, names, "", Price(1, 1))["overall"]["effort"])
    with pytest.raises(UsageError, match="half a price"):
        price_of(1.0, None)


def test_what_a_policy_reads_in_its_requests_is_counted_by_rollout(
    bench: Benchmark, runtime: Runtime, tmp_path: Path
) -> None:
    class Reader(ScriptedPolicy):
        """Reads 100 tokens a request."""

        def decide(self, scenes: Sequence[PolicyInput]) -> list[Decision]:
            return [replace(one, prompt_tokens=100) for one in super().decide(scenes)]

    reader = Runtime(Reader(["never mind"] * 9), runtime.domains, runtime.cache)
    made = kept(bench, told(bench, limit=2), reader, tmp_path, batch=2)
    assert [(one.steps, one.prompt) for one in made] == [(one.steps, 100 * one.steps) for one in made]
    assert made[0].prompt > 0


def test_open_requests_are_given_to_a_task_and_judged_by_rules(
    bench: Benchmark, runtime: Runtime, tmp_path: Path
) -> None:
    run = told(bench, "intent")
    made = kept(bench, run, runtime, tmp_path)
    made = [one for one in made if one.stop != REFUSED]
    assert made
    assert all(one.domain and one.task for one in made)
    rows = {row.id: row for row in scored(bench, run, made, runtime, tmp_path)}
    for one in made:
        row = rows[one.id]
        assert row.detail["given_to"] == f"{one.domain}.{one.task}"
        assert (row.scores["total"] > 0.5) == bool(one.accepted)
    assert json.loads((tmp_path / "summary.json").read_text())["similarity"] == ""


def test_the_rubric_of_open_requests_is_worked_out_by_hand() -> None:
    task = load_domain("education").task("concept_qa")
    assert task.reads[0] == "lesson"
    rules = {"json": 1.0, "schema": 1.0, "evidence": 0.8, "quotes": 0.6, "education.told": 1.0, "education.enough": 0.1}
    got = judge(rules, ["education.enough"], task, "lesson", gate=True)
    assert got == pytest.approx({"gate": 1.0, "grounded": 0.7, "useful": 0.75, "total": 0.725})
    elsewhere = judge(rules, ["education.enough"], task, "gui", gate=True)
    assert elsewhere["useful"] == pytest.approx(0.25)
    assert judge(rules, [], task, "lesson", gate=False)["total"] == 0.0
    assert judge(rules, [], None, "lesson", gate=True)["total"] == 0.0


@pytest.fixture
def two(bench: Benchmark, runtime: Runtime, tmp_path: Path) -> tuple[Path, Path]:
    """A run that is right, and one whose every other draft is none."""
    right = [Prediction(item.id, draft=item.reference, accepted=True) for item in bench.items()]
    half = [Prediction(one.id, draft=one.draft if at % 2 else "no") for at, one in enumerate(right)]
    for name, made in (("right", right), ("half", half)):
        run = EvalRun(bench.digest, "val", name)
        begin(run, tmp_path / name)
        scored(bench, run, made, runtime, tmp_path / name)
    return tmp_path / "right", tmp_path / "half"


def test_runs_are_compared_item_by_item(bench: Benchmark, two: tuple[Path, Path]) -> None:
    found = compare(*two)
    total = found.tests["overall"]["total"]
    assert total.difference.mean == -0.5
    assert total.difference.high < 0
    assert total.exact
    lost = {name for name, _, _ in found.moved}
    assert total.p == pytest.approx(2 / 2 ** len({item.stream for item in bench.items() if item.id in lost}))
    assert len(found.moved) == COUNT // 2
    back = compare(two[1], two[0])
    assert back.tests["overall"]["total"].difference.mean == 0.5
    assert compare(two[0], two[0]).tests["overall"]["total"].p == 1.0


def test_runs_of_other_benchmarks_are_not_compared(two: tuple[Path, Path], tmp_path: Path) -> None:
    summary = json.loads((two[1] / "summary.json").read_text())
    (two[1] / "summary.json").write_text(json.dumps({**summary, "bench": "another", "similarity": "fuzzier"}))
    with pytest.raises(UsageError, match="differ in bench, similarity"):
        compare(*two)
    with pytest.raises(UsageError, match="differ in bench"):
        write_report(two, tmp_path / "page.html")
    scores, told = two[1] / "scores.jsonl", (two[1] / "scores.jsonl").read_text()
    for name in ("total", "domain"):
        scores.write_text(told.replace(f'"{name}":', '"else":'))
        with pytest.raises(ConfigError, match=f"lacks {name}"):
            compare(two[1], two[1])
    scores.write_text(told)
    for wrong in ({"set": "VAL"}, {"models": "embedded"}, {"domain": []}):
        (two[1] / "summary.json").write_text(json.dumps({**summary, **wrong}))
        with pytest.raises(ConfigError, match="no scored run"):
            compare(two[1], two[1])
    with pytest.raises(ConfigError, match="no scored run"):
        compare(two[0], tmp_path / "nothing")


def test_the_report_tells_both_runs_and_draws_them(two: tuple[Path, Path], tmp_path: Path) -> None:
    page = write_report(two, tmp_path / "page" / "eval.html").read_text()
    for said in ("right", "half", "education.concept_qa", "half against right", "-50.0", "data:image/png"):
        assert said in page
    pictures = sorted(path.name for path in (tmp_path / "page").glob("*.png"))
    assert pictures == ["eval-difficulty.png", "eval-task.png", "eval-terms.png"]
    with pytest.raises(UsageError, match="named twice"):
        write_report([two[0], two[0]], tmp_path / "page.html")


@pytest.mark.parametrize("text", ["[]", "{}", "nonsense", '{"id": 3}', '{"id": "x", "anchors": 3}'])
def test_what_is_no_prediction_is_refused_by_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "other.jsonl").write_text('{"id": "a", "draft": {}}\n' + text)
    with pytest.raises(ConfigError, match=r"other\.jsonl:2"):
        read_predictions(tmp_path / "other.jsonl")


@pytest.fixture
def call(tiny: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str, str]]:
    """The command in this process, which knows the tiny world."""
    from typer.testing import CliRunner

    monkeypatch.setenv("DATACLAW_CACHE", str(tmp_path / "cache"))

    def invoke(*arguments: object) -> tuple[int, str, str]:
        done = CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "160"})
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.exit_code, done.stdout, done.stderr

    return invoke


def test_the_whole_way_on_the_command_line(call: Any, built: Path, tmp_path: Path) -> None:
    code, out, _ = call("bench", "show", built)
    assert code == 0
    assert f"{COUNT} items with a reference" in out
    code, out, _ = call("eval", "run", "-b", built, "-o", tmp_path / "planner", "--similarity", "fuzzy")
    assert code == 0
    assert "overall" in out
    lines = (tmp_path / "planner" / PREDICTIONS).read_text().splitlines()
    others = [{"id": row["id"], "text": json.dumps(row["draft"])} for row in map(json.loads, lines[1:])]
    (tmp_path / "other.jsonl").write_text("".join(json.dumps(row) + "\n" for row in others))
    code, out, err = call(
        "eval", "score", "-b", built, "-o", tmp_path / "other", tmp_path / "other.jsonl", "--similarity", "fuzzy"
    )
    assert code == 1  # one item is missing
    assert "1 without a prediction" in err
    code, out, _ = call("eval", "compare", tmp_path / "planner", tmp_path / "other")
    assert code == 0
    assert "elsewhere minus planner" in out
    code, out, _ = call("eval", "report", tmp_path / "planner", tmp_path / "other", "--html", tmp_path / "eval.html")
    assert code == 0
    assert "elsewhere" not in (tmp_path / "eval.html").name
    assert (tmp_path / "eval.html").exists()
    code, out, _ = call("eval", "run", "-b", built, "-o", tmp_path / "open", "--set", "intent", "--limit", 2, "--json")
    assert code == 0
    assert json.loads(out)["overall"]["n"] == 2


def test_building_on_the_command_line(call: Any, tmp_path: Path) -> None:
    code, out, _ = call("bench", "build", "--world", "tiny", "--count", 4, "--requests", 4, "--out", tmp_path / "bench")
    assert code == 0
    assert "4 items with a reference, 4 open requests" in out
    (tmp_path / "bench" / "val.jsonl").write_text("")
    with pytest.raises(ConfigError, match=r"val\.jsonl: changed"):
        call("eval", "run", "-b", tmp_path / "bench", "-o", tmp_path / "run")


def test_the_proof_of_a_world(tiny: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    from dataclaw_worlds.proof import main

    monkeypatch.setenv("DATACLAW_CACHE", str(tmp_path / "cache"))
    order = [tiny, "--seeds", "0,3-4", "--difficulty", "1,5", "--split", "held", "--asks", "2", "--show"]
    assert main([*order, "--similarity", "fuzzy", "--out", str(tmp_path / "proof")]) == 0
    told = capsys.readouterr().out
    assert told.count("=== tiny-held-") == 12
    assert "lecture_summary  6     100" in told
    assert len((tmp_path / "proof" / "rows.jsonl").read_text().splitlines()) == 12
    assert main(["nowhere"]) == 2
    assert "no world 'nowhere'" in capsys.readouterr().err
