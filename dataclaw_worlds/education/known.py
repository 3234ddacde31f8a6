"""What the lessons of these worlds know beyond their streams, told to the plans of the domain, and what is wanted."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeAlias, cast

from dataclaw.choosing import ChoicePoint, Chosen
from dataclaw.domains.education.intents import parse_intent
from dataclaw.domains.education.interleave import ToldSections
from dataclaw.domains.education.lessons import Lesson, LessonSlide
from dataclaw.domains.education.qa import CandidateQuestion, ToldQuestions, candidate_of
from dataclaw.domains.education.questions import QaPair
from dataclaw.domains.education.sentences import Sentence
from dataclaw.domains.education.summary import Chapter, ToldChapters, weigh_sentences
from dataclaw.domains.education.titles import PassageTitle, cites_for
from dataclaw.domains.education.words import has_run, tokens
from dataclaw.types import Anchor
from dataclaw.worlds.base import Request, Scene
from dataclaw_worlds.words import upper_first

Truth: TypeAlias = dict[str, Any]
"""An entry of a scene's facts."""

CUT = 12.0
"""Longest time between a sentence and the start of the cue that it begins in [s]."""
USUAL = 6
"""Number of questions where the request does not say."""


class KnownLesson(ToldChapters, ToldSections, ToldQuestions, ABC):
    """A lesson with its truth: the plans are told by it, and it chooses what its request wants.

    Attributes:
        scene: the lesson.
        meaning: what the request means.
        lines: what is said in it, with what it is for.
        narrowed: whether the intent names a topic that the domain understands.
    """

    announces: str
    """Role of the sentence that announces a part of the lesson."""
    stresses: frozenset[str]
    """Roles of sentences that say that another one matters."""

    def __init__(self, scene: Scene, request: Request) -> None:
        self.scene = scene
        self.meaning = request.meaning
        self.lines = self.facts("said")
        self.narrowed = bool(parse_intent(request.intent, (0.0, 0.0)).topic)

    def facts(self, key: str) -> list[Truth]:
        """A list of the scene's facts."""
        return cast("list[Truth]", self.scene.facts.get(key) or [])

    @abstractmethod
    def name(self, topic: int) -> str:
        """What a part of the lesson is called, in the words that announce it."""

    @abstractmethod
    def clear_text(self, line: Truth) -> str:
        """What a sentence says, without the words around it."""

    @abstractmethod
    def wants_topic(self, topic: int) -> bool:
        """Whether the request is about a part of the lesson."""

    @abstractmethod
    def wants(self, line: Truth) -> bool:
        """Whether the request wants a sentence to be taught."""

    @abstractmethod
    def pair(self, line: Truth) -> tuple[str, str, str] | None:
        """Kind, question and answer of what a sentence teaches, None where it answers nothing."""

    @abstractmethod
    def keys(self, lines: Sequence[Truth]) -> list[Truth]:
        """The wanted sentences of a part that say most of it."""

    @abstractmethod
    def rank(self, line: Truth) -> tuple[bool, ...]:
        """What sorts sentences by how much they are worth a question, the best first."""

    def lesson(self, found: Lesson) -> Lesson:
        """The lesson, its facts without the words around them."""
        sentences: list[Sentence] = []
        for sentence in found.sentences:
            line = self.line_of(sentence.text, sentence.t0)
            text = self.clear_text(line) if line else sentence.text
            cites = cites_for(text, found.cues, sentence.cites)
            sentences.append(replace(sentence, text=text, cites=cites, head=0) if cites else sentence)
        return replace(found, sentences=tuple(sentences))

    def is_talk(self, sentence: Sentence) -> bool:
        """Whether a sentence teaches nothing of the subject."""
        line = self.line_of(sentence.text, sentence.t0)
        return bool(line and line["role"] in {"digression", "notice"}) or super().is_talk(sentence)

    def chapters(self, found: Lesson) -> list[Chapter]:
        """The parts that are announced."""
        starts = [(at, topic) for at, s in enumerate(found.speech) for topic in self._part_begun(s)]
        ends = [*(at for at, _ in starts[1:]), len(found.speech)]
        made: list[Chapter] = []
        for (at, topic), end in zip(starts, ends, strict=True):
            said, title = found.speech[at:end], self.name_in(topic, found)
            if title:
                keys, whole = weigh_sentences(found, said)
                made.append(Chapter(said[0].t0, said[0].cites[0], title.text, title.cites, keys, whole))
        return made

    def heading(self, slide: LessonSlide, said: Sequence[Sentence], found: Lesson) -> PassageTitle:
        """The part of the lesson that begins with a slide, nothing where it goes on."""
        topics = self._taught_topics(said)
        before = self._taught_topics([s for s in found.speech if (s.t0 + s.t1) / 2 < slide.t0])
        title = self.name_in(topics[0], found) if topics and topics[0] not in before else None
        return title or PassageTitle("", ())

    def _taught_topics(self, said: Sequence[Sentence]) -> list[int]:
        """The parts of the lesson that sentences teach what is wanted of."""
        lines = [line for s in said if (line := self.line_of(s.text, s.t0)) and self.wants(line)]
        return [int(line["topic"]) for line in lines]

    def name_in(self, topic: int, found: Lesson) -> PassageTitle | None:
        """What a part is called, where the lesson announces it."""
        announced = next((s for s in found.speech if topic in self._part_begun(s)), None)
        cites = cites_for(self.name(topic), found.cues, announced.cites) if announced else ()
        return PassageTitle(upper_first(self.name(topic)), cites) if cites else None

    def questions(self, found: Lesson) -> list[CandidateQuestion]:
        """The known questions, and those of the course and of sentences that teach nothing."""
        known = [(s, line) for s in found.speech if (line := self.line_of(s.text, s.t0))]
        stress = {(o["topic"], o["fact"]): s for s, o in reversed(known) if o["role"] in self.stresses}
        made: list[CandidateQuestion] = []
        for s, line in known:
            if pair := self.pair(line):
                told = QaPair(*pair, s.text, s.cites, s.t0, 1.0)
                made.append(candidate_of(told, stress.get((line["topic"], line["fact"]))))
        taken = {cite for item in made for cite in item.body["cite"]}
        asked = {item.body["question"] for item in made}
        others = [item for item in super().questions(found) if item.own or item.body["question"] not in asked]
        return made + [item for item in others if not taken & {*item.body["cite"]}]

    def choose(self, point: ChoicePoint) -> Chosen:
        """What the request wants of the options."""
        kept = {
            "education.sections": self._sections,
            "education.sentences": self._sentences,
            "education.questions": self._questions,
        }[point.name](point)
        return Chosen([option.id for option in point.options if option.id in kept], "truth")

    def line_of(self, text: str, t0: float) -> Truth | None:
        """The truth about a sentence that is heard at a time [s], as said, as meant, or without its first words."""
        words = tokens(text)
        same = [line for line in self.lines if abs(line["t0"] - t0) < CUT and self._says(line, words)]
        return min(same, key=lambda line: abs(line["t0"] - t0), default=None)

    def _says(self, line: Truth, words: list[str]) -> bool:
        said = tokens(str(line["text"]))
        return said[-len(words) :] == words or tokens(self.clear_text(line)) == words

    def _part_begun(self, sentence: Sentence) -> Iterator[int]:
        """The part that a sentence announces."""
        line = self.line_of(sentence.text, sentence.t0)
        if line and line["role"] == self.announces:
            yield int(line["topic"])

    def _sections(self, point: ChoicePoint) -> set[str]:
        """The parts that are announced, of a lesson with pictures those in which something is taught."""
        if point.task == "lecture_summary":
            lines = [o for o in self.lines if o["role"] == self.announces and self.wants_topic(int(o["topic"]))]
            wanted = [(tokens(self.name(int(line["topic"]))), float(line["t0"])) for line in lines]
            shown = list(point.options)
        else:
            wanted = [(tokens(self.clear_text(line)), float(line["t0"])) for line in self.lines if self.wants(line)]
            shown = [option for option in point.options if self._shows_subject(option)]
        return {option.id for option in shown if any(_holds(option, words, t0) for words, t0 in wanted)}

    def _shows_subject(self, option: Anchor) -> bool:
        """Whether no slide of a story or an announcement is shown."""
        middle = (option.t0 + option.t1) / 2
        aside = (one for one in self.facts("slides") if one["use"] in {"digression", "notice"})
        return not any(one["t0"] <= middle < one["t1"] for one in aside)

    def _sentences(self, point: ChoicePoint) -> set[str]:
        lines = [(o.id, line) for o in point.options if (line := self.line_of(o.content, o.t0))]
        if point.task != "lecture_summary":
            return {name for name, line in lines if self.wants(line)}
        topics = {int(line["topic"]) for _, line in lines}
        parts = [self.keys([line for _, line in lines if line["topic"] == topic]) for topic in topics]
        return {name for name, line in lines if any(line in part for part in parts)}

    def _questions(self, point: ChoicePoint) -> set[str]:
        """As many as the request wants: exercises of the course first, then the best of what is taught."""
        count = int(self.meaning.get("count") or 0)
        given = [o for o in point.options if o.attrs["verb"] == "exercise"]
        own = [o for o in given if any(_asks(o, str(t["question"])) for t in self._exercises())][: count or len(given)]
        others = [o for o in point.options if o not in given]
        asked: dict[str, Truth] = {}
        for line in self.lines:
            pair = self.pair(line) if self.wants(line) else None
            if pair and not any(_asks(one, pair[1]) for one in own):
                near = [o for o in others if abs(o.t0 - line["t0"]) < CUT and o.id not in asked]
                same = [o for o in near if _asks(o, pair[1])] or [o for o in near if _says(o, pair[2])]
                asked |= {o.id: line for o in same[:1]}
        left = max(0, (count or max(USUAL, len(own))) - len(own))
        best = sorted(asked, key=lambda name: (self.rank(asked[name]), asked[name]["t0"]))[:left]
        return {o.id for o in own} | {*best}

    def _exercises(self) -> list[Truth]:
        """The exercises of the course about what is wanted."""
        timed = self.meaning.get("until")
        return [t for t in self.facts("exercises") if t["answer"] and self.wants_topic(int(t["topic"])) and not timed]


def _asks(option: Anchor, question: str) -> bool:
    """Whether an option asks a question."""
    words = tokens(question)
    return tokens(option.content)[: len(words)] == words


def _says(option: Anchor, text: str) -> bool:
    """Whether an option has a text in it, word for word."""
    return has_run(tokens(option.content), tokens(text))


def _holds(option: Anchor, words: list[str], t0: float) -> bool:
    """Whether a part of a lesson holds what is said at a time [s]."""
    near = option.t0 - CUT <= t0 <= option.t1 + CUT
    return near and has_run(tokens(option.content), words)
