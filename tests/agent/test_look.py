"""The verifier's own look: it is taken whatever the policy does, to the last page, and matched by content."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import Field

from dataclaw.agent import steps
from dataclaw.agent.batch import advance
from dataclaw.agent.case import load_facts
from dataclaw.agent.look import There, name_alike, take_look
from dataclaw.agent.session import Session
from dataclaw.agent.steps import State, action_text
from dataclaw.config import Budget
from dataclaw.domain import OwnCall, Task
from dataclaw.errors import ToolError
from dataclaw.kit.fixture_form import DescribedStream, Fixture
from dataclaw.kit.fixtures import MemoryCache, fixtures_of, stream_of
from dataclaw.kit.new_domain import new_domain
from dataclaw.plugins import load_domain
from dataclaw.rewards import Verdict
from dataclaw.tools.base import ToolContext, ToolResult, tool
from dataclaw.types import Action, Anchor, Decision, Intent


@tool("paged")
def paged(
    context: ToolContext,
    *,
    page: Annotated[int, Field(ge=1)] = 1,
    part: Annotated[str, Field()] = "",
) -> ToolResult:
    """Give one mark a page, of three."""
    del context
    return ToolResult("a page", (mark("", float(page), part=part),), data={"pages": 3})


def mark(name: str, t0: float, t1: float | None = None, content: str = "mark", **fields: Any) -> Anchor:
    return Anchor(name, "mark", content, t0, t0 if t1 is None else t1, **fields)


def run(called: Any, args: Any) -> ToolResult | str:
    return called(ToolContext(stream_of(DescribedStream(kind="video", duration=9)), (0, 9)), args)


def test_every_part_is_looked_at_to_the_last_page_and_a_page_that_is_named_alone() -> None:
    whole = take_look([OwnCall(paged)], "video", (), run)
    assert [anchor.t0 for anchor in whole.anchors] == [1, 2, 3]
    assert [dict(action.args) for action in whole.calls] == [{}, {"page": 2}, {"page": 3}]
    parts = take_look([OwnCall(paged)], "video", ("A", "B"), run)
    assert [(anchor.part, anchor.t0) for anchor in parts.anchors] == [(p, t) for p in "AB" for t in (1, 2, 3)]
    one = take_look([OwnCall(paged, {"page": 2}), OwnCall(paged, {"page": 2, "part": ""})], "video", (), run)
    assert [anchor.t0 for anchor in one.anchors] == [2], "the same fact once"


def test_what_fails_or_is_for_no_such_stream_is_known_to_be_unknown() -> None:
    failed = take_look(
        [OwnCall(paged)], "video", (), lambda _, args: "no" if args.get("page") == 2 else run(paged, args)
    )
    assert (failed.anchors, failed.error) == ((), "paged {'page': 2}: no")
    other = take_look([OwnCall(paged, reads=("gui",))], "video", (), run)
    assert other.error == "none of its calls is made on streams of kind 'video'"
    endless = take_look([OwnCall(paged)], "video", (), lambda _, __: ToolResult("", (), data={"pages": 10**9}))
    assert "has 1000000000 pages, at most 1000 are read" in endless.error
    assert len(endless.calls) == 1001
    with pytest.raises(ToolError, match="the verifier's own look failed, so nobody knows what there is: paged"):
        len(There(tuple, {}, failed.error))


def test_ids_are_those_of_the_rollout_whatever_the_order_of_sight() -> None:
    found = [mark("", 1), mark("", 2), mark("", 3)]
    seen = {"m1": mark("m1", 3), "m2": mark("m2", 1)}
    assert list(name_alike(found, seen)) == ["m2", "unseen:1", "m1"]
    named = name_alike([mark("k7", 5)], {"k7": mark("k7", 5, content="told at more length")})
    assert list(named) == ["k7"], "a tool names its own: words may differ"
    assert list(name_alike([mark("k7", 5)], {"k7": mark("k7", 8)})) == ["unseen:0"], "on another page it named another"


@pytest.mark.parametrize(
    ("other", "alike"),
    [
        (mark("m1", 4.0, 8.2, "pan of 0.41 widths"), True),
        (mark("m1", 4.0, 5.5, "pan of 0.41 widths"), False),
        (mark("m1", 4.0, 8.0, "tilt of 0.45 widths"), False),
        (mark("m1", 4.0, 8.0, "pan of 0.45 widths", part="B"), False),
        (mark("m1", 4.0, 8.0, "pan of 0.45 widths", box=(0, 0, 10, 10)), True),
        (replace(mark("m1", 4.0, 8.0, "pan of 0.45 widths"), kind="motion"), False),
    ],
)
def test_what_is_measured_a_little_differently_is_the_same_thing(other: Anchor, alike: bool) -> None:
    found = mark("", 4.0, 8.0, "pan of 0.45 widths")
    assert list(name_alike([found], {"m1": other})) == ["m1" if alike else "unseen:0"]


def test_boxes_and_exact_words_tell_things_of_one_moment_apart() -> None:
    read = mark("", 4.0, content="total 12", box=(0, 0, 40, 10))
    assert list(name_alike([read], {"t1": mark("t1", 4.0, content="total 21", box=(0, 50, 40, 60))})) == ["unseen:0"]
    assert list(name_alike([mark("", 4.0, content="12")], {"t1": mark("t1", 4.04, content="21")})) == ["unseen:0"]
    assert list(name_alike([mark("", 4.0, content="12")], {"t1": mark("t1", 4.04, content="12")})) == ["t1"]
    twins = {"m1": mark("m1", 4.0, 8.1), "m2": mark("m2", 4.0, 8.4)}
    assert list(name_alike([mark("", 4.0, 8.0)], twins)) == ["m1"], "each has one counterpart, the nearest"


@pytest.fixture
def shop(tmp_path: Path) -> tuple[Task, Fixture]:
    """A domain of videos whose moments are changes of the picture, with its fixture."""
    new_domain("shop", tmp_path, reads="video")
    domain = load_domain(str(tmp_path / "shop"))
    return domain.task("list_moments"), fixtures_of(domain)[0]


def looked(session: Session, args: dict[str, Any]) -> State:
    begun = State("k", "shop", "list_moments", Intent("list every moment"), (0.0, 8.0), Budget(steps=9))
    return advance(steps.decide(begun, Decision(action_text(Action("detect_changes", args)))), session)


def verdict(session: Session, state: State, moments: list[Any]) -> tuple[Verdict, State]:
    handed = steps.decide(state, Decision(action_text(Action("submit", {"draft": {"moments": moments}}))))
    after = advance(handed, session)
    return after.drafts[-1].verdict, after


def test_who_looks_at_half_is_told_what_lies_in_the_other_half(shop: tuple[Task, Fixture]) -> None:
    task, row = shop
    session = Session(stream_of(row), task, MemoryCache())
    half = looked(session, {"t1": 4.5})
    assert list(half.anchors) == ["c1", "c2"]
    said, after = verdict(session, half, row.gold["moments"][:2])
    assert said.held == ("complete",)
    assert [finding.message[:39] for finding in said.findings(1)] == ["a change at 4.00 that was not looked at"]
    assert after.spent.tool_calls == 2, "the verifier's look is none of the policy's calls"
    whole, _ = verdict(session, looked(session, {}), row.gold["moments"])
    assert whole.total == 1.0


def test_a_look_that_fails_is_a_rule_that_is_missing(shop: tuple[Task, Fixture]) -> None:
    task, row = shop
    session = Session(stream_of(row), replace(task, look=(OwnCall(paged, {"page": 0}),)), MemoryCache())
    said, _ = verdict(session, looked(session, {}), row.gold["moments"])
    assert "complete" not in said.scores
    assert said.failed["complete"].startswith(
        "ToolError: the verifier's own look failed, so nobody knows what there is"
    )


def test_what_was_found_is_kept_with_the_facts_and_read_back(shop: tuple[Task, Fixture]) -> None:
    task, row = shop
    session = Session(stream_of(row), task, MemoryCache())
    facts = session.facts((0.0, 8.0))
    assert facts.look is not None
    assert [anchor.t1 for anchor in facts.look.anchors] == [2, 4, 6]
    assert load_facts(facts.to_json()).look == facts.look
    old = {key: value for key, value in facts.to_json().items() if key != "look"}
    assert load_facts(old).look is None, "an older trace says nothing of it"
