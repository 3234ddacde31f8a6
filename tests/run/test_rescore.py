from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path

import pytest

from dataclaw.config import RunConfig
from dataclaw.errors import ConfigError, UsageError
from dataclaw.run.prepare import prepare
from dataclaw.run.rescore import Rescorer, read_rules, read_trace, rescore
from dataclaw.run.run import run

TRACES = Path(__file__).parents[2] / "examples" / "traces"


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    config = RunConfig(intent="list every action", domain="gui", task="action_sequence")
    list(run(prepare(config), [str(TRACES / "calendar_only")], folder))
    return folder


def strict(folder: Path, text: str) -> Rescorer:
    (folder / "rules.toml").write_text(text)
    return Rescorer(rules=read_rules(folder / "rules.toml"))


def test_the_same_rules_give_the_same_verdict(out: Path) -> None:
    (row,) = rescore(out, Rescorer())
    assert row.task == "gui.action_sequence"
    assert row.after.total == pytest.approx(row.before.total)
    assert {n: s.value for n, s in row.after.scores.items()} == {n: s.value for n, s in row.before.scores.items()}
    assert row.new_state == ""


def test_the_stream_itself_is_not_needed(out: Path) -> None:
    (file,) = (out / "traces").glob("*.json")
    facts = json.loads(file.read_text())["facts"]
    assert len(facts["frame_times"]) > 2
    assert facts["events"]


def test_a_sample_made_anew_of_its_own_draft_is_the_same_sample(out: Path) -> None:
    (file,) = (out / "traces").glob("*.json")
    sample = json.loads((out / "samples.jsonl").read_text())
    state, facts = read_trace(file)
    made = Rescorer().revise(state, facts, sample, state.drafts[-1].draft)
    assert json.loads(json.dumps(made)) == sample
    assert list(made) == list(sample)


def test_a_sample_made_anew_of_another_draft_is_judged_and_counted_anew(out: Path) -> None:
    (file,) = (out / "traces").glob("*.json")
    sample = json.loads((out / "samples.jsonl").read_text())
    state, facts = read_trace(file)
    draft = deepcopy(state.drafts[-1].draft)
    draft["actions"][0]["point"] = [1.0, 1.0]
    gone = draft["actions"].pop()
    made = Rescorer().revise(state, facts, sample, draft)
    assert made["answer"]["actions"][0]["point"] == [1.0, 1.0]
    assert len(made["answer"]["actions"]) == len(sample["answer"]["actions"]) - 1
    assert made["verdict"]["total"] < sample["verdict"]["total"]
    assert any(finding["path"].startswith("/actions/0/point") for finding in made["verdict"]["findings"])
    assert gone["cite"][0] in {row["event"] for row in made["left_out"]["named"]}
    assert made["left_out"]["count"] == sample["left_out"]["count"] + 1


def test_a_draft_that_does_not_fit_the_schema_becomes_no_sample(out: Path) -> None:
    (file,) = (out / "traces").glob("*.json")
    state, facts = read_trace(file)
    sample = json.loads((out / "samples.jsonl").read_text())
    with pytest.raises(UsageError, match=r"does not fit the schema of gui.action_sequence: .*actions"):
        Rescorer().revise(state, facts, sample, {**state.drafts[-1].draft, "actions": "none"})
    wrong = deepcopy(state.drafts[-1].draft)
    wrong["actions"][0]["cite"] = ["e9999"]
    with pytest.raises(UsageError, match="/actions/0/cite/0"):
        Rescorer().revise(state, facts, sample, wrong)


def test_other_rules_can_turn_a_sample_down(out: Path, tmp_path: Path) -> None:
    judge = strict(
        tmp_path,
        """
[tasks."gui.action_sequence"]
rules = [{ rule = "json", term = "format", gate = true }, { rule = "partition", term = "anchor", pass_at = 0.9 }]
""",
    )
    before = (out / "samples.jsonl").read_bytes()
    (row,) = rescore(out, judge)
    assert set(row.after.scores) == {"json", "partition"}
    assert row.new_state == "rejected"
    assert row.after.held == ("partition",)
    judge = strict(
        tmp_path,
        """
[tasks."gui.action_sequence"]
rules = [{ rule = "coverage", term = "anchor", pass_at = 0.9 }, { rule = "figures", term = "anchor" }]
[terms]
anchor = 5.0
""",
    )
    (row,) = rescore(out, judge)
    assert row.after.paper_total == pytest.approx(5.0 * (row.after.terms["anchor"] or 0))
    assert (out / "samples.jsonl").read_bytes() == before


def test_weights_are_of_terms_and_of_rules(out: Path) -> None:
    (row,) = rescore(out, Rescorer(weights={"anchor": 10.0, "coverage": 0.0}))
    plain = 0.7 + 10.0 * (row.after.terms["anchor"] or 0)
    assert row.after.paper_total == pytest.approx(plain * (row.after.terms["worth"] or 0))


def test_what_the_run_does_not_have_is_named(out: Path) -> None:
    with pytest.raises(UsageError, match=r"no term or rule 'ancor'.*Did you mean 'anchor'"):
        list(rescore(out, Rescorer(weights={"ancor": 1.0})))


def test_a_task_that_the_run_lacks_is_named(out: Path, tmp_path: Path) -> None:
    judge = strict(tmp_path, '[tasks."gui.action_sequenze"]\nrules = [{ rule = "json", term = "format" }]')
    with pytest.raises(UsageError, match=r"no draft of task 'gui\.action_sequenze'"):
        list(rescore(out, judge))


def test_a_rules_file_that_is_wrong_names_its_keys(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"rulez"):
        strict(tmp_path, '[tasks."gui.x"]\nrulez = []')


@pytest.mark.parametrize("text", ["", "[]", "{", '{"key": 1, "facts": {}}', '{"turns": []}'])
def test_a_broken_trace_is_named(out: Path, tmp_path: Path, text: str) -> None:
    (tmp_path / "traces").mkdir()
    (tmp_path / "run.toml").write_bytes((out / "run.toml").read_bytes())
    (tmp_path / "traces" / "x.json").write_text(text)
    with pytest.raises(UsageError, match=r"x\.json"):
        list(rescore(tmp_path, Rescorer()))


def test_a_trace_of_events_that_are_none_is_named(out: Path, tmp_path: Path) -> None:
    (tmp_path / "traces").mkdir()
    (tmp_path / "run.toml").write_bytes((out / "run.toml").read_bytes())
    told = json.loads(next((out / "traces").glob("*.json")).read_text())
    told["facts"]["events"][0]["index"] = "click"
    (tmp_path / "traces" / "x.json").write_text(json.dumps(told))
    with pytest.raises(UsageError, match=r"x\.json"):
        list(rescore(tmp_path, Rescorer()))


def test_no_run_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no run with traces"):
        list(rescore(tmp_path, Rescorer()))
