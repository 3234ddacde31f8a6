"""The real tables and clips beside the checkout."""

from __future__ import annotations

from pathlib import Path

import pytest

from dataclaw.streams import Source, discover, open_stream
from tests.streams.conftest import SHARED

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not SHARED.is_dir(), reason="the sample data are not beside the checkout"),
]
DAILY = SHARED / "daily"


def test_epic_kitchens() -> None:
    file = DAILY / "epic_kitchens_100" / "EPIC_100_validation.csv"
    roots = discover([DAILY / "epic_kitchens_100"])
    assert roots == [Source(file, k) for k in range(138)]
    stream = open_stream(Source(file, 0))
    assert (stream.name, len(stream.events), round(stream.duration, 2)) == ("P01_11", 148, 561.53)
    assert stream.events[0].text == "take plate"
    assert stream.problems == ()


def test_goal_step() -> None:
    roots = discover([DAILY / "ego4d_goalstep"])
    assert len(roots) == 134
    streams = [open_stream(root) for root in roots]
    assert sum(len(s.events) for s in streams) == 3349 + 4347
    assert all(s.meta["goal"] for s in streams)
    for stream in streams:
        parents = [int(e.attrs["parent"]) for e in stream.events if e.attrs["level"] == 2]
        assert all(stream.events[parent].attrs["level"] == 1 for parent in parents)


def test_captions_of_clips() -> None:
    streams = [open_stream(root) for root in discover([DAILY / "mixkit_kitchen"])]
    assert [s.events[0].kind for s in streams] == ["caption", "caption"]
    assert all(s.frames is not None for s in streams)


def test_clips_without_words_stay_videos() -> None:
    assert {open_stream(Path(str(r))).kind for r in discover([DAILY / "mmaction2_clips", DAILY / "pancake"])} == {
        "video"
    }
