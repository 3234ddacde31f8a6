"""Speech with its times: sentences on a virtual clock, cut into subtitle cues with their usual faults."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Literal, TypeAlias

Format: TypeAlias = Literal["srt", "vtt", "dfxp"]


@dataclass(frozen=True, slots=True)
class SpokenSentence:
    """A sentence on the clock.

    Attributes:
        text: its words, as the subtitles have them.
        t0: start [s].
        t1: end [s].
    """

    text: str
    t0: float
    t1: float


@dataclass(frozen=True, slots=True)
class SubtitleCue:
    """A subtitle cue: text with start and end [s]."""

    text: str
    t0: float
    t1: float


@dataclass(frozen=True, slots=True)
class CueStyle:
    """How sentences become cues.

    Attributes:
        width: most characters of a cue.
        running: whether a cue goes on with the next sentence.
        late: delay of all cues [s].
        jitter: largest further delay of single cues [s].
        overlap: share of the cues that stay up while the next begins.
    """

    width: int = 84
    running: bool = False
    late: float = 0.0
    jitter: float = 0.0
    overlap: float = 0.0


def set_times(texts: Sequence[tuple[str, float]], rate: float, start: float = 0.6) -> list[SpokenSentence]:
    """The sentences with their times, one after the other.

    Args:
        texts: `(sentence, pause before it [s])`.
        rate: words a second [1/s].
        start: when the first begins [s].
    """
    said: list[SpokenSentence] = []
    now = start
    for text, pause in texts:
        now += pause
        length = 0.35 + len(text.split()) / rate
        said.append(SpokenSentence(text, round(now, 2), round(now + length, 2)))
        now += length
    return said


def cues_of(said: Sequence[SpokenSentence], cutting: CueStyle, rng: random.Random) -> list[SubtitleCue]:
    """The cues of sentences, with the faults of their style."""
    words = [word for sentence in said for word in _words(sentence)]
    ends = set(accumulate(len(sentence.text.split()) for sentence in said))
    lines: list[list[SpokenSentence]] = [[]]
    for at, word in enumerate(words):
        line = lines[-1]
        length = sum(len(w.text) + 1 for w in line) + len(word.text)
        breaks = at in ends and not cutting.running
        paused = bool(line) and word.t0 - line[-1].t1 > 1.2
        if line and (length > cutting.width or breaks or paused):
            lines.append([])
        lines[-1].append(word)
    cues: list[SubtitleCue] = []
    for line in lines:
        shift = cutting.late + (rng.uniform(0, cutting.jitter) if rng.random() < 0.3 else 0.0)
        over = rng.uniform(0.2, 0.9) if rng.random() < cutting.overlap else 0.0
        t0 = max(line[0].t0 + shift, cues[-1].t0 + 0.2 if cues else 0.0)
        t1 = max(line[-1].t1 + shift + over, t0 + 0.3)
        cues.append(SubtitleCue(" ".join(word.text for word in line), round(t0, 2), round(t1, 2)))
    return cues


def write_cues(file: Path, cues: Sequence[SubtitleCue], form: Format) -> None:
    """Write a subtitle file."""
    text = {"srt": _srt, "vtt": _vtt, "dfxp": _dfxp}[form](cues)
    file.write_text(text, encoding="utf-8")


def write_words(folder: Path, said: Sequence[SpokenSentence]) -> None:
    """Write a folder with the time of every word."""
    folder.mkdir()
    words = [[word.text, word.t0, word.t1] for sentence in said for word in _words(sentence)]
    sentences = [[sentence.text, sentence.t0, sentence.t1] for sentence in said]
    (folder / "word_timings.json").write_text(json.dumps(words), encoding="utf-8")
    (folder / "sentence_timings.json").write_text(json.dumps(sentences), encoding="utf-8")


def _words(sentence: SpokenSentence) -> list[SpokenSentence]:
    """The words of a sentence, each with its share of the time by letters."""
    words = sentence.text.split()
    total = sum(len(word) + 1 for word in words)
    found: list[SpokenSentence] = []
    now = sentence.t0
    for word in words:
        length = (sentence.t1 - sentence.t0) * (len(word) + 1) / total
        found.append(SpokenSentence(word, round(now, 2), round(now + length, 2)))
        now += length
    return found


def _clock(time: float, mark: str) -> str:
    whole = round(time * 1000)
    return f"{whole // 3_600_000:02}:{whole // 60_000 % 60:02}:{whole // 1000 % 60:02}{mark}{whole % 1000:03}"


def _srt(cues: Sequence[SubtitleCue]) -> str:
    blocks = (f"{k}\n{_clock(c.t0, ',')} --> {_clock(c.t1, ',')}\n{c.text}\n" for k, c in enumerate(cues, start=1))
    return "\n".join(blocks)


def _vtt(cues: Sequence[SubtitleCue]) -> str:
    blocks = (f"{_clock(c.t0, '.')} --> {_clock(c.t1, '.')}\n{c.text}\n" for c in cues)
    return "WEBVTT\nLanguage: en\n\n" + "\n".join(blocks)


def _dfxp(cues: Sequence[SubtitleCue]) -> str:
    from xml.sax.saxutils import escape

    rows = (f'<p begin="{_clock(c.t0, ".")}" end="{_clock(c.t1, ".")}">{escape(c.text)}</p>' for c in cues)
    body = "\n".join(rows)
    head = '<tt xmlns="http://www.w3.org/ns/ttml" xml:lang="en">'
    return f"{head}\n<body>\n<div>\n{body}\n</div>\n</body>\n</tt>\n"
