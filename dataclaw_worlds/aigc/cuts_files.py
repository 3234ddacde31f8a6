"""Writes a programme as a file that an editing program would export: OTIO, a CMX 3600 list, Final Cut 7 XML."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dataclaw.errors import MissingExtraError
from dataclaw.types import Json
from dataclaw_worlds.aigc.cuts_story import Programme, TimelineElement

SUFFIX = {"otio": ".otio", "edl": ".edl", "fcp7": ".xml"}
_KINDS = {"dissolve": "SMPTE_Dissolve", "wipe": "Custom_Transition"}


def write_cut(programme: Programme, path: Path) -> None:
    """Write a cut; `path` has the suffix of its form.

    Raises:
        MissingExtraError: Final Cut XML is wanted and OpenTimelineIO is not installed.
    """
    if programme.form == "edl":
        text = "\n".join(_edl_lines(programme)) + "\n"
    else:
        text = json.dumps(_timeline(programme), ensure_ascii=False, indent=1)
        if programme.form == "fcp7":
            text = _as_final_cut(text)
    path.write_text(text, encoding="utf-8")


def _as_final_cut(text: str) -> str:
    try:
        adapters: Any = importlib.import_module("opentimelineio.adapters")
    except ImportError:
        raise MissingExtraError(
            "Final Cut XML is written by OpenTimelineIO, which is not installed.",
            remedy='pip install "dataclaw-tailor[worlds]"',
        ) from None
    timeline: Any = adapters.read_from_string(text, "otio_json")
    return str(adapters.write_to_string(timeline, "fcp_xml"))


def _timeline(programme: Programme) -> dict[str, Json]:
    names = list(dict.fromkeys(e.track for e in programme.elements))
    order = sorted(names, key=lambda name: (name[0] != "V", name))
    tracks = [_track(programme, name) for name in order]
    start = _time(programme.start * programme.rate, programme.rate)
    stack: Json = {
        "OTIO_SCHEMA": "Stack.1",
        "name": "tracks",
        "children": tracks,
        "effects": [],
        "markers": [],
        "metadata": {},
        "source_range": None,
    }
    return {
        "OTIO_SCHEMA": "Timeline.1",
        "name": programme.title,
        "global_start_time": start if programme.start else None,
        "metadata": {},
        "tracks": stack,
    }


def _track(programme: Programme, name: str) -> dict[str, Json]:
    rate = programme.rate
    there = sorted((e for e in programme.elements if e.track == name), key=lambda e: (e.start, e.kind != "transition"))
    children: list[Json] = []
    at = 0
    transitions = {e.start: e for e in there if e.kind == "transition"}
    for clip in (e for e in there if e.kind == "clip"):
        if clip.start > at:
            children.append(_gap(clip.start - at, rate))
        lead = next((t for t in transitions.values() if t.start < clip.start < t.end and t.what == clip.name), None)
        if lead is not None:
            children.append(
                {
                    "OTIO_SCHEMA": "Transition.1",
                    "name": "",
                    "transition_type": _KINDS[lead.strand],
                    "metadata": {},
                    "in_offset": _time(clip.start - lead.start, rate),
                    "out_offset": _time(lead.end - clip.start, rate),
                }
            )
        markers = [e for e in there if e.kind == "marker" and clip.start <= e.start < clip.end]
        children.append(_clip(clip, rate, markers))
        at = clip.end
    kind = "Video" if name.startswith("V") else "Audio"
    return {
        "OTIO_SCHEMA": "Track.1",
        "name": name,
        "kind": kind,
        "children": children,
        "effects": [],
        "markers": [],
        "metadata": {},
        "source_range": None,
    }


def _clip(clip: TimelineElement, rate: int, markers: list[TimelineElement]) -> dict[str, Json]:
    length = clip.end - clip.start
    effects: list[Json] = []
    if clip.speed != 1.0:
        effects.append(
            {
                "OTIO_SCHEMA": "LinearTimeWarp.1",
                "name": "speed",
                "effect_name": "LinearTimeWarp",
                "time_scalar": clip.speed,
                "metadata": {},
            }
        )
    media: Json = {
        "OTIO_SCHEMA": "ExternalReference.1",
        "target_url": clip.media,
        "name": "",
        "metadata": {},
        "available_range": _range(0, 900 * rate, rate),
    }
    notes: list[Json] = [
        {
            "OTIO_SCHEMA": "Marker.2",
            "name": note.name,
            "color": note.media,
            "metadata": {},
            "marked_range": _range(clip.source + note.start - clip.start, 0, rate),
        }
        for note in markers
    ]
    return {
        "OTIO_SCHEMA": "Clip.1",
        "name": clip.name,
        "source_range": _range(clip.source, length, rate),
        "media_reference": media,
        "effects": effects,
        "markers": notes,
        "metadata": {},
        "enabled": clip.enabled,
    }


def _gap(length: int, rate: int) -> dict[str, Json]:
    return {
        "OTIO_SCHEMA": "Gap.1",
        "name": "",
        "source_range": _range(0, length, rate),
        "effects": [],
        "markers": [],
        "metadata": {},
        "enabled": True,
    }


def _range(start: int, length: int, rate: int) -> dict[str, Json]:
    return {"OTIO_SCHEMA": "TimeRange.1", "start_time": _time(start, rate), "duration": _time(length, rate)}


def _time(frames: int, rate: int) -> dict[str, Json]:
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": float(rate), "value": float(frames)}


def _edl_lines(programme: Programme) -> Iterator[str]:
    """Lines of an edit decision list: one event per clip, with remarks below it."""
    yield f"TITLE: {programme.title}"
    yield "FCM: NON-DROP FRAME"
    yield ""
    clips = sorted((e for e in programme.elements if e.kind == "clip"), key=lambda e: (e.start, e.track != "V1"))
    transitions = {e.what + str(e.start): e for e in programme.elements if e.kind == "transition"}
    markers = [e for e in programme.elements if e.kind == "marker"]
    base = programme.start * programme.rate
    before: TimelineElement | None = None
    for number, clip in enumerate(clips, start=1):
        channel = {"V1": "V"}.get(clip.track, clip.track)
        reel = f"R{number % 97:03d}"
        over = transitions.get(clip.name + str(clip.start)) if clip.track == "V1" else None
        length = round((clip.end - clip.start) * abs(clip.speed)) + clip.wrong
        codes = [clip.source, clip.source + length, base + clip.start, base + clip.end]
        times = " ".join(_code(frames, programme.rate) for frames in codes)
        if over and before:
            out = " ".join(_code(f, programme.rate) for f in (before.source, before.source, codes[2], codes[2]))
            yield f"{number:03d}  {reel:<8} {channel:<5} C        {out}"
        kind = f"{'D' if over.strand == 'dissolve' else 'W001'}    {over.end - clip.start:03d}" if over else "C       "
        yield f"{number:03d}  {reel:<8} {channel:<5} {kind} {times}"
        if clip.speed != 1.0:
            speed = f"{clip.speed * programme.rate:06.1f}"
            yield f"M2   {reel:<8}      {speed}                {_code(clip.source, programme.rate)}"
        if over and before:
            yield f"* FROM CLIP NAME: {before.name}"
            yield f"* TO CLIP NAME: {clip.name}"
        else:
            yield f"* FROM CLIP NAME: {clip.name}"
        yield f"* SOURCE FILE: {clip.media}"
        for note in (m for m in markers if clip.track == "V1" and clip.start <= m.start < clip.end):
            yield f"* LOC: {_code(base + note.start, programme.rate)} {note.media:<7} {note.name}"
        if clip.track == "V1":
            before = clip


def _code(frames: int, rate: int) -> str:
    seconds, rest = divmod(frames, rate)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}:{rest:02d}"
