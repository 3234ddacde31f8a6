"""`lecture_summary`: chapters with their starts and their key sentences, word for word."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from dataclaw.domains.education.chapters import SpeechUnit, turns
from dataclaw.domains.education.leftovers import left_out
from dataclaw.domains.education.lessons import Lesson, LessonSlide, read_lesson
from dataclaw.domains.education.ranking import key_sentences, phrases
from dataclaw.domains.education.sentences import CitedCue, Sentence, pieces, without_lead
from dataclaw.domains.education.titles import PassageTitle, cites_for, opening_of, title_of, weigh_words
from dataclaw.domains.education.told import ToldOfLesson, choose_sentences, part_option
from dataclaw.domains.education.words import TALK, plain, stems, tokens
from dataclaw.planning import CITES, Asking, capitalise, decline, keep, statement, submit
from dataclaw.types import Brief, Json

KEYS, MOST_KEYS = 2, 4
"""Key sentences of a chapter where rules choose them, and most of one whoever does."""

GROUP, GROUP_ZH = 24, 14
"""Words, or Chinese characters, of a unit without sentence marks: cues are joined until they have so many."""

NEAR = 4.0
"""Longest time between a slide and the chapter that it names [s]."""

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
        said: the sentences that they are chosen from.
    """

    start: float
    opens: str
    title: str
    cites: tuple[str, ...]
    keys: tuple[Sentence, ...] = ()
    said: tuple[Sentence, ...] = ()

    @property
    def words(self) -> str:
        """Title and key sentences."""
        return " ".join([self.title, *(key.text for key in self.keys)])

    def body(self) -> dict[str, Json]:
        """Its entry in the draft."""
        sentences: list[Json] = [statement(key.text, key.cites) for key in self.keys]
        cite = list(dict.fromkeys((self.opens, *self.cites)))[:CITES]
        return {"cite": cite, "start": round(self.start, 3), "title": self.title, "sentences": sentences}


class ToldChapters(ToldOfLesson):
    """What is known of the chapters of a lesson; here, what its stream says."""

    def chapters(self, found: Lesson) -> list[Chapter]:
        """The chapters of the lesson, in order."""
        return _speech_chapters(found) if len(found.cues) > 1 else _slide_chapters(found)


def summarise(brief: Brief, told: ToldChapters | None = None) -> Asking[None]:
    """Plan of `lecture_summary`."""
    told = told or ToldChapters()
    found = told.lesson((yield from read_lesson(brief)))
    chapters = told.chapters(found)
    if not chapters:
        labels = f"; {found.labels}, but as annotations, which no policy sees"
        nothing = "it has no speech, and no title was read on more than one slide"
        raise decline(f"{nothing}{labels if found.labels else ''}", "Put subtitles beside the video.")
    kept = yield from _choose_chapters(found, chapters)
    title = told.title(found) or _title(found, kept)
    talk = [cite for s in found.speech if told.is_talk(s) for cite in s.cites]
    draft: dict[str, Json] = {"cot": _thoughts(kept, found), "title": statement(title.text, title.cites)}
    draft["chapters"] = [chapter.body() for chapter in kept]
    draft["left_out"] = _left_out(found, chapters, kept, talk)
    yield from submit(draft)


def _choose_chapters(found: Lesson, chapters: Sequence[Chapter]) -> Asking[list[Chapter]]:
    """The chapters that are asked for, each with the sentences that say most of it."""
    ends = [*(c.start for c in chapters[1:]), chapters[-1].said[-1].t1 if chapters[-1].said else chapters[-1].start]
    options = [
        part_option(f"p{at}", c.title, c.said, (c.opens, *c.cites), (c.start, end))
        for at, (c, end) in enumerate(zip(chapters, ends, strict=True))
    ]
    off = {f"p{at}": "" for at, c in enumerate(chapters) if not found.intent.concerns(c.words, found.language)}
    dropped, _ = yield from keep("education.sections", options, off, "")
    kept = [c for at, c in enumerate(chapters) if f"p{at}" not in dropped]
    if not kept:
        about = f'is about "{" ".join(found.intent.topic)}"' if found.intent.topic else "is wanted"
        raise decline(f"no chapter of this lesson {about}", "Ask about something else, or about all of it.")
    said = [(c, s) for c in kept for s in c.said]
    left = {at: "" for at, (c, s) in enumerate(said) if s not in c.keys}
    left, by = yield from choose_sentences([s for _, s in said], left)
    if by == "rules":
        return kept
    keys = [[s for at, (own, s) in enumerate(said) if own is c and at not in left] for c in kept]
    return [
        replace(c, keys=tuple(k if len(k) <= MOST_KEYS else key_sentences(k, found.language, MOST_KEYS, found.weights)))
        for c, k in zip(kept, keys, strict=True)
    ]


def _speech_chapters(found: Lesson) -> list[Chapter]:
    """Chapters of the speech."""
    said = found.speech or _group_cues(found)
    units = [SpeechUnit(s.text, s.t0, s.t1, s.fresh, s.speaker) for s in said]
    starts = turns(units, found.language, [s.t0 for s in found.slides], found.intent.count)
    everywhere = Counter(one for s in said for one in stems(s.text, found.language))
    chapters: list[Chapter] = []
    for a, b in pairwise([*starts, len(units)]):
        chapters.append(_chapter(found, said[a:b], everywhere, [chapter.title for chapter in chapters]))
    return chapters


def _group_cues(found: Lesson) -> list[Sentence]:
    """Cues without sentence marks, a few at a time; each begins a cue."""
    groups: list[Sentence] = []
    for cue in found.cues:
        last = groups[-1] if groups else None
        full = GROUP_ZH if found.language == "zh" else GROUP
        joins = last and not cue.speaker and last.length < full and len(last.cites) < CITES
        if last and joins and cue.t0 - last.t1 < 1.0:
            text = f"{last.text} {plain(cue.text)}"
            groups[-1] = Sentence(text, (*last.cites, cue.id), last.t0, cue.t1, speaker=last.speaker)
        elif tokens(cue.text):
            groups.append(Sentence(plain(cue.text), (cue.id,), cue.t0, cue.t1, speaker=cue.speaker))
    return groups


def _chapter(found: Lesson, said: Sequence[Sentence], everywhere: Counter[str], taken: Sequence[str]) -> Chapter:
    """A chapter of what is said in it."""
    start, end = said[0].t0, said[-1].t1
    inside = [cue for cue in found.cues if start <= cue.t0 < end]
    keys, whole = weigh_sentences(found, said)
    several = found.slides if len(found.slides) > 1 else ()
    slide = next((s for s in several if s.title and start - NEAR <= s.t0 < end), None)
    if slide is not None and slide.title not in taken:
        return Chapter(start, inside[0].id, slide.title, (slide.id,), keys, whole)
    focus = weigh_words([s.text for s in said], everywhere, found.language)
    title = title_of(said, found.cues, focus, found.language, taken) or _name(found, said, inside)
    speaker = next((cue for cue in inside[:1] if cue.speaker), None)
    text = f"{speaker.speaker}: {title.text}" if speaker else title.text
    return Chapter(start, inside[0].id, text, title.cites, keys, whole)


def weigh_sentences(found: Lesson, said: Sequence[Sentence]) -> tuple[tuple[Sentence, ...], tuple[Sentence, ...]]:
    """The key sentences of a chapter, and all its sentences; none of a transcript without sentence marks."""
    whole = said if found.sentences or found.language == "zh" else ()
    about = [s for s in whole if found.intent.concerns(s.text, found.language)] or whole
    keys = key_sentences(about, found.language, KEYS, found.weights)
    return tuple(keys), tuple(without_lead(s, found.language) for s in whole)


def _name(found: Lesson, said: Sequence[Sentence], inside: Sequence[CitedCue]) -> PassageTitle:
    """The pair of words that a chapter says most, or the words that it begins with."""
    texts = [s.text for s in said]
    for name in phrases([text for text in texts if not TALK.search(text)], found.language, 3):
        cites = cites_for(name, inside, [cue.id for cue in inside])
        if len(cites) == 1 and " " in name:
            return PassageTitle(capitalise(_usual_spelling(name, texts)), cites)
    plainest = next((s for s in said if not TALK.search(s.text)), said[0])
    text = opening_of(plainest, found.language)
    return PassageTitle(capitalise(text), cites_for(text, inside, plainest.cites) or (inside[0].id,))


def _slide_chapters(found: Lesson) -> list[Chapter]:
    """Chapters of slides alone, by their titles; where there are many, by the turns between them."""
    titled = [slide for slide in found.slides if slide.title]
    fresh = [s for before, s in pairwise([None, *titled]) if s and (before is None or before.title != s.title)]
    units = [SpeechUnit(s.text, s.t0, s.t1) for s in fresh]
    count = found.intent.count or min(len(units), MOST)
    starts = turns(units, found.language, [], count) if count < len(units) else range(len(units))
    chapters: list[Chapter] = []
    for slide in (fresh[at] for at in starts):
        lines = () if any(slide.title == chapter.title for chapter in chapters) else _lines(slide)
        chapters.append(Chapter(slide.t0, slide.id, slide.title, (slide.id,), lines, lines))
    return chapters if len(fresh) > 1 else []


def _lines(slide: LessonSlide) -> tuple[Sentence, ...]:
    """Whole sentences of a slide."""
    whole = [
        piece for line in slide.lines for piece in pieces(line) if piece.endswith((".", "!")) and piece[0].isupper()
    ]
    return tuple(Sentence(text, (slide.id,), slide.t0, slide.t1) for text in whole[:KEYS] if len(tokens(text)) > SHORT)


def _title(found: Lesson, chapters: Sequence[Chapter]) -> PassageTitle:
    """The title of the lesson: that of its first slide, or what all of it is about."""
    first = next((slide for slide in found.slides[1:] and found.slides if slide.title), None)
    if first is not None:
        return PassageTitle(first.title, (first.id,))
    said = found.speech or _group_cues(found)
    everywhere = Counter(one for s in said for one in stems(s.text, found.language))
    focus = weigh_words([s.text for s in said], everywhere, found.language)
    title = title_of(said, found.cues, focus, found.language) if said else None
    return title or PassageTitle(chapters[0].title, chapters[0].cites)


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
    return (
        f"从 {chapter.start:.1f} 秒起,讲的是“{title}”。"
        if chinese
        else f"From {chapter.start:.1f} s it is about “{title}”."
    )


def _left_out(found: Lesson, chapters: Sequence[Chapter], kept: Sequence[Chapter], talk: Sequence[str]) -> list[Json]:
    ends = [*(c.start for c in chapters[1:]), float("inf")]
    starts = {c.start for c in kept}
    other = [(c.start, end) for c, end in zip(chapters, ends, strict=True) if c.start not in starts]
    used = {cite for c in kept for cite in (c.opens, *c.cites, *(i for key in c.keys for i in key.cites))}
    off = [cue.id for cue in found.cues if found.intent.topic and any(a <= cue.t0 < b for a, b in other)]
    return left_out(used, other_time=found.outside, other_topic=off, talk=talk)
