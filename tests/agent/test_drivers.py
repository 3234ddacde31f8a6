"""The two drivers must be one agent: same transcript, same reward, whatever the policy says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command

from dataclaw.agent.batch import run_batch, run_many
from dataclaw.agent.graph import build_graph
from dataclaw.agent.policy.base import PolicyInput
from dataclaw.agent.policy.planner import Planner
from dataclaw.agent.runtime import Runtime
from dataclaw.agent.session import Session
from dataclaw.agent.steps import State, dump_state, load_state
from dataclaw.domain import Domain
from dataclaw.plugins import load_domain
from dataclaw.testing import ScriptedPolicy
from dataclaw.tools.cache import Cache
from dataclaw.types import Action, Anchor, Decision, StopReason
from tests.agent.conftest import make_runtime, make_stream

GOOD = Action("submit", {"draft": {"steps": [{"cite": ["e0"], "verb": "click"}]}})
LINES = st.sampled_from(
    [
        Action("overview", {}),
        Action("list_events", {"page": 1}),
        Action("list_events", {"page": 0}),
        Action("no_such_tool", {}),
        Action("validate", {"draft": {"steps": 3}}),
        Action("submit", {"draft": {"steps": [{"cite": ["e99"], "verb": "click"}]}}),
        Action("submit", {"draft": None}),
        GOOD,
        "not json",
        '{"tool":"overview","args":{},"more":1}',
    ]
)


def by_graph(domain: Domain, cache: Cache, policy: ScriptedPolicy, budget: dict[str, float]) -> State:
    graph = build_graph(make_runtime(domain, cache, policy))
    given = {"path": "toy", "intent": "List what happened", "domain": "toy", "budget": budget}
    return load_state(graph.invoke(given)["trace"])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(script=st.lists(LINES, max_size=8), steps=st.integers(1, 8), repairs=st.integers(0, 2))
def test_both_drivers_give_the_same_transcript_and_reward(
    toy: Domain, cache: Cache, script: list[Action | str], steps: int, repairs: int
):
    budget = {"steps": steps, "repairs": repairs, "seconds": 1e9}
    policy = ScriptedPolicy(script)
    one = by_graph(toy, cache, policy, budget)
    session = Session(make_stream(), toy.task("name_events"), cache)
    start = replace(one, phase="act", turns=(), anchors={}, drafts=(), stop=None, error="", pending=None)
    start = replace(start, spent=type(one.spent)())
    other = run_batch([(start, session)], policy)[0]
    assert [turn.text for turn in one.turns] == [turn.text for turn in other.turns]
    assert [d.verdict.total for d in one.drafts] == [d.verdict.total for d in other.drafts]
    assert (one.stop, one.error) == (other.stop, other.error)
    assert one.stop is not None


def test_the_planner_submits_what_it_saw(session: Session, state: State):
    end = run_batch([(state, session)], Planner())[0]
    assert end.stop is StopReason.SUBMITTED
    assert [s["verb"] for s in end.drafts[0].draft["steps"]] == ["click", "write", "scroll"]


def test_a_batch_decides_for_all_and_each_ends_on_its_own(session: Session, state: State):
    states = [replace(state, key=f"k{i}", budget=state.budget.model_copy(update={"steps": i})) for i in (1, 5)]
    ends = run_batch([(s, session) for s in states], Planner())
    assert [end.stop for end in ends] == [StopReason.STEPS_SPENT, StopReason.SUBMITTED]


def test_many_rollouts_go_on_so_many_at_a_time_and_end_as_each_would_alone(session: Session, state: State):
    budgets = [state.budget.model_copy(update={"steps": steps}) for steps in (1, 5, 2, 5, 5)]
    states = [replace(state, key=f"k{i}", budget=budget) for i, budget in enumerate(budgets)]
    taken: list[str] = []
    widths: list[int] = []

    class Wide(Planner):
        def decide(self, scenes: Sequence[PolicyInput]) -> list[Decision]:
            widths.append(len(scenes))
            return super().decide(scenes)

    def starts() -> Iterator[tuple[State, Session]]:
        for one in states:
            taken.append(one.key)
            yield one, session

    policy = Wide()
    ends: dict[str, State] = {}
    for end, seconds in run_many(starts(), lambda _: policy, 2):
        assert len(taken) - len(ends) <= 2, "the next begins when there is room for it"
        assert seconds >= 0
        ends[end.key] = end
    assert [one.stop for one in run_batch([(s, session) for s in states], Planner())] == [
        ends[s.key].stop for s in states
    ]
    assert max(widths) == 2
    assert widths.count(2) > len(widths) / 2, "its batch stays full"


def test_a_state_survives_its_checkpoint(session: Session, state: State):
    end = run_batch([(state, session)], Planner())[0]
    assert load_state(dump_state(end)) == end


def test_the_policy_never_sees_annotations(session: Session, state: State):
    seen = "\n".join(m.text for m in session.messages(run_batch([(state, session)], Planner())[0]))
    assert "secret" not in seen
    assert "List what happened" in seen


def test_the_conversation_only_grows(session: Session, state: State):
    conversations: list[list[str]] = []

    def watch(scene: object) -> Action:
        conversations.append([m.text for m in scene.messages()])
        return Action("overview", {}) if len(conversations) < 3 else GOOD

    run_batch([(state, session)], ScriptedPolicy([watch] * 4))
    for before, after in pairwise(conversations):
        assert after[: len(before)] == before


def test_a_killed_graph_goes_on_where_it_stopped(toy: Domain, cache: Cache):
    saver = InMemorySaver()
    given = {"path": "toy", "intent": "List what happened", "domain": "toy"}
    config = {"configurable": {"thread_id": "t"}}
    broken = build_graph(make_runtime(toy, cache), checkpointer=saver)
    for update in broken.stream(given, config, stream_mode="updates"):
        if "use_tools" in update:
            break
    whole = build_graph(make_runtime(toy, cache), checkpointer=saver)
    assert whole.get_state(config).next
    end = whole.invoke(None, config)
    assert len(end["samples"]) == 1


def test_review_stops_before_a_sample_is_written(toy: Domain, cache: Cache, tmp_path: Path):
    graph = build_graph(make_runtime(toy, cache), out=tmp_path, review=True, checkpointer=InMemorySaver())
    config = {"configurable": {"thread_id": "t"}}
    asked = graph.invoke({"path": "toy", "intent": "List what happened", "domain": "toy"}, config)
    question = asked["__interrupt__"][0].value
    assert question["draft"]["steps"]
    end = graph.invoke(Command(resume={"accept": False, "note": "too short"}), config)
    assert end["samples"] == []
    assert "too short" in end["rejected"][0]["reason"]


@pytest.mark.parametrize("best_of", [1, 3])
def test_best_of_n_keeps_one_sample(toy: Domain, cache: Cache, best_of: int):
    graph = build_graph(make_runtime(toy, cache))
    end = graph.invoke({"path": "toy", "intent": "List what happened", "domain": "toy", "best_of": best_of})
    assert len(end["samples"]) == 1
    assert len(end["trace"]["drafts"]) == best_of


def test_with_one_step_left_only_a_draft_can_be_decoded(session: Session, state: State):
    def names(state: State) -> list[str]:
        return [call["properties"]["tool"]["const"] for call in session.action_schema(state)["anyOf"]]

    assert names(state) == ["overview", "list_events", "validate"], "nothing was seen that a draft could cite"
    seen = replace(state, anchors={"e0": Anchor("e0", "event", "click", 0.0, 0.5)})
    assert names(seen) == ["overview", "list_events", "validate", "submit"]
    last = replace(state, spent=replace(state.spent, steps=state.budget.steps - 1))
    assert names(last) == ["submit"]


def test_an_unsure_task_is_asked_for_and_the_answer_taken(cache: Cache):
    gui = load_domain("gui")
    trace = str(Path(__file__).parents[2] / "examples" / "traces" / "calendar_only")
    graph = build_graph(Runtime(Planner(), {"gui": gui}, cache), ask=True, checkpointer=InMemorySaver())
    config = {"configurable": {"thread_id": "t"}}
    asked = graph.invoke({"path": trace, "intent": "xyzzy"}, config)
    question = asked["__interrupt__"][0].value
    assert question["ask"] == "task"
    assert ("gui", "how_to") in [(c["domain"], c["task"]) for c in question["choices"]]
    end = graph.invoke(Command(resume={"domain": "gui", "task": "how_to"}), config)
    (sample,) = end["samples"]
    assert (sample["task"], sample["intent"]["confidence"]) == ("how_to", 1.0)
    assert sample["intent"]["alternatives"]


def test_a_domain_may_have_a_policy_of_its_own(toy: Domain, cache: Cache):
    class Silent:
        name = "silent"

        def decide(self, scenes):
            return [Decision("", error="says nothing") for _ in scenes]

        def close(self):
            pass

    runtime = replace(make_runtime(toy, cache), own={"toy": Silent()})
    runtime.add("toy", make_stream())
    end = build_graph(runtime).invoke({"path": "toy", "intent": "List what happened", "domain": "toy"})
    assert end["samples"] == []
    assert "says nothing" in end["rejected"][0]["reason"]
