"""What the plans know of a lesson: what is said, shown, written and asked in it. All comes from tools and can be cited.

Nothing is guessed: a lesson without speech or without sentence marks has no sentences, and the plans say so.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

from dataclaw.domains.education.clauses import is_verb
from dataclaw.domains.education.intents import LessonIntent, parse_intent
from dataclaw.domains.education.ranking import Weights, weights_of
from dataclaw.domains.education.sentences import CitedCue, Sentence, has_sentence_marks, sentences_of
from dataclaw.domains.education.words import STOP, language_of, mend_text, plain, spelt, tokens
from dataclaw.planning import Asking, ask, decline, pages, shorten
from dataclaw.types import Anchor, Brief, Json

LONGEST, SHORT = 100, 60
"""Longest heading over several lines of a slide, and of a slide without known lines [characters]."""

WHOLE = 0.95
"""Share of a slide's words below which some of its lines are missing."""

LABEL = 3
"""Most words of a label in a figure."""

WIDE = 6
"""Words of a line that fills the width of a slide."""

_LITTLE = STOP["en"] | STOP["es"]
_GOES_ON = frozenset({"is", "are", "was", "were", "of", "and", "or", "in", "with", "for", "to", "by", "that", "which"})
"""Words with which no heading and no bullet begins."""
_BULLET = re.compile(r"^[•·▪◦‣*–-]\s*")

LANGUAGES: Mapping[str, str] = {
    "en": "English", "es": "Spanish", "zh": "Chinese", "fr": "French", "de": "German", "pt": "Portuguese",
    "": "a language that is not known",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class LessonSlide:
    """A slide, or a state of the board, while it was shown.

    Attributes:
        id: how it is cited.
        t0: when it appears [s].
        t1: when it goes [s].
        frame: the last frame that shows it, None where the source only gives its words.
        title: its first line, "" when nothing was read.
        lines: its other lines.
        middle: a frame from the middle of its time, None likewise.
    """

    id: str
    t0: float
    t1: float
    frame: int | None
    title: str
    lines: tuple[str, ...]
    middle: int | None = None

    @property
    def text(self) -> str:
        """Title and lines."""
        return " ".join((self.title, *self.lines)).strip()


_LABELS = re.compile(r"\d+ chapters came with it")


@dataclass(frozen=True, slots=True)
class Lesson:
    """A lesson, cut to the span that the intent asks for.

    Attributes:
        intent: what the intent asks for.
        language: code of its language, "" where it is not known.
        cues: what is said, in order.
        sentences: what is said and written, in sentences; speech without sentence marks has none.
        slides: what is shown, in order.
        exercises: questions that came with it.
        texts: pages to read that came with it.
        outside: ids of what lies outside the span.
        frames: number of sampled frames.
        weights: weight of each stem over the whole lesson.
        labels: note about annotations that no policy sees: "5 chapters came with it", else "".
    """

    intent: LessonIntent
    language: str
    cues: tuple[CitedCue, ...]
    sentences: tuple[Sentence, ...]
    slides: tuple[LessonSlide, ...]
    exercises: tuple[Anchor, ...]
    texts: tuple[Anchor, ...]
    outside: tuple[str, ...]
    frames: int
    weights: Weights
    labels: str = ""

    @property
    def speech(self) -> tuple[Sentence, ...]:
        """Sentences that were said, without those of pages and slides."""
        said = {cue.id for cue in self.cues}
        return tuple(s for s in self.sentences if s.cites[0] in said)


Looking: TypeAlias = Literal["always", "silent", "never"]
"""Whether to read the slides, which is slow: "silent" reads them where nothing is said, asked or written."""


def read_lesson(brief: Brief, *, slides: Looking = "always", heard: bool = True) -> Asking[Lesson]:
    """Read a lesson.

    Args:
        brief: the brief of the plan.
        slides: whether to read the slides.
        heard: recognise speech where no transcript was given.

    Raises:
        PolicyError: the intent asks for a language that the lesson does not have.
    """
    intent = parse_intent(brief.intent, brief.window)
    seen = yield from ask("overview")
    kinds = cast("Mapping[str, int]", seen.data.get("by_kind", {}))
    said = yield from _read_cues(kinds, heard=heard)
    given = yield from _read_given(kinds)
    wanted = slides == "always" or (slides == "silent" and not said and not given)
    shown = (yield from _read_slides(brief, given)) if wanted else []
    language = language_of([c.text for c in said] or [text_of(a) for a in given] or [s.text for s in shown])
    if intent.language and language and intent.language != language:
        raise decline(
            f"the lesson is in {LANGUAGES[language]}, and {LANGUAGES[intent.language]} was asked for",
            f"Run it on {LANGUAGES[intent.language]} subtitles, or leave the language out.",
        )
    outside = [c.id for c in said if not intent.within(c.t0)] + [a.id for a in given if not intent.within(a.t0)]
    cues = tuple(cue for cue in said if intent.within(cue.t0))
    texts = tuple(a for a in given if _kind(a) == "page" and intent.within(a.t0))
    seen_on = tuple(s for s in shown if intent.within(s.t0) or s.t0 < intent.span[0] < s.t1)
    return Lesson(
        intent=intent,
        language=language,
        cues=cues,
        sentences=tuple(_sentences(cues, texts, () if said else seen_on)),
        slides=seen_on,
        exercises=tuple(a for a in given if _kind(a) == "exercise" and intent.within(a.t0)),
        texts=texts,
        outside=tuple(outside),
        frames=brief.frames,
        weights=weights_of(_sentences(said, [a for a in given if _kind(a) == "page"], () if said else shown), language),
        labels=labels[0] if (labels := _LABELS.search(seen.note)) else "",
    )


def text_of(anchor: Anchor) -> str:
    """The full text of an event."""
    return str(anchor.attrs.get("text") or anchor.content)


def details_of(anchor: Anchor) -> Mapping[str, Json]:
    """The attributes that the loader gave the event of an anchor."""
    return cast("Mapping[str, Json]", anchor.attrs.get("details") or {})


def _read_cues(kinds: Mapping[str, int], *, heard: bool) -> Asking[list[CitedCue]]:
    if not (heard or kinds.get("cue")):
        return []
    found = yield from pages("read_transcript")
    return [CitedCue(a.id, text_of(a), a.t0, a.t1, str(a.attrs.get("speaker") or "")) for a in found]


def _read_given(kinds: Mapping[str, int]) -> Asking[list[Anchor]]:
    wanted = [kind for kind in ("exercise", "page", "slide") if kinds.get(kind)]
    if not wanted:
        return []
    return (yield from pages("list_events", kinds=wanted))


def _read_slides(brief: Brief, given: Sequence[Anchor]) -> Asking[list[LessonSlide]]:
    if not brief.frames:
        return slides_in([a for a in given if _kind(a) == "slide"])
    found = yield from pages("find_slides")
    return slides_in(found)


def slides_in(found: Sequence[Anchor]) -> list[LessonSlide]:
    """Slides with their lines, without lines of the template, which most slides have."""
    read = [_lines_of(anchor) for anchor in found]
    often = Counter(line for lines in read for line in set(lines))
    template = {line for line, n in often.items() if n > 2 and n >= len(found) / 3}
    return [_slide(a, [line for line in lines if line not in template]) for a, lines in zip(found, read, strict=True)]


def _lines_of(anchor: Anchor) -> list[str]:
    """Lines of a slide, as read from a picture or as the source gives them."""
    given = anchor.attrs.get("lines")
    read = cast("Sequence[str]", text_of(anchor).split("\n") if given is None else given)
    if given is None:
        return [text for line in read if (text := plain(str(line)))] if anchor.kind == "event" else []
    return [mend_text(text) for line in read if (text := plain(str(line)))]


def _slide(anchor: Anchor, lines: Sequence[str]) -> LessonSlide:
    """A slide: its heading (with its continuation lines), and its other lines."""
    texts = reflow(lines)
    if (
        texts
        and len(tokens(" ".join(lines))) < int(anchor.attrs.get("words") or 0) * WHOLE
        and not texts[-1].endswith(".")
    ):
        texts.pop()  # the slide has more lines than are given, and the last one is cut off
    read = mend_text(plain(str(anchor.attrs.get("title") or "")))
    heading = read if read in lines else (texts[0] if texts else "")
    at = next((k for k, text in enumerate(texts) if text.startswith(heading)), None)
    if heading and at is not None:
        whole = texts.pop(at)
        title, rest = (whole, "") if len(whole) <= LONGEST else (heading, whole.removeprefix(heading).strip())
        if len(title) > LONGEST:  # all of the slide in one line, as some tables have it
            title, rest = shorten(title, SHORT).rstrip("…"), whole
        texts.insert(at, rest)
    else:
        title = heading
    title = title if _says(title) else ""
    telling = tuple(
        text for text in texts if len(tokens(text)) > 1 and (spelt(text) or "=" in text) and not _is_label(text, texts)
    )  # single words stand in figures and logos
    first, last = cast("Sequence[int]", anchor.attrs.get("frames") or (anchor.frame or 0,) * 2)
    lines = telling or tuple(t for t in texts if _says(t))
    middle = None if anchor.frame is None else (first + last) // 2
    return LessonSlide(anchor.id, anchor.t0, anchor.t1, anchor.frame, title, lines, middle)


def reflow(lines: Sequence[str]) -> list[str]:
    """Lines of a slide joined: one in small letters continues the bullet or full line before it."""
    bulleted = any(_BULLET.match(line) for line in lines)
    texts: list[str] = []
    for line in lines:
        text = _BULLET.sub("", line)
        continues = bulleted or _runs_on(texts[-1], text) if texts else False
        if text[:1].islower() and text == line and continues:
            texts[-1] = f"{texts[-1]} {text}"
        elif text:
            texts.append(text)
    return texts


def _runs_on(text: str, following: str) -> bool:
    """Whether the next line continues a line: it fills the width, stops at "of", or the next begins with a verb."""
    words, next_words = tokens(text) or [""], tokens(following) or [""]
    verb = is_verb(next_words[0]) or next_words[0] in _GOES_ON
    return not text.endswith((".", "!", "?", ":", ";")) and (len(words) >= WIDE or words[-1] in _LITTLE or verb)


def _says(text: str) -> bool:
    """Whether a line has a word of four letters."""
    return any(len(word) > 3 for word in tokens(text) if word.isalpha())


def _is_label(text: str, texts: Sequence[str]) -> bool:
    """Whether a line is a label in a figure: a few capitals only, on a slide that is written in small letters."""
    small = sum(other != other.upper() for other in texts)
    return text == text.upper() and len(tokens(text)) <= LABEL and 2 * small >= len(texts) and "=" not in text


def _kind(anchor: Anchor) -> str:
    return str(anchor.attrs.get("verb") or anchor.kind)


def _sentences(cues: Sequence[CitedCue], texts: Sequence[Anchor], slides: Sequence[LessonSlide]) -> list[Sentence]:
    """Sentences of speech, pages and slides."""
    found = sentences_of(cues) if has_sentence_marks(cues) else []
    written = [CitedCue(page.id, text_of(page), page.t0, page.t1) for page in texts]
    written += [CitedCue(s.id, line, s.t0, s.t1) for s in slides for line in (s.title, *s.lines) if line]
    return found + [sentence for cue in written for sentence in sentences_of([cue])]
