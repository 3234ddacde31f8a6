from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclaw.agent import steps
from dataclaw.agent.steps import Draft, State
from dataclaw.config import Budget
from dataclaw.rewards import Verdict
from dataclaw.schema import citations
from dataclaw.tools.base import ToolResult
from dataclaw.types import Action, Anchor, Decision, Intent, StopReason

START = State("k", "toy", "name_events", Intent("x"), (0.0, 3.0), Budget(steps=5, invalid=2, repairs=1))
CALL = steps.action_text(Action("overview", {}))
INTEGERS = st.integers(-(2**53), 2**53)
SUBMIT = steps.action_text(Action("submit", {"draft": {"steps": []}}))


def text_anchor(content: str, *, name: str = "") -> Anchor:
    return Anchor(name, "text", content, 1.0, 1.0, frame=0, box=(0, 0, 10, 10))


def test_a_tool_call_waits_for_its_result_and_then_the_policy_acts_again():
    state = steps.decide(START, Decision(CALL, tokens=7))
    assert (state.phase, state.pending, state.spent.tokens) == ("use_tools", Action("overview", {}), 7)
    state = steps.observe(state, ToolResult("fine"))
    assert state.phase == "act"
    assert [turn.role for turn in state.turns] == ["policy", "result"]


def test_anchors_are_numbered_on_first_sight_and_keep_their_number():
    state = steps.decide(START, Decision(CALL))
    state = steps.observe(state, ToolResult("", (text_anchor("a"), text_anchor("b"))))
    state = steps.decide(state, Decision(CALL))
    state = steps.observe(state, ToolResult("", (text_anchor("b"), text_anchor("c"), text_anchor("", name="e4"))))
    assert [a.id for a in state.turns[1].observation.anchors] == ["t1", "t2"]
    assert [a.id for a in state.turns[3].observation.anchors] == ["t2", "t3", "e4"]
    assert set(state.anchors) == {"t1", "t2", "t3", "e4"}


@pytest.mark.parametrize(
    "text",
    ["", "hello", "[1]", '{"tool": 3}', '{"tool":"a","args":[]}', '{"tool":"a","x":1}', '{"tool":"a"} {}', "{" * 9999],
)
def test_what_is_no_action_is_told_to_the_policy_and_ends_after_the_limit(text: str):
    state = steps.decide(START, Decision(text))
    assert state.phase == "act"
    assert state.turns[-1].text.startswith("error: ")
    assert steps.decide(state, Decision(text)).stop is StopReason.INVALID_ACTIONS


def test_an_accepted_draft_ends_the_rollout(accepted: Verdict):
    state = steps.judge(steps.decide(START, Decision(SUBMIT)), accepted)
    assert (state.phase, state.stop) == ("done", StopReason.SUBMITTED)


def test_a_refused_draft_comes_back_with_findings_until_repairs_are_spent(refused: Verdict):
    state = steps.judge(steps.decide(START, Decision(SUBMIT)), refused)
    assert state.phase == "act"
    assert "/steps" in state.turns[-1].text
    state = steps.judge(steps.decide(state, Decision(SUBMIT)), refused)
    assert state.stop is StopReason.REPAIRS_SPENT
    assert len(state.drafts) == 2


def test_a_draft_that_cannot_be_judged_is_not_sent_back():
    broken = Verdict(0.9, 1.5, failed={"toy.order": "KeyError: 'boo'"}, broken=("toy.order",))
    state = steps.judge(steps.decide(START, Decision(SUBMIT)), broken)
    assert (state.phase, state.stop) == ("done", StopReason.UNJUDGED)
    nothing = Verdict(math.nan, math.nan)
    assert steps.judge(steps.decide(START, Decision(SUBMIT)), nothing).stop is StopReason.UNJUDGED


def test_a_draft_with_a_verdict_is_better_than_one_without(refused: Verdict):
    unjudged = Draft({}, Verdict(math.nan, math.nan))
    held = Draft({}, refused)
    for drafts in ((unjudged, held), (held, unjudged)):
        assert steps.best(replace(START, drafts=drafts)) is held


def test_best_of_n_starts_afresh_and_keeps_the_better_draft(accepted: Verdict, refused: Verdict):
    state = replace(START, best_of=2, budget=Budget(repairs=0))
    state = steps.judge(steps.decide(state, Decision(SUBMIT)), refused)
    assert (state.attempt, state.turns, state.phase) == (1, (), "act")
    assert len(state.past) == 1
    state = steps.judge(steps.decide(state, Decision(SUBMIT)), accepted)
    assert steps.best(state).attempt == 1


@pytest.mark.parametrize(
    ("budget", "reason"),
    [
        (Budget(steps=3), StopReason.STEPS_SPENT),
        (Budget(tool_calls=2), StopReason.TOOL_CALLS_SPENT),
        (Budget(tokens=25), StopReason.TOKENS_SPENT),
        (Budget(seconds=3.0), StopReason.SECONDS_SPENT),
    ],
)
def test_every_budget_ends_a_rollout_with_its_reason(budget: Budget, reason: StopReason):
    state = replace(START, budget=budget)
    while state.phase != "done":
        state = steps.decide(state, Decision(CALL, tokens=10, seconds=0.5))
        if state.phase == "use_tools":
            state = steps.observe(state, ToolResult(""), 0.5)
    assert state.stop is reason


def test_a_policy_that_fails_ends_the_rollout_with_its_words():
    state = steps.decide(START, Decision("", error="no server"))
    assert (state.stop, state.error) == (StopReason.POLICY_FAILED, "no server")


@given(st.recursive(st.none() | st.integers() | st.text(), lambda v: st.lists(v) | st.dictionaries(st.text(), v)))
def test_citations_of_any_json_are_strings(value: object):
    assert all(isinstance(name, str) for name in citations(value))


def test_citations_come_in_the_order_written():
    draft = {"cot": [{"cite": ["e2", "e1"], "text": "x"}], "steps": [{"cite": ["e1", "t3"]}]}
    assert citations(draft) == ["e2", "e1", "t3"]


@given(st.dictionaries(st.text(), INTEGERS | st.text() | st.lists(INTEGERS)))
def test_an_action_survives_its_text(args: dict[str, object]):
    action = Action("t", json.loads(json.dumps(args)))
    assert steps.parse_action(steps.action_text(action)) == action
