"""What lectures know, and who answers what is asked of them."""

from __future__ import annotations

from collections.abc import Sequence

from dataclaw.domains.education.interleave import write_lesson
from dataclaw.domains.education.lessons import Lesson, LessonSlide
from dataclaw.domains.education.qa import ask_concepts
from dataclaw.domains.education.sentences import Sentence
from dataclaw.domains.education.summary import summarise
from dataclaw.domains.education.titles import PassageTitle, cites_for
from dataclaw.domains.education.words import tokens
from dataclaw.worlds.base import Expert
from dataclaw_worlds.education.known import KnownLesson, Truth
from dataclaw_worlds.education.script import WORDS
from dataclaw_worlds.words import upper_first

KEYS = 3
"""Most key sentences of a topic."""
_WEAK = tuple(" ".join(tokens(name.partition("{")[0])) for name in WORDS.phrases("weak"))
"""Headings of slides that name nothing, without their numbers."""


class KnownTalk(KnownLesson):
    """A lecture with its truth."""

    announces = "opener"
    stresses = frozenset({"emphasis", "exam"})

    def name(self, topic: int) -> str:
        """The title of a topic."""
        return str(self.facts("topics")[topic]["title"])

    def clear_text(self, line: Truth) -> str:
        """The sentence of a fact; what was misheard stays as it is."""
        fact = self._fact(line)
        return str(fact["sentence"] if fact and not fact["unclear"] else line["text"])

    def wants_topic(self, topic: int) -> bool:
        """Whether a topic is among those of the request, and has something for the exam where that is asked for."""
        if topic < 0 or topic not in self.meaning.get("topics", [topic]):
            return False
        facts = self.facts("topics")[topic]["facts"]
        return not self.meaning.get("exam") or any(f["told"] and f["exam"] and not f["unclear"] for f in facts)

    def wants(self, line: Truth) -> bool:
        """Whether it is a clear fact or the example of a wanted topic, of a wanted kind."""
        fact = self._fact(line)
        if not self.wants_topic(int(line["topic"])) or not (fact or line["role"] == "example"):
            return False
        if fact is None:
            return not self.meaning.get("exam")
        of_kind = self.meaning.get("kind") in {None, fact["kind"]}
        return not fact["unclear"] and of_kind and bool(fact["exam"] or not self.meaning.get("exam"))

    def pair(self, line: Truth) -> tuple[str, str, str] | None:
        """The question of a fact with its answer."""
        fact = self._fact(line)
        if fact is None or fact["unclear"]:
            return None
        answer = upper_first(str(fact["answer"]))
        return str(fact["kind"]), str(fact["question"]), answer if fact["kind"] == "number" else f"{answer}."

    def keys(self, lines: Sequence[Truth]) -> list[Truth]:
        """Its definition and what is stressed."""
        told = [(line, fact) for line in lines if self.wants(line) and (fact := self._fact(line))]
        best = [line for line, fact in told if fact["key"] or fact["kind"] == "definition"]
        return (best or [line for line, _ in told])[:KEYS]

    def rank(self, line: Truth) -> tuple[bool, bool]:
        """Stressed facts come first, then definitions."""
        fact = self._fact(line) or {}
        return not fact.get("key"), fact.get("kind") != "definition"

    def title(self, found: Lesson) -> PassageTitle | None:
        """The title of the lecture, or of the topic where the request is about one."""
        wanted = [k for k in range(len(self.facts("topics"))) if self.wants_topic(k) and self.name_in(k, found)]
        name = str(self.scene.facts["course"])
        called = next(
            (s for s in found.speech if (one := self.line_of(s.text, s.t0)) and one["role"] == "course"), None
        )
        cites = cites_for(name, found.cues, called.cites) if called else ()
        if cites and not self.narrowed and (len(wanted) > 1 or len(self.facts("topics")) == 1):
            return PassageTitle(name, cites)
        return self.name_in(wanted[0], found) if wanted else None

    def heading(self, slide: LessonSlide, said: Sequence[Sentence], found: Lesson) -> PassageTitle:
        """The slide's own where it names something and was read rightly, else the topic as it is announced."""
        title = tokens(slide.title)
        shown = any(tokens(str(one["title"])) == title for one in self.facts("slides"))
        weak = " ".join(title).rstrip(" 0123456789") in _WEAK
        return PassageTitle(slide.title, ()) if shown and not weak else super().heading(slide, said, found)

    def _fact(self, line: Truth) -> Truth | None:
        """The fact that a sentence says."""
        if line["role"] != "fact":
            return None
        fact: Truth = self.facts("topics")[int(line["topic"])]["facts"][line["fact"]]
        return fact


EXPERTS: dict[str, Expert] = {
    "lecture_summary": lambda brief: summarise(brief.brief, KnownTalk(brief.scene, brief.request)),
    "concept_qa": lambda brief: ask_concepts(brief.brief, KnownTalk(brief.scene, brief.request)),
    "interleaved_lesson": lambda brief: write_lesson(brief.brief, KnownTalk(brief.scene, brief.request)),
}
