"""AgentNet's raw recording: a folder with every mouse and key event, accessibility trees, and the screen video.

Low-level events are reduced to actions here. The annotators' own reduction is kept as an annotation and is not used.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import replace
from pathlib import Path
from typing import Any

from pyautogui_trace_parsers.errors import BrokenTrace
from pyautogui_trace_parsers.files import folder_names, inside, is_file_inside, read_json, read_jsonl
from pyautogui_trace_parsers.look import look
from pyautogui_trace_parsers.model import Event, Problem, Source, Target, Trace, Video, pixels
from pyautogui_trace_parsers.record import Record, clip
from pyautogui_trace_parsers.reduce import Input, reduce

NAME = "agentnet_raw"
SUMMARY = "AgentNet annotation-tool recording: folder with events.jsonl, metadata.json and a screen video"

_TARGET_SECONDS = 0.5
_ANNOTATION_FILES = ("task_name.json", "reduced_events_complete.jsonl", "reduced_events_vis.jsonl")
_CONTEXT = ("system", "release", "version", "machine", "model", "scroll_direction", "start_time", "stop_time")
_CONTAINERS = frozenset({"WindowControl", "PaneControl", "DocumentControl", "GroupControl", "CustomControl"})
_MOST = 0.25
"""An element larger than this share of the screen is not what was clicked, but something around it."""
_STEPPER = re.compile(
    r"^[+<>»«−-]$|\b(?:next|prev(?:ious)?|forward|back|more|less|increase|decrease|increment|decrement|up|down)\b",
    re.IGNORECASE,
)
"""Names of elements that move on by one: quick clicks on them are several."""
_DROPPED_LABELS = {"axtree", "pre_move", "children", "trace", "drag_trace", "drag_time_trace", "time_trace"}


def refuses(path: Path) -> str | None:
    """See `formats`."""
    names = look(path).names
    missing = [name for name in ("events.jsonl", "metadata.json") if name not in names]
    if look(path).kind != "folder" or missing:
        return "not a folder with " + " and ".join(missing or ["events.jsonl", "metadata.json"])
    if "video_start_timestamp" in look(path / "metadata.json").record:
        return None  # whatever events.jsonl holds: an empty or broken one is for `parse` to report
    first = look(path / "events.jsonl").record
    return None if {"time_stamp", "action"} <= first.keys() else "events.jsonl has no time_stamp and action"


def parse(path: Path) -> Trace:
    """Events from `events.jsonl`; time 0 is `video_start_timestamp`, the first instant of the video.

    Raises:
        TraceError: a required file is missing or broken.
    """
    metadata = Record(read_json(inside(path, "metadata.json")), "metadata.json", 0)
    size = (metadata.whole("screen_width"), metadata.whole("screen_height"))
    start = metadata.number("video_start_timestamp")
    inputs, problems = _inputs(path, start)
    targets = _targets(path, start)

    def apart(first: Input, _: Input) -> bool:
        seen = _target_at(first.t, first.point, targets, size)
        return seen is not None and bool(_STEPPER.search(seen.name))

    events = reduce(inputs, pixels(size), apart=apart)
    outside = [event for event in events if _outside(event, size)]
    until = min((event.t0 or 0.0 for event in outside), default=float("inf"))
    events = [
        replace(event, target=_target_at(event.t0, event.point, targets, size) if (event.t0 or 0.0) < until else None)
        for event in events
    ]
    problems += [problem for event in outside if (problem := _outside(event, size))]
    return Trace(
        NAME,
        str(path.absolute()),
        tuple(events),
        trace_id=path.resolve().name,
        video=_video(path),
        windows=tuple(_windows(path, start)),
        screen_size=size,
        annotations=_annotations(path),
        context={key: metadata.data[key] for key in _CONTEXT if key in metadata.data},
        problems=tuple(problems),
    )


def _rows(path: Path, name: str) -> list[Record]:
    if not is_file_inside(path, name):
        return []
    return [Record(value, name, line) for line, value in read_jsonl(inside(path, name))]


def _inputs(path: Path, start: float) -> tuple[list[Input], list[Problem]]:
    inputs: list[Input] = []
    problems: list[Problem] = []
    early = 0
    for line, value in read_jsonl(inside(path, "events.jsonl")):
        row = Record(value, "events.jsonl", line)
        item = _input(row, start)
        if item is None:
            problems.append(Problem(row.source, f"unknown action {clip(row.text('action'))!r} passed over"))
        elif item.t < 0:
            early += 1
        else:
            inputs.append(item)
    if not inputs and not early:
        raise BrokenTrace("holds no event", path="events.jsonl", remedy="record it again")
    if early:
        problems.append(Problem(Source("events.jsonl", 1), f"{early} events before the video began, passed over"))
    return inputs, problems


def _input(row: Record, start: float) -> Input | None:
    t = row.seconds("time_stamp") - start
    action = row.text("action")
    if action == "move":
        return Input("move", t, row.source, row.coordinate("x"), row.coordinate("y"))
    if action == "click":
        kind = "down" if row.flag("pressed") else "up"
        return Input(kind, t, row.source, row.coordinate("x"), row.coordinate("y"), row.text("button").lower())
    if action == "scroll":
        dx, dy = row.number("dx", 0.0), 0.0 - row.number("dy", 0.0)  # pynput counts up as positive
        return Input("scroll", t, row.source, row.coordinate("x"), row.coordinate("y"), dx=dx, dy=dy)
    if action in ("press", "release"):
        name = row.text("name")
        char = name if len(name) == 1 else ""
        return Input("key_down" if action == "press" else "key_up", t, row.source, key=name, char=char)
    return None


def _targets(path: Path, start: float) -> list[tuple[float, Target]]:
    """The elements that the recorder saw under the pointer, by time."""
    found: list[tuple[float, Target]] = []
    for row in _rows(path, "element.jsonl"):
        tree = row.maybe("a11y_tree")
        if tree is not None:
            box = tree.maybe("BoundingRectangle")
            edges = box and tuple(box.coordinate(edge) for edge in ("left", "top", "right", "bottom"))
            target = Target(clip(tree.text("Name", "")), tree.text("ControlType", ""))
            found.append((row.seconds("time_stamp") - start, replace(target, box=edges or None)))
    return sorted(found, key=lambda item: item[0])


def _target_at(
    t0: float | None, point: tuple[float, float] | None, targets: list[tuple[float, Target]], size: tuple[int, int]
) -> Target | None:
    """The element seen nearest in time to a press, within half a second, whose box holds the point.

    Containers and elements as large as a window name nothing. After a point outside the screen there are no targets:
    the display has another scale or resolution by then, and the boxes belong to another space than the points.
    """
    if t0 is None or point is None:
        return None
    x, y = point
    first = bisect_left(targets, t0 - _TARGET_SECONDS, key=lambda item: item[0])
    last = bisect_left(targets, t0 + _TARGET_SECONDS, key=lambda item: item[0])
    near = sorted(targets[first:last], key=lambda item: abs(item[0] - t0))
    for _, target in near:
        if target.box and target.box[0] <= x <= target.box[2] and target.box[1] <= y <= target.box[3]:
            area = (target.box[2] - target.box[0]) * (target.box[3] - target.box[1])
            return None if target.role in _CONTAINERS or area > _MOST * size[0] * size[1] else target
    return None


def _outside(event: Event, size: tuple[int, int]) -> Problem | None:
    points = [point for point in (event.point, event.end_point) if point]
    if all(0 <= x < size[0] and 0 <= y < size[1] for x, y in points):
        return None
    where = " to ".join(f"({x:g}, {y:g})" for x, y in points)
    return Problem(
        event.source,
        f"{event.verb} at {where} lies outside the screen of {size[0]}x{size[1]} px; kept as recorded (the display"
        " scaling or resolution may have changed meanwhile)",
    )


def _video(path: Path) -> Video | None:
    videos = [name for name in folder_names(path) if name.endswith(".mp4") and is_file_inside(path, name)]
    return Video(videos[0]) if len(videos) == 1 else None


def _windows(path: Path, start: float) -> list[Event]:
    windows: list[Event] = []
    for row in _rows(path, "top_window.jsonl"):
        t = max(0.0, row.seconds("time_stamp") - start)
        windows.append(Event("window", t, t, row.source, text=row.text("top_window_name", "")))
    return windows


def _annotations(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if is_file_inside(path, "task_name.json"):
        task = Record(read_json(inside(path, "task_name.json")), "task_name.json", 0)
        found["task"] = task.text("task_name", "")
        if task.has("description"):
            found["description"] = task.text("description")
    labels = _rows(path, "reduced_events_complete.jsonl")
    if labels:
        found["reduced_events"] = [
            {key: value for key, value in row.data.items() if key not in _DROPPED_LABELS} for row in labels
        ]
    return found
