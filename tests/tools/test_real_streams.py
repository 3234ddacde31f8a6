"""The tools on recordings of real screens."""

from pathlib import Path

import pytest
from rapidfuzz import fuzz

from dataclaw.streams import open_stream
from dataclaw.tools import ToolContext, builtin
from dataclaw.tools.view import render
from dataclaw.types import Stream

SAMPLES = Path(__file__).parents[2].parent / "shared" / "data" / "gui"
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not SAMPLES.is_dir(), reason="sample data not beside the checkout"),
]
tools = builtin()


@pytest.fixture(scope="module")
def recording() -> Stream:
    return open_stream(SAMPLES / "agentnet_raw_windows_settings")


@pytest.fixture(scope="module")
def session() -> Stream:
    return open_stream(SAMPLES / "screenagent" / "task008")


def context(stream: Stream) -> ToolContext:
    return ToolContext(stream, (0.0, stream.duration))


def test_every_event_is_listed_in_few_tokens(recording: Stream):
    result = tools["list_events"](context(recording), {})
    assert [a.id for a in result.anchors] == [f"e{e.index}" for e in recording.events][:40]
    assert len(render(result.note, result.anchors)) < 60 * len(result.anchors) + 100


def test_segments_cover_a_recording(recording: Stream):
    ctx = ToolContext(recording, (0.0, 35.0))
    segments = tools["segment_actions"](ctx, {"max_segments": 4}).anchors
    covered = [i for s in segments for i in range(s.attrs["first"], s.attrs["last"] + 1)]
    assert covered == [e.index for e in recording.events if e.t0 <= 35.0]
    assert len(segments) <= 4


def test_opening_the_action_centre_changes_the_right_hand_side(recording: Stream):
    result = tools["detect_changes"](context(recording), {"t0": 6.0, "t1": 9.2})
    opened = next(a for a in result.anchors if a.attrs["event"] == 0)
    assert opened.attrs["ratio"] > 0.1
    assert opened.box is not None
    assert opened.box[0] > 0.65 * recording.frames.size[0]  # type: ignore[union-attr]


def test_names_of_targets_are_read_off_the_screen(recording: Stream):
    named = [e for e in recording.events if e.role == "TextControl" and e.point is not None]
    assert len(named) >= 3
    result = tools["read_text"](context(recording), {"events": [e.index for e in named]})
    for event in named:
        lines = [a.content for a in result.anchors if a.attrs["event"] == event.index]
        assert max(fuzz.ratio(event.target, line) for line in lines) > 85


def test_a_typed_number_is_seen_in_the_display(session: Stream):
    changes = tools["detect_changes"](context(session), {}).anchors
    typed = next(a for a in changes if a.attrs["event"] == 4)
    text = tools["read_text"](context(session), {"frame": typed.frame, "region": "changed"})
    assert any("100" in a.content for a in text.anchors)
