"""Recorded numbers read back: rows, moments, ranges, and what is not there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclaw.errors import ToolError
from dataclaw.tools.inspect_state import inspect_state
from tests.tools.motions import Film, context, film_stream, series, trajectory, view

T = np.arange(0, 10, 0.1)
ARM = trajectory(
    series("state", T, {"x": T / 10, "y": np.where(T < 5, np.nan, 1.0)}, "m"),
    series("action", T, {f"a{k}": k for k in range(20)}),
    roles={"state": ["state"]},
)


def test_without_a_name_the_series_are_listed_with_units_and_ranges() -> None:
    seen = inspect_state(context(ARM), {})
    state, action = seen.anchors
    assert state.content == "state: 100 rows of 2 columns: x [m], y [m]"
    assert state.attrs["ranges"] == {"x": [0.0, 0.99], "y": [1.0, 1.0]}
    assert "and 12 more" in action.content


def test_rows_come_in_pages_with_units_and_gaps() -> None:
    first = inspect_state(context(ARM), {"series": "state"})
    assert first.data["pages"] == 3
    assert len(first.anchors) == 40
    assert first.anchors[0].content == "state at 0 s: x 0 m, y none"
    assert first.anchors[0].attrs["values"] == {"x": 0.0, "y": None}
    last = inspect_state(context(ARM), {"series": "state", "page": 3})
    assert last.anchors[-1].attrs["values"] == {"x": 0.99, "y": 1.0}


def test_moments_give_the_nearest_rows() -> None:
    seen = inspect_state(context(ARM), {"series": "state", "columns": ["x"], "at": [7.04, 3.0, 3.01]})
    assert [a.t0 for a in seen.anchors] == pytest.approx([3.0, 7.0])
    assert [a.attrs["values"] for a in seen.anchors] == [{"x": 0.3}, {"x": 0.7}]


def test_times_narrow_the_rows() -> None:
    seen = inspect_state(context(ARM), {"series": "state", "t0": 2, "t1": 2.5})
    assert [round(a.t0, 1) for a in seen.anchors] == [2.0, 2.1, 2.2, 2.3, 2.4, 2.5]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ({"series": "pose"}, "no series 'pose'. Series: state, action"),
        ({"series": "state", "columns": ["w"]}, "no column 'w' in state. Columns: x, y"),
        ({"series": "state", "page": 4}, "there is no page 4. Pages: 1 to 3"),
        ({"page": 2}, "there is no page 2"),
        ({"series": "state", "at": [float("nan")]}, "at.0"),
    ],
)
def test_what_is_not_there_is_named_with_what_is(args: dict[str, object], said: str) -> None:
    with pytest.raises(ToolError, match=said.replace(".", r"\.")):
        inspect_state(context(ARM), args)


def test_a_recording_has_no_numbers() -> None:
    with pytest.raises(ToolError, match="no series"):
        inspect_state(context(film_stream(Film(lambda t: view(), 1), "no numbers")), {})


@given(st.floats(-5, 15), st.floats(-5, 15))
def test_any_span_gives_rows_inside_it_or_says_why(t0: float, t1: float) -> None:
    try:
        seen = inspect_state(context(ARM), {"series": "state", "t0": t0, "t1": t1})
    except ToolError:
        assert max(t0, 0.0) > min(t1, ARM.duration)
        return
    assert all(t0 - 1e-6 <= a.t0 <= t1 + 1e-6 for a in seen.anchors)
