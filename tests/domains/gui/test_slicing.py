import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclaw.domains.gui.plans import PLANS
from dataclaw.domains.gui.recording import Step
from dataclaw.domains.gui.slicing import merge_typing
from dataclaw.domains.gui.wording import thing
from dataclaw.errors import PolicyError
from dataclaw.types import Anchor
from tests.domains.gui.driver import brief_for, run
from tests.domains.gui.streams import drawn_stream


def click(target: str, window: str, x: float = 100, y: float = 100) -> dict[str, Any]:
    return {"kind": "click", "target": target, "window": window, "point": (x, y)}


def sliced(screens: list[str], events: list[dict[str, Any]]) -> dict[str, str]:
    """Reason by event that `only what led to the final state` leaves out."""
    stream = drawn_stream(screens, events)
    done = run(
        PLANS["action_sequence"], stream, brief_for(stream, "only what led to the final state", "action_sequence", {})
    )
    kept = {cite for action in done.draft["actions"] for cite in action["cite"] if cite.startswith("e")}
    dropped = {cite: entry["reason"] for entry in done.draft["left_out"] for cite in entry["cite"]}
    assert kept | set(dropped) == {f"e{k}" for k in range(len(events))}
    assert not kept & set(dropped)
    return dropped


def test_a_way_out_and_back_is_a_detour() -> None:
    events = [
        click("Lamps", "Shop — Home"),
        click("Home", "Shop — Lamps"),
        click("Mugs", "Shop — Home"),
        click("Blue", "Shop — Mugs"),
    ]
    assert sliced(["home", "lamps", "home", "mugs", "blue"], events) == {"e0": "detour", "e1": "detour"}


def test_a_switch_thrown_and_thrown_back_is_undone() -> None:
    events = [click("Dark", "Settings"), click("Dark", "Settings"), click("Large text", "Settings")]
    assert sliced(["a", "b", "a", "c"], events) == {"e0": "undone", "e1": "undone"}


def test_a_click_that_changes_nothing_is_dropped_unless_typing_follows() -> None:
    write = {"kind": "write", "text": "tea", "window": "Shop"}
    assert sliced(["a", "a", "b"], [click("Picture", "Shop"), click("Colour", "Shop")]) == {"e0": "no_effect"}
    assert sliced(["a", "a", "b"], [click("Query", "Shop"), write]) == {}


def said(target: str, *outcomes: tuple[str, str]) -> dict[str, Any]:
    """A click, and what the source says came of it."""
    told = [{"kind": kind, "name": name, "value": "", "check": ""} for kind, name in outcomes]
    return {"kind": "click", "target": target, "point": (100, 100), "frame": None, "attrs": {"outcomes": told}}


def test_what_a_source_says_did_nothing_is_dropped_and_so_is_a_click_before_the_same_one() -> None:
    idle, done = said("Frame", ("unchanged", "")), said("Colour", ("checked", "Colour"))
    assert sliced(["a", "b"], [idle, done]) == {"e0": "no_effect"}
    assert sliced(["a", "b"], [said("Send", ("unchanged", "")), said("Send")]) == {"e0": "no_effect"}
    assert sliced(["a", "b"], [said("Send", ("unchanged", "")), said("Close")]) == {}


def test_a_tick_that_is_taken_back_is_undone() -> None:
    ann, no_ann, bob = (
        said("Ann", ("checked", "Ann")),
        said("Ann", ("unchecked", "Ann")),
        said("Bob", ("checked", "Bob")),
    )
    assert sliced(["a"] * 4, [ann, bob, no_ann, ann]) == {"e0": "undone", "e2": "undone"}
    small, large = said("S", ("checked", "S")), said("L", ("checked", "L"), ("unchecked", "S"))
    assert sliced(["a"] * 2, [small, large]) == {"e0": "undone"}
    assert sliced(["a"] * 3, [ann, ann, no_ann]) == {"e1": "undone", "e2": "undone"}


@pytest.mark.parametrize("name", ["Add to cart", "Send", "Save", "提交"])
def test_what_commits_is_kept_though_the_screen_returns(name: str) -> None:
    events = [click(name, "Shop"), click("Close", "Shop"), click("Blue", "Shop")]
    assert sliced(["a", "b", "a", "c"], events) == {}


def test_a_stretch_with_typing_is_kept() -> None:
    events = [
        click("Query", "Shop"),
        {"kind": "write", "text": "tea", "window": "Shop"},
        click("Clear", "Shop"),
        click("Blue", "Shop"),
    ]
    assert sliced(["a", "b", "c", "a", "d"], events) == {}


def test_going_forth_and_back_is_dropped_whole_never_half() -> None:
    """Dropping "Next" alone would make "Previous" lead elsewhere."""
    events = [
        click("Next", "Plan — May"),
        click("Previous", "Plan — June"),
        click("Monday", "Plan — May"),
        click("Note", "Plan — New"),
    ]
    dropped = sliced(["may", "june", "may with focus", "new", "note"], events)
    assert dropped.get("e0") == dropped.get("e1")


def typing(verb: str, text: str = "", keys: tuple[str, ...] = (), index: int = 0) -> Step:
    attrs = {"verb": verb, "text": text, "keys": list(keys)}
    return Step(Anchor(f"e{index}", "event", verb, float(index), float(index), attrs=attrs), "Form", text=text)


def test_typing_with_deletions_becomes_its_final_text() -> None:
    steps = [
        typing("write", "14 Alder Lnae", index=0),
        typing("press", keys=("backspace",) * 3, index=1),
        typing("write", "ane", index=2),
    ]
    merged, undone = merge_typing(steps)
    assert [(s.id, s.text, [m.id for m in s.merged]) for s in merged] == [("e0", "14 Alder Lane", ["e2"])]
    assert undone == ["e1"]


def test_text_deleted_entirely_leaves_nothing() -> None:
    merged, undone = merge_typing(
        [typing("write", "no", index=0), typing("press", keys=("backspace", "backspace"), index=1)]
    )
    assert merged == []
    assert undone == ["e0", "e1"]


def test_deleting_more_than_was_typed_is_left_alone() -> None:
    steps = [typing("write", "a", index=0), typing("press", keys=("backspace",) * 2, index=1)]
    assert merge_typing(steps) == (steps, [])


@given(st.lists(st.one_of(st.text("abc", max_size=4), st.integers(1, 3)), max_size=8))
def test_merged_text_is_what_an_editor_would_hold(script: list[str | int]) -> None:
    steps = [
        typing("write", op, index=k) if isinstance(op, str) else typing("press", keys=("backspace",) * op, index=k)
        for k, op in enumerate(script)
    ]
    held = ""
    overrun = False
    for op in script:
        overrun |= isinstance(op, int) and op > len(held)
        held = held + op if isinstance(op, str) else held[: max(0, len(held) - op)]
    merged, undone = merge_typing(steps)
    if not overrun and any(isinstance(op, int) for op in script) and len(script) > 1:
        assert "".join(s.text for s in merged) == held
    accounted = [c for s in merged for c in (s.id, *(m.id for m in s.merged))] + undone
    assert sorted(accounted) == sorted(s.id for s in steps)


@pytest.mark.parametrize("task", sorted(PLANS.keys() - {"long_horizon_reconstruction"}))
def test_a_part_in_which_nothing_is_done_is_declined(task: str) -> None:
    stream = drawn_stream(["a", "b"], [])
    with pytest.raises(PolicyError, match="no action is recorded"):
        run(PLANS[task], stream, brief_for(stream, "everything", task, {}))


@pytest.mark.parametrize("task", ["how_to", "multi_event_decomposition"])
def test_steps_are_named_in_words_and_never_by_their_ids(task: str) -> None:
    events = [
        click("Dark", "Settings"),
        click("Dark", "Settings"),
        click("Name", "Shop"),
        {"kind": "write", "text": "tea", "window": "Shop"},
        click("Save", "Shop"),
        click("Name", "Shop"),
        {"kind": "write", "text": "milk", "window": "Shop"},
        click("Save", "Shop"),
    ]
    stream = drawn_stream(["a", "b", "a", "c", "d", "e", "f", "g", "h"], events)
    done = run(PLANS[task], stream, brief_for(stream, "only what led to the final state", task, {}))
    said = [entry["text"] for key in ("cot", "signals") for entry in done.draft.get(key, [])]
    assert said
    assert not [text for text in said if re.search(r"\be\d+\b", text)]
    if task == "how_to":
        assert '2 events led back to where they started: click "Dark".' in said


def test_a_test_says_only_what_was_seen() -> None:
    events = [click("", "", 40, 40), {"kind": "press", "keys": ["enter"], "window": ""}, click("Save", "")]
    stream = drawn_stream(["a", "a", "a", "b"], events)
    done = run(PLANS["test_steps"], stream, brief_for(stream, "test steps", "test_steps", {}))
    said = [step.get(key, "") for step in done.draft["steps"] for key in ("precondition", "expected")]
    assert not [text for text in said if "step before" in text or "ready" in text]
    assert "" in said
    bare = drawn_stream(["a"], [{"kind": "press", "keys": ["a"]}, {"kind": "press", "keys": ["b"], "frame": 0}])
    bare = replace(bare, frames=None, duration=2.0)
    with pytest.raises(PolicyError, match="nothing shows what any of its steps led to"):
        run(PLANS["test_steps"], bare, brief_for(bare, "test steps", "test_steps", {}))


def read(text: str, box: tuple[float, float, float, float], number: int = 0, confidence: float = 0.95) -> Anchor:
    """A line of text on frame 0."""
    return Anchor(f"t{number}", "text", text, 0.0, 0.0, frame=0, box=box, confidence=confidence)


def clicked(point: tuple[float, float], *near: Anchor, target: str = "", role: str = "") -> Step:
    attrs = {"verb": "click", "target": target, "role": role}
    return Step(Anchor("e0", "event", "click", 0.0, 0.0, frame=0, point=point, attrs=attrs), "", near=near)


@pytest.mark.parametrize(
    ("point", "told", "cited"),
    [
        ((20.0, 20.0), '"Save"', True),
        ((45.0, 20.0), '"Save"', True),
        ((80.0, 20.0), 'the spot to the right of "Save"', True),
        ((25.0, 70.0), 'the spot below "Save"', True),
    ],
)
def test_a_text_under_the_pointer_names_the_target_and_one_beside_it_tells_where_it_is(
    point: tuple[float, float], told: str, cited: bool
) -> None:
    step = clicked(point, read("Save", (10, 10, 40, 30)))
    assert thing(step, (640, 360)) == told
    assert step.name_cite == (("t0",) if cited else ())


def test_without_any_text_the_place_is_told() -> None:
    assert (
        thing(clicked((620.0, 350.0)), (640, 360)) == "an unlabelled spot at the lower right (97 % across, 97 % down)"
    )


def test_a_point_in_a_row_of_a_list_is_named_by_the_row() -> None:
    rows = [read(f"{k}00%", (10, 10 + 30 * k, 50, 30 + 30 * k), k) for k in range(4)]
    assert clicked((180.0, 80.0), rows[2], rows[1], rows[3], rows[0]).name == "200%"
    assert clicked((180.0, 80.0), rows[2], rows[1]).name == "", "two texts are no list"
    other = read("Night light", (120, 70, 170, 90), 9)
    assert clicked((180.0, 80.0), rows[2], rows[1], rows[3], other).name == "", "another text is closer"


@pytest.mark.parametrize(
    ("target", "role", "name"),
    [
        ("Projecting to this PC", "ListItemControl", "Power & sleep"),
        ("Power and sleep", "ListItemControl", "Power and sleep"),
        ("Search", "EditControl", "Search"),
    ],
)
def test_a_recorded_name_that_is_not_on_the_screen_gives_way(target: str, role: str, name: str) -> None:
    step = clicked((20.0, 20.0), read("Power & sleep", (10, 10, 90, 30)), target=target, role=role)
    assert step.name == name
