"""`interleaved_lesson`: pictures of slides with their headings, each followed by what is said while it is shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dataclaw.domains.education.leftovers import left_out
from dataclaw.domains.education.lessons import Lesson, LessonSlide, read_lesson
from dataclaw.domains.education.ranking import key_sentences
from dataclaw.domains.education.sentences import Sentence, clean
from dataclaw.domains.education.words import TALK, spelt, tokens
from dataclaw.planning import CITES, Asking, decline, statement, submit
from dataclaw.types import Brief, Json

PICTURE = "<image_recall>"
SECTIONS = 12
"""Sections when the intent does not say how many."""

SPOKEN = 9
"""Most sentences of one section; of a longer stretch of speech only the key sentences are kept."""

TOGETHER, LINES, LEAST = 3, 16, 3
"""Sentences of a paragraph, most lines of a slide, and least words of a line that says something."""

_ASKING = {
    "es": "Explícame «{title}» paso a paso, con las imágenes de la lección.",
    "en": "Teach me “{title}” step by step, with the pictures of the lesson.",
}


@dataclass(frozen=True, slots=True)
class Section:
    """A slide with what belongs to it.

    Attributes:
        slide: the slide.
        sentences: what is said while it is shown.
        lines: what is written on it, where nothing is said.
    """

    slide: LessonSlide
    sentences: tuple[Sentence, ...] = ()
    lines: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Everything in it."""
        return " ".join([self.slide.text, *(s.text for s in self.sentences)])

    @property
    def opening(self) -> tuple[str, tuple[str, ...]]:
        """Its first words, and the ids that prove them."""
        if self.sentences:
            return self.sentences[0].text, self.sentences[0].cites
        return (self.lines or (self.slide.title,))[0], (self.slide.id,)

    @property
    def words(self) -> int:
        """Number of its words without the heading."""
        return len(tokens(" ".join([*self.lines, *(s.text for s in self.sentences)])))


def write_lesson(brief: Brief) -> Asking[None]:
    """Plan of `interleaved_lesson`."""
    if not brief.frames:
        raise decline("it has no pictures", "Put the video or its slides beside it, or ask for a lecture_summary.")
    found = yield from read_lesson(brief)
    furniture = _furniture(found.slides)
    sections = [section for slide in found.slides if (section := _section(slide, found, furniture))]
    if not sections:
        raise decline(
            "no picture has speech or text to teach with",
            "Put subtitles beside the video.",
        )
    fitting = [section for section in sections if found.intent.concerns(section.text, found.language)]
    if not fitting:
        topic = " ".join(found.intent.topic)
        raise decline(f'no part of this lesson is about "{topic}"', "Ask about something else, or about all of it.")
    kept = _choose_sections(fitting, found.intent.count or SECTIONS)
    yield from submit(_draft(found, sections, fitting, kept))


def _furniture(slides: Sequence[LessonSlide]) -> frozenset[str]:
    """Lines on slides of several titles, which teach nothing: a name, a logo, a footer."""
    on: dict[str, set[str]] = {}
    for slide in slides:
        for line in slide.lines:
            on.setdefault(line.casefold(), set()).add(slide.title)
    return frozenset(line for line, titles in on.items() if len(titles) > 1)


def _section(slide: LessonSlide, found: Lesson, furniture: frozenset[str]) -> Section | None:
    if slide.frame is None:
        return None
    meant = [s for s in found.speech if slide.t0 <= s.t0 < slide.t1 and clean(s) and not TALK.search(s.text)]
    if len(meant) > SPOKEN:
        chosen = {s.t0 for s in key_sentences(meant, found.language, SPOKEN, found.weights)}
        meant = [s for s in meant if s.t0 in chosen]
    own = (line for line in slide.lines if line.casefold() not in furniture)
    section = Section(slide, tuple(meant), () if meant else tuple(own)[:LINES])
    named = spelt(slide.title) >= LEAST  # a slide of a heading and a picture
    telling = bool(meant) or named or (bool(slide.title) and any(spelt(line) >= LEAST for line in section.lines))
    return section if telling else None


def _choose_sections(sections: Sequence[Section], count: int) -> list[Section]:
    """The sections with most words, each picture once, in the order of the lesson."""
    once: dict[str, Section] = {}
    for section in sections:
        key = " ".join(tokens(section.slide.text)) or section.slide.id
        if key not in once or section.words > once[key].words:
            once[key] = section
    best = sorted(once.values(), key=lambda s: (-s.words, s.slide.t0))[:count]
    return sorted(best, key=lambda s: s.slide.t0)


def _draft(
    found: Lesson, sections: Sequence[Section], fitting: Sequence[Section], kept: Sequence[Section]
) -> dict[str, Json]:
    titled = next((s.slide for s in kept if s.slide.title), None)
    answer = [paragraph for section in kept for paragraph in _paragraphs(section)]
    title, cites = (titled.title, (titled.id,)) if titled else kept[0].opening
    asking = _ASKING.get(found.language, _ASKING["en"]).format(title=title)
    dropped = [s for s in sections if s not in kept]
    return {
        "cot": [_slide_thought(section) for section in kept[:6]],
        "title": statement(title, cites, 140),
        "question": statement(asking, cites),
        "answer": answer,
        "output_image": [{"cite": [s.slide.id], "frame": s.slide.frame} for s in kept],
        "left_out": left_out(
            {cite for item in answer for cite in item["cite"]},
            other_time=found.outside,
            talk=(cite for s in found.speech if TALK.search(s.text) for cite in s.cites),
            unclear=(cite for s in found.speech if not clean(s) for cite in s.cites),
            other_topic=_ids(s for s in dropped if s not in fitting),
            not_needed=_ids(s for s in dropped if s in fitting),
        ),
    }


def _ids(sections: Iterable[Section]) -> Iterable[str]:
    for section in sections:
        yield section.slide.id
        for sentence in section.sentences:
            yield from sentence.cites


def _paragraphs(section: Section) -> list[dict[str, Json]]:
    """Heading and picture, then what is said, a few sentences at a time, or the lines of the slide."""
    heading = f"## {section.slide.title}\n\n" if section.slide.title else ""
    opening = f"{heading}{PICTURE}"
    if section.lines:
        lines = "\n".join(f"- {line}" for line in section.lines)
        return [statement(f"{opening}\n\n{lines}", [section.slide.id])]
    if not section.sentences:
        return [statement(opening, [section.slide.id])]
    groups = _paragraph_groups(section.sentences)
    first = groups[0]
    cites = list(dict.fromkeys([section.slide.id, *_cites(first)]))
    opening = f"{opening}\n\n{_text_of(first)}" if len(cites) <= CITES else opening
    rest = groups[1:] if len(cites) <= CITES else groups
    start = statement(opening, cites if len(cites) <= CITES else [section.slide.id])
    return [start, *(statement(_text_of(group), _cites(group)) for group in rest)]


def _paragraph_groups(sentences: Sequence[Sentence]) -> list[list[Sentence]]:
    """Sentences in paragraphs that can cite all their sources."""
    groups: list[list[Sentence]] = []
    for sentence in sentences:
        last = groups[-1] if groups else []
        if last and len(last) < TOGETHER and len(_cites([*last, sentence])) <= CITES - 1:
            last.append(sentence)
        else:
            groups.append([sentence])
    return groups


def _cites(sentences: Sequence[Sentence]) -> list[str]:
    return list(dict.fromkeys(cite for sentence in sentences for cite in sentence.cites))


def _text_of(sentences: Sequence[Sentence]) -> str:
    return " ".join(sentence.text for sentence in sentences)


def _slide_thought(section: Section) -> dict[str, Json]:
    slide = section.slide
    name = f'The slide "{slide.title.replace(chr(34), chr(39))}"' if slide.title else "A picture"
    spoken = "what is said meanwhile explains it" if section.sentences else "what stands on it is given"
    return statement(f"{name} is shown from {slide.t0:.1f} s to {slide.t1:.1f} s; {spoken}.", [slide.id])
