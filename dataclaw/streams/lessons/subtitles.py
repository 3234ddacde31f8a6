"""Subtitle files to cues: SubRip, WebVTT, TTML (DFXP) and SubStation.

SubRip and WebVTT are read here and not by pysubs2, because a cue is cited by its line, and because pysubs2 takes a
last line that is a number ("1984") for the number of the next cue. What cues mean together is decided in `cues`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING

from dataclaw.errors import StreamError
from dataclaw.streams.files import bytes_of, decode_text, head_of, xml_of
from dataclaw.streams.lessons.cues import MAX_CUES, MAX_TEXT, Cue, settle
from dataclaw.types import Span

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

LABEL, NAME = 12.0, 80
"""Least mean length [s] and most mean characters of the cues of a file that names stretches, as chapters do."""

SUFFIXES = (".srt", ".vtt", ".dfxp", ".ttml", ".ass", ".ssa")

_STAMP = r"(?:(\d{1,5}):)?(\d{1,3}):(\d{1,3})[.,:](\d{1,3})"
_TIMING = re.compile(rf"\s*{_STAMP}\s*-->\s*{_STAMP}")
_LANGUAGE = re.compile(r"Language:\s*([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})?)\s*")
_CLOCK = re.compile(r"(?:00:(?=\d+:\d+:\d+[.,]))?(\d{1,5}):(\d\d):(\d\d)(?:[.,](\d{1,9})|:(\d{1,3}))?")
"""Clock times of TTML; translators that write `00:00:00:02.220` or `00:00:02,220` are understood."""
_OTHER_KIND = re.compile(r"(?m)^Kind:\s*(?:chapters|descriptions|metadata)\b", re.IGNORECASE)
_OFFSET = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(h|ms|m|s|f|t)")
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True, slots=True)
class Subtitles:
    """What a subtitle file says.

    Attributes:
        cues: settled cues in order of time.
        language: as the file says it ("en", "es"), "" when it does not.
        problems: what was wrong and how it was handled.
    """

    cues: tuple[Cue, ...]
    language: str = ""
    problems: tuple[str, ...] = field(default=())


def is_subtitles(path: Path) -> bool:
    """Whether a file is named like subtitles and begins like some. Never raises."""
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        return False
    head = decode_text(head_of(path, 16_384))[0]
    if suffix in (".dfxp", ".ttml"):
        return "<tt" in head
    return "[Script Info]" in head if suffix in (".ass", ".ssa") else "-->" in head


def is_speech(path: Path) -> bool:
    """Whether a subtitle file holds what is said: it names no other kind, and its cues are no names of long stretches.

    A file that cannot be read counts as speech, so that opening it says why.
    """
    if _OTHER_KIND.search(decode_text(head_of(path, 512))[0]):
        return False
    try:
        cues = read_subtitles(path).cues
    except StreamError:
        return True
    return fmean(cue.t1 - cue.t0 for cue in cues) < LABEL or fmean(len(cue.text) for cue in cues) > NAME


def read_subtitles(path: Path) -> Subtitles:
    """The cues of a subtitle file.

    Raises:
        StreamError: it cannot be read, or holds no cue.
    """
    data = bytes_of(path)
    suffix = path.suffix.lower()
    if suffix in (".dfxp", ".ttml"):
        raw, language, problems = _ttml(xml_of(data, path), path)
    else:
        text, said = decode_text(data)
        problems = [said] if said else []
        raw, language = (_substation if suffix in (".ass", ".ssa") else _blocks)(text, path)
    cues, changed = settle(raw)
    if not cues:
        raise StreamError("holds no cue with a time and a text.", place=path, remedy="Leave the file out.")
    return Subtitles(cues, language, (*problems, *changed))


def _blocks(text: str, path: Path) -> tuple[list[Cue], str]:
    """Cues of SubRip or WebVTT text."""
    web = text.startswith("WEBVTT")
    cues = [
        Cue(t0, t1, _cue_text(lines, web=web, last=last), f"{path.name}:{number}")
        for number, (t0, t1), lines, last in islice(_timed_lines(text), MAX_CUES + 1)
    ]
    named = _LANGUAGE.search(text[:2000].partition("-->")[0]) if web else None
    return cues, named.group(1) if named else ""


def _timed_lines(text: str) -> Iterator[tuple[int, Span, list[str], bool]]:
    """Line number, times [s] and lines up to the next timing line, and whether there is none; few lines are held."""
    at: tuple[int, Span] | None = None
    lines: list[str] = []
    held = 0
    for number, line in enumerate(_lines(text), start=1):
        if "-->" in line[:200]:
            if at:
                yield (*at, lines, False)
            match = _TIMING.match(line[:200])
            span = (_seconds(match.groups()[:4]), _seconds(match.groups()[4:])) if match else (math.nan, math.nan)
            at, lines, held = (number, span), [], 0
        elif held > 2 * MAX_TEXT:
            lines[-1] = line[: 2 * MAX_TEXT]  # the last line may be the number of the next cue
        else:
            lines.append(line[: 2 * MAX_TEXT].rstrip("\r"))
            held += len(lines[-1]) + 1
    if at:
        yield (*at, lines, True)


def _lines(text: str) -> Iterator[str]:
    """The lines one by one: a list of them all would be many times as large as the file."""
    start = 0
    while (end := text.find("\n", start)) >= 0:
        yield text[start:end]
        start = end + 1
    yield text[start:]


def _cue_text(lines: Sequence[str], *, web: bool, last: bool) -> str:
    """The text of a cue out of the lines up to the next timing line, whose number or name is the last of them."""
    blank = next((k for k, line in enumerate(lines) if not line.strip()), len(lines))
    text, rest = list(lines[:blank]), [line for line in lines[blank:] if line.strip()]
    if blank == len(lines) and not last and text and text[-1].strip().isdecimal():
        return "\n".join(text[:-1])  # no blank line before the number of the next cue
    if web:
        return "\n".join(text)  # what follows a blank line is a note or a name
    more = rest[:-1] if rest and not last and rest[-1].strip().isdecimal() else rest
    return "\n".join([*text, *more])


def _seconds(parts: Sequence[str | None]) -> float:
    hours, minutes, seconds, fraction = (part or "0" for part in parts)
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds) + int(fraction) / 10 ** len(fraction)


def _substation(text: str, path: Path) -> tuple[list[Cue], str]:
    """Cues of SubStation Alpha text; drawings are no words."""
    import pysubs2
    from pysubs2.exceptions import Pysubs2Error

    try:
        events = pysubs2.SSAFile.from_string(text, format_="ass").events
    except (Pysubs2Error, ValueError, OverflowError, IndexError) as error:
        raise StreamError(f"is not SubStation: {error}.", place=path, remedy="Save it as SubRip.") from None
    spoken = [event for event in events if event.type == "Dialogue" and not event.is_drawing]
    return [Cue(e.start / 1000, e.end / 1000, e.plaintext, path.name) for e in spoken], ""


def _ttml(root: Element, path: Path) -> tuple[list[Cue], str, list[str]]:
    """Cues of a TTML document in its main language."""
    clock = _Clock.of(root)
    found = list(_paragraphs(root, clock, 0.0, ""))
    languages = list(dict.fromkeys(language for _, language in found))
    chosen = next((name for name in languages if name.startswith("en")), languages[0] if languages else "")
    cues = [Cue(c.t0, c.t1, c.text, path.name) for c, language in found if language == chosen]
    others = ", ".join(repr(name) for name in languages if name != chosen)
    return cues, chosen, [f"Cues in {others} were left out; {chosen!r} is read."] if others else []


def _paragraphs(root: Element, clock: _Clock, base: float, language: str) -> Iterator[tuple[Cue, str]]:
    """Paragraphs with the times of all elements around them added up, and their language."""
    todo: list[tuple[Element, float, str]] = [(root, base, language)]
    while todo:
        node, offset, spoken = todo.pop()
        spoken = node.get(_LANG, spoken)
        start = offset + (clock.seconds(node.get("begin", "")) or 0.0 if node.get("begin") else 0.0)
        if _name(node) == "p":
            yield _paragraph(node, clock, offset), spoken
        else:
            todo.extend((child, start, spoken) for child in reversed(node))


def _paragraph(node: Element, clock: _Clock, offset: float) -> Cue:
    begin, length = clock.seconds(node.get("begin", "")), clock.seconds(node.get("dur", ""))
    end = clock.seconds(node.get("end", ""))
    t0 = offset + (math.nan if begin is None else begin)
    t1 = offset + end if end is not None else t0 + (math.nan if length is None else length)
    for line in node.iter():
        if _name(line) == "br":
            line.text = "\n"
    text = "".join(node.itertext())
    return Cue(t0, t1, text[: MAX_TEXT * 2])


def _name(node: Element) -> str:
    """Name of an element without its namespace."""
    return str(node.tag).rpartition("}")[2]


@dataclass(frozen=True, slots=True)
class _Clock:
    """Frames and ticks per second [1/s] of a TTML document."""

    frames: float
    ticks: float

    @classmethod
    def of(cls, root: Element) -> _Clock:
        rates = {key.rpartition("}")[2]: value for key, value in root.attrib.items()}
        frames = _positive(rates.get("frameRate", ""), 30.0)
        return cls(frames, _positive(rates.get("tickRate", ""), 1.0))

    def seconds(self, text: str) -> float | None:
        """A time expression of TTML (clock or offset time) [s]; None when it is not one."""
        text = text.strip()[:40]
        if match := _CLOCK.fullmatch(text):
            hours, minutes, seconds, fraction, frames = match.groups()
            whole = int(hours) * 3600 + int(minutes) * 60 + int(seconds)
            return whole + (float(f"0.{fraction}") if fraction else 0.0) + int(frames or 0) / self.frames
        if match := _OFFSET.fullmatch(text):
            units = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001, "f": 1 / self.frames, "t": 1 / self.ticks}
            return float(match.group(1)) * units[match.group(2)]
        return None


def _positive(text: str, otherwise: float) -> float:
    return float(text) if text.isdecimal() and 0 < int(text[:12]) < 1e9 else otherwise
