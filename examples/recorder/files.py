"""Writes a recording in the raw layout of AgentNet: events, elements, windows, truth and the screen's video.

Times in the files are seconds of one monotonic clock; a time in the video is `time_stamp - video_start_timestamp`.
Not covered: `a11y.jsonl` (whole accessibility trees) and `event_buffer.jsonl`, which readers can do without.
"""

import base64
import io
import json
import platform
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image

from recorder.hand import Truth, key_name

FPS = 12
KEYFRAME_FRAMES = 4 * FPS
CRF = 28


@dataclass
class Recording:
    """All that was seen, with epoch seconds; `clock_offset` turns them into the monotonic seconds of the files."""

    events: list[dict[str, Any]]
    titles: list[dict[str, Any]]
    elements: list[tuple[float, dict[str, Any]]]
    frames: list[tuple[float, str]]
    truth: list[Truth]
    video_start: float
    video_end: float
    clock_offset: float
    start_time: str
    stop_time: str
    browser_version: str
    width: int
    height: int

    def largest_picture_gap(self) -> float:
        """Seconds without a new picture; the screen repaints each 80 ms, so a busy machine shows here."""
        shown = [t for t, _ in self.frames if self.video_start <= t <= self.video_end]
        times = [self.video_start, *shown, self.video_end]
        return max(after - before for before, after in pairwise(times))


def write(recording: Recording, task_name: str, out: Path) -> None:
    """Writes the trace's files into the folder, which must exist."""
    events = event_rows(recording)
    _write_jsonl(out / "events.jsonl", events)
    at = recording.clock_offset
    _write_jsonl(
        out / "element.jsonl", [{"time_stamp": _seconds(t + at), "a11y_tree": tree} for t, tree in recording.elements]
    )
    _write_jsonl(out / "top_window.jsonl", _windows(recording))
    _write_jsonl(out / "reduced_events_complete.jsonl", truth_rows(recording.truth, events))
    _write_json(out / "metadata.json", _metadata(recording))
    _write_json(out / "task_name.json", {"task_name": task_name, "description": ""})
    write_video(recording.frames, recording.video_start, recording.video_end, out / "screen.mp4")


def event_rows(recording: Recording) -> list[dict[str, Any]]:
    """The input as AgentNet's rows in the order of arrival; keys carry pynput's names."""
    rows: list[dict[str, Any]] = []
    latest = 0.0
    for index, event in enumerate(recording.events):
        fields = {name: value for name, value in event.items() if name not in {"epoch_s", "key", "code"}}
        if "key" in event:
            name = key_name(event["key"], event["code"])
            fields |= {"name": name, "pynput_key": f"Key.{name}" if len(name) > 1 else repr(name)}
        # Frames of a page round their clocks apart by up to 0.1 ms: the order of arrival is the order of time.
        latest = max(latest, _seconds(event["epoch_s"] + recording.clock_offset))
        rows.append({"time_stamp": latest, **fields, "event_idx": index})
    return rows


def truth_rows(truth: list[Truth], events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The scripted actions as AgentNet's reduced events, plus `purpose`, `application` and `event_end_idx`."""
    return [_truth_row(number, item, events[item.first_event : item.end_event]) for number, item in enumerate(truth)]


def _truth_row(number: int, truth: Truth, events: list[dict[str, Any]]) -> dict[str, Any]:
    if not events:
        raise ValueError(f"action {number} ({truth.action}) caused no input event; record again")
    row: dict[str, Any] = {
        "action": truth.action,
        "event_start_idx": events[0]["event_idx"],
        "event_end_idx": events[-1]["event_idx"],
        "start_time": events[0]["time_stamp"],
        "end_time": events[-1]["time_stamp"],
        "description": _describe(truth),
    }
    if truth.action == "click" and truth.element:
        element = truth.element
        row["target"] = {"control_type": element["ControlType"], "title": element["Name"], "mark": True}
        row["target"]["rectangle"] = element["BoundingRectangle"]
        presses = [event for event in events if event["action"] == "click" and event["pressed"]]
        points = [{"x": event["x"], "y": event["y"]} for event in presses]
        row |= {"click_type": truth.clicks, "button": presses[0]["button"], "pressed": True}
        row |= {"coordinate": points[0], "coordinates": points}
    elif truth.action == "scroll":
        wheel = [event for event in events if event["action"] == "scroll"]
        row["trace"] = [{name: event[name] for name in ("x", "y", "dx", "dy")} for event in wheel]
        row["time_trace"] = [event["time_stamp"] for event in wheel]
        row["coordinate"] = {"x": wheel[0]["x"], "y": wheel[0]["y"]}
    elif truth.action == "type":
        row["text"] = truth.text
        row["key_names"] = [
            event["name"] for event in events if event["action"] == "press" and event["name"] != "shift"
        ]
    else:
        row |= {"key_names": truth.key_names, "times": truth.times}
    return row | {"id": number, "purpose": truth.purpose, "application": truth.application}


def _describe(truth: Truth) -> str:
    if truth.action == "click":
        return f"{'Single' if truth.clicks == 1 else 'Double'} left Click"
    if truth.action == "scroll":
        return "Scroll"
    if truth.action == "type":
        return f"Type: {truth.text}"
    return f"Press: {' + '.join(truth.key_names)}" + (f" ({truth.times} times)" if truth.times > 1 else "")


def _windows(recording: Recording) -> list[dict[str, Any]]:
    """The title in front at the start of the video, then each change."""
    earlier = [title for title in recording.titles if title["epoch_s"] <= recording.video_start]
    later = [title for title in recording.titles if title["epoch_s"] > recording.video_start]
    shown = [{**earlier[-1], "epoch_s": recording.video_start}, *later]
    return [
        {"time_stamp": _seconds(title["epoch_s"] + recording.clock_offset), "top_window_name": title["title"]}
        for title in shown
    ]


def _metadata(recording: Recording) -> dict[str, Any]:
    return {
        "system": "Chromium on Linux",
        "release": recording.browser_version.split(".")[0],
        "version": recording.browser_version,
        "machine": platform.machine(),
        "screen_width": recording.width,
        "screen_height": recording.height,
        "model": "headless",
        "scroll_direction": 1,
        "start_time": recording.start_time,
        "video_start_timestamp": _seconds(recording.video_start + recording.clock_offset),
        "stop_time": recording.stop_time,
        "largest_picture_gap": round(recording.largest_picture_gap(), 3),
    }


def write_video(frames: list[tuple[float, str]], start: float, end: float, path: Path) -> None:
    """Encodes base64 JPEG frames with epoch times as H.264 at a constant rate.

    The picture at k / FPS seconds is the newest one shown by then, so nothing is seen before it happened.
    """
    with av.open(str(path), "w", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=FPS)
        shown, picture = 0, _picture(frames[0][1])
        stream.width, stream.height, stream.pix_fmt = picture.width, picture.height, "yuv420p"
        stream.gop_size = KEYFRAME_FRAMES
        stream.options = {"crf": str(CRF), "preset": "veryslow", "tune": "animation", "x264-params": "bframes=0"}
        for number in range(int((end - start) * FPS) + 1):
            newest = shown
            while newest + 1 < len(frames) and frames[newest + 1][0] <= start + number / FPS:
                newest += 1
            if newest != shown:
                shown, picture = newest, _picture(frames[newest][1])
            picture.pts, picture.time_base = number, Fraction(1, FPS)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))


def _picture(jpeg: str) -> av.VideoFrame:
    rgb = np.asarray(Image.open(io.BytesIO(base64.b64decode(jpeg))).convert("RGB"))
    return av.VideoFrame.from_ndarray(rgb, format="rgb24")


def _seconds(value: float) -> float:
    return round(value, 6)


def _write_json(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _write_jsonl(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
