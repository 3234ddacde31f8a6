"""A real screen is recorded while a real hand works on a real page; what is on the disk is compared with what was done.

Times are compared on the machine's one monotonic clock. An event may be stamped `LATE` seconds after xdotool sent it,
and the screen may show it `SHOWN` seconds later; both are generous, for a machine that is busy with other work.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from dataclaw.record.preview import write_preview
from dataclaw.streams import open_stream
from tests.record.conftest import Deed, Desk, Recording, begin_display, need

pytestmark = pytest.mark.browser
LATE, SHOWN = 0.5, 2.0
SECRET = "hunTer2 x"


def rows(folder: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / name).read_text(encoding="utf-8").splitlines()]


def metadata(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "metadata.json").read_text(encoding="utf-8"))


def pictures(folder: Path) -> list[tuple[float, np.ndarray]]:
    """Times [s] and RGB pictures of the video."""
    with av.open(str(folder / "screen.mp4")) as container:
        return [(frame.time, frame.to_ndarray(format="rgb24")) for frame in container.decode(video=0)]


@dataclass
class Session:
    """One recording in which everything is done once, and where and when it was done."""

    folder: Path
    said: str
    told: str
    places: dict[str, tuple[int, int]]
    deeds: dict[str, Deed]


@pytest.fixture(scope="module")
def session(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Session:
    folder, places, deeds = tmp_path_factory.mktemp("taken") / "mine", {}, {}
    recording = desk.record(folder)
    for element in ("light", "name"):
        places[element], deeds[element] = desk.click(element)
    deeds["Ada"] = desk.do("type", "--delay", 60, "Ada")
    desk.do("key", "Tab", rest=0)
    desk.do("type", "--delay", 30, SECRET)
    desk.do("key", "Tab", rest=0)
    deeds["two red"] = desk.do("type", "--delay", 60, "two red")
    desk.do("key", "ctrl+a")
    places["list"] = desk.place("list")
    desk.do("mousemove", *places["list"])
    deeds["list"] = desk.do("click", "--repeat", 5, "--delay", 80, 5)
    places["lamp"], places["to"] = desk.place("lamp"), (desk.place("lamp")[0] + 60, desk.place("lamp")[1] + 40)
    desk.do("mousemove", *places["lamp"])
    deeds["lamp"] = desk.do("mousedown", 1)
    desk.do("mousemove", *places["to"])
    desk.do("mouseup", 1)
    places["send"], deeds["send"] = desk.click("send")
    desk.do("key", "F10")
    return Session(folder, recording.end(), recording.told, places, deeds)


def test_it_says_what_it_will_record_before_it_does_and_what_to_do_next(session: Session):
    announced, _, _ = session.told.partition("recording\n")
    for part in ("1280x720 px", "masked in password fields", "1 application", "Nothing leaves this machine", "F10"):
        assert part in announced
    assert "ended by the stop key" in session.said
    assert 'next: dataclaw run --domain gui --intent "Extract the ordered UI actions' in session.said


def test_clicks_are_where_and_when_they_were(session: Session):
    presses = [row for row in rows(session.folder, "events.jsonl") if row.get("pressed")]
    assert [(row["x"], row["y"]) for row in presses] == [session.places[n] for n in ("light", "name", "lamp", "send")]
    for row, name in zip(presses, ("light", "name", "lamp", "send"), strict=True):
        assert session.deeds[name].began <= row["time_stamp"] <= session.deeds[name].ended + LATE


def test_what_is_clicked_has_its_name_and_kind(session: Session):
    events = open_stream(session.folder).events
    clicked = {event.target: event.role for event in events if event.kind == "click"}
    assert clicked == {"Switch on": "ButtonControl", "Your name": "EditControl", "Send the order": "ButtonControl"}


def test_what_was_typed_is_there_and_the_password_is_not(session: Session):
    written = [event.text for event in open_stream(session.folder).events if event.kind == "write"]
    assert written == ["Ada", "•" * len(SECRET), "two red"]
    presses = [row for row in rows(session.folder, "events.jsonl") if row["action"] == "press"]
    names = "".join(row["name"] for row in presses if len(row["name"]) == 1)
    assert names == "Ada" + "•" * len(SECRET) + "twored" + "a"
    for file in session.folder.iterdir():
        assert SECRET[:5].encode() not in file.read_bytes()


def test_wheel_drag_shortcut_and_windows(session: Session):
    events = open_stream(session.folder).events
    wheel = next(event for event in events if event.kind == "scroll")
    assert (wheel.point, wheel.scroll) == (session.places["list"], (0, 5))
    drag = next(event for event in events if event.kind == "drag")
    assert (drag.point, drag.end_point) == (session.places["lamp"], session.places["to"])
    assert ("ctrl", "a") in [event.keys for event in events if event.kind == "hotkey"]
    titles = [row["top_window_name"].partition(" - ")[0] for row in rows(session.folder, "top_window.jsonl")]
    assert titles == ["Order desk", "Order sent"]


def test_the_stop_key_is_no_part_of_it_and_times_are_in_order(session: Session):
    recorded = rows(session.folder, "events.jsonl")
    assert "f10" not in {row.get("name") for row in recorded}
    times = [row["time_stamp"] for row in recorded]
    assert times == sorted(times)
    assert times[0] >= metadata(session.folder)["video_start_timestamp"]


def test_the_video_shows_each_deed_when_it_happened(session: Session):
    """The lamp is white in every picture before the click, and red in every one from soon after it on."""
    start = metadata(session.folder)["video_start_timestamp"]
    press = next(row["time_stamp"] for row in rows(session.folder, "events.jsonl") if row.get("pressed")) - start
    x, y = session.places["lamp"]
    lamp = [(t, picture[y + 60, x + 60].astype(int)) for t, picture in pictures(session.folder)]
    red = [bool(r > 180 and g < 60) for _, (r, g, _) in lamp]
    first = red.index(True)
    assert not any(red[:first])
    assert all(red[first:])
    assert press <= lamp[first][0] <= press + SHOWN
    assert lamp[0][0] == 0


def test_the_pointer_is_drawn_where_it_rests(session: Session):
    start = metadata(session.folder)["video_start_timestamp"]
    x, y = session.places["send"]
    shown = {t + start: picture[y : y + 16, x : x + 10] for t, picture in pictures(session.folder)}
    before = [area for t, area in shown.items() if t < session.deeds["name"].began][-1]
    resting = [area for t, area in shown.items() if t < session.deeds["send"].began][-1]
    assert (np.abs(before.astype(int) - resting) > 60).any(axis=2).sum() > 15


def test_a_run_makes_an_accepted_sample_with_the_places_that_were_clicked(session: Session, desk: Desk, tmp_path: Path):
    intent = "Extract the ordered UI actions with coordinates"
    command = [sys.executable, "-m", "dataclaw", "run", "--domain", "gui", "--intent", intent, "--out", "out"]
    subprocess.run([*command, str(session.folder)], env=desk.env, cwd=tmp_path, check=True, capture_output=True)
    (sample,) = rows(tmp_path / "out", "samples.jsonl")
    clicks = {a["target"]: tuple(a["point"]) for a in sample["answer"]["actions"] if a["verb"] == "click"}
    named = {"Switch on": "light", "Your name": "name", "Send the order": "send"}
    assert clicks == {target: session.places[element] for target, element in named.items()}
    assert sample["verdict"]["passed"]


def test_the_preview_shows_the_moments_of_the_actions(session: Session):
    from PIL import Image

    page, actions = write_preview(session.folder)
    assert page == session.folder / "preview.jpg"
    assert actions >= 11
    with Image.open(page) as sheet:
        marks = np.asarray(sheet.convert("RGB")).astype(int)
    assert ((marks[..., 0] > 200) & (marks[..., 1] > 40) & (marks[..., 1] < 90) & (marks[..., 2] < 50)).sum() > 200


def interrupt(recording: Recording, desk: Desk) -> None:
    desk.do("key", "ctrl+c", rest=0)
    recording.process.send_signal(signal.SIGINT)


ENDINGS = {
    "Ctrl-C": interrupt,
    "SIGTERM": lambda recording, desk: recording.process.terminate(),
}


@pytest.mark.parametrize("why", sorted(ENDINGS))
def test_signals_end_it_and_leave_a_whole_recording(why: str, desk: Desk, tmp_path: Path):
    recording = desk.record(tmp_path / "mine")
    at, _ = desk.click("light")
    ENDINGS[why](recording, desk)
    assert f"ended by {why}" in recording.end()
    assert recording.process.returncode == 0
    (event,) = open_stream(tmp_path / "mine").events  # the Ctrl-C is no part of it
    assert event.point == at


@pytest.mark.slow
@pytest.mark.parametrize(
    ("option", "why"), [("--seconds=3", "the limit of 3 s"), ("--max-mb=0.03", "the limit of 0.03 MB")]
)
def test_limits_end_it(option: str, why: str, desk: Desk, tmp_path: Path):
    recording = desk.record(tmp_path / "mine", option)
    for _ in range(100):
        if recording.process.poll() is not None:
            break
        desk.do("click", 5, rest=0.05)
    assert why in recording.end()


def test_every_typed_character_is_masked_where_asked(desk: Desk, tmp_path: Path):
    recording = desk.record(tmp_path / "mine", "--mask-keys", "--stop-key", "f8")
    assert "all, typed text masked" in recording.told
    desk.click("note")
    desk.do("type", "--delay", 30, "plain, Words")
    desk.do("key", "Return")
    desk.do("key", "F8")
    recording.end()
    names = {row["name"] for row in rows(tmp_path / "mine", "events.jsonl") if row["action"] in ("press", "release")}
    assert names == {"•", "shift", "enter"}


def test_a_password_field_that_has_the_keyboard_already_is_told(desk: Desk, tmp_path: Path):
    desk.click("secret")
    recording = desk.record(tmp_path / "mine")
    desk.do("type", "--delay", 30, "x9")
    desk.do("key", "Tab")
    desk.do("type", "open")
    desk.do("key", "F10")
    recording.end()
    assert [event.text for event in open_stream(tmp_path / "mine").events if event.kind == "write"] == ["••", "open"]


def test_who_hurries_from_field_to_field_keeps_the_secret_and_loses_nothing_else(desk: Desk, tmp_path: Path):
    subprocess.run(["setxkbmap", "de"], env=desk.env, check=True)
    expected = ["öffen@", "•••", "back", "•••"] * 4
    for rest in (0.0, 0.1, 0.4, 1.5):  # a busy desktop tells late who has the keyboard, and more is masked: never less
        written = _written_in_a_hurry(desk, tmp_path / f"rest {rest}", rest)
        assert len(written) == len(expected)
        assert not {*"QßX@"} & {*"".join(written[1::2])}
        if written == expected:
            break
    subprocess.run(["setxkbmap", "us"], env=desk.env, check=True)
    assert written == expected


def _written_in_a_hurry(desk: Desk, out: Path, rest: float) -> list[str]:
    recording = desk.record(out)
    for _ in range(4):
        desk.do("mousemove", *desk.place("name"), "click", 1, rest=rest)
        desk.do("type", "--delay", 15, "öffen@", rest=rest)
        desk.do("mousemove", *desk.place("secret"), "click", 1, rest=rest)
        desk.do("type", "--delay", 15, "QßX", rest=rest)
        desk.do("key", "shift+Tab", rest=rest)
        desk.do("type", "--delay", 15, "back", rest=rest)
        desk.do("key", "Tab", rest=rest)
        desk.do("type", "--delay", 15, "Q@X", rest=rest)
    desk.do("key", "F10", rest=0)
    recording.end()
    return [event.text for event in open_stream(out).events if event.kind == "write"]


def test_while_it_is_paused_nothing_is_kept(desk: Desk, tmp_path: Path):
    recording = desk.record(tmp_path / "mine")
    desk.do("key", "F9")
    assert recording.process.stderr is not None
    assert recording.process.stderr.readline() == "paused\n"
    _, deed = desk.click("light")
    desk.do("type", "not this")
    desk.do("key", "F9")
    assert recording.process.stderr.readline() == "recording\n"
    at, _ = desk.click("send")
    desk.do("key", "F10")
    recording.end()
    recorded = rows(tmp_path / "mine", "events.jsonl")
    assert {(row.get("x"), row.get("y")) for row in recorded} == {at}
    start = metadata(tmp_path / "mine")["video_start_timestamp"]
    assert not [t for t, _ in pictures(tmp_path / "mine") if deed.began <= t + start <= deed.ended]


def test_killed_hard_it_is_a_shorter_recording(desk: Desk, tmp_path: Path):
    folder = tmp_path / "mine"
    recording = desk.record(folder)
    at, deed = desk.click("light")
    desk.do("sleep", 2)
    os.kill(recording.process.pid, signal.SIGKILL)
    recording.end()
    stream = open_stream(folder)
    assert [event.point for event in stream.events] == [at]
    assert stream.frames is not None
    assert pictures(folder)[-1][0] > deed.ended - metadata(folder)["video_start_timestamp"]
    again = subprocess.run(
        [sys.executable, "-m", "dataclaw", "record", str(folder)], env=desk.env, capture_output=True, text=True
    )
    assert again.returncode == 2
    assert "holds a recording, which can be read even where it was cut short" in again.stderr


@pytest.fixture
def small_disk(tmp_path: Path) -> Generator[Path]:
    """A disk of its own with little room."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=72k", "tmpfs", str(disk)], capture_output=True).returncode:
        pytest.skip("may not mount a small disk")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_when_the_disk_is_full_what_was_recorded_stays(desk: Desk, small_disk: Path):
    folder = small_disk / "mine"
    recording = desk.record(folder)
    at, _ = desk.click("light")
    desk.do("mousemove", *desk.place("list"))
    for wheel in (5, 4) * 100:
        if recording.process.poll() is not None:
            break
        desk.do("click", wheel, rest=0.05)
    assert "ended by a failure" in recording.end()
    assert recording.process.returncode == 1
    assert "ended early: [Errno 28] No space left on device; what was recorded is kept" in recording.told
    stream = open_stream(folder)
    assert stream.events[0].point == at
    assert stream.frames is not None
    assert len(pictures(folder)) > 10


def test_when_the_display_goes_away_what_was_recorded_stays(tmp_path: Path):
    need("Xvfb", "xdotool")
    env = {name: value for name, value in os.environ.items() if name != "DBUS_SESSION_BUS_ADDRESS"}
    with ExitStack() as clean:
        server = begin_display(env, clean)
        desk = Desk(env)
        recording = desk.record(tmp_path / "mine")
        assert "password fields are not told here: --mask-keys masks all that is typed" in recording.told
        assert "not recorded: no session bus here" in recording.told
        desk.do("mousemove", 30, 40)
        desk.do("click", 1, rest=1.0)
        server.terminate()
        recording.end()
    assert recording.process.returncode == 1
    assert "the display went away; what was recorded is kept" in recording.told
    assert "Traceback" not in recording.told
    (event,) = open_stream(tmp_path / "mine").events
    assert (event.point, event.target, event.role) == ((30, 40), "", "")


def test_one_of_two_monitors_is_recorded_in_pixels_of_its_own(tmp_path: Path):
    need("Xvfb", "xdotool", "xrandr")
    env = {name: value for name, value in os.environ.items() if name != "DBUS_SESSION_BUS_ADDRESS"}
    with ExitStack() as clean:
        begin_display(env, clean)
        for name, left, output in (("left", 0, "screen"), ("right", 640, "none")):
            place = f"640/160x720/180+{left}+0"
            subprocess.run(["xrandr", "--setmonitor", name, place, output], env=env, check=True, capture_output=True)
        desk = Desk(env)
        recording = desk.record(tmp_path / "mine", "--monitor", "2", "--longest", "360")
        for words in (
            ["mousemove", 100, 100],
            ["click", 1],
            ["mousemove", 740, 100],
            ["click", 1],
        ):  # the other one first
            desk.do(*words, rest=0.6)
        for words in (
            ["mousemove", 800, 200],
            ["mousedown", 1],
            ["mousemove", 300, 250],
            ["mouseup", 1],
            ["key", "F10"],
        ):
            desk.do(*words, rest=0.2)
        recording.end()
    presses = [row for row in rows(tmp_path / "mine", "events.jsonl") if row["action"] == "click"]
    assert [(row["x"], row["y"]) for row in presses] == [(100, 100)] * 2 + [(160, 200), (0, 250)]
    stream = open_stream(tmp_path / "mine")
    assert stream.frames is not None
    assert stream.frames.size == (320, 360)
    assert [event.point for event in stream.events] == [(50, 50), (80, 100)]
