"""Open edX courses (OLX): one lesson per unit (`vertical`) that has a transcript, an exercise, a page or a picture.

A unit is what a learner sees on one page: its exercises ask about its video and its text, so that question and
evidence lie in one stream. A unit with a transcript has the clock of its video; what has no time stands at the start
(before the video) or at the end (after it), `attrs["timed"]` false. A unit without one counts its items as steps.
Course code is never run, and nothing outside the course's folder is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from xml.etree.ElementTree import Element

from dataclaw.errors import StreamError
from dataclaw.streams.files import bytes_of, head_of, names_in, xml_of
from dataclaw.streams.frames import Still, StillFrames
from dataclaw.streams.grid import Sampling
from dataclaw.streams.identity import content_id, files_under, salt_of
from dataclaw.streams.lessons.cues import Cue, cue_events
from dataclaw.streams.lessons.olx_items import UnitVideo, Untimed, read_item
from dataclaw.streams.loader import Loader, count_of
from dataclaw.streams.video import read_headers
from dataclaw.types import Event, Json, Stream
from pyautogui_trace_parsers import TraceError
from pyautogui_trace_parsers.files import inside

MAX_ELEMENTS = 20_000
MAX_NESTING = 16
MAX_BANK = 1000
BANK = "Exercises outside the units"
_CONTAINERS = frozenset({"course", "chapter", "sequential", "vertical", "split_test", "conditional", "randomize",
                         "library_content", "wrapper"})  # fmt: skip
_ITEMS = frozenset({"video", "problem", "html"})
_STEP = 1e-3
"""Pictures of one moment are this far apart [s]: times of frames strictly increase."""


def claims(path: Path) -> bool:
    """Whether it is a course's folder, or its `course.xml`."""
    file = path / "course.xml" if path.is_dir() else path
    head = head_of(file) if file.name == "course.xml" else b""
    return b"<course" in head and (b"url_name" in head or b"<chapter" in head)


@dataclass(slots=True)
class CourseUnit:
    """A vertical: its titles from the course down, and its items in order.

    Attributes:
        titles: names of the course, chapter, sequential and the unit itself, as far as they are given.
        items: `(element, place)` of videos, problems and pages.
        files: every file that it was read from.
        problems: includes that are missing, point outside or go in a circle.
    """

    titles: tuple[str, ...]
    items: list[tuple[Element, str]] = field(default_factory=list["tuple[Element, str]"])
    files: list[Path] = field(default_factory=list[Path])
    problems: list[str] = field(default_factory=list[str])


class Course:
    """A walk through a course that follows `url_name`s within its folder."""

    def __init__(self, path: Path) -> None:
        self.root = path if path.is_dir() else path.parent
        self.units: list[CourseUnit] = []
        self._seen = 0
        course = xml_of(bytes_of(self.root / "course.xml"), self.root / "course.xml")
        self._used: set[str] = set()
        self._descend(course, (), (), CourseUnit(()))
        self._add_bank()

    def _descend(self, node: Element, titles: tuple[str, ...], path: tuple[str, ...], unit: CourseUnit) -> None:
        """Visit an element; `path` names those around it, so that a circle is seen."""
        self._seen += 1
        if self._seen > MAX_ELEMENTS:
            raise StreamError(f"has more than {MAX_ELEMENTS:,} elements.", place=self.root,
                              remedy="Give a part of the course.")  # fmt: skip
        tag, name = str(node.tag), node.get("url_name", "")
        key = f"{tag}/{name}.xml"
        if name and (key in path or len(path) >= MAX_NESTING):
            unit.problems.append(f"{key[:100]} lies in itself; left out there.")
            return
        node, place = self._include(node, key, unit) if name else (node, "course.xml")
        title = node.get("display_name", "").strip()[:200]
        if tag in _ITEMS:
            unit.items.append((node, place))
        elif tag in _CONTAINERS:
            self._inside(node, (*titles, title) if title else titles, (*path, key), unit)

    def _add_bank(self) -> None:
        """Exercises that no unit names, as one more unit: a course draws them by chance from its library."""
        unit = CourseUnit((BANK,))
        for name in names_in(self.root / "problem")[:MAX_BANK]:
            key = f"problem/{name}"
            if name.endswith(".xml") and key not in self._used:
                node, place = self._include(Element("problem"), key, unit)
                unit.items += [(node, place)] if len(node) else []
        if unit.items:
            self.units.append(unit)

    def _inside(self, node: Element, titles: tuple[str, ...], path: tuple[str, ...], unit: CourseUnit) -> None:
        inner = CourseUnit(titles) if node.tag == "vertical" and not unit.titles else unit
        for child in node:
            self._descend(child, titles, path, inner)
        if inner is not unit and inner.items:
            self.units.append(inner)

    def _include(self, node: Element, key: str, unit: CourseUnit) -> tuple[Element, str]:
        """The element that a `url_name` points to; the pointer itself where it has content of its own."""
        if len(node) or (node.tag in _ITEMS and len(node.attrib) > 1):
            return node, "course.xml"
        try:
            file = inside(self.root, key)
            found = xml_of(bytes_of(file), key)
        except (TraceError, StreamError) as error:
            reason = error.reason if isinstance(error, TraceError) else error.message
            unit.problems.append(_missing(key, reason))
            return node, key
        unit.files.append(file)
        self._used.add(key)
        return found, key


def _missing(key: str, reason: str) -> str:
    what = "is missing" if "No such file" in reason else reason.rstrip(".")
    return f"{key[:100]} {what[:200]}; left out."


def open_unit(path: Path, index: int, sampling: Sampling) -> Stream:
    """The lesson of one unit.

    Raises:
        StreamError: the course cannot be read, or has no unit of that number.
    """
    units = _useful(path)
    if index >= len(units):
        raise StreamError("has no unit with a transcript, an exercise, a page or a picture.", place=path,
                          remedy="Export the course again with its problems, html and static folders.")  # fmt: skip
    unit = units[index]
    root = path if path.is_dir() else path.parent
    lesson = _Lesson(unit, root)
    return lesson.stream(path, index, sampling)


def _useful(path: Path) -> list[CourseUnit]:
    root = path if path.is_dir() else path.parent
    files = [(file, file.stat()) for file in files_under(root)]
    return _units(root, hash(tuple((file, status.st_mtime_ns, status.st_size) for file, status in files)))


@lru_cache(maxsize=2)  # each unit of the course asks for it; a changed file gives another state
def _units(root: Path, state: int) -> list[CourseUnit]:  # noqa: ARG001 - part of the key
    return [unit for unit in Course(root).units if not _Lesson(unit, root).empty]


class _Lesson:
    """A unit's items read and put on one clock."""

    def __init__(self, unit: CourseUnit, root: Path) -> None:
        self.unit = unit
        self.problems: list[str] = list(_join_missing(unit.problems))
        self.files: list[Path] = list(unit.files)
        self._read = [read_item(node, place, root) for node, place in unit.items]
        for item in self._read:
            self.problems += item.problems
            self.files += item.files

    @property
    def empty(self) -> bool:
        """Whether nothing in it can be learned from."""
        return not any(item.cues or item.untimed or item.pictures for item in self._read)

    @property
    def videos(self) -> list[UnitVideo]:
        """The videos with a transcript."""
        return [item.video for item in self._read if item.video and item.cues]

    def stream(self, path: Path, index: int, sampling: Sampling) -> Stream:
        """The unit as a stream."""
        timed = bool(self.videos)
        cues, untimed, pictures, duration = self._place_items(timed)
        frames, missing = _frames(pictures)
        events = [*cue_events(cues, frames), *(_event(t, item, timed) for t, item in untimed)]
        events.sort(key=lambda event: (event.t0, event.kind == "cue" and event.t0 == 0))
        titles = (*self.unit.titles, path.name)
        return Stream(
            id=content_id(self.files, "olx", index, salt_of(sampling)),
            kind="lesson",
            name=self.unit.titles[-1] if self.unit.titles else f"{path.name}#{index}",
            path=str(path.absolute()),
            format="olx",
            duration=duration,
            clock="seconds" if timed else "index",
            frames=frames,
            events=tuple(replace(event, index=k) for k, event in enumerate(events)),
            meta={
                "title": titles[0] if len(titles) < 2 else titles[-2],
                "course": list(self.unit.titles),
                "language": next((v.language for v in self.videos), ""),
                "videos": [v.meta() for v in self.videos],
            },
            problems=(*self.problems, *missing),
        )

    def _place_items(
        self, timed: bool
    ) -> tuple[list[Cue], list[tuple[float, Untimed]], list[tuple[float, Path]], float]:
        """Everything with its time: videos one after the other, the rest where they begin or end."""
        now, cues = 0.0, list[Cue]()
        untimed: list[tuple[float, Untimed]] = []
        pictures: list[tuple[float, Path]] = []
        for item in self._read:
            pictures += [(now, picture) for picture in item.pictures]
            cues += [replace(c, t0=c.t0 + now, t1=c.t1 + now, words=()) for c in item.cues]
            now += item.video.length if item.video and item.cues else 0.0
            for one in item.untimed:
                untimed.append((now, one))
                now += 0.0 if timed else 1.0
        return cues, untimed, pictures, now if timed else max(now, float(len(pictures)))


def _join_missing(problems: Sequence[str]) -> list[str]:
    """Missing includes as one sentence: sample courses lack them by the dozen."""
    missing = [p.removesuffix(" is missing; left out.") for p in problems if p.endswith(" is missing; left out.")]
    others = [p for p in problems if not p.endswith(" is missing; left out.")]
    named = ", ".join(missing[:3]) + (f" and {len(missing) - 3} more" if len(missing) > 3 else "")
    return [*([f"Missing and left out: {named}."] if missing else []), *others]


def _event(t: float, item: Untimed, timed: bool) -> Event:
    attrs: dict[str, Json] = {**item.attrs, **({"timed": False} if timed else {})}
    return Event(0, item.kind, t, t if timed else t + 1, text=item.text, place=item.place, attrs=attrs)


def _frames(pictures: Sequence[tuple[float, Path]]) -> tuple[StillFrames | None, tuple[str, ...]]:
    """The pictures as frames; those of one moment a thousandth apart."""
    if not pictures:
        return None, ()
    stills = [Still(picture) for _, picture in pictures]
    try:
        seen = read_headers(stills)
    except StreamError as error:
        return None, (f"{error} No picture of the unit can be used.",)
    times: list[float] = []
    for k in seen.sizes:
        times.append(max(pictures[k][0], times[-1] + _STEP if times else 0.0))
    return StillFrames(times, seen.size, [stills[k] for k in seen.sizes]), seen.problems


LOADER = Loader("olx", "lesson", claims, open_unit, count_of(_useful))
