"""Edits and cuts: graphs of ComfyUI, pairs of pictures, timelines, lists of cuts, histories."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from pathlib import Path

from endurance.target import FuzzTarget
from endurance.targets.opening import ROOT, files, put, read_first
from tests.streams.edits import making
from tests.streams.edits.test_comfy import EDITOR

RATE = "<rate><timebase>25</timebase><ntsc>FALSE</ntsc></rate>"
FILE = f'<file id="f1"><name>a.mov</name><pathurl>file://localhost/x/a.mov</pathurl>{RATE}</file>'
EXPOSURE = struct.pack("<i4f", 0, 0.0, 0.7, 50.0, -4.0)


def _comfy_pictures(folder: Path) -> None:
    for kind in (b"tEXt", b"zTXt", b"iTXt"):
        making.png(folder / f"{kind.decode()}.png", making.tell(making.GRAPH, kind=kind), size=(16, 16))
    making.png(folder / "both.png", making.tell(EDITOR, b"workflow"), making.tell(making.GRAPH), size=(16, 16))


def _otio(folder: Path) -> None:
    clip, many, time = making.clip, making.many, making.time
    media = {"DEFAULT_MEDIA": {"OTIO_SCHEMA": "ExternalReference.1", "target_url": "file:///x/My%20Shot.mov"}}
    dissolve = {"OTIO_SCHEMA": "Transition.1", "name": "", "transition_type": "SMPTE_Dissolve",
                "in_offset": time(6), "out_offset": time(12)}  # fmt: skip
    marker = {"OTIO_SCHEMA": "Marker.2", "name": "fix", "marked_range": making.span(30, 0), "color": "RED"}
    slow = [{"OTIO_SCHEMA": "LinearTimeWarp.1", "time_scalar": 0.5}]
    inner = many("Stack.1", "Intro", [many("Track.1", "Titles", [clip("t", 0, 24)], kind="Video")],
                 source_range=making.span(12, 12), effects=slow)  # fmt: skip
    track = many("Track.1", "V", [clip("a", 48, 24, media_references=media, markers=[marker]), making.gap(12),
                                  clip("b", 0, 48), dissolve, inner], kind="Video")  # fmt: skip
    making.timeline(folder / "cut.otio", track)
    making.timeline(folder / "short.otio", many("Track.1", "V", [clip("a", 0, 24)], kind="Video"))


def _fcp7(folder: Path) -> None:
    def item(number: int, start: int, end: int, more: str = "") -> str:
        media = FILE if number == 1 else '<file id="f1"/>'
        return (f'<clipitem id="c{number}"><name>A</name><duration>200</duration>{RATE}<start>{start}</start>'
                f"<end>{end}</end><in>5</in><out>{5 + end - start}</out>{media}{more}</clipitem>")  # fmt: skip

    speed = ("<filter><effect><name>Time Remap</name><effectid>timeremap</effectid><parameter><parameterid>speed"
             "</parameterid><value>50</value></parameter></effect></filter>")  # fmt: skip
    media = f"<media><video><track>{item(1, 0, 50)}{item(2, 75, 100, speed)}</track></video></media>"
    cut = f'<xmeml version="5"><sequence id="s1"><name>Cut</name>{RATE}{media}</sequence></xmeml>'
    put(folder, {"cut.xml": f'<?xml version="1.0"?><!DOCTYPE xmeml>{cut}'})


def _darktable(folder: Path) -> None:
    packed = "gz01" + base64.b64encode(zlib.compress(EXPOSURE)).decode()
    rows = [making.row(0, "exposure", EXPOSURE.hex(), version=5), making.row(2, "sharpen", "00"),
            making.row(1, "exposure", packed, version=5, blend="06000000")]  # fmt: skip
    history = f"<darktable:history><rdf:Seq>{''.join(rows)}</rdf:Seq></darktable:history>"
    making.history(folder / "a.cr2.xmp", history, 'darktable:history_end="3" darktable:iop_order_version="2"')


def _pairs(folder: Path) -> None:
    one = put(folder / "step1x", {"prompt_en.json": '{"a.png": "Make it red.", "b.png": "Make it blue."}'})
    for side in ("input", "output_en"):
        (one / side).mkdir()
        for name in ("a.png", "b.png"):
            making.png(one / side / name, size=(8, 8))
    two = put(folder / "pix2pix", {"prompt.json": '{"input": "a mug", "edit": "make it red", "output": "a red mug"}'})
    for name in ("77_0.png", "77_1.png", "8_0.png", "8_1.png"):
        making.png(two / name, size=(8, 8))
    three = put(folder / "pair", {"instruction.txt": "Enlarge it.\n"})
    for name in ("before.png", "after.png"):
        making.png(three / name, size=(8, 8))


TARGETS = (
    FuzzTarget("edit comfyui_png", _comfy_pictures, read_first, 20),
    FuzzTarget("edit comfyui_json", files(a_json=json.dumps(making.GRAPH), b_json=json.dumps(EDITOR)), read_first, 24),
    FuzzTarget("edit pairs", _pairs, read_first, 10),
    FuzzTarget("edit darktable", _darktable, read_first, 20),
    FuzzTarget("cut otio", _otio, read_first, 20),
    FuzzTarget("cut fcp7", _fcp7, read_first, 4),
    FuzzTarget("cut edl", files(
        cut_edl=(ROOT / "examples" / "cuts" / "violin_workshop.edl").read_text()[:1500],
        own_edl="TITLE: Cut\nFCM: NON-DROP FRAME\n001  R1 V C 01:00:00:00 01:00:01:00 10:00:00:00 10:00:01:00\n"
                "* FROM CLIP NAME: one\nM2 R1 050.0 00:00:00:00\n002  R2 V D 012 00:00:02:00 00:00:03:12 10:00:02:00 "
                "10:00:03:12\n003  R2 A2 C 00:00:00:00 00:00:00:13 10:00:00:12 10:00:01:01\n"), read_first, 24),
)  # fmt: skip
