"""What the plans know of a lesson: what is said, shown, written and asked in it. Read through tools, so all citable.

Nothing is guessed: a lesson without speech has no sentences, one without sentence marks neither, and the plans say so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from dataclaw.domains.education.ranking import Weights, weights_of
from dataclaw.domains.education.sentences import Cue, Sentence, punctuated, sentences_of
from dataclaw.domains.education.wishes import Wish, wish_of
from dataclaw.domains.education.words import language_of, plain, tokens
from dataclaw.planning import Asking, ask, decline, pages
from dataclaw.types import Anchor, Brief, Json

SURE = 0.8
"""Least confidence of words read off a slide that are shown."""

LANGUAGES: Mapping[str, str] = {
    "en": "English", "es": "Spanish", "zh": "Chinese", "fr": "French", "de": "German", "pt": "Portuguese",
    "": "a language that is not known",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Slide:
    """A slide, or a state of the board, while it was shown.

    Attributes:
        id: how it is cited.
        t0: when it appears [s].
        t1: when it goes [s].
        frame: a frame that shows it, None where the source only gives its words.
        title: its first line, "" when nothing was read.
        lines: what stands on it, the title not repeated.
    """

    id: str
    t0: float
    t1: float
    frame: int | None
    title: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """Everything that stands on it."""
        return " ".join((self.title, *self.lines)).strip()


@dataclass(frozen=True, slots=True)
class Lesson:
    """A lesson, cut to the span that the intent asks for.

    Attributes:
        wish: what the intent asks for.
        language: code of its language, "" where it is not known.
        cues: what is said, in order.
        sentences: the same in sentences; empty where there are no sentence marks.
        slides: what is shown, in order.
        exercises: questions that came with it.
        texts: pages to read that came with it.
        outside: ids of what lies outside the span.
        frames: number of sampled frames.
        weights: how much each word tells, over the whole lesson.
    """

    wish: Wish
    language: str
    cues: tuple[Cue, ...]
    sentences: tuple[Sentence, ...]
    slides: tuple[Slide, ...]
    exercises: tuple[Anchor, ...]
    texts: tuple[Anchor, ...]
    outside: tuple[str, ...]
    frames: int
    weights: Weights

    @property
    def spoken(self) -> tuple[Sentence, ...]:
        """Sentences that were said, those of pages left out."""
        pages_ = {anchor.id for anchor in self.texts}
        return tuple(s for s in self.sentences if s.cites[0] not in pages_)


def lesson(brief: Brief, *, slides: bool = True, heard: bool = True) -> Asking[Lesson]:
    """Read a lesson.

    Args:
        brief: what the plan was told.
        slides: look at the pictures too; they are slow to read.
        heard: recognise speech where no transcript was given.

    Raises:
        PolicyError: the intent asks for a language that the lesson does not have.
    """
    wish = wish_of(brief.intent, brief.window)
    seen = yield from ask("overview")
    kinds = cast("Mapping[str, int]", seen.data.get("by_kind", {}))
    said = yield from _said(kinds, heard=heard)
    given = yield from _given(kinds)
    shown = yield from _shown(brief, given) if slides else _nothing()
    language = language_of([c.text for c in said] or [text_of(a) for a in given] or [s.text for s in shown])
    if wish.language and language and wish.language != language:
        raise decline(
            f"the lesson is in {LANGUAGES[language]}, and {LANGUAGES[wish.language]} was asked for",
            f"Run it on {LANGUAGES[wish.language]} subtitles, or leave the language out.",
        )
    outside = [c.id for c in said if not wish.within(c.t0)] + [a.id for a in given if not wish.within(a.t0)]
    cues = tuple(cue for cue in said if wish.within(cue.t0))
    texts = tuple(a for a in given if _kind(a) == "page" and wish.within(a.t0))
    sentences = _sentences(cues, texts)
    return Lesson(
        wish=wish,
        language=language,
        cues=cues,
        sentences=tuple(sentences),
        slides=tuple(s for s in shown if wish.within(s.t0) or s.t0 < wish.span[0] < s.t1),
        exercises=tuple(a for a in given if _kind(a) == "exercise" and wish.within(a.t0)),
        texts=texts,
        outside=tuple(outside),
        frames=brief.frames,
        weights=weights_of(_sentences(said, [a for a in given if _kind(a) == "page"]), language),
    )


def text_of(anchor: Anchor) -> str:
    """What an event says, in full."""
    return str(anchor.attrs.get("text") or anchor.content)


def details_of(anchor: Anchor) -> Mapping[str, Json]:
    """What its source says of an event beyond its text."""
    return cast("Mapping[str, Json]", anchor.attrs.get("details") or {})


def _said(kinds: Mapping[str, int], *, heard: bool) -> Asking[list[Cue]]:
    if not (heard or kinds.get("cue")):
        return []
    found = yield from pages("read_transcript")
    return [Cue(a.id, text_of(a), a.t0, a.t1) for a in found]


def _given(kinds: Mapping[str, int]) -> Asking[list[Anchor]]:
    wanted = [kind for kind in ("exercise", "page", "slide") if kinds.get(kind)]
    if not wanted:
        return []
    return (yield from pages("list_events", kinds=wanted))


def _nothing() -> Asking[list[Slide]]:
    yield from ()
    return []


def _shown(brief: Brief, given: Sequence[Anchor]) -> Asking[list[Slide]]:
    told = [a for a in given if _kind(a) == "slide"]
    if not brief.frames:
        return [_slide(a, text_of(a), ()) for a in told]
    found = yield from pages("find_slides")
    return [
        _slide(a, str(a.attrs.get("title") or ""), cast("Sequence[str]", a.attrs.get("lines") or ())) for a in found
    ]


def _slide(anchor: Anchor, title: str, lines: Sequence[str]) -> Slide:
    heading = plain(title)
    body = tuple(text for line in lines if (text := plain(line)) and text != heading and tokens(text))
    return Slide(anchor.id, anchor.t0, anchor.t1, anchor.frame, heading, body)


def _kind(anchor: Anchor) -> str:
    return str(anchor.attrs.get("verb") or anchor.kind)


def _sentences(cues: Sequence[Cue], texts: Sequence[Anchor]) -> list[Sentence]:
    found = sentences_of(cues) if punctuated(cues) else []
    for page in texts:
        found += sentences_of([Cue(page.id, text_of(page), page.t0, page.t1)])
    return found
