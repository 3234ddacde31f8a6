"""`interleaved_lesson`: pictures of slides with their headings, each followed by what is said while it is shown."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from dataclaw.domains.education.leftovers import left_out
from dataclaw.domains.education.lessons import Lesson, LessonSlide, read_lesson
from dataclaw.domains.education.ranking import key_sentences
from dataclaw.domains.education.sentences import Sentence, clean
from dataclaw.domains.education.titles import PassageTitle
from dataclaw.domains.education.told import ToldOfLesson, choose_sentences, part_option
from dataclaw.domains.education.words import spelt, tokens
from dataclaw.planning import CITES, Asking, decline, keep, statement, submit
from dataclaw.types import Brief, Json

PICTURE = "<image_recall>"
SECTIONS, MOST = 12, 20
"""Sections when the intent does not say how many, and most of them."""

SPOKEN, MOST_SPOKEN = 9, 16
"""Most sentences of one section where rules choose them, and whoever does: of more only the key sentences are kept."""

TOGETHER, LINES, LEAST = 3, 16, 3
"""Sentences of a paragraph, most lines of a slide, and least words of a line that says something."""

_ASKING = {
    "es": ("Explícame «{title}» paso a paso, con las imágenes de la lección.", "» y «"),
    "en": ("Teach me “{title}” step by step, with the pictures of the lesson.", "” and “"),
}
"""What a learner asks for, and what stands between the titles of several parts."""


@dataclass(frozen=True, slots=True)
class Section:
    """A slide with what belongs to it.

    Attributes:
        slide: the slide.
        said: what is said while it is shown.
        sentences: what of it is taught.
        lines: what is written on it, for where nothing is taught by speech.
        heading: what it is called, "" for nothing.
        late: whether the next section begins while the slide is still shown.
    """

    slide: LessonSlide
    said: tuple[Sentence, ...]
    sentences: tuple[Sentence, ...]
    lines: tuple[str, ...]
    heading: PassageTitle
    late: bool = False

    @property
    def text(self) -> str:
        """Everything in it."""
        return " ".join([self.slide.text, *(s.text for s in self.sentences)])

    @property
    def opening(self) -> PassageTitle:
        """Its first words, and the ids that prove them."""
        if self.sentences:
            return PassageTitle(self.sentences[0].text, self.sentences[0].cites)
        return PassageTitle((self.lines or (self.slide.title or "a picture",))[0], (self.slide.id,))

    @property
    def words(self) -> int:
        """Number of its words without the heading."""
        return len(tokens(" ".join([s.text for s in self.sentences] or self.lines)))

    @property
    def telling(self) -> bool:
        """Whether it teaches something: by speech, by a heading that says something, or by lines."""
        named = spelt(self.slide.title) >= LEAST  # a slide of a heading and a picture
        lines = bool(self.slide.title) and any(spelt(line) >= LEAST for line in self.lines)
        return bool(self.sentences) or named or lines

    @property
    def picture(self) -> str:
        """What tells its picture from others."""
        return " ".join(tokens(self.slide.text)) or self.slide.id


class ToldSections(ToldOfLesson):
    """What is known of the slides of a lesson; here, what its stream says."""

    def heading(self, slide: LessonSlide, said: Sequence[Sentence], found: Lesson) -> PassageTitle:
        """What a slide with what is said meanwhile is called, with the cues that say it."""
        del said, found
        return PassageTitle(slide.title, ())


def write_lesson(brief: Brief, told: ToldSections | None = None) -> Asking[None]:
    """Plan of `interleaved_lesson`."""
    if not brief.frames:
        raise decline("it has no pictures", "Put the video or its slides beside it, or ask for a lecture_summary.")
    told = told or ToldSections()
    found = told.lesson((yield from read_lesson(brief)))
    furniture = _furniture(found.slides)
    sections = [_section(slide, found, furniture, told) for slide in found.slides if slide.frame is not None]
    sections = [section for section in sections if section.said or section.telling]
    if not any(section.telling for section in sections):
        raise decline("no picture has speech or text to teach with", "Put subtitles beside the video.")
    options = [part_option(s.slide.id, s.slide.text, s.said, [s.slide.id], (s.slide.t0, s.slide.t1)) for s in sections]
    left, _ = yield from keep("education.sections", options, _find_refused(found, sections), "not_needed")
    kept = [section for section in sections if section.slide.id not in left]
    if not kept:
        about = f'is about "{" ".join(found.intent.topic)}"' if found.intent.topic else "is wanted"
        raise decline(f"no part of this lesson {about}", "Ask about something else, or about all of it.")
    kept = yield from _choose_taught(found, kept, told)
    dropped = [section for section in sections if section not in kept and section.slide.id in left]
    reasons = {why: _ids(s for s in dropped if left[s.slide.id] == why) for why in ("other_topic", "not_needed")}
    yield from submit(_draft(found, _largest(_join(kept, found), MOST), told, reasons))


def _furniture(slides: Sequence[LessonSlide]) -> frozenset[str]:
    """Lines on slides of several titles, which teach nothing: a name, a logo, a footer."""
    on: dict[str, set[str]] = {}
    for slide in slides:
        for line in slide.lines:
            on.setdefault(line.casefold(), set()).add(slide.title)
    return frozenset(line for line, titles in on.items() if len(titles) > 1)


def _section(slide: LessonSlide, found: Lesson, furniture: Collection[str], told: ToldSections) -> Section:
    said = tuple(s for s in found.speech if slide.t0 <= (s.t0 + s.t1) / 2 < slide.t1)
    taught = _at_most([s for s in said if not _fault(s, told)], SPOKEN, found)
    lines = tuple(line for line in slide.lines if line.casefold() not in furniture)[:LINES]
    return Section(slide, said, taught, lines, told.heading(slide, said, found))


def _fault(sentence: Sentence, told: ToldSections) -> str:
    """Why a sentence cannot be taught, as a reason of `left_out`; "" for one that can be."""
    return "talk" if told.is_talk(sentence) else "" if clean(sentence) else "unclear"


def _at_most(sentences: Sequence[Sentence], most: int, found: Lesson) -> tuple[Sentence, ...]:
    """The sentences, of many only the key ones."""
    if len(sentences) <= most:
        return tuple(sentences)
    chosen = {s.t0 for s in key_sentences(sentences, found.language, most, found.weights)}
    return tuple(s for s in sentences if s.t0 in chosen)


def _find_refused(found: Lesson, sections: Sequence[Section]) -> dict[str, str]:
    """Why rules leave sections out, by slide: only talk, off the topic, shown before, or not among the largest."""
    telling = [section for section in sections if section.telling]
    fitting = [section for section in telling if found.intent.concerns(section.text, found.language)]
    once: dict[str, Section] = {}
    for section in sorted(fitting, key=lambda s: -s.words):
        once.setdefault(section.picture, section)
    kept = _largest([*once.values()], found.intent.count or SECTIONS)
    return {
        s.slide.id: "not_needed" if s in fitting else "other_topic" if s in telling else "talk"
        for s in sections
        if s not in kept
    }


def _largest(sections: Sequence[Section], count: int) -> list[Section]:
    """The sections with most words, in the order of the lesson."""
    best = sorted(sections, key=lambda s: (-s.words, s.slide.t0))[:count]
    return sorted(best, key=lambda s: s.slide.t0)


def _choose_taught(found: Lesson, kept: Sequence[Section], told: ToldSections) -> Asking[list[Section]]:
    """The sections with the sentences that are wanted of them."""
    said = [(section, s) for section in kept for s in section.said]
    refused = {at: _fault(s, told) or "not_needed" for at, (one, s) in enumerate(said) if s not in one.sentences}
    left, by = yield from choose_sentences([s for _, s in said], refused)
    if by == "rules":
        return list(kept)
    wanted = [[s for at, (own, s) in enumerate(said) if own is section and at not in left] for section in kept]
    return [
        replace(section, sentences=_at_most(sentences, MOST_SPOKEN, found))
        for section, sentences in zip(kept, wanted, strict=True)
    ]


def _join(sections: Sequence[Section], found: Lesson) -> list[Section]:
    """The sections, those that show the same picture in a row as one, and a heading in a row once."""
    starts = {cue.id: cue.t0 for cue in found.cues}
    joined: list[Section] = []
    heading = ""
    for section in sections:
        last = joined[-1] if joined else None
        if last and last.picture == section.picture:
            joined[-1] = replace(last, sentences=(*last.sentences, *section.sentences))
            continue
        if last and any(starts[cite] < last.slide.t1 for cite in (*section.heading.cites, *_cites(section.sentences))):
            joined[-1] = replace(last, late=True)
        again = section.heading.text == heading
        heading = section.heading.text
        joined.append(replace(section, heading=PassageTitle("", ())) if again else section)
    return joined


def _draft(
    found: Lesson, kept: Sequence[Section], told: ToldSections, reasons: Mapping[str, Iterable[str]]
) -> dict[str, Json]:
    titled = next((s.slide for s in kept if s.slide.title), None)
    answer = [paragraph for section in kept for paragraph in _paragraphs(section)]
    title = told.title(found) or (PassageTitle(titled.title, (titled.id,)) if titled else kept[0].opening)
    asking, joint = _ASKING.get(found.language, _ASKING["en"])
    return {
        "cot": [_slide_thought(section) for section in kept[:6]],
        "title": statement(title.text, title.cites, 140),
        "question": statement(asking.format(title=title.text.replace("; ", joint)), title.cites),
        "answer": answer,
        "output_image": [{"cite": [s.slide.id], "frame": s.slide.middle if s.late else s.slide.frame} for s in kept],
        "left_out": left_out(
            {cite for item in answer for cite in item["cite"]},
            other_time=found.outside,
            talk=(cite for s in found.speech if told.is_talk(s) for cite in s.cites),
            unclear=(cite for s in found.speech if not clean(s) for cite in s.cites),
            **reasons,
        ),
    }


def _ids(sections: Iterable[Section]) -> list[str]:
    return [name for section in sections for name in (section.slide.id, *_cites(section.said))]


def _paragraphs(section: Section) -> list[dict[str, Json]]:
    """Heading and picture, then what is said, a few sentences at a time, or the lines of the slide."""
    opening = f"## {section.heading.text}\n\n{PICTURE}" if section.heading.text else PICTURE
    cites = [section.slide.id, *section.heading.cites]
    if not section.sentences:
        lines = "\n".join(f"- {line}" for line in section.lines)
        return [statement(f"{opening}\n\n{lines}".strip(), cites)]
    first, *rest = _paragraph_groups(section.sentences, CITES - len(cites))
    start = statement(f"{opening}\n\n{_text_of(first)}".strip(), [*cites, *_cites(first)])
    return [start, *(statement(_text_of(group), _cites(group)) for group in rest)]


def _paragraph_groups(sentences: Sequence[Sentence], room: int) -> list[list[Sentence]]:
    """Sentences in paragraphs that can cite all their sources; the first has room for so many, and may be empty."""
    groups: list[list[Sentence]] = [[]]
    for sentence in sentences:
        last = groups[-1]
        most = room if len(groups) == 1 else CITES
        if len(last) < TOGETHER and len(_cites([*last, sentence])) <= most:
            last.append(sentence)
        else:
            groups.append([sentence])
    return groups


def _cites(sentences: Sequence[Sentence]) -> list[str]:
    return list(dict.fromkeys(cite for sentence in sentences for cite in sentence.cites))


def _text_of(sentences: Sequence[Sentence]) -> str:
    return " ".join(sentence.text for sentence in sentences)


def _slide_thought(section: Section) -> dict[str, Json]:
    slide, cites = section.slide, () if section.slide.title else section.heading.cites
    title = (slide.title or section.heading.text).replace('"', "'")
    name = f'The {"slide" if slide.title else "picture for"} "{title}"' if title else "A picture"
    spoken = "what is said meanwhile explains it" if section.sentences else "what stands on it is given"
    return statement(f"{name} is shown from {slide.t0:.1f} s to {slide.t1:.1f} s; {spoken}.", [slide.id, *cites])
