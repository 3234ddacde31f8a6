"""Several samples of one stream: cut where its content is, into parts of like size."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclaw.agent.session import Session
from dataclaw.plugins import load_domain
from dataclaw.run.windows import choose_cuts, windows
from dataclaw.tools.cache import Cache
from dataclaw.types import Event, Stream


def stream(*starts: float, kind: str = "gui") -> Stream:
    events = tuple(Event(i, "click", t, t + 0.2, target=f"b{i}") for i, t in enumerate(starts))
    return Stream("a" * 16, kind, "s", "s", "test", duration=100.0, events=events)


def session(given_stream: Stream, domain: str = "gui", task: str = "action_sequence") -> Session:
    return Session(given_stream, load_domain(domain).task(task), Cache())


@pytest.mark.parametrize(
    ("places", "count", "cuts"),
    [([10, 20, 30, 50, 90], 1, [50]), ([10, 33, 40, 66, 90], 2, [33, 66]), ([10], 3, [10]), ([], 2, [])],
)
def test_cuts_leave_parts_of_like_size(places: list[float], count: int, cuts: list[float]):
    assert choose_cuts(places, places, 100.0, count) == cuts


@given(st.lists(st.integers(1, 99), unique=True, max_size=12).map(sorted), st.integers(1, 6))
def test_cuts_are_places_in_order(places: list[float], count: int):
    cuts = choose_cuts(places, places, 100.0, count)
    assert cuts == sorted(cuts)
    assert set(cuts) <= set(places)
    assert len(cuts) == min(count, len(places))


def test_one_window_is_the_stream():
    assert windows(session(stream(1.0, 2.0)), 1) == [(0.0, 100.0)]


def test_a_pause_is_where_events_are_cut():
    early, late = [float(t) for t in range(1, 9)], [float(t) for t in range(70, 78)]
    (first, second) = windows(session(stream(*early, *late)), 2)
    assert (first[0], second[1]) == (0.0, 100.0)
    assert first[1] == second[0]
    assert 8.0 < first[1] <= 70.0


def test_a_stream_without_events_is_cut_evenly():
    assert windows(session(stream(kind="narration"), "daily", "contextual_qa"), 4)[1] == (25.0, 50.0)
