"""What is chosen is what is written, whoever chooses and however oddly."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from dataclaw.domains.gui import plans
from dataclaw.domains.gui.carrying import handovers, is_ahead, strangers
from dataclaw.domains.gui.drafts import CitedText, TraceWords
from dataclaw.domains.gui.fragments import Fragment
from dataclaw.domains.gui.recording import GuiRecording, Step
from dataclaw.errors import PolicyError
from dataclaw.types import Action, Anchor, Stream
from tests.domains.gui.driver import Choose, Run, brief_for, run
from tests.domains.gui.streams import drawn_stream


def click(target: str, window: str) -> dict[str, Any]:
    return {"kind": "click", "target": target, "window": window, "point": (100, 100)}


EVENTS = [
    click("Kettle", "Shop - Home"), click("Order", "Shop - Kettle"), click("Mail", "Shop - Order 5371 placed"),
    click("To", "Mail - Write"), {"kind": "write", "text": "the order number is 5371", "window": "Mail - Write"},
    click("Send", "Mail - Write"),
]  # fmt: skip
SCREENS = list("abcdefg")


def ids_of(action: Action) -> list[str]:
    return [option if isinstance(option, str) else option["id"] for option in action.args["options"]]


def parts(choose: Choose, words: TraceWords | None = None) -> Run:
    stream = drawn_stream(SCREENS, EVENTS)
    brief = brief_for(stream, "split it", "multi_event_decomposition", {})
    return run(lambda brief: plans.follow_goals(brief, words), stream, brief, choose=choose)


def starting(*starts: str, relation: str = "parallel") -> Choose:
    return lambda action: [relation] if action.args["point"] == "gui.relation" else list(starts)


def test_parts_begin_where_the_chooser_says() -> None:
    done = parts(starting("e0", "e2"))
    assert [(f["first"], f["last"]) for f in done.draft["fragments"]] == [(0, 1), (2, 5)]
    assert done.draft["relation"] == "parallel"
    assert [s["kind"] for s in done.draft["signals"]] == ["window_change"]  # the first click leads to the mail


@pytest.mark.parametrize("starts", [(), ("e5",), tuple(f"e{k}" for k in range(6)), ("e4", "e2", "e0")])
def test_odd_choices_still_cut_the_whole_trace(starts: tuple[str, ...]) -> None:
    found = parts(starting(*starts)).draft["fragments"]
    assert (found[0]["first"], found[-1]["last"]) == (0, 5)
    assert all(a["last"] + 1 == b["first"] for a, b in pairwise(found))


def test_a_relation_that_nothing_shows_is_declined() -> None:
    with pytest.raises(PolicyError, match="what one part brings"):
        parts(starting("e0", "e1", relation="sequential"))


def test_relations_are_those_that_so_many_parts_can_have() -> None:
    two = next(c for c in parts(starting("e0", "e2")).choices if c.args["point"] == "gui.relation")
    three = next(c for c in parts(starting("e0", "e2", "e4")).choices if c.args["point"] == "gui.relation")
    assert ids_of(two) == ["sequential", "parallel"]
    assert ids_of(three) == ["sequential", "parallel", "hybrid"]
    assert [c.args["point"] for c in parts(starting("e0")).choices] == ["gui.goals"]


class Teller(TraceWords):
    """Knows the number that is carried over, and the goal."""

    knows = True

    def goal(self, steps: Any, recording: GuiRecording, limit: int = 200) -> CitedText:
        return "Order a kettle and tell the number", [steps[0].id]

    def effect(self, step: Step, recording: GuiRecording) -> CitedText:
        return f"{step.id} is done", [step.id]

    def carry_over(self, first: Any, second: Any, recording: GuiRecording) -> tuple[str, str, str] | None:
        return ("5371", "e2", "e4") if first[0].id == "e0" and second[-1].id == "e5" else None


def test_what_is_known_is_said_and_nothing_is_compared() -> None:
    done = parts(starting("e0", "e3", relation="sequential"), Teller())
    assert {f["goal"] for f in done.draft["fragments"]} == {"Order a kettle and tell the number"}
    carried = [s for s in done.draft["signals"] if s["kind"] == "carried_content"]
    assert [(s["cite"], s["text"]) for s in carried] == [
        (["e2", "e4"], '"5371" comes out of part 1 and is written in part 2.')
    ]
    assert "detect_changes" not in [call.tool for call in done.calls]


def test_who_knows_is_asked_even_where_everything_is_wanted() -> None:
    stream = drawn_stream(SCREENS, EVENTS)
    brief = brief_for(stream, "everything", "action_sequence", {})
    keep: Choose = lambda action: ["e1", "e4"]  # noqa: E731
    done = run(lambda brief: plans.follow(brief, Teller()), stream, brief, choose=keep)
    assert [a["cite"][0] for a in done.draft["actions"]] == ["e1", "e4"]
    assert [a["effect"] for a in done.draft["actions"]] == ["E1 is done.", "E4 is done."]
    assert not run(plans.follow, stream, brief, choose=keep).choices


ORDERS: list[tuple[Callable[[list[str]], list[str]], str]] = [
    (lambda labels: labels[::-1], "reversed"),
    (lambda labels: labels[:1], "one"),
    (list, "all"),
]


def fragment(label: str, *steps: dict[str, Any]) -> Fragment:
    events = [
        Anchor(f"{label}.e{k}", "event", "", float(k), float(k), part=label, attrs={"verb": s["kind"], **s})
        for k, s in enumerate(steps)
    ]
    titles = {str(s["window"]): str(s["window"]).split(" - ")[0] for s in steps}
    made = tuple(Step(e, str(e.attrs["window"]), text=str(e.attrs.get("text", ""))) for e in events)
    return Fragment(label, steps=made, application=titles)


SHOPPING = fragment("A", click("Shadow Theatre", "Stage - Tonight"), click("Book", "Stage - Shadow Theatre"))
PAYING = fragment("B", click("Pay", "Stage - Cart (1)"), click("Back", "Stage - Booking 5371 confirmed"))
TELLING = fragment("C", {"kind": "write", "text": "booking 5371 for Shadow Theatre", "window": "Post - Write"})
OTHER = fragment("D", click("City Choir", "Stage - Tonight"), click("Book", "Stage - City Choir"))


def test_what_is_handed_on_leaves_the_stranger_in_the_same_application_out() -> None:
    everything = [SHOPPING, PAYING, TELLING, OTHER]
    handed = handovers(everything)
    assert {pair: found.text for pair, found in handed.items()} == {(0, 2): "Shadow Theatre", (1, 2): "5371"}
    assert strangers(everything, {0, 1, 2, 3}, handed) == {3}
    assert strangers([SHOPPING, TELLING, OTHER], {0, 1, 2}, {(0, 1): handed[0, 2]}) == set()  # two are no chain


def test_counters_and_pages_say_who_comes_first() -> None:
    earlier = fragment("E", click("Add", "Stage - Cart (0)"), click("Home", "Stage - Cart (1)"))
    later = fragment("F", click("Add", "Stage - Cart (1)"), click("Home", "Stage - Cart (2)"))
    assert is_ahead(earlier, later) > 0 > is_ahead(later, earlier)
    assert is_ahead(SHOPPING, OTHER) == 0


def puzzle() -> Stream:
    made = {
        label: drawn_stream(SCREENS[: len(events)], events)
        for label, events in (("A", EVENTS[3:]), ("B", EVENTS[:3]), ("C", [click("Home", "Shop - Home")] * 2))
    }
    whole = drawn_stream([], [])
    return Stream(id="p", kind="fragments", name="p", path="", format="drawn", duration=whole.duration, parts=made)


@pytest.mark.parametrize(("order", "name"), ORDERS)
def test_the_order_that_is_chosen_is_written(order: Callable[[list[str]], list[str]], name: str) -> None:
    stream = puzzle()
    brief = brief_for(stream, "order the fragments", "long_horizon_reconstruction", {})
    done = run(plans.order_fragments, stream, brief, choose=lambda action: order(ids_of(action)))
    wanted = order(["A", "B", "C"])
    assert done.draft["ordered_fragment_labels"] == wanted, name
    assert {entry["fragment"] for entry in done.draft["left_out"]} == {"A", "B", "C"} - set(wanted)
    assert all("where it was given" not in link["text"] for link in done.draft["cot"])
    options = done.choices[0].args["options"]
    assert "5371" in next(o["content"] for o in options if o["id"] == "A")


def test_no_fragment_at_all_is_declined() -> None:
    stream = puzzle()
    brief = brief_for(stream, "order the fragments", "long_horizon_reconstruction", {})
    with pytest.raises(PolicyError, match="nothing on the fragments"):
        run(plans.order_fragments, stream, brief, choose=lambda action: [])
