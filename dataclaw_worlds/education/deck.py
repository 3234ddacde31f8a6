"""The slides of a lecture and when each is shown, out of its script and the times of its sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from dataclaw.worlds.base import SceneSpec
from dataclaw_worlds.education.script import WORDS, LectureScript, LectureSentence
from dataclaw_worlds.education.slides import Slide
from dataclaw_worlds.education.topics import Topic
from dataclaw_worlds.education.voice import SpokenSentence
from dataclaw_worlds.words import upper_first

Use: TypeAlias = Literal["title", "agenda", "topic", "digression", "notice", "end"]

LONG = 92
"""Longest line of a slide [characters]."""


@dataclass(frozen=True, slots=True)
class Showing:
    """A slide while it is up.

    Attributes:
        t0: from when [s].
        page: its content.
        use: what it is for.
        topic: number of the topic, -1 for none.
        half: 0 for the first slide of a topic, 1 for the second.
    """

    t0: float
    page: Slide
    use: Use
    topic: int = -1
    half: int = 0


class Deck:
    """Lays out the slides of a script."""

    def __init__(self, spec: SceneSpec, script: LectureScript) -> None:
        self.rng = spec.rng("deck")
        self.hard = spec.difficulty
        self.script = script
        self.speaker = self.rng.choice(WORDS.phrases("speakers"))
        self.pages = [self._pages(number, topic) for number, topic in enumerate(script.topics)]

    def showings(self, lines: Sequence[LectureSentence], said: Sequence[SpokenSentence]) -> list[Showing]:
        """The slides with their times [s]; each comes up a little before or after the sentence that it belongs to."""
        late = 1.6 if self.hard > 2 and self.rng.random() < 0.4 else 0.0
        found = [Showing(0.0, Slide(self.script.course, (self.speaker,), *self._figure(0.2)), "title")]
        for at, wanted in self._changes(lines):
            shift = -0.3 + (self.rng.uniform(0, late) if late else 0.0)
            t0 = max(said[at].t0 + shift, found[-1].t0 + 2.2)
            if wanted.page != found[-1].page:
                found.append(Showing(round(t0, 2), wanted.page, wanted.use, wanted.topic, wanted.half))
        return found

    def _changes(self, lines: Sequence[LectureSentence]) -> Iterator[tuple[int, Showing]]:
        if self.hard > 1 and self.rng.random() < 0.5:
            titles = tuple(upper_first(topic.title) for topic in self.script.topics)
            yield 1, Showing(0.0, Slide("Today", titles), "agenda")
        half, told = 0, 0
        for at, line in enumerate(lines):
            if line.role == "opener":
                half, told = 0, 0
            if line.role in {"fact", "slip"} and line.topic >= 0:
                told += line.role == "fact"
            if line.role == "fact" and told == 3 and len(self.pages[line.topic]) > 1:
                half = 1
            use: Use = "topic"
            if line.role in {"digression", "notice"}:
                first = lines[at - 1].role != line.role
                shown = first and self.rng.random() < 0.45
                if shown:
                    yield at, self._aside(lines, at)
                continue
            if line.role == "farewell":
                yield at, Showing(0.0, Slide(self.rng.choice(WORDS.phrases("last")), ()), "end")
            elif line.topic >= 0:
                yield at, Showing(0.0, self.pages[line.topic][half], use, line.topic, half)

    def _aside(self, lines: Sequence[LectureSentence], at: int) -> Showing:
        line = lines[at]
        if line.role == "digression":
            page = Slide(upper_first(line.label), (), "photo", self.rng.randrange(1000))
            return Showing(0.0, page, "digression")
        texts = tuple(other.text for other in lines[at : at + 2] if other.role == "notice")
        return Showing(0.0, Slide(upper_first(line.label), texts), "notice")

    def _pages(self, number: int, topic: Topic) -> list[Slide]:
        """One slide for a topic, or two; in hard scenes more headings name nothing."""
        order = self.script.order[number]
        first, second = order[:2], order[2:]
        weak = self.rng.random() < 0.1 + 0.1 * self.hard
        title = self.rng.choice(WORDS.phrases("weak")).format(n=number + 1) if weak else upper_first(topic.title)
        pages = [Slide(title, self._lines(topic, first), *self._figure(0.35))]
        if self.hard > 1 and len(order) > 3 and self.rng.random() < 0.5:
            title = self.rng.choice(
                (upper_first(topic.term), self.rng.choice(WORDS.phrases("weak")).format(n=number + 1))
            )
            pages.append(Slide(title, self._lines(topic, second), *self._figure(0.2)))
        return pages

    def _lines(self, topic: Topic, facts: Sequence[int]) -> tuple[str, ...]:
        chosen = [topic.facts[k].sentence for k in facts if len(topic.facts[k].sentence) <= LONG]
        return tuple(chosen[:2]) or (topic.facts[facts[0]].sentence,)

    def _figure(self, share: float) -> tuple[str, int]:
        if self.rng.random() > share:
            return "", 0
        return self.rng.choice(("bars", "circle", "arrows")), self.rng.randrange(1000)
