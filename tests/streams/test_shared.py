"""Every real recording beside the checkout opens, and its frames are what its grid says."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from dataclaw.errors import StreamError
from dataclaw.streams import cut_fragments, discover, open_stream
from dataclaw.types import Stream

pytestmark = pytest.mark.shared


def check(stream: Stream) -> None:
    assert len(stream.id) == 16
    assert [event.index for event in stream.events] == list(range(len(stream.events)))
    assert all(a.t0 <= b.t0 for a, b in pairwise(stream.events))
    assert all(0 <= event.t0 <= event.t1 <= stream.duration for event in stream.events)
    if stream.frames is None:
        return
    times, (width, height) = stream.frames.times, stream.frames.size
    assert all(a < b for a, b in pairwise(times))
    for event in stream.events:
        assert event.frame is None or 0 <= event.frame < len(times)
        assert event.point is None or (0 <= event.point[0] < width and 0 <= event.point[1] < height)
    for index in (0, len(times) // 2, len(times) - 1):
        assert stream.frames.read([index])[0].shape == (height, width, 3)


@pytest.mark.parametrize(
    ("folder", "count"),
    [
        ("gui/screenagent", 4),
        ("gui/miniwob_demos", 37),
        ("gui/agentnet_pyautogui_settings", 1),
        ("gui/agentnetbench_s_a96285eb665bef92", 1),
        ("gui/agentnet_raw_windows_settings", 1),
        ("daily/mixkit_kitchen", 2),
        ("daily/pancake", 1),
        ("daily/mmaction2_clips", 2),
        ("daily/askanything_clips", 2),
        ("education/lecture_slides_frames_v3", 1),
    ],
)
def test_every_stream_of_a_folder_opens(shared: Path, folder: str, count: int) -> None:
    roots = discover([shared / folder])
    assert len(roots) == count
    for root in roots:
        check(open_stream(root))


def test_playwright_traces_open_or_say_that_nothing_happened_in_them(shared: Path) -> None:
    roots = discover([shared / "gui/playwright_traces"])
    assert len(roots) == 3
    outcomes: list[str] = []
    for root in roots:
        try:
            stream = open_stream(root)
        except StreamError as error:
            outcomes.append(error.message)
        else:
            check(stream)
            outcomes.append("ok")
    nothing, *opened = sorted(outcomes)
    assert opened == ["ok", "ok"]
    assert nothing.startswith("holds no user action; its calls only look or check: locator.getAttribute (2)")


def test_an_agentnet_recording_is_in_pixels_of_its_video(shared: Path) -> None:
    stream = open_stream(shared / "gui/agentnet_raw_windows_settings")
    assert stream.frames is not None
    assert stream.frames.size == (1276, 718)
    assert stream.meta["screen_size"] == [1366, 768]
    assert stream.annotations["task"]
    assert "task" not in stream.meta
    first = stream.events[0]
    assert first.frame is not None
    assert 0 <= first.t0 - stream.frames.times[first.frame] < 0.2
    assert {window["name"] for window in stream.meta["windows"]} >= {"explorer"}


def test_the_papers_fragments_open_with_their_order(shared: Path) -> None:
    stream = open_stream(shared / "paper_cases/gui_shopping")
    assert sorted(stream.parts) == ["A", "B", "C", "D"]
    assert stream.annotations["ordered_fragment_labels"] == ["C", "B", "A"]
    assert stream.annotations["task"].startswith("Compare the price")
    for part in stream.parts.values():
        check(part)
        assert part.annotations == {}


def test_the_papers_other_cases_open(shared: Path) -> None:
    lesson = open_stream(shared / "paper_cases/education_geometry")
    assert lesson.kind == "video"
    assert "question" in lesson.annotations["reference"]
    robot = open_stream(shared / "paper_cases/embodied_recovery")
    assert robot.kind == "video"
    assert robot.annotations["reference"]["task_family"] == "hesitation_loop"


def test_a_real_recording_is_cut_into_fragments(shared: Path) -> None:
    stream = open_stream(shared / "gui/agentnet_raw_windows_settings")
    other = open_stream(shared / "gui/agentnet_pyautogui_settings/raw_example.jsonl")
    cut = cut_fragments(stream, parts=3, distractors=[other], seed=1)
    assert len(cut.parts) == 4
    for part in cut.parts.values():
        check(part)
        assert part.frames is not None
