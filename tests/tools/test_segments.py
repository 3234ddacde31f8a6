from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from dataclaw.tools import builtin
from dataclaw.tools.segment_actions import boundaries, strongest
from dataclaw.types import Event
from tests.tools.screens import Screen, click, context, stream, write

tool = builtin()["segment_actions"]


@st.composite
def event_lists(draw: st.DrawFn) -> list[Event]:
    events: list[Event] = []
    t = 0.0
    for i in range(draw(st.integers(1, 30))):
        t += draw(st.sampled_from([0.0, 0.2, 1.0, 7.0, 120.0]))
        length = draw(st.sampled_from([0.0, 0.3, 5.0]))
        kind = draw(st.sampled_from(["click", "write", "scroll", "navigate"]))
        window = draw(st.sampled_from(["", "Cart", "Mail", "Notes"]))
        events.append(Event(i, kind, t, t + length, window=window, target=draw(st.sampled_from(["", "Save"]))))
    return events


@given(event_lists(), st.integers(1, 15))
def test_segments_are_continuous_and_cover_every_event(events: list[Event], limit: int):
    segments = tool(context(stream(events=events)), {"max_segments": limit}).anchors
    assert 1 <= len(segments) <= limit
    covered = [i for s in segments for i in range(s.attrs["first"], s.attrs["last"] + 1)]
    assert covered == [e.index for e in events]
    for a, b in pairwise(segments):
        assert a.t1 == b.t0
    for s in segments:
        assert s.t0 <= s.t1
        assert s.t0 == events[s.attrs["first"]].t0
    assert segments[-1].t1 == max(e.t1 for e in events)


@given(event_lists())
def test_fewer_segments_are_a_merge_of_more(events: list[Event]):
    cuts: set[int] | None = None
    for limit in (1, 2, 4, 8, 16):
        now = {s.attrs["first"] for s in tool(context(stream(events=events)), {"max_segments": limit}).anchors}
        assert cuts is None or cuts <= now
        cuts = now


def reasons(events: list[Event], limit: int = 12) -> list[tuple[int, str]]:
    segments = tool(context(stream(events=events)), {"max_segments": limit}).anchors
    return [(s.attrs["first"], s.attrs["reason"]) for s in segments]


def test_another_window_begins_a_segment():
    events = [click(i, float(i), 5, 5, window="Cart" if i < 3 else "Mail") for i in range(6)]
    assert reasons(events) == [(0, "start"), (3, "window")]
    (first, _) = tool(context(stream(events=events)), {}).anchors
    assert first.content == "e0-e2: 3 events in Cart: click"


def test_a_pause_is_long_beside_the_usual_gap():
    quick = [click(i, i + (20 if i >= 4 else 0), 5, 5) for i in range(8)]
    assert reasons(quick) == [(0, "start"), (4, "pause")]
    slow = [click(i, 21.0 * i, 5, 5) for i in range(8)]
    assert reasons(slow) == [(0, "start")]


def test_rounds_of_repeated_operations_are_cut_where_they_start_over():
    names = ["Row", "Edit", "Save"]
    events = [click(i, float(i), 5, 5, target=names[i % 3]) for i in range(9)]
    assert reasons(events) == [(0, "start"), (3, "repeat"), (6, "repeat")]


def test_line_after_line_of_typing_is_one_stretch():
    events = [
        write(i, i / 2, f"line {i}") if i % 2 == 0 else Event(i, "press", i / 2, i / 2, keys=("enter",))
        for i in range(12)
    ]
    assert reasons(events) == [(0, "start")]


def test_a_run_of_one_operation_is_not_cut():
    assert reasons([click(i, float(i), 5, 5, target="Next") for i in range(9)]) == [(0, "start")]


def test_most_of_the_screen_changing_begins_a_segment():
    screens = [Screen()] * 2 + [Screen(colour=(10, 60, 30))] * 2
    events = [click(i, float(i), 5, 5) for i in range(4)]
    segments = tool(context(stream(screens, events)), {}).anchors
    assert [(s.attrs["first"], s.attrs["reason"]) for s in segments] == [(0, "start"), (2, "visual")]


def test_the_weakest_boundaries_go_first():
    events = [
        click(0, 0.0, 5, 5, window="Cart"),
        click(1, 1.0, 5, 5, window="Mail"),
        Event(2, "navigate", 2.0, 2.0, window="Mail"),
        write(3, 3.0, "x", window="Mail"),
        write(4, 30.0, "x", window="Mail"),
    ]
    found = boundaries(events)
    assert [(b.at, b.reason) for b in found] == [(1, "window"), (2, "navigation"), (4, "pause")]
    assert [b.at for b in strongest(found, 2)] == [1, 2]
    assert [b.at for b in strongest(found, 1)] == [1]
    assert reasons(events, 1) == [(0, "start")]
