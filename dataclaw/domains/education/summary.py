"""`lecture_summary`: chapters with their starts and their key sentences, word for word."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from dataclaw.domains.education.chapters import SpeechUnit, turns
from dataclaw.domains.education.leftovers import left_out
from dataclaw.domains.education.lessons import Lesson, LessonSlide, read_lesson
from dataclaw.domains.education.ranking import key_sentences, phrases
from dataclaw.domains.education.sentences import CitedCue, Sentence, pieces
from dataclaw.domains.education.words import TALK, has_run, plain, tokens
from dataclaw.planning import CITES, Asking, capitalise, decline, shorten, statement, submit
from dataclaw.types import Brief, Json

KEYS = 2
"""Key sentences of a chapter."""

GROUP = 24
"""Words of a unit where there are no sentence marks: cues are joined until they have this many."""

NAMES = 3
"""Words or pairs of words that name a chapter."""

NEAR, FIRST = 4.0, 60
"""Longest time between a slide and the chapter that it names [s]; longest beginning as a title [characters]."""

THOUGHTS = 6
"""Most thoughts."""

SHORT = 4
"""Most words of a line on a slide that is no sentence."""

MOST = 16
"""Most chapters made of slides alone."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """A stretch of the lesson.

    Attributes:
        start: where it begins [s].
        opens: id of the cue or slide that begins there.
        title: what it is about.
        cites: ids that prove the title.
        keys: its key sentences.
    """

    start: float
    opens: str
    title: str
    cites: tuple[str, ...]
    keys: tuple[Sentence, ...] = ()

    @property
    def words(self) -> str:
        """Title and key sentences."""
        return " ".join([self.title, *(key.text for key in self.keys)])

    def body(self) -> dict[str, Json]:
        """Its entry in the draft."""
        sentences: list[Json] = [statement(key.text, key.cites) for key in self.keys]
        cite = list(dict.fromkeys((self.opens, *self.cites)))[:CITES]
        return {"cite": cite, "start": round(self.start, 3), "title": self.title, "sentences": sentences}


def summarise(brief: Brief) -> Asking[None]:
    """Plan of `lecture_summary`."""
    found = yield from read_lesson(brief)
    chapters = _speech_chapters(found) if len(found.cues) > 1 else _slide_chapters(found)
    if not chapters:
        labels = f"; {found.labels}, but as annotations, which no policy sees"
        nothing = "it has no speech, and no title was read on more than one slide"
        raise decline(f"{nothing}{labels if found.labels else ''}", "Put subtitles beside the video.")
    kept = [c for c in chapters if found.intent.concerns(c.words, found.language)]
    if not kept:
        topic = " ".join(found.intent.topic)
        raise decline(f'no chapter of this lesson is about "{topic}"', "Ask about something else, or about all of it.")
    title, cites = _title(found, kept)
    draft: dict[str, Json] = {"cot": _thoughts(kept, found), "title": statement(title, cites)}
    draft["chapters"] = [chapter.body() for chapter in kept]
    draft["left_out"] = _left_out(found, chapters, kept)
    yield from submit(draft)


def _speech_chapters(found: Lesson) -> list[Chapter]:
    """Chapters of the speech."""
    sentences = found.speech
    units = [SpeechUnit(s.text, s.t0, s.t1, s.fresh) for s in sentences] if sentences else _group_cues(found)
    starts = turns(units, found.language, [s.t0 for s in found.slides], found.intent.count)
    return [_chapter(found, units[a:b], sentences[a:b]) for a, b in pairwise([*starts, len(units)])]


def _group_cues(found: Lesson) -> list[SpeechUnit]:
    """Cues without sentence marks, a few at a time; each begins a cue."""
    units: list[SpeechUnit] = []
    for cue in found.cues:
        last = units[-1] if units else None
        if last and len(tokens(last.text)) < GROUP and cue.t0 - last.t1 < 1.0:
            units[-1] = SpeechUnit(f"{last.text} {plain(cue.text)}", last.t0, cue.t1)
        elif tokens(cue.text):
            units.append(SpeechUnit(plain(cue.text), cue.t0, cue.t1))
    return units


def _chapter(found: Lesson, units: Sequence[SpeechUnit], sentences: Sequence[Sentence]) -> Chapter:
    start, end = units[0].t0, units[-1].t1
    inside = [cue for cue in found.cues if start <= cue.t0 < end]
    about = [s for s in sentences if found.intent.concerns(s.text, found.language)] or sentences
    keys = tuple(key_sentences(about, found.language, KEYS, found.weights))
    texts = [unit.text for unit in units]
    several = found.slides if len(found.slides) > 1 else ()
    slide = next((s for s in several if s.title and start - NEAR <= s.t0 < end), None)
    if slide is not None:
        return Chapter(start, inside[0].id, slide.title, (slide.id,), keys)
    names = _names(found, texts)
    shown = {name: cue for name in names if (cue := _first(inside, name))}
    title = "; ".join(_usual_spelling(name, texts) for name in shown) or shorten(plain(inside[0].text), FIRST).rstrip(
        "…"
    )
    return Chapter(start, inside[0].id, capitalise(title), tuple(shown.values()), keys)


def _names(found: Lesson, texts: Sequence[str]) -> list[str]:
    """The names of a chapter: what is said most in it, and words of the topic that are said."""
    names = phrases([text for text in texts if not TALK.search(text)], found.language, NAMES)
    spoken = {word for text in texts for word in tokens(text)}
    return names + [word for word in found.intent.topic if word in spoken and word not in " ".join(names)]


def _slide_chapters(found: Lesson) -> list[Chapter]:
    """Chapters of slides alone, by their titles; where there are many, by the turns between them."""
    titled = [slide for slide in found.slides if slide.title]
    fresh = [s for before, s in pairwise([None, *titled]) if s and (before is None or before.title != s.title)]
    units = [SpeechUnit(s.text, s.t0, s.t1) for s in fresh]
    count = found.intent.count or min(len(units), MOST)
    starts = turns(units, found.language, [], count) if count < len(units) else range(len(units))
    chapters: list[Chapter] = []
    for slide in (fresh[at] for at in starts):
        again = any(slide.title == chapter.title for chapter in chapters)
        chapters.append(Chapter(slide.t0, slide.id, slide.title, (slide.id,), () if again else _lines(slide)))
    return chapters if len(fresh) > 1 else []


def _lines(slide: LessonSlide) -> tuple[Sentence, ...]:
    """Whole sentences of a slide."""
    whole = [
        piece for line in slide.lines for piece in pieces(line) if piece.endswith((".", "!")) and piece[0].isupper()
    ]
    return tuple(Sentence(text, (slide.id,), slide.t0, slide.t1) for text in whole[:KEYS] if len(tokens(text)) > SHORT)


def _title(found: Lesson, chapters: Sequence[Chapter]) -> tuple[str, tuple[str, ...]]:
    """The title of the lesson: that of its first slide, or what is said most in all of it."""
    first = next((slide for slide in found.slides[1:] and found.slides if slide.title), None)
    if first is not None:
        return first.title, (first.id,)
    texts = [s.text for s in found.speech] or [plain(cue.text) for cue in found.cues]
    shown = {name: cue for name in phrases(texts, found.language, 2) if (cue := _first(found.cues, name))}
    if not shown:
        return chapters[0].title, (chapters[0].opens, *chapters[0].cites)
    return capitalise("; ".join(_usual_spelling(name, texts) for name in shown)), tuple(shown.values())


def _first(cues: Sequence[CitedCue], name: str) -> str:
    """The cue that says a phrase first, "" where none says all of it."""
    return next((cue.id for cue in cues if has_run(tokens(cue.text), tokens(name))), "")


def _usual_spelling(phrase: str, texts: Sequence[str]) -> str:
    """A phrase in its commonest spelling: "fourier transform" is "Fourier transform"."""
    pattern = re.compile(rf"(?<!\w){re.escape(phrase)}(?!\w)", re.IGNORECASE)
    seen = Counter(match[0] for text in texts for match in pattern.finditer(text))
    return max(seen, key=lambda form: (seen[form], form)) if seen else phrase


def _thoughts(chapters: Sequence[Chapter], found: Lesson) -> list[Json]:
    chinese = found.language == "zh"
    marked = "" if found.sentences or not found.cues else _UNMARKED_ZH if chinese else _UNMARKED
    texts = [_chapter_thought(c, chinese) for c in chapters[:THOUGHTS]]
    texts[0] += marked
    return [statement(text, (c.opens, *c.cites)) for text, c in zip(texts, chapters, strict=False)]


_UNMARKED = " The transcript has no sentence marks: nothing is quoted."
_UNMARKED_ZH = "字幕没有句号,所以不引用整句。"


def _chapter_thought(chapter: Chapter, chinese: bool) -> str:
    """The thought about a chapter: where it begins and what it is about."""
    title = chapter.title.rstrip(".")
    if chinese:
        return f"从 {chapter.start:.1f} 秒起,讲的是{title.replace('; ', '、')}。"
    words = title.split("; ")
    if len(words) == 1:
        return f"From {chapter.start:.1f} s it is about {title}."
    return f"From {chapter.start:.1f} s most is said about {', '.join(words[:-1])} and {words[-1]}."


def _left_out(found: Lesson, chapters: Sequence[Chapter], kept: Sequence[Chapter]) -> list[Json]:
    ends = [*(c.start for c in chapters[1:]), float("inf")]
    other = [(c.start, end) for c, end in zip(chapters, ends, strict=True) if c not in kept]
    used = {cite for c in kept for cite in (c.opens, *c.cites, *(i for key in c.keys for i in key.cites))}
    off = [cue.id for cue in found.cues if any(a <= cue.t0 < b for a, b in other)]
    talk = [cite for s in found.speech if TALK.search(s.text) for cite in s.cites]
    return left_out(used, other_time=found.outside, other_topic=off, talk=talk)
