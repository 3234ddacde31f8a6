from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclaw.streams.grid import Sampling, change_grid, event_grid, shown_at, thin

TIMES = st.lists(st.floats(0.001, 5.0), min_size=1, max_size=300).map(lambda gaps: np.cumsum([0.0, *gaps]))
SPANS = st.lists(st.tuples(st.floats(0, 500), st.floats(0, 5)), max_size=60).map(
    lambda rows: sorted((t0, t0 + length) for t0, length in rows)
)
SAMPLINGS = st.builds(Sampling, max_frames=st.integers(2, 80), fill_fps=st.floats(0, 10))


@given(TIMES, SPANS, SAMPLINGS)
def test_a_grid_is_increasing_bounded_and_covers_both_ends(times, spans, sampling) -> None:
    for grid in (event_grid(spans, times, sampling), change_grid(spans, times, sampling)):
        assert grid == sorted(set(grid))
        assert len(grid) <= sampling.max_frames
        assert (grid[0], grid[-1]) == (0, len(times) - 1)


@given(TIMES, SPANS)
def test_with_room_every_event_is_seen_just_before_it_happens(times, spans) -> None:
    grid = set(event_grid(spans, times, Sampling(max_frames=1000)))
    assert set(shown_at(times, [t0 - 0.05 for t0, _ in spans])) <= grid


def test_the_settled_frame_is_taken_before_the_next_event() -> None:
    times = np.arange(0, 10, 0.1)
    grid = event_grid([(2.0, 2.1), (5.0, 5.0), (5.5, 5.5)], times, Sampling(fill_fps=0))
    assert [round(float(times[k]), 1) for k in grid] == [0.0, 1.9, 3.1, 4.9, 5.4, 6.5, 9.9]


def test_regular_frames_keep_away_from_those_already_taken() -> None:
    times = np.arange(0, 10, 0.1)
    grid = change_grid([], times, Sampling(short=0))
    assert [round(float(times[k])) for k in grid] == list(range(11))


def test_frames_before_events_are_kept_when_room_is_short() -> None:
    times = np.arange(0, 100, 0.1)
    spans = [(10.0 * k, 10.0 * k) for k in range(1, 9)]
    grid = event_grid(spans, times, Sampling(max_frames=10))
    assert set(shown_at(times, [t - 0.05 for t, _ in spans])) | {0, 999} == set(grid)


@pytest.mark.parametrize("wrong", [{"max_frames": 1}, {"fill_fps": -1.0}, {"fill_fps": float("nan")}, {"settle": -1}])
def test_a_sampling_that_makes_no_sense_is_refused(wrong) -> None:
    with pytest.raises(ValueError, match="not a sampling"):
        Sampling(**wrong)


@given(st.integers(0, 500), st.integers(1, 100))
def test_thinning_keeps_the_limit_and_the_first(count: int, limit: int) -> None:
    kept = thin(count, limit)
    assert len(kept) == min(count, limit)
    assert kept[:1] == list(range(count))[:1]


def test_a_short_recording_is_looked_at_more_often() -> None:
    times = np.arange(0, 4, 1 / 30)
    assert len(change_grid([], times, Sampling())) == pytest.approx(64, abs=2)
    assert len(change_grid([], times[:20], Sampling())) == 20
