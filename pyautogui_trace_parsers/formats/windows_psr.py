"""Windows Problem Steps Recorder: a zip with one MHT file that holds an XML log and a picture per step.

The recorder writes no date, whole seconds only, and never what was typed: its keyboard steps are `write` events with an
empty text. Descriptions are in the language of Windows; only the (English) `Action` decides the verb.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from xml.parsers import expat

from pyautogui_trace_parsers.errors import BrokenTrace, TraceError
from pyautogui_trace_parsers.files import open_archive, read_bytes
from pyautogui_trace_parsers.look import look
from pyautogui_trace_parsers.mht import read_mht
from pyautogui_trace_parsers.model import NO_SPACE, Event, Problem, Screen, Scroll, Source, Target, Trace, Verb, pixels
from pyautogui_trace_parsers.record import clip

NAME = "windows_psr"
SUMMARY = "Windows Problem Steps Recorder: zip > MHT > XML"

MAX_XML_DEPTH = 60
MAX_STEPS = 10_000
_SNIFFED = 8 * 2**20
_VERBS: dict[str, Verb] = {
    "mouse left click": "click",
    "mouse left double click": "double_click",
    "mouse right click": "right_click",
    "mouse middle click": "middle_click",
    "mouse drag": "drag",
    "mouse drag start": "mouse_down",
    "mouse drag end": "mouse_up",
    "mouse wheel": "scroll",
    "mouse wheel up": "scroll",
    "mouse wheel down": "scroll",
    "keyboard input": "write",
}
_TIME = re.compile(r"(\d{1,2}):(\d\d):(\d\d)", re.ASCII)
_LIST = re.compile(r"-?\d{1,6}(?:\s*,\s*-?\d{1,6})*", re.ASCII)


def refuses(path: Path) -> str | None:
    """See `formats`."""
    seen = look(path)
    if seen.kind == "text":
        return None if "multipart/related" in seen.head and "<EachAction" in seen.head else "no web archive of steps"
    members = _mht_members(seen.names)
    if seen.kind != "zip" or len(members) != 1:
        return "not a zip with one .mht file" if seen.kind == "zip" else f"{seen.kind}, not a zip with an .mht file"
    try:
        with open_archive(path) as archive:
            head = archive.head(members[0], _SNIFFED)
    except TraceError as error:
        return error.reason
    return None if b"multipart/related" in head and b"EachAction" in head else "its .mht file holds no recorded steps"


def _mht_members(names: tuple[str, ...]) -> list[str]:
    return [name for name in names if name.lower().endswith((".mht", ".mhtml"))]


def parse(path: Path) -> Trace:
    """The steps of the recording; time 0 is the first step's second.

    Raises:
        TraceError: no whole zip, no recording in it, or an XML log with a document type (entities are never expanded).
    """
    data, file = _mht(path)
    page, pictures = read_mht(data, file)
    reader = _Reader(file, set(pictures))
    for index, step in enumerate(_Log(file).read(_report(page, file))):
        reader.take(step, Source(file, index))
    return Trace(
        NAME,
        str(path.absolute()),
        tuple(reader.events),
        trace_id=path.stem,
        screens=tuple(reader.screens),
        screen_size=reader.size,
        problems=tuple(reader.problems),
    )


def _mht(path: Path) -> tuple[bytes, str]:
    if look(path).kind != "zip":
        return read_bytes(path), path.name
    with open_archive(path) as archive:
        members = _mht_members(archive.names)
        if len(members) != 1:
            raise BrokenTrace(f"holds {len(members)} .mht files, not one", path=str(path))
        return archive.read(members[0]), f"{path.name}!{members[0]}"


def _report(page: str, file: str) -> str:
    start, end = page.find("<Report"), page.rfind("</Report>")
    if not 0 <= start < end:
        raise BrokenTrace("holds no recorded steps", path=file)
    return page[start : end + len("</Report>")]


class _Step(dict[str, str]):
    """Attributes and child texts of one `EachAction`, and the attributes of its first `Level` as `Level.<name>`."""


class _Log:
    """Collects the steps while the XML is read; a document type is refused, so there are no entities to expand."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.steps: list[_Step] = []
        self.open_tags: list[str] = []

    def read(self, text: str) -> list[_Step]:
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self.doctype
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.words
        try:
            parser.Parse(text, True)
        except expat.ExpatError as error:
            raise BrokenTrace(f"XML is broken: {error}", path=self.file) from error
        return self.steps

    def doctype(self, *_: object) -> None:
        raise BrokenTrace("has a document type; entities are not expanded", path=self.file)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.open_tags.append(tag)
        if len(self.open_tags) > MAX_XML_DEPTH:
            raise BrokenTrace("XML is nested too deeply", path=self.file)
        if tag == "EachAction":
            if len(self.steps) >= MAX_STEPS:
                raise BrokenTrace(f"has more than {MAX_STEPS:,} steps", path=self.file)
            self.steps.append(_Step(attributes))
        elif tag == "Level" and "EachAction" in self.open_tags:
            for name, value in attributes.items():
                self.steps[-1].setdefault(f"Level.{name}", value)

    def end(self, _tag: str) -> None:
        self.open_tags.pop()

    def words(self, data: str) -> None:
        if len(self.open_tags) >= 2 and self.open_tags[-2] == "EachAction":
            tag = self.open_tags[-1]
            self.steps[-1][tag] = self.steps[-1].get(tag, "") + data


class _Reader:
    def __init__(self, file: str, pictures: set[str]) -> None:
        self.file = file
        self.pictures = pictures
        self.start: int | None = None
        self.last = 0.0
        self.size: tuple[int, int] | None = None
        self.events: list[Event] = []
        self.screens: list[Screen] = []
        self.problems: list[Problem] = []

    def take(self, step: _Step, source: Source) -> None:
        t = self.time(step, source)
        action = " ".join(step.get("Action", "").split())
        verb = _VERBS.get(action.lower(), "other")
        origin = self.origin(step, source)
        point = self.numbers(step, "CursorCoordsXY", 2, source)
        uses_point = point is not None and verb not in ("write", "other")
        event = Event(
            verb,
            t,
            t,
            source,
            clock="wall",
            point=(point[0] - origin[0], point[1] - origin[1]) if point and uses_point else None,
            space=pixels(self.size) if uses_point else NO_SPACE,
            scroll=_scroll(action.lower()) if verb == "scroll" else None,
            target=self.target(step, origin, source) if uses_point else None,
            screen=self.screen(step, t, source),
            raw=clip(step.get("Description", "") or action),
        )
        if verb == "other":
            self.problems.append(Problem(source, f"step {action[:60]!r} is kept as it is written"))
        before = self.events[-1] if self.events else None
        if verb == "mouse_up" and before is not None and before.verb == "mouse_down":
            self.events[-1] = replace(before, verb="drag", t1=t, end_point=event.point)
        else:
            self.events.append(event)

    def time(self, step: _Step, source: Source) -> float:
        match = _TIME.fullmatch(step.get("Time", "").strip())
        if match is None:
            raise BrokenTrace(f"time {step.get('Time', '')[:40]!r} is not HH:MM:SS", path=source.file, line=source.line)
        moment = int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3])
        self.start = moment if self.start is None else self.start
        t = float(moment - self.start)
        while t < self.last - 43_200:  # the log has no date: half a day back is past midnight
            t += 86_400
        self.last = t = max(t, self.last)
        return t

    def numbers(self, step: _Step, name: str, count: int, source: Source) -> list[int] | None:
        text = step.get(name, "").strip()
        if not text:
            return None
        numbers = [int(part) for part in text.split(",")] if _LIST.fullmatch(text) else []
        if len(numbers) != count:
            raise BrokenTrace(f"{name} {text[:40]!r} is not {count} numbers", path=source.file, line=source.line)
        return numbers

    def origin(self, step: _Step, source: Source) -> tuple[int, int]:
        """Where the recorded screen lies on the desktop; coordinates are counted from there, as in the picture."""
        area = self.numbers(step, "ScreenCoordsXYWH", 4, source)
        if area is None:
            return 0, 0
        if area[2] <= 0 or area[3] <= 0:
            raise BrokenTrace("the screen has no size", path=source.file, line=source.line)
        self.size = (area[2], area[3])
        return area[0], area[1]

    def target(self, step: _Step, origin: tuple[int, int], source: Source) -> Target | None:
        area = self.numbers(step, "HighlightXYWH", 4, source)
        box = None
        if area is not None:
            x, y = float(area[0] - origin[0]), float(area[1] - origin[1])
            box = (x, y, x + area[2], y + area[3])
        name, role = step.get("Level.Name", ""), step.get("Level.ControlType", "")
        return Target(clip(name), role, box) if name or role or box else None

    def screen(self, step: _Step, t: float, source: Source) -> int | None:
        name = step.get("ScreenshotFileName", "").strip()
        if not name:
            return None
        if name not in self.pictures:
            self.problems.append(Problem(source, f"picture {name[:200]!r} is not in the recording; left out"))
            return None
        self.screens.append(Screen(f"{self.file}!{name}", t, *(self.size or (None, None))))
        return len(self.screens) - 1


def _scroll(action: str) -> Scroll:
    """One click of the wheel: the recorder does not say how many. A plain "mouse wheel" has no direction."""
    return Scroll(0.0, 1.0 if action.endswith("down") else -1.0 if action.endswith("up") else 0.0, "clicks")
