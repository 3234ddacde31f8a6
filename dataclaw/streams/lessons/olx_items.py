"""The items of a course's unit: a video's transcript, an exercise, a page, and the pictures they show."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, cast

from dataclaw.errors import StreamError
from dataclaw.streams.files import bytes_of, decode_text
from dataclaw.streams.lessons.cues import Cue, squeeze
from dataclaw.streams.lessons.olx_problems import exercises_of, text_of
from dataclaw.streams.lessons.subtitles import read_subtitles
from dataclaw.streams.pictures import PICTURE_SUFFIXES
from dataclaw.types import Json
from pyautogui_trace_parsers import TraceError
from pyautogui_trace_parsers.files import inside

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MAX_PAGE_BYTES = 4 * 2**20
MAX_PAGE = 20_000
"""Longest text of a page [characters]."""
_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2}(?:\.\d{1,6})?)")
_ASSET = re.compile(r"(?:.*(?:@asset\+block@|/asset/|/static/)|static/)?([^/\\]+)")
_UNSAFE = frozenset("/\\\0")


@dataclass(frozen=True, slots=True)
class UnitVideo:
    """A video of a unit, whose pixels are elsewhere.

    Attributes:
        title: its name in the course.
        youtube: id there, "" when it is not.
        language: code of the transcript that is read.
        start: where in the video the unit starts [s].
        length: how long the unit's part of it is [s], as far as the transcript goes.
        others: languages of the transcripts that are not read.
    """

    title: str
    youtube: str
    language: str
    start: float
    length: float
    others: tuple[str, ...]

    def meta(self) -> dict[str, Json]:
        """As facts that a policy may see."""
        return {"title": self.title, "youtube": self.youtube, "start": self.start, "other_languages": [*self.others]}


@dataclass(frozen=True, slots=True)
class Untimed:
    """An exercise or a page; it has a place in the unit, but no time.

    Attributes:
        kind: "exercise" or "page".
        text: the question, or the page's text.
        place: where it was read from.
        attrs: the rest, plain JSON.
    """

    kind: str
    text: str
    place: str
    attrs: Mapping[str, Json] = field(default_factory=dict[str, Json])


@dataclass(slots=True)
class UnitItem:
    """What was read of one item.

    Attributes:
        cues: what is said, from 0 s at the start of the unit's part of the video.
        video: the video that is spoken in, or None.
        untimed: exercises and pages.
        pictures: files of the pictures that it shows.
        files: files it was read from beside its own.
        problems: what was wrong and how it was handled.
    """

    cues: tuple[Cue, ...] = ()
    video: UnitVideo | None = None
    untimed: list[Untimed] = field(default_factory=list[Untimed])
    pictures: list[Path] = field(default_factory=list[Path])
    files: list[Path] = field(default_factory=list[Path])
    problems: list[str] = field(default_factory=list[str])


def read_item(node: Element, place: str, root: Path) -> UnitItem:
    """A `video`, `problem` or `html` element of the course in the folder `root`. Never raises for what it holds."""
    item = UnitItem()
    reader = {"video": _video, "problem": _problem, "html": _page}.get(str(node.tag))
    if reader:
        reader(node, place, root, item)
    else:
        item.problems.append(f"{place}: holds {str(node.tag)[:40]!r}, which is no part of a unit; left out.")
    return item


def _problem(node: Element, place: str, root: Path, item: UnitItem) -> None:
    exercises, left = exercises_of(node)
    pictures = _add_pictures(
        (image.get("src", "") for image in node.iter("img") if _in_question(node, image)), root, item
    )
    title = node.get("display_name", "")[:200]
    for exercise in exercises:
        attrs = {**exercise.attrs(), "title": title, "pictures": pictures}
        item.untimed.append(Untimed("exercise", exercise.question, place, attrs))
    read = bool(node.text or len(node))  # an include that is missing is named already
    item.problems += [f"{place}: {reason}; left out." for reason in dict.fromkeys(left) if read]


def _in_question(problem: Element, image: Element) -> bool:
    """Whether a picture belongs to the question and not to the solution."""
    return not any(image is inner for solution in problem.iter("solution") for inner in solution.iter("img"))


def _page(node: Element, place: str, root: Path, item: UnitItem) -> None:
    text, images = text_of(node), [image.get("src", "") for image in node.iter("img")]
    filename = node.get("filename", "")
    if filename and not text:
        file = _file(root, f"html/{filename}.html", item)
        page = _Page()
        if file:
            item.files.append(file)
            page.feed(decode_text(bytes_of(file, MAX_PAGE_BYTES))[0])
        text, images = squeeze("".join(page.words)), page.images
    if text:
        attrs: dict[str, Json] = {
            "title": node.get("display_name", "")[:200],
            "pictures": _add_pictures(images, root, item),
        }
        item.untimed.append(Untimed("page", text[:MAX_PAGE], place, attrs))


class _Page(HTMLParser):
    """Words and pictures of an HTML page; scripts and styles are neither."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.images: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in ("script", "style")
        self.words.append(" ")
        if tag == "img":
            self.images.append(dict(attrs).get("src") or "")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("script", "style") and self._hidden > 0

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words.append(data)


def _video(node: Element, place: str, root: Path, item: UnitItem) -> None:
    _add_pictures([node.get("handout", ""), *(h.get("src", "") for h in node.findall("handout"))], root, item)
    tracks = _tracks(node)
    order = sorted(tracks, key=lambda language: (not language.startswith("en"), language))
    for language in order:
        file = _file(root, f"static/{tracks[language]}", item) if _plain(tracks[language]) else None
        if file and _read_transcript(node, file, (language, order), item):
            return
    if not tracks:
        item.problems.append(f"{place}: the video has no transcript; left out.")


def _read_transcript(node: Element, file: Path, languages: tuple[str, list[str]], item: UnitItem) -> bool:
    """Read a transcript and cut it to the part of the video that the unit shows."""
    try:
        said = read_subtitles(file)
    except StreamError as error:
        item.problems.append(f"{error} The transcript was left out.")
        return False
    start, end = _clock(node.get("start_time", "")), _clock(node.get("end_time", ""))
    last = max(cue.t1 for cue in said.cues)
    end = min(end, last) if end > start else last
    kept = [cue for cue in said.cues if start <= cue.t0 < end]
    if not kept:
        item.problems.append(f"{file.name} says nothing between {start:g} and {end:g} s; left out.")
        return False
    outside = len(said.cues) - len(kept)
    item.cues = tuple(replace(cue, t0=cue.t0 - start, t1=min(cue.t1, end) - start) for cue in kept)
    language, order = languages
    title, youtube = node.get("display_name", "")[:200], node.get("youtube_id_1_0", "")[:40]
    others = tuple(other for other in order if other != language)
    item.video = UnitVideo(title, youtube, language, start, end - start, others)
    item.files.append(file)
    item.problems += said.problems
    item.problems += [f"{outside} cue(s) outside the unit's part of the video were left out."] if outside else []
    item.problems += [f"Transcripts in {', '.join(others)} not read: {language} is preferred."] if others else []
    return True


def _tracks(node: Element) -> dict[str, str]:
    """File name of the transcript by language code."""
    tracks = {t.get("language", "")[:10]: t.get("src", "") for t in node.findall("transcript")}
    try:
        named: object = json.loads(node.get("transcripts", "") or "{}")
    except (ValueError, RecursionError):
        named = {}
    if isinstance(named, dict):
        entries = cast("dict[str, object]", named)
        tracks |= {language[:10]: name for language, name in entries.items() if isinstance(name, str)}
    if sub := node.get("sub", ""):
        tracks.setdefault("en", f"subs_{sub}.srt")
    return {language: name for language, name in tracks.items() if name}


def _clock(text: str) -> float:
    """`HH:MM:SS` in seconds, 0 when it is not a time."""
    match = _CLOCK.fullmatch(text.strip()[:40])
    return int(match[1] or 0) * 3600 + int(match[2]) * 60 + float(match[3]) if match else 0.0


def _add_pictures(names: Iterator[str] | list[str], root: Path, item: UnitItem) -> list[Json]:
    """Add the pictures that lie in the course; their file names."""
    found: list[Json] = []
    for name in dict.fromkeys(names):
        match = _ASSET.fullmatch(html.unescape(name)[:500])
        base = match.group(1) if match and "://" not in name else ""
        if not base or Path(base).suffix.lower() not in PICTURE_SUFFIXES or base in found:
            continue
        if file := _file(root, f"static/{base}", item):
            found.append(base)
            item.pictures.append(file)
            item.files.append(file)
    return found


def _plain(name: str) -> bool:
    return not set(name) & _UNSAFE and name not in (".", "..")


def _file(root: Path, name: str, item: UnitItem) -> Path | None:
    """A file of the course; None, with a sentence, when it is missing or lies outside."""
    try:
        file = inside(root, name)
    except TraceError as error:
        item.problems.append(f"{error.reason[:200]}; left out.")
        return None
    if file.is_file():
        return file
    item.problems.append(f"{name[:100]} is missing; left out.")
    return None
