"""Speech with its times: what a cue is, how its text is cleaned, and how cues that disagree are brought in order.

Nothing here knows a file format. Overlapping cues are cut where the next one begins: players show them on top of each
other, but a phrase is to be found at one time. What was changed is counted and said.
"""

from __future__ import annotations

import html
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from dataclaw.streams.grid import shown_at
from dataclaw.types import Event, Frames, Json

MAX_CUES = 100_000
MAX_TEXT = 4000
"""Longest text of a cue [characters]; a longer one is cut, which is said."""
CLOSE = 0.1
"""Cues with at most this between them follow one another directly [s]."""

_TAG = re.compile(r"<(?:[/a-zA-Z]|\d\d)[^<>]{0,200}>")
_OVERRIDE = re.compile(r"\{\\(?:an?\d|[ibus][01]|pos|move|fad|\d?c&)[^{}\\]{0,80}\}")
"""Orders to the player that SubRip files took over from SubStation; LaTeX in braces is not among them."""
_VOICE = re.compile(r"<v(?:\.[^\s<>]{1,80})?\s+([^<>]{1,80})>")
"""The tag with which WebVTT names who speaks."""
_KNOWN_TAG = re.compile(r"</?(?:i|b|u|s|c|v|em|strong|font|span|ruby|rt|lang)(?:[ .][^<>]{0,200})?/?>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cue:
    """Words that were spoken or shown.

    Attributes:
        t0: start [s].
        t1: end [s].
        text: what was said; line breaks are those of the source until `settle` joins them.
        place: file and line it was read from.
        words: `(word, start [s], end [s])`, empty where the source times no words.
        speaker: who begins to speak with it, as its voice tag says; "" where it names nobody.
    """

    t0: float
    t1: float
    text: str
    place: str = ""
    words: tuple[tuple[str, float, float], ...] = ()
    speaker: str = ""


def clean(text: str) -> str:
    """One line of text without tags, entities, control characters and needless spaces."""
    text = html.unescape(_TAG.sub("", text))
    return squeeze(_KNOWN_TAG.sub("", html.unescape(text)))  # some escape twice: &amp;#39; and &lt;i&gt;


def squeeze(text: str) -> str:
    """One line of text without control characters and needless spaces."""
    kept = (" " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c) not in ("Cc", "Cf", "Cs"))
    return " ".join("".join(kept).split())


def settle(cues: Iterable[Cue]) -> tuple[tuple[Cue, ...], list[str]]:
    """Cues in order of time with clean text, and sentences about what had to be changed.

    Times that are no numbers or lie before 0 drop the cue; an end before the start becomes the start; a line that a
    rolling caption shows again is taken out; a cue that reaches into the next one is cut at its start.
    """
    notes: Counter[str] = Counter()
    sound = [cue for cue in cues if _has_times(cue, notes)]
    ordered = sorted(sound, key=lambda cue: cue.t0)
    notes["order"] = sum(a is not b for a, b in zip(sound, ordered, strict=True))
    kept = _apart(_unroll(ordered[:MAX_CUES], notes), notes)
    notes["many"] = len(ordered) > MAX_CUES
    return tuple(kept), [sentence.format(n=notes[key]) for key, sentence in _SENTENCES.items() if notes[key]]


_SENTENCES = {
    "times": "{n} cue(s) without usable times were left out.",
    "ends": "{n} cue(s) end before they start; their end was set to their start.",
    "order": "{n} cue(s) were not in order of time; sorted.",
    "long": "{n} cue(s) are longer than 4,000 characters; cut.",
    "empty": "{n} cue(s) without text were left out.",
    "rolling": "{n} cue(s) show lines of the cue before again (rolling captions); shown once.",
    "overlap": "{n} cue(s) overlap the next one; cut at its start.",
    "many": "Cues beyond the first 100,000 were left out.",
}


def _has_times(cue: Cue, notes: Counter[str]) -> bool:
    usable = math.isfinite(cue.t0) and math.isfinite(cue.t1) and 0 <= cue.t0 < 1e7
    notes["times"] += not usable
    return usable


def _unroll(cues: Sequence[Cue], notes: Counter[str]) -> list[Cue]:
    """Cues with clean text; lines that the cue directly before has shown already are taken out."""
    kept: list[Cue] = []
    shown: list[str] = []
    until = -math.inf
    for cue in cues:
        lines = _lines(cue.text, notes)
        notes["empty"] += not lines
        if not lines:
            continue
        notes["ends"] += cue.t1 < cue.t0
        end = max(cue.t0, cue.t1)
        again = _count_repeated(shown, lines) if cue.t0 <= until + CLOSE else 0
        shown, until = lines, max(end, until) if again else end
        notes["rolling"] += again > 0
        fresh = " ".join(lines[again:])
        if fresh:
            voice = _VOICE.search(cue.text[:MAX_TEXT])
            kept.append(replace(cue, t1=end, text=fresh, speaker=clean(voice[1]) if voice else cue.speaker))
        elif again and kept:
            kept[-1] = replace(kept[-1], t1=max(kept[-1].t1, end))
    return kept


def _lines(text: str, notes: Counter[str]) -> list[str]:
    notes["long"] += len(text) > MAX_TEXT
    return [line for line in map(clean, _OVERRIDE.sub("", text[:MAX_TEXT]).split("\n")) if line]


def _count_repeated(before: Sequence[str], lines: Sequence[str]) -> int:
    """How many first lines are the last ones of the cue before."""
    for count in range(min(len(before), len(lines)), 0, -1):
        if list(before[-count:]) == list(lines[:count]):
            return count
    return 0


def _apart(cues: Sequence[Cue], notes: Counter[str]) -> list[Cue]:
    """Cues cut where the next begins; those that start together (two speakers) stay."""
    kept = list(cues)
    for k, (cue, following) in enumerate(pairwise(cues)):
        if following.t0 < cue.t1 and following.t0 > cue.t0:
            kept[k] = replace(cue, t1=following.t0)
            notes["overlap"] += 1
    return kept


def shown_by(cues: Sequence[Cue], duration: float) -> tuple[tuple[Cue, ...], list[str]]:
    """The cues within a recording of that length [s], and a sentence when there are others."""
    inside = tuple(replace(cue, t1=min(cue.t1, duration)) for cue in cues if cue.t0 < duration)
    beyond = len(cues) - len(inside)
    said = f"{beyond} cue(s) start after the recording's end ({duration:.2f} s); left out."
    return inside, [said] if beyond else []


def cue_events(cues: Sequence[Cue], frames: Frames | None = None, first: int = 0) -> list[Event]:
    """Cues as events of kind "cue".

    `attrs["words"]` is `[[word, t0 [s], t1 [s]], ...]` where words are timed, `attrs["speaker"]` a name where one is
    given.

    Args:
        cues: settled cues.
        frames: pictures that were on show meanwhile.
        first: index of the first event.
    """
    shown = frames_at(frames, [cue.t0 for cue in cues])
    events: list[Event] = []
    for index, (cue, frame) in enumerate(zip(cues, shown, strict=True), start=first):
        attrs: dict[str, Json] = {"words": [list(word) for word in cue.words]} if cue.words else {}
        attrs |= {"speaker": cue.speaker} if cue.speaker else {}
        events.append(Event(index, "cue", cue.t0, cue.t1, frame, text=cue.text, place=cue.place, attrs=attrs))
    return events


def frames_at(frames: Frames | None, moments: Sequence[float]) -> list[int | None]:
    """For each moment [s] the sampled frame on show; None without pictures."""
    if frames is None:
        return [None] * len(moments)
    return [*shown_at(np.asarray(frames.times, dtype=np.float64), moments)]
