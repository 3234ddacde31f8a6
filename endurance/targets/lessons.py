"""Lessons, narrations and subtitles."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from endurance.target import FuzzTarget
from endurance.targets.opening import files, put, read_first, read_stream
from tests.bad_input.files import picture
from tests.streams.conftest import write_video
from tests.streams.lessons import test_olx as olx
from tests.streams.lessons.test_paella import lecture, sprite
from tests.streams.lessons.test_slides_pdf import SLIDE
from tests.streams.lessons.test_slides_pdf import write as write_pdf
from tests.streams.lessons.test_tables_and_frames import lectures
from tests.streams.lessons.test_timed_words import lesson
from tests.streams.narrations.test_epic_kitchens import row, table
from tests.streams.narrations.test_goal_step import segment
from tests.streams.narrations.test_goal_step import write as write_goals

SRT = "1\n00:00:01,000 --> 00:00:02,500\nHello <i>there</i>\nfriend\n\n2\n00:00:03,000 --> 00:00:04,000\n1984\n"
VTT = ("WEBVTT\nKind: captions\nLanguage: es\n\nNOTE one\n\nSTYLE\n::cue{}\n\nname\n00:02.220 --> 00:05.800 "
       "align:start\n<v Roger>ok <00:00:03.000><c>voy</c>\n\n00:06.300 --> 00:09.270\nsu trabajo\n")  # fmt: skip
TTML = ('<tt xmlns="http://www.w3.org/ns/ttml" xml:lang="en"><body><div><p begin="00:00:01.000" end="2.5s">Hello<br/>'
        '<span>there</span></p><p begin="3s" dur="1s">friend</p></div></body></tt>')  # fmt: skip
ASS = ("[Script Info]\nScriptType: v4.00+\n[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, "
       "MarginV, Effect, Text\nDialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,{\\pos(1,2)}Up\\Nhere\n")  # fmt: skip
PROBLEM = """<problem display_name="Q"><multiplechoiceresponse><label>Which animal?</label><choicegroup>
<choice correct="true">Lion</choice><choice correct="false">Tiger <choicehint>No.</choicehint></choice></choicegroup>
</multiplechoiceresponse><numericalresponse answer="3.5"><label>How many?</label><responseparam type="tolerance"
default="5%"/></numericalresponse><stringresponse answer="x"><label>Q?</label></stringresponse></problem>"""


def _olx(folder: Path) -> None:
    video = (
        '<video url_name="v" display_name="Talk" start_time="00:00:01"><transcript language="en" src="t.srt"/></video>'
    )
    unit = '<html url_name="h"/><video url_name="v"/><problem url_name="p"/>'
    olx.course(folder / "course", unit, {
        "video/v.xml": video, "static/t.srt": olx.SRT, "problem/p.xml": PROBLEM,
        "html/h.xml": '<html filename="h" display_name="Read"/>',
        "html/h.html": "<h2>Intro</h2><p>Lions &amp; more</p>"})  # fmt: skip


def _paella(folder: Path) -> None:
    captions = [{"lang": "en", "url": "c.en.vtt"}]
    root = lecture(folder / "lecture", captions=captions)
    sprite(root / "t.png", cell=(4, 3))
    put(root, {"c.en.vtt": "WEBVTT\n\n00:01.000 --> 00:02.000\nhello\n"})


def _lecture_frames(folder: Path) -> None:
    small = picture("x", (32, 24))
    shown = {f"frames/talk_frame_0000{n}_{n}.50s.png": small for n in range(2)}
    put(folder / "lecture", {"results.json": '[{"timestamp": 1.5, "text": "Fields"}]', **shown})


def _epic(folder: Path) -> None:
    table(folder / "epic", [row("P01_11", "00:00:05.00", "00:00:06.50"), row("P01_11", "00:00:01.00", "00:00:02.00")])


def read_epic(folder: Path) -> None:
    """The table of a folder."""
    read_first(folder / "EPIC_100_validation.csv")


def _captioned(folder: Path) -> None:
    spans = [{"start": 0.2, "end": 0.4, "text": "The player turns left."}, {"start": 0.1, "end": 0.3, "keys": ["LEFT"]}]
    for name, said in (("spans", spans), ("whole", "A <i>baker</i> kneads.")):
        root = put(folder / name, {"captions.json": json.dumps({"captions": {"a.mp4": said}})})
        write_video(root / "a.mp4", range(6), size=(32, 16), codec="mpeg4")


def read_captioned(folder: Path) -> None:
    """The video of a folder."""
    read_stream(folder / "a.mp4")


def _bundle(folder: Path) -> None:
    said = {"fragments": {"A": "a.jsonl", "B": "b.jsonl"}, "order": ["B", "A"], "task": "buy"}
    case = {"inputs": {"A": "a.jsonl", "B": "b.jsonl"}, "reference": {"order": ["A", "B"]}}
    for name, manifest in (("fragments", said), ("case", case)):
        parts = {f"{part}.jsonl": _trace(part) for part in "ab"}
        put(folder / name, {f"{name}.json": json.dumps(manifest), **parts})


def _trace(task: str) -> str:
    steps = [{"index": 0, "image": "", "value": {"code": "pyautogui.click(x=0.5, y=0.5)"}}]
    return json.dumps({"task_id": task, "instruction": "buy", "traj": steps}) + "\n"


def _sounds(folder: Path) -> None:
    rows = [["filename", "onset", "offset", "event_label"], ["a.wav", "0", "1", "Dog"], ["b.wav", "0.5", "2", "Rain"]]
    with (folder / "strong.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    put(folder, {"audacity.txt": "0.5\t1.25\tdoor slam\n2.0\t3.0\train\n"})


def _tables(folder: Path) -> None:
    root = folder / "lectures"
    root.mkdir()
    lectures(root, boxes='[{"label": "Diagram", "left": 10, "top": 20, "width": 30, "height": 40}]')


def read_tables(folder: Path) -> None:
    """The table of a folder of lectures."""
    read_first(folder / "raw_video_links.csv")


def _goals(folder: Path) -> None:
    write_goals(folder, segment(50, 60, "Serve"), segment(5.0, 40.0, "Cook", segment(20, 30, "Chop")))


TARGETS = (
    FuzzTarget("lesson subtitles", files(a_srt=SRT, b_vtt=VTT, c_ttml=TTML, d_ass=ASS), read_first, 30),
    FuzzTarget("lesson olx", _olx, read_first, 16),
    FuzzTarget("lesson paella", _paella, read_first, 10),
    FuzzTarget("lesson timed_words", lambda folder: lesson(folder), read_first, 20),
    FuzzTarget("lesson slides_pdf", lambda folder: write_pdf(folder / "a.pdf", [(SLIDE, "A"), (SLIDE, "B")]),
               read_first, 1),
    FuzzTarget("lesson tables", _tables, read_tables, 20),
    FuzzTarget("lesson frames", _lecture_frames, read_first, 8),
    FuzzTarget("narration epic_kitchens", _epic, read_epic, 16),
    FuzzTarget("narration goal_step", _goals, read_first, 24),
    FuzzTarget("narration sound_events", _sounds, read_first, 24),
    FuzzTarget("video captioned", _captioned, read_captioned, 6, files=("*.json",)),
    FuzzTarget("fragments", _bundle, read_stream, 12, files=("*.json",)),
)  # fmt: skip
