"""Traces that are readable and wrong: times, coordinates, code, pictures, links, damaged videos."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dataclaw.config import RunConfig
from dataclaw.run.prepare import prepare
from dataclaw.run.run import run
from tests.bad_input.conftest import INTENT, Given
from tests.bad_input.files import CLICK, agentnet, picture, raw_recording


@pytest.mark.parametrize(
    ("stamp", "reason"),
    [
        ("NaN", "holds a number that cannot be used: NaN is not a number."),
        ("Infinity", "holds a number that cannot be used: Infinity is not a number."),
        ("1e999", "holds a number that cannot be used: 1e999 is out of range."),
        ("-5", "'time_stamp' is -5, which is not a time."),
        ('"soon"', "'time_stamp' is 'soon', not a number."),
        ("1e99", "'time_stamp' is 1e+99, which is not a time."),
    ],
)
def test_times_that_are_none(given: Given, stamp: str, reason: str):
    folder = raw_recording(given.folder / "raw", stamp=stamp)
    row = given.rejected(folder)
    assert row["reason"] == reason
    assert row["place"] == f"{folder}/events.jsonl:3"


@pytest.mark.parametrize(
    ("events", "reason"), [("", "holds no event."), ('{"time_stamp": 1', "is not JSON"), ("[]\n", "is a list")]
)
def test_a_recording_whose_events_are_lost_is_not_taken_for_a_video(given: Given, events: str, reason: str):
    row = given.rejected(raw_recording(given.folder / "raw", events=events))
    assert row["reason"].startswith(reason)
    assert "events.jsonl" in row["place"]


def test_points_outside_the_screen_are_left_out_and_said(given: Given):
    (sample,) = given.samples(raw_recording(given.folder / "raw", x=5000))
    assert not [action for action in sample["answer"]["actions"] if action.get("point")]
    assert any("outside the picture" in problem for problem in sample["stream"]["problems"])


@pytest.mark.parametrize("x", ["7.5", "-0.5"])
def test_fractions_outside_the_screen_are_left_out_and_said(given: Given, x: str):
    file = given.write("off.jsonl", agentnet([f"pyautogui.click(x={x}, y=0.5)", CLICK]))
    (sample,) = given.samples(file)
    assert [action.get("point") for action in sample["answer"]["actions"]] == [None, [500.0, 500.0]]
    assert any("outside" in problem for problem in sample["stream"]["problems"])


HOSTILE = {
    "import": "import os\nos.system('touch {flag}')",
    "from": "from os import system\nsystem('touch {flag}')",
    "call": "__import__('os').system('touch {flag}')",
    "exec": "exec(\"open('{flag}', 'w')\")",
    "f-string": "pyautogui.write(f\"{{open('{flag}', 'w')}}\")",
    "attribute": "pyautogui.write(pyautogui.__class__)",
    "getattr": "getattr(pyautogui, 'click')(1, 2)",
    "default": "pyautogui.write(message=open('{flag}', 'w'))",
    "lambda": "(lambda: open('{flag}', 'w'))()",
    "comprehension": "[open('{flag}', 'w') for _ in (1,)]",
    "decorator": "@open('{flag}', 'w')\ndef f(): pass",
    "power": "pyautogui.click(x=9**9**9, y=1)",
    "digits": "pyautogui.click(x=" + "9" * 6000 + ", y=1)",
    "infinite": "pyautogui.click(x=1e999, y=0.5)",
    "nan": "pyautogui.click(x=float('nan'), y=0.5)",
    "long": "pyautogui.write('" + "a" * 2_000_001 + "')",
    "nested": "(" * 5000 + "1" + ")" * 5000,
    "unknown": "pyautogui.screenshot('{flag}')",
}


@pytest.mark.parametrize("code", HOSTILE.values(), ids=HOSTILE.keys())
def test_code_is_never_run(given: Given, code: str):
    flag = given.folder / "flag"
    file = given.write(
        "code.jsonl", agentnet([code.replace("{flag}", str(flag)).replace("{{", "{").replace("}}", "}")])
    )
    row = given.rejected(file)
    assert not flag.exists()
    assert row["reason"].startswith("none of its 1 steps is an action that can be read; the first problem: ")
    assert row["place"] == f"{file}:1"
    assert len(row["reason"]) < 400


def test_hostile_code_among_good_steps_is_kept_as_text_and_said(given: Given):
    flag = given.folder / "flag"
    file = given.write("code.jsonl", agentnet([CLICK, f"__import__('os').system('touch {flag}')", CLICK]))
    (sample,) = given.samples(file)
    assert not flag.exists()
    assert any("is not a pyautogui call" in problem for problem in sample["stream"]["problems"])


def test_a_script_with_an_import_is_refused_with_its_line(given: Given):
    file = given.write("macro.py", "import pyautogui\npyautogui.click(1, 2)\nimport os\nos.remove('x')\n")
    row = given.rejected(file)
    assert row["place"] == f"{file}:3"
    assert "import" in row["reason"]


def test_a_missing_screenshot_is_said_and_the_others_are_used(given: Given):
    given.write("shots/trace.jsonl", agentnet(["pyautogui.click(x=0.4, y=0.5)", CLICK]))
    given.write("shots/images/1.png", picture())
    (sample,) = given.samples(given.folder / "shots")
    assert any("0.png" in problem for problem in sample["stream"]["problems"])


@pytest.mark.parametrize("as_folder", [False, True], ids=["file", "folder"])
def test_a_screenshot_that_is_a_link_out_of_the_folder_is_not_followed(given: Given, as_folder: bool, tmp_path: Path):
    secret = tmp_path / "secret" / "0.png"
    secret.parent.mkdir()
    secret.write_bytes(picture("the secret"))
    trace = given.write("linked/trace.jsonl", agentnet([CLICK]))
    if as_folder:
        (trace.parent / "images").symlink_to(secret.parent)
    else:
        (trace.parent / "images").mkdir()
        (trace.parent / "images" / "0.png").symlink_to(secret)
    (sample,) = given.samples(trace.parent)
    assert "secret" not in json.dumps({**sample, "stream": None})
    assert sample["stream"]["size"] != [320, 200]
    assert any("0.png" in problem for problem in sample["stream"]["problems"])


@pytest.mark.parametrize("name", ["/etc/passwd", "../../../etc/passwd", "..\\..\\secret.png", "a\0b.png"])
def test_a_screenshot_named_outside_the_folder_is_not_read(given: Given, name: str):
    trace = json.loads(agentnet([CLICK]))
    trace["traj"][0]["image"] = name
    (sample,) = given.samples(given.write("named.jsonl", json.dumps(trace)))
    assert "root:" not in json.dumps(sample)


def test_a_folder_does_not_lead_out_through_links(given: Given, tmp_path: Path):
    outside = tmp_path / "outside.jsonl"
    outside.write_text(agentnet([CLICK, CLICK]))
    given.write("links/one.jsonl", agentnet([CLICK]))
    (given.folder / "links" / "two.jsonl").symlink_to(outside)
    (given.folder / "links" / "loop").symlink_to(given.folder / "links")
    given.run(given.folder / "links")
    assert given.names("samples") == ["good.jsonl", "one.jsonl"]


def test_a_video_that_ends_in_garbage_is_used_up_to_there(given: Given):
    folder = raw_recording(given.folder / "raw")
    movie = folder / "screen.mp4"
    movie.write_bytes(movie.read_bytes() + bytes(range(256)) * 40)
    (sample,) = given.samples(folder)
    assert [action["verb"] for action in sample["answer"]["actions"]] == ["double_click"]


def test_an_ocr_engine_that_is_not_installed_is_named(given: Given, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(given.folder))
    trace = given.write("shot/trace.jsonl", agentnet([CLICK]))
    given.write("shot/images/0.png", picture())
    list(run(prepare(RunConfig(intent=INTENT, domain="gui", ocr="tesseract")), [str(trace)], given.out))
    (row,) = given.rows("rejected")
    assert row["reason"] == "OCR engine tesseract is not installed."
    assert "apt-get install tesseract-ocr" in row["remedy"]


def test_a_video_that_breaks_off_is_rejected_beside_its_trace(given: Given):
    folder = raw_recording(given.folder / "raw")
    movie = folder / "screen.mp4"
    movie.write_bytes(movie.read_bytes()[:700])
    row = given.rejected(folder)
    assert row["place"].endswith("screen.mp4")
    assert "video" in row["reason"] or "frame" in row["reason"]
