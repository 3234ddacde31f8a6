"""Several samples of one stream: cut where its content is, into parts of like size."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclaw import tailor
from dataclaw.agent.session import Session
from dataclaw.plugins import load_domain
from dataclaw.run.windows import choose_cuts, parts_of, windows
from dataclaw.tools.cache import Cache
from dataclaw.types import Event, Stream
from tests.tools.films import RATE, film, scene


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


@given(st.lists(st.floats(0.01, 5), min_size=201, max_size=900), st.integers(1, 12))
def test_parts_of_a_long_stream_are_short_enough_and_hold_every_event_once(gaps: Sequence[float], count: int):
    starts = [sum(gaps[:k]) for k in range(len(gaps))]
    events = tuple(Event(k, "click", t, t) for k, t in enumerate(starts))
    long = Stream("b" * 16, "gui", "s", "s", "test", duration=starts[-1] + 1, events=events)
    parts = parts_of(session(long), count)
    held = [sum(t0 <= t <= t1 for t in starts) for t0, t1 in parts]
    assert len(parts) >= count
    assert max(held) <= 200
    assert sum(held) == len(starts)
    assert all(before[1] == after[0] for before, after in pairwise(parts))


@pytest.mark.parametrize(("samples", "made"), [(1, 1), (4, 4)])
def test_a_trace_that_is_too_long_gives_its_parts(tmp_path: Path, samples: int, made: int):
    script = tmp_path / "keys.py"
    lines = [f"pyautogui.write('note {k}')\npyautogui.press('enter')" for k in range(250)]
    script.write_text("import pyautogui\n" + "\n".join(lines) + "\n")
    ask = {"domain": "gui", "task": "action_sequence", "samples": samples}
    (outcome,) = tailor(script, "list everything that happened", **ask)
    assert (len(outcome.samples), len(outcome.rejected)) == (made, 0)
    counts = [len(sample["answer"]["actions"]) for sample in outcome.samples]
    said = "It is too long for one sample: this is part 1 of 4; --samples 4 makes one of each."
    if samples == 1:
        assert outcome.samples[0]["stream"]["part"] == [1, 4]
        assert outcome.samples[0]["stream"]["problems"] == [said]
        assert 100 < counts[0] <= 200
    else:
        assert sum(counts) == 500


def test_a_film_is_cut_where_one_clip_cannot_show_all_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("dataclaw.agent.session.MAX_CLIP_FRAMES", 200)
    film(tmp_path / "film.mp4", [frame for seed in range(8) for frame in scene(seed, 50, speed=2.0)])
    ask = {"domain": "daily", "task": "temporal_qa"}
    (outcome,) = tailor(tmp_path / "film.mp4", "questions about when and in which order", **ask)
    (sample,) = outcome.samples
    assert sample["stream"]["part"] == [1, 3]
    assert 100 < (sample["stream"]["window"][1] - sample["stream"]["window"][0]) * RATE <= 200
    assert sample["input_video"]
