"""Cues: cleaned, in order, shown once, never on top of each other; and every change is said."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclaw.streams.lessons.cues import MAX_TEXT, Cue, clean, cue_events, settle, shown_by

TIMES = st.floats(allow_nan=True, allow_infinity=True, width=32) | st.floats(0, 100)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("<i>psicosis</i> traído", "psicosis traído"),
        ("it&#39;s  a  &amp; b&nbsp;c", "it's a & b c"),
        ("twice &amp;#39;escaped&amp;#39; &lt;i&gt;here&lt;/i&gt;", "twice 'escaped' here"),
        ("a < b and c > d", "a < b and c > d"),
        ("<00:00:03.000><c.yellow>voy</c>", "voy"),
        ("zero\u200bwidth\x00 and\ttab", "zerowidth and tab"),
        (r"\frac{\rho\omega^2}{E}", r"\frac{\rho\omega^2}{E}"),
    ],
)
def test_clean(raw: str, said: str) -> None:
    assert clean(raw) == said


def test_orders_to_the_player_go() -> None:
    cues, _ = settle([Cue(0, 1, r"{\an8}up here {\i1}now{\i0}")])
    assert cues[0].text == "up here now"


def test_overlaps_are_cut_and_said() -> None:
    cues, said = settle([Cue(1.2, 4.38, "um next up"), Cue(2.52, 6.24, "about the state"), Cue(4.38, 8, "of it")])
    assert [(c.t0, c.t1) for c in cues] == [(1.2, 2.52), (2.52, 4.38), (4.38, 8)]
    assert said == ["2 cue(s) overlap the next one; cut at its start."]


def test_two_speakers_at_once_stay() -> None:
    cues, said = settle([Cue(1, 3, "yes"), Cue(1, 3, "no")])
    assert [c.text for c in cues] == ["yes", "no"]
    assert not said


def test_rolling_captions_are_shown_once() -> None:
    rolling = [Cue(0, 2, "first line"), Cue(2, 4, "first line\nsecond line"), Cue(4, 4.01, "second line"),
               Cue(4.01, 6, "second line\nthird line")]  # fmt: skip
    cues, said = settle(rolling)
    assert [c.text for c in cues] == ["first line", "second line", "third line"]
    assert cues[1].t1 == pytest.approx(4.01)
    assert "rolling" in said[0]


def test_a_word_said_again_later_stays() -> None:
    cues, _ = settle([Cue(0, 1, "No."), Cue(5, 6, "No.")])
    assert len(cues) == 2


def test_wrong_times_are_said() -> None:
    cues, said = settle([Cue(math.nan, 1, "a"), Cue(-1, 1, "b"), Cue(5, 3, "c"), Cue(2, 2.5, "d"), Cue(1, 2, " ")])
    assert [(c.text, c.t0, c.t1) for c in cues] == [("d", 2, 2.5), ("c", 5, 5)]
    assert said == [
        "2 cue(s) without usable times were left out.",
        "1 cue(s) end before they start; their end was set to their start.",
        "2 cue(s) were not in order of time; sorted.",
        "1 cue(s) without text were left out.",
    ]


def test_a_cue_without_end_is_cut() -> None:
    cues, said = settle([Cue(0, 1, "a" * (MAX_TEXT + 1))])
    assert len(cues[0].text) == MAX_TEXT
    assert "longer than" in said[0]


def test_cues_after_the_end_are_said() -> None:
    cues, said = shown_by((Cue(0, 5, "a"), Cue(9, 10, "b")), 4.0)
    assert [(c.text, c.t1) for c in cues] == [("a", 4.0)]
    assert said == ["1 cue(s) start after the recording's end (4.00 s); left out."]


@given(st.lists(st.builds(Cue, TIMES, TIMES, st.text(max_size=40)), max_size=30))
def test_whatever_comes_in_is_put_in_order(raw: list[Cue]) -> None:
    cues, _ = settle(raw)
    assert all(0 <= c.t0 <= c.t1 < math.inf and c.text == clean(c.text).strip() for c in cues if "&" not in c.text)
    assert all(a.t0 == b.t0 or a.t1 <= b.t0 for a, b in pairwise(cues))
    assert settle(cues)[0] == cues or any("&" in c.text or "<" in c.text for c in cues)
    assert [e.index for e in cue_events(cues)] == list(range(len(cues)))
