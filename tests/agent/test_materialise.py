from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclaw.agent.batch import run_batch
from dataclaw.agent.materialise import left_out, materialise, stretches
from dataclaw.agent.policy.planner import Planner
from dataclaw.agent.session import Session
from dataclaw.agent.steps import State
from dataclaw.media import Artifacts
from dataclaw.schema import evidence_of, without_citations
from dataclaw.types import Action, Anchor, Event, StopReason

DRAFTS = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda v: st.lists(v, max_size=4) | st.dictionaries(st.sampled_from(["cite", "a", "b/c", "first", "last"]), v),
    max_leaves=12,
)


def test_a_citation_proves_the_fields_beside_it_and_inner_objects_bring_their_own():
    draft = {"cite": ["e1"], "verb": "click", "note": "", "inner": {"cite": ["e2"], "x": 3}, "steps": [{"y": 4}]}
    assert dict(evidence_of(draft, "/answer")) == {
        "/answer/verb": ["e1"],
        "/answer/inner/x": ["e2"],
        "/answer/steps": ["e1"],
    }


def test_pointers_are_escaped():
    assert dict(evidence_of({"cite": ["e1"], "a/b~c": 1}, "")) == {"/a~1b~0c": ["e1"]}


@given(DRAFTS)
def test_nothing_that_is_trained_on_holds_a_citation(draft: object):
    assert '"cite"' not in str(without_citations(draft)).replace("'", '"') or "cite" in str(draft)
    assert without_citations(without_citations(draft)) == without_citations(draft)


@given(st.integers(), st.integers(), st.integers(0, 50))
def test_stretches_never_leave_the_stream(first: int, last: int, events: int):
    assert stretches([{"first": first, "last": last}], events) <= set(range(events))


@pytest.mark.parametrize(("part", "left"), [("", ["e0", "A.e1"]), ("A", ["e0", "e1"])])
def test_what_an_anchor_of_any_tool_stands_for_is_not_left_out(part: str, left: list[str]):
    spell = Anchor("m1", "spell", "frost", 0.0, 3.0, part=part, attrs={"first": 1, "last": 2})
    near = [("e0", Event(0, "reading", 0, 0)), ("e1", Event(1, "reading", 1, 1)), ("A.e1", Event(1, "reading", 1, 1))]
    told = left_out({"phases": [{"cite": ["m1"]}]}, {"m1": spell}, near, events=3, own=2)
    assert [row["event"] for row in told["named"]] == left


def test_a_sample_names_what_was_left_out(session: Session, state: State):
    end = run_batch([(state, session)], Planner())[0]
    draft = end.drafts[0]
    shorter = replace(draft, draft={"steps": draft.draft["steps"][:1]})
    (sample,) = materialise(replace(end, drafts=(shorter,)), session, "planner", None).samples
    assert sample["left_out"]["count"] == 2
    assert [row["event"] for row in sample["left_out"]["named"]] == ["e1", "e2"]
    assert sample["left_out"]["by_reason"] == {"not_mentioned": 2}


@pytest.mark.parametrize("stop", [StopReason.STEPS_SPENT, StopReason.INVALID_ACTIONS])
def test_a_rollout_without_a_draft_is_a_rejection_with_its_reason(session: Session, state: State, stop: StopReason):
    made = materialise(replace(state, phase="done", stop=stop), session, "planner", None)
    assert made.samples == ()
    assert str(stop) in made.rejected[0]["reason"]
    assert made.rejected[0]["remedy"]


def test_a_broken_gate_is_a_rejection_that_names_plugin_and_rule(session: Session, state: State):
    end = run_batch([(state, session)], Planner())[0]
    broken = replace(end.drafts[0].verdict, failed={"toy.order": "KeyError: 'boo'"}, broken=("toy.order",))
    made = materialise(replace(end, drafts=(replace(end.drafts[0], verdict=broken),)), session, "planner", None)
    assert made.samples == ()
    reason = made.rejected[0]["reason"]
    assert reason == "the draft cannot be judged: gate toy.order of plugin toy failed: KeyError: 'boo'"
    assert made.rejected[0]["remedy"] == "Mend the rule; dataclaw domain test toy shows it."


def test_a_draft_that_is_held_names_the_rule_its_mark_and_who_could_do_better(session: Session, state: State):
    end = run_batch([(state, session)], Planner())[0]
    verdict = session.verify(replace(end, pending=Action("submit", {"draft": {"steps": []}})))[0]
    held = replace(end, drafts=(replace(end.drafts[0], verdict=verdict),), stop=StopReason.REPAIRS_SPENT)
    (by_plan,) = materialise(held, session, "planner", None).rejected
    assert by_plan["reason"].startswith("the best of 1 draft(s) failed verification: ")
    assert by_plan["remedy"].startswith(f"Rule {verdict.held[0]} gave ")
    assert "let a model try (--model embedded)" in by_plan["remedy"]
    assert "dataclaw domain test toy" in by_plan["remedy"]
    (by_model,) = materialise(held, session, "openai:some", None).rejected
    raised = f"Raise --budget-repairs (it was {state.budget.repairs}), or try --best-of 4, or another --model."
    assert raised in by_model["remedy"]


def test_what_ran_out_before_a_draft_is_named_with_its_option(session: Session, state: State):
    (row,) = materialise(replace(state, phase="done", stop=StopReason.TOOL_CALLS_SPENT), session, "x", None).rejected
    assert row["remedy"] == f"Raise --budget-calls (it was {state.budget.tool_calls})."


def test_pictures_are_written_whole_and_named_by_us(tmp_path: Path):
    pixels = np.zeros((20, 30, 3), np.uint8)
    row = Artifacts(tmp_path).picture("s-1", "A", 7, 1.5, pixels)
    assert row["path"] == "media/s-1/A-f00007.jpg"
    assert row["size"] == [30, 20]
    assert (tmp_path / row["path"]).read_bytes()[:2] == b"\xff\xd8"
    assert [p.name for p in (tmp_path / "media" / "s-1").iterdir()] == ["A-f00007.jpg"]
