"""What is said in a lecture, sentence by sentence, with what each sentence is for; drawn from a lot."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from dataclaw.worlds.base import SceneSpec
from dataclaw_worlds.education import phrases
from dataclaw_worlds.education.frames import varied
from dataclaw_worlds.education.phrases import parts_of
from dataclaw_worlds.education.topics import Fact, Topic, topics

Role: TypeAlias = Literal[
    "greeting", "course", "opener", "fact", "slip", "mending", "repeat", "example", "emphasis", "exam", "no_exam",
    "asked", "digression", "notice", "filler", "farewell",
]  # fmt: skip

SIZES = {1: 2, 2: 3, 3: 4, 4: 4, 5: 5}
"""Topics of a lecture by difficulty; as far as the split has so many of an area."""

_HEARD = {
    "dough": "doe", "flour": "flower", "cell": "sell", "cells": "sells", "sea": "see", "steel": "steal",
    "price": "prize", "prices": "prizes", "waves": "waives", "weight": "wait", "plates": "plaits", "roots": "routes",
    "blood": "flood", "workers": "walkers", "brain": "grain", "grain": "brain", "land": "lend", "power": "tower",
    "cold": "called", "heat": "heed", "light": "lied", "water": "waiter", "money": "many", "salt": "sold",
    "king": "kin", "ship": "sheep", "ships": "sheep", "bread": "bred", "fish": "fetish", "road": "rode",
    "roads": "rodes", "engine": "angina", "bees": "beads", "page": "paige", "pages": "paiges", "bones": "phones",
}  # fmt: skip
"""Words, and what speech recognition makes of them."""


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence of a lecture.

    Attributes:
        text: as the subtitles have it.
        role: what it is for.
        topic: number of the topic that is spoken of meanwhile, -1 for none.
        fact: number of the fact in the topic, -1 for none.
        label: what a digression or a notice is about.
        pause: silence before it [s].
    """

    text: str
    role: Role
    topic: int = -1
    fact: int = -1
    label: str = ""
    pause: float = 0.2


@dataclass(slots=True)
class Script:
    """A lecture.

    Attributes:
        course: its title.
        style: how the lecturer speaks, a key of `phrases.LEADS`.
        topics: what it is about, in order.
        order: numbers of the facts of each topic, as they are told.
        key: facts of each topic that are said to matter most.
        exam: facts of each topic that are said to be in the exam.
        unclear: facts of each topic that were misheard.
        lines: what is said.
        openers: how each topic is announced.
    """

    course: str
    style: str
    topics: list[Topic]
    order: list[list[int]] = field(default_factory=list[list[int]])
    key: list[list[int]] = field(default_factory=list[list[int]])
    exam: list[list[int]] = field(default_factory=list[list[int]])
    unclear: list[list[int]] = field(default_factory=list[list[int]])
    lines: list[Line] = field(default_factory=list[Line])
    digressions: list[str] = field(default_factory=list[str])


class Writer:
    """Writes the lecture of a lot."""

    def __init__(self, spec: SceneSpec) -> None:
        self.spec = spec
        self.rng = spec.rng("script")
        self.hard = spec.difficulty
        area = self.rng.choice(sorted({topic.area for topic in topics()}))
        known = spec.pool([topic.name for topic in topics() if topic.area == area], "topic")
        chosen = self.rng.sample(known, min(SIZES[self.hard], len(known)))
        known_by = {topic.name: topic for topic in topics()}
        subjects = [varied(known_by[name], spec.rng("frames", name)) for name in chosen]
        course = self.rng.choice(phrases.COURSES[area])
        self.script = Script(course, self.rng.choice(sorted(phrases.LEADS)), subjects)
        self.openers = self._some(phrases.OPENERS, "opener")
        self.stories = self._some(phrases.DIGRESSIONS, "digression")
        self.emphases = self._some(phrases.EMPHASES, "emphasis")
        self.stressed = 0

    def write(self) -> Script:
        """The whole script."""
        said = self.script.lines
        said.append(Line(self.rng.choice(phrases.GREETINGS), "greeting"))
        said.append(Line(self.rng.choice(phrases.CALLED).format(course=self.script.course), "course"))
        for number, topic in enumerate(self.script.topics):
            self._topic(number, topic)
            if number + 1 < len(self.script.topics) and self.rng.random() < 0.12 * self.hard:
                said += self._notice(number)
        if self.rng.random() < 0.3 + 0.1 * self.hard:
            said += self._notice(-1)
        said.append(Line(self.rng.choice(phrases.FAREWELLS), "farewell", pause=0.6))
        return self.script

    def _some(self, items: Sequence[str], key: str) -> list[str]:
        found = self.spec.pool(items, key)
        return self.rng.sample(found, len(found))

    def _topic(self, number: int, topic: Topic) -> None:
        rng, script = self.rng, self.script
        others = rng.sample(range(1, len(topic.facts)), min(len(topic.facts) - 1, 3 + (self.hard > 1)))
        order = [0, *others] if rng.random() < 0.8 else [others[0], 0, *others[1:]]
        keys = sorted(rng.sample(order, 1 + (rng.random() < 0.6)), key=order.index)
        script.order.append(order)
        script.key.append(keys)
        script.exam.append([k for k in order if rng.random() < 0.35])
        script.unclear.append([])
        text = self.openers[number % len(self.openers)].format(title=topic.title)
        script.lines.append(Line(text, "opener", number, pause=0.5 + rng.random()))
        breaks = {at for at in range(1, len(order)) if rng.random() < 0.09 * self.hard}
        example = rng.randrange(1, len(order) + 1)
        for at, fact in enumerate(order):
            if at in breaks:
                script.lines += self._digression(number)
            script.lines += self._fact(number, topic, fact)
            if at + 1 == example:
                script.lines.append(Line(topic.example, "example", number))
            if self.hard > 1 and rng.random() < 0.07 * self.hard:
                script.lines.append(Line(rng.choice(phrases.FILLERS), "filler", number, pause=0.8))
        if self.hard > 1 and rng.random() < 0.12 * self.hard:
            again = topic.facts[order[0]]
            told = rng.choice(phrases.REPEATS).format(fact=inside(again))
            script.lines.append(Line(capital(told), "repeat", number, order[0]))

    def _fact(self, number: int, topic: Topic, at: int) -> Iterator[Line]:
        rng, script, fact = self.rng, self.script, topic.facts[at]
        if at in script.key[number]:
            yield Line(self.emphases[self.stressed % len(self.emphases)], "emphasis", number, at, pause=0.4)
            self.stressed += 1
        elif self.hard > 1 and rng.random() < 0.15:
            for part in parts_of(rng.choice(phrases.ASKED)):
                yield Line(part.format(question=fact.question), "asked", number, at, pause=0.6)
        if fact.slip and rng.random() < 0.25 + 0.13 * self.hard:
            yield Line(self._led(fact.slip, fact), "slip", number, at)
            if self.hard > 2 and rng.random() < 0.3:
                yield Line(rng.choice(phrases.FILLERS), "filler", number, pause=0.8)
            parts = parts_of(rng.choice(phrases.CORRECTIONS))
            for part in parts:
                role: Role = "fact" if "{fact}" in part else "mending"
                colon = part.partition("{fact}")[0].endswith(": ")
                yield Line(part.format(fact=fact.sentence if not colon else inside(fact)), role, number, at)
        else:
            text, misheard = self._heard(fact.sentence, at)
            if misheard:
                script.unclear[number].append(at)
            yield Line(self._led(text, fact), "fact", number, at)
        if at in script.exam[number]:
            yield Line(rng.choice(phrases.EXAM), "exam", number, at)
        elif self.hard > 1 and rng.random() < 0.12:
            yield Line(rng.choice(phrases.NO_EXAM), "no_exam", number, at)

    def _heard(self, sentence: str, at: int) -> tuple[str, bool]:
        """The sentence as recognised; of what is neither a definition nor stressed a word may be another one."""
        words = sentence.split()
        places = [k for k, word in enumerate(words) if word.rstrip(",.") in _HEARD]
        if self.hard < 3 or at == 0 or not places or self.rng.random() > 0.06 * self.hard:
            return sentence, False
        k = self.rng.choice(places)
        bare = words[k].rstrip(",.")
        words[k] = words[k].replace(bare, _HEARD[bare])
        return " ".join(words), True

    def _led(self, sentence: str, fact: Fact) -> str:
        leads = phrases.LEADS[self.script.style]
        if not leads or self.rng.random() > 0.35:
            return sentence
        return f"{self.rng.choice(leads)}{lowered(sentence, fact.question)}"

    def _digression(self, number: int) -> list[Line]:
        label, *sentences = parts_of(self.stories[len(self.script.digressions) % len(self.stories)])
        self.script.digressions.append(label)
        return [Line(text, "digression", number, label=label, pause=0.5) for text in sentences]

    def _notice(self, number: int) -> list[Line]:
        rng = self.rng
        label, *sentences = parts_of(rng.choice(phrases.NOTICES))
        slots: Mapping[str, str] = {
            "day": f"{rng.randrange(2, 29)}th",
            "month": rng.choice(("March", "June", "July", "October", "December")),
            "weekday": rng.choice(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")),
            "hour": str(rng.randrange(4, 13)),
            "hall": str(rng.randrange(2, 40)),
            "room": str(rng.randrange(100, 500)),
        }
        slots = {**slots, "day": ordinal(int(slots["day"][:-2]))}
        return [Line(text.format_map(slots), "notice", number, label=label, pause=0.5) for text in sentences]


def write_script(spec: SceneSpec) -> Script:
    """The lecture of a lot."""
    return Writer(spec).write()


def inside(fact: Fact) -> str:
    """A fact's sentence as it stands behind a comma or a colon."""
    return lowered(fact.sentence, fact.question)


def lowered(sentence: str, question: str) -> str:
    """A sentence with a small first letter, unless its first word is a name, as the question about it shows."""
    first, _, rest = sentence.partition(" ")
    small = first[:1].lower() + first[1:]
    common = {"a", "an", "the", "in", "when", "to", "at", "for", "one", "under", "most", "about", "after", "today",
              "without", "before", "from", "even", "ten", "besides", "high", "cheap", "new", "on", "by", "what", "if",
              "whenever", "as", "because"}  # fmt: skip
    return f"{small} {rest}" if small in question.rstrip("?").split() or small in common else sentence


def capital(text: str) -> str:
    """A text with a capital first letter."""
    return text[:1].upper() + text[1:]


def ordinal(day: int) -> str:
    """A day of the month: "3rd" of 3."""
    end = "th" if 10 < day % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{end}"


def shuffled(items: Sequence[str], rng: random.Random) -> list[str]:
    """The items in another order."""
    return rng.sample(list(items), len(items))
