from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from dataclaw.errors import StreamError
from dataclaw.streams import Sampling, Source, discover, open_stream
from dataclaw.streams.gui import trace_stream
from dataclaw.types import Stream
from pyautogui_trace_parsers.model import (
    PERMILLE,
    UNIT,
    Event,
    Screen,
    Scroll,
    Space,
    Target,
    Trace,
    Video,
)
from pyautogui_trace_parsers.model import Source as Line
from tests.streams.conftest import number_of, write_picture, write_video

SCREEN = Space("px", 384.0, 128.0)


def click(t: float | None = None, line: int = 1, **fields: object) -> Event:
    event = Event("click", t, t, Line("trace.jsonl", line), point=(192.0, 64.0), space=SCREEN)
    return replace(event, **fields)  # pyright: ignore[reportArgumentType]


def opened(root: Path, *events: Event, **fields: object) -> Stream:
    trace = Trace("made", str(root), events, **fields)  # pyright: ignore[reportArgumentType]
    return trace_stream(trace, "0" * 16, "made", Sampling())


def with_pictures(root: Path, count: int, **fields: object) -> Stream:
    for k in range(count):
        write_picture(root / f"{k}.png", k)
    screens = tuple(Screen(f"{k}.png") for k in range(count))
    return opened(root, *(click(line=k, screen=k) for k in range(count)), screens=screens, **fields)


def test_a_picture_per_step_counts_steps(tmp_path: Path) -> None:
    stream = with_pictures(tmp_path, 3)
    assert (stream.clock, stream.duration) == ("index", 3.0)
    assert stream.frames is not None
    assert list(stream.frames.times) == [0.0, 1.0, 2.0]
    assert [(e.index, e.t0, e.t1, e.frame) for e in stream.events] == [(0, 0, 0, 0), (1, 1, 1, 1), (2, 2, 2, 2)]
    assert stream.events[0].point == (96.0, 32.0)
    assert stream.events[2].place == "trace.jsonl:2"


def test_a_picture_after_the_last_step_stands_at_the_end(tmp_path: Path) -> None:
    for k in range(3):
        write_picture(tmp_path / f"{k}.png", k)
    screens = tuple(Screen(f"{k}.png") for k in range(3))
    stream = opened(tmp_path, click(screen=0), click(screen=1), screens=screens)
    assert stream.frames is not None
    assert list(stream.frames.times) == [0.0, 1.0, 2.0]
    assert stream.duration == 2.0


@pytest.mark.parametrize(
    ("space", "point", "expected"),
    [
        (UNIT, (0.5, 0.25), (96.0, 16.0)),
        (PERMILLE, (250.0, 500.0), (48.0, 32.0)),
        (Space("resized_px", 96.0, 32.0), (48.0, 16.0), (96.0, 32.0)),
        (Space("px"), (96.0, 32.0), (96.0, 32.0)),
        (UNIT, (1.0, 1.0), (191.0, 63.0)),
    ],
)
def test_every_space_becomes_pixels_of_the_frame(tmp_path: Path, space: Space, point, expected) -> None:
    write_picture(tmp_path / "0.png")
    stream = opened(tmp_path, click(space=space, point=point, screen=0), screens=(Screen("0.png"),))
    assert stream.events[0].point == expected


def test_pixels_of_an_odd_picture_are_mapped_as_it_is_stretched(tmp_path: Path) -> None:
    for k in range(2):
        write_picture(tmp_path / f"{k}.png", k)
    write_picture(tmp_path / "2.png", 2, (384, 128))
    events = [click(space=Space("px"), point=(96.0, 32.0), screen=k) for k in range(3)]
    stream = opened(tmp_path, *events, screens=tuple(Screen(f"{k}.png") for k in range(3)))
    assert [e.point for e in stream.events] == [(96.0, 32.0), (96.0, 32.0), (48.0, 16.0)]


def test_points_outside_the_picture_are_left_out_and_said(tmp_path: Path) -> None:
    write_picture(tmp_path / "0.png")
    stream = opened(tmp_path, click(point=(500.0, 10.0), screen=0), screens=(Screen("0.png"),))
    assert stream.events[0].point is None
    assert stream.events[0].attrs["off_screen"] == [500.0, 10.0]
    assert any("e0" in problem for problem in stream.problems)


def test_boxes_are_cut_at_the_edges(tmp_path: Path) -> None:
    write_picture(tmp_path / "0.png")
    target = Target("Save", "button", (300.0, 100.0, 500.0, 120.0))
    stream = opened(tmp_path, click(target=target, screen=0), screens=(Screen("0.png"),))
    assert stream.events[0].box == (150.0, 50.0, 192.0, 60.0)
    assert (stream.events[0].target, stream.events[0].role) == ("Save", "button")


def test_without_pictures_coordinates_stay_and_the_screen_is_told(tmp_path: Path) -> None:
    stream = opened(tmp_path, click(0.5), click(1.5, scroll=Scroll(0, 3, "clicks")))
    assert stream.frames is None
    assert stream.events[0].point == (192.0, 64.0)
    assert stream.events[0].frame is None
    assert stream.meta["screen_size"] == [384, 128]
    assert (stream.events[1].scroll, stream.events[1].attrs["scroll_unit"]) == ((0, 3), "clicks")


def test_a_video_is_seen_before_and_after_each_event(tmp_path: Path) -> None:
    write_video(tmp_path / "v.mp4", range(600), options={"preset": "ultrafast"})
    events = [click(1.0), click(2.5), click(2.9)]
    windows = (
        Event("window", 0.2, 0.2, Line("w", 1), text="Mail"),
        Event("window", 2.0, 2.0, Line("w", 2), text="Web"),
    )
    stream = opened(tmp_path, *events, video=Video("v.mp4", 0.5), windows=windows)
    assert [e.t0 for e in stream.events] == [1.5, 3.0, 3.4]
    assert [e.window for e in stream.events] == ["Mail", "Web", "Web"]
    assert [(w["name"], w["t0"]) for w in stream.meta["windows"]] == [("Mail", 0.7), ("Web", 2.5)]
    assert stream.frames is not None
    for event in stream.events:
        assert event.frame is not None
        assert stream.frames.times[event.frame] == pytest.approx(event.t0 - 0.05, abs=0.011)
    shown = stream.frames.read([e.frame for e in stream.events if e.frame is not None])
    assert [number_of(p) for p in shown] == pytest.approx([145, 295, 335], abs=1)


def test_times_before_the_start_and_out_of_order_are_mended_and_said(tmp_path: Path) -> None:
    stream = opened(tmp_path, click(-2.0), click(3.0), click(1.0))
    assert [e.t0 for e in stream.events] == [0.0, 3.0, 3.0]
    assert len(stream.problems) == 2


def test_an_event_long_after_the_video_has_no_frame(tmp_path: Path) -> None:
    write_video(tmp_path / "v.mp4", range(100))
    stream = opened(tmp_path, click(0.5), click(50.0), video=Video("v.mp4"))
    assert [e.frame is None for e in stream.events] == [False, True]


def test_missing_pictures_leave_events_without_frame(tmp_path: Path) -> None:
    write_picture(tmp_path / "1.png", 1)
    (tmp_path / "0.png").write_bytes(b"broken")
    stream = opened(tmp_path, click(screen=0), click(screen=1), screens=(Screen("0.png"), Screen("1.png")))
    assert [e.frame for e in stream.events] == [None, 0]
    assert any("0.png" in problem for problem in stream.problems)


def test_a_picture_outside_the_trace_is_refused(tmp_path: Path) -> None:
    write_picture(tmp_path / "secret.png")
    (tmp_path / "trace").mkdir()
    (tmp_path / "trace" / "link.png").symlink_to(tmp_path / "secret.png")
    for name in ("../secret.png", "link.png", "/etc/hostname"):
        with pytest.raises(StreamError, match="trace"):
            opened(tmp_path / "trace", click(screen=0), screens=(Screen(name),))


def test_an_empty_trace_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StreamError, match="empty"):
        opened(tmp_path)


def write_tasks(path: Path, count: int) -> Path:
    rows = []
    for task in range(count):
        code = f"pyautogui.click(x=0.5, y=0.{task + 1})"
        steps = [{"index": 0, "image": f"{task}.png", "value": {"code": code}}]
        rows.append({"task_id": f"t{task}", "instruction": f"task {task}", "traj": steps})
        write_picture(path.parent / "images" / f"{task}.png", task)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_a_file_of_many_tasks_is_many_streams(tmp_path: Path) -> None:
    path = write_tasks(tmp_path / "tasks.jsonl", 3)
    found = discover([tmp_path])
    assert found == [Source(path, 0), Source(path, 1), Source(path, 2)]
    assert str(found[2]).endswith("tasks.jsonl#2")
    assert discover([f"{path}#1"]) == [Source(path, 1)]
    for root in [found[0], found[1], found[2], found[1]]:  # forward, and back again
        assert isinstance(root, Source)
        stream = open_stream(root)
        assert stream.annotations["task"] == f"task {root.index}"
        assert stream.frames is not None
        assert number_of(stream.frames.read([0])[0]) == root.index
    assert len({open_stream(root).id for root in found}) == 3


def test_a_number_that_is_not_there_is_said(tmp_path: Path) -> None:
    path = write_tasks(tmp_path / "tasks.jsonl", 2)
    with pytest.raises(StreamError, match="holds 2 traces"):
        open_stream(Source(path, 7))


def test_the_id_follows_the_pictures(tmp_path: Path) -> None:
    path = write_tasks(tmp_path / "tasks.jsonl", 1)
    before = open_stream(path).id
    write_picture(tmp_path / "images" / "0.png", 99)
    assert open_stream(path).id != before


def test_a_broken_trace_names_its_line(tmp_path: Path) -> None:
    path = write_tasks(tmp_path / "tasks.jsonl", 2)
    path.write_text(path.read_text() + '{"task_id": "t3", "traj": [{"index": NaN}]}\n')
    found = discover([path])
    assert len(found) == 3
    with pytest.raises(StreamError) as caught:
        open_stream(found[2])
    assert caught.value.place.endswith("tasks.jsonl:3")
    assert caught.value.remedy
