"""The shipped traces keep their promises, and the recorder makes the same trace again."""

import json
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
TRACES = EXAMPLES / "traces"
SHIPPED = ["shop_and_mail", "calendar_only"]
CHROMIUM = any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))


def rows(trace: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (trace / name).read_text(encoding="utf-8").splitlines()]


def metadata(trace: Path) -> dict[str, Any]:
    return json.loads((trace / "metadata.json").read_text(encoding="utf-8"))


@cache
def pictures(trace: Path) -> tuple[list[float], np.ndarray]:
    """Times in seconds of the video, and grey pictures as (time, 180, 320) of small integers."""
    with av.open(str(trace / "screen.mp4")) as container:
        decoded = [(frame.time, frame.reformat(320, 180, "gray").to_ndarray()) for frame in container.decode(video=0)]
    return [time for time, _ in decoded], np.stack([picture for _, picture in decoded]).astype(np.int16)


def picture_at(trace: Path, seconds: float) -> np.ndarray:
    times, shown = pictures(trace)
    return shown[int(np.searchsorted(times, seconds, side="right")) - 1]


def changed_share(before: np.ndarray, after: np.ndarray) -> float:
    """The share of the screen above the task bar that differs visibly."""
    return float((np.abs(before - after)[:168] > 12).mean())


def check_trace(trace: Path, element_lead: float) -> None:
    events, truth, elements = (
        rows(trace, name) for name in ("events.jsonl", "reduced_events_complete.jsonl", "element.jsonl")
    )
    meta = metadata(trace)
    assert [event["event_idx"] for event in events] == list(range(len(events)))
    for records, field in ((events, "time_stamp"), (elements, "time_stamp"), (truth, "start_time")):
        times = [record[field] for record in records]
        assert times == sorted(times)
    end = meta["video_start_timestamp"] + pictures(trace)[0][-1]
    assert meta["video_start_timestamp"] <= events[0]["time_stamp"]
    assert events[-1]["time_stamp"] < end
    check_keys(events)
    check_clicks(truth, events, elements, element_lead)


def check_keys(events: list[dict[str, Any]]) -> None:
    """Each key goes up again before the recording ends, under the same name."""
    down: list[str] = []
    for event in events:
        if event["action"] == "press":
            down.append(event["name"])
            assert event["pynput_key"] == (f"Key.{event['name']}" if len(event["name"]) > 1 else repr(event["name"]))
        elif event["action"] == "release":
            down.remove(event["name"])
    assert down == []


def check_clicks(
    truth: list[dict[str, Any]], events: list[dict[str, Any]], elements: list[dict[str, Any]], lead: float
) -> None:
    """Each click has its element, asked for at most `lead` seconds before the press, with the point inside the box."""
    clicks = [row for row in truth if row["action"] == "click"]
    assert len(clicks) == len(elements)
    for row, element in zip(clicks, elements, strict=True):
        assert 0 < row["start_time"] - element["time_stamp"] < lead
        box, (x, y) = element["a11y_tree"]["BoundingRectangle"], (row["coordinate"]["x"], row["coordinate"]["y"])
        assert box["left"] <= x < box["right"]
        assert box["top"] <= y < box["bottom"]
        assert row["target"]["title"] == element["a11y_tree"]["Name"] != ""
        press = events[row["event_start_idx"]]
        assert (press["action"], press["x"], press["y"], press["time_stamp"]) == ("click", x, y, row["start_time"])


def script_of(trace: Path) -> list[tuple[Any, ...]]:
    """What was done and why, without times and positions."""
    return [
        (row["action"], row["purpose"], row["application"], row["description"], row.get("target", {}).get("title"))
        for row in rows(trace, "reduced_events_complete.jsonl")
    ]


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_trace_is_consistent(name: str) -> None:
    check_trace(TRACES / name, element_lead=0.05)
    assert metadata(TRACES / name)["largest_picture_gap"] < 0.3


@pytest.mark.parametrize(("name", "limit_bytes"), [("shop_and_mail", 1_500_000), ("calendar_only", 500_000)])
def test_shipped_trace_is_small(name: str, limit_bytes: int) -> None:
    assert sum(path.stat().st_size for path in (TRACES / name).iterdir()) < limit_bytes


@pytest.mark.parametrize("name", SHIPPED)
def test_video_has_the_screen_size_and_frequent_key_frames(name: str) -> None:
    meta = metadata(TRACES / name)
    with av.open(str(TRACES / name / "screen.mp4")) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.width, stream.height) == (
            "h264",
            meta["screen_width"],
            meta["screen_height"],
        )
        keys = [float(packet.pts * packet.time_base) for packet in container.demux(stream) if packet.is_keyframe]
    assert keys[0] == 0
    assert max(np.diff([*keys, pictures(TRACES / name)[0][-1]])) <= 5


@pytest.mark.parametrize("name", SHIPPED)
def test_screen_changes_soon_after_each_new_title_and_not_before(name: str) -> None:
    trace, start = TRACES / name, metadata(TRACES / name)["video_start_timestamp"]
    titles = rows(trace, "top_window.jsonl")
    assert titles[0]["time_stamp"] == start
    for title in titles[1:]:
        at = title["time_stamp"] - start
        before, after = picture_at(trace, at - 0.001), picture_at(trace, at + 0.2)
        change = changed_share(before, after)
        assert change > 0.01, title
        assert changed_share(picture_at(trace, at - 0.2), before) < change / 3, title


@pytest.mark.parametrize("name", SHIPPED)
def test_each_new_title_follows_an_action(name: str) -> None:
    ends = np.array([row["end_time"] for row in rows(TRACES / name, "reduced_events_complete.jsonl")])
    starts = np.array([row["start_time"] for row in rows(TRACES / name, "reduced_events_complete.jsonl")])
    for title in rows(TRACES / name, "top_window.jsonl")[1:]:
        at = title["time_stamp"]
        assert ((starts <= at) & (at <= ends + 0.1)).any(), title


@pytest.mark.parametrize("name", SHIPPED)
def test_pointer_is_drawn_where_the_events_say(name: str) -> None:
    """Before each click the screen shows the pointer at the point, to 2 px: a white body right of a dark edge."""
    trace, start = TRACES / name, metadata(TRACES / name)["video_start_timestamp"]
    clicks = [row for row in rows(trace, "reduced_events_complete.jsonl") if row["action"] == "click"]
    wanted = [round((row["start_time"] - start) * 12 - 0.5) for row in clicks]
    with av.open(str(trace / "screen.mp4")) as container:
        shown = {n: f.to_ndarray(format="gray") for n, f in enumerate(container.decode(video=0)) if n in set(wanted)}
    for row, number in zip(clicks, wanted, strict=True):
        x, y = row["coordinate"]["x"], row["coordinate"]["y"]
        edges = [at for at in range(x - 2, x + 4) if shown[number][y + 4 : y + 16, at].max() < 110]
        assert edges, f"no dark edge at ({x}, {y})"
        assert shown[number][y + 10 : y + 13, edges[-1] + 3].min() > 180, f"no white body at ({x}, {y})"


def test_purposes_tell_the_story_of_shop_and_mail() -> None:
    truth = rows(TRACES / "shop_and_mail", "reduced_events_complete.jsonl")
    assert 35 <= len(truth) <= 45
    titles = {
        purpose: [row["target"]["title"] for row in truth if row["purpose"] == purpose and row["action"] == "click"]
        for purpose in ("detour", "undone", "unrelated")
    }
    assert titles["undone"] == ["More", "Less"]
    assert [title.split(",")[0] for title in titles["detour"]] == [
        "Travel Mug",
        "← Back to results",
        "Lantern",
        "← Back to results",
    ]
    assert ["Trailhead Weekly" in title for title in titles["unrelated"]] == [True, False]  # and the way back
    order = next(row["target"]["title"] for row in truth if row.get("click_type") == 2)
    windows = [row["top_window_name"] for row in rows(TRACES / "shop_and_mail", "top_window.jsonl")]
    assert f"Fernhill Supply — Order #{order} placed" in windows
    assert {window.split(" — ")[0] for window in windows} == {"Postbox", "Fernhill Supply", "Dayplan"}


def test_typed_rows_match_the_recorded_keys() -> None:
    events = rows(TRACES / "shop_and_mail", "events.jsonl")
    for row in rows(TRACES / "shop_and_mail", "reduced_events_complete.jsonl"):
        if row["action"] == "type":
            inside = events[row["event_start_idx"] : row["event_end_idx"] + 1]
            names = [event["name"] for event in inside if event["action"] == "press" and event["name"] != "shift"]
            assert "".join({"space": " "}.get(name, name) for name in names) == row["text"]


def recorder(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(EXAMPLES / "record_trace.py"), *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=environment or None,
    )


def test_recorder_says_how_to_install_a_browser(tmp_path: Path) -> None:
    done = recorder("--out", str(tmp_path / "trace"), PATH=str(tmp_path))
    assert done.returncode == 1
    assert "apt-get install chromium" in done.stderr
    assert not (tmp_path / "trace").exists()


def test_recorder_does_not_write_into_a_full_folder(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    done = recorder("--out", str(tmp_path))
    assert done.returncode == 1
    assert "not an empty folder" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM, reason="no Chromium on this machine")
def test_recorder_makes_the_shipped_trace_again(tmp_path: Path) -> None:
    done = recorder("--out", str(tmp_path / "trace"), "--script", "calendar_only", "--seed", "7")
    assert done.returncode == 0, done.stderr
    check_trace(tmp_path / "trace", element_lead=2)  # the machine may be busy
    assert script_of(tmp_path / "trace") == script_of(TRACES / "calendar_only")
    files = {path.name for path in (tmp_path / "trace").iterdir()}
    assert files == {path.name for path in (TRACES / "calendar_only").iterdir()}
