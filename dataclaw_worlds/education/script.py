"""What is said in a lecture, sentence by sentence, with what each sentence is for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias

from dataclaw.worlds.base import SceneSpec
from dataclaw_worlds.education.frames import vary_topic
from dataclaw_worlds.education.topics import Fact, Topic, topics
from dataclaw_worlds.words import upper_first, words

Role: TypeAlias = Literal[
    "greeting", "course", "opener", "fact", "slip", "mending", "repeat", "example", "emphasis", "exam", "no_exam",
    "asked", "digression", "notice", "filler", "farewell",
]  # fmt: skip

SIZES = {1: 2, 2: 3, 3: 4, 4: 4, 5: 5}
"""Topics of a lecture by difficulty, where the split has so many of an area."""

WORDS = words("education/script.toml")


@dataclass(frozen=True, slots=True)
class LectureSentence:
    """A sentence of a lecture.

    Attributes:
        text: as the subtitles have it.
        role: what it is for.
        topic: number of the current topic, -1 for none.
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
class LectureScript:
    """A lecture.

    Attributes:
        course: its title.
        style: how the lecturer speaks, a key of `leads` in script.toml.
        topics: what it is about, in order.
        order: numbers of the facts of each topic, in the order in which they are said.
        key: facts of each topic that are said to matter most.
        exam: facts of each topic that are said to be in the exam.
        unclear: facts of each topic that were misheard.
        lines: what is said.
        digressions: labels of the digressions.
    """

    course: str
    style: str
    topics: list[Topic]
    order: list[list[int]] = field(default_factory=list[list[int]])
    key: list[list[int]] = field(default_factory=list[list[int]])
    exam: list[list[int]] = field(default_factory=list[list[int]])
    unclear: list[list[int]] = field(default_factory=list[list[int]])
    lines: list[LectureSentence] = field(default_factory=list[LectureSentence])
    digressions: list[str] = field(default_factory=list[str])


class LectureWriter:
    """Writes the lecture of a spec."""

    def __init__(self, spec: SceneSpec) -> None:
        self.spec = spec
        self.rng = spec.rng("script")
        self.hard = spec.difficulty
        area = self.rng.choice(sorted({topic.area for topic in topics()}))
        known = spec.pool([topic.name for topic in topics() if topic.area == area], "topic")
        chosen = self.rng.sample(known, min(SIZES[self.hard], len(known)))
        known_by = {topic.name: topic for topic in topics()}
        subjects = [vary_topic(known_by[name], spec.rng("frames", name)) for name in chosen]
        course = self.rng.choice(WORDS.table("courses")[area])
        self.script = LectureScript(course, self.rng.choice(sorted(WORDS.table("leads"))), subjects)
        self.openers = self._some(WORDS.phrases("openers"), "opener")
        self.stories = self._some(read_lines("digressions"), "digression")
        self.emphases = self._some(WORDS.phrases("emphases"), "emphasis")
        self.stressed = 0

    def write(self) -> LectureScript:
        """The whole script."""
        said = self.script.lines
        said.append(LectureSentence(self._draw("greetings"), "greeting"))
        said.append(LectureSentence(self._draw("called").format(course=self.script.course), "course"))
        for number, topic in enumerate(self.script.topics):
            self._topic(number, topic)
            if number + 1 < len(self.script.topics) and self.rng.random() < 0.12 * self.hard:
                said += self._notice(number)
        if self.rng.random() < 0.3 + 0.1 * self.hard:
            said += self._notice(-1)
        said.append(LectureSentence(self._draw("farewells"), "farewell", pause=0.6))
        return self.script

    def _draw(self, key: str) -> str:
        """One of the phrases for a purpose."""
        return self.rng.choice(WORDS.phrases(key))

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
        script.lines.append(LectureSentence(text, "opener", number, pause=0.5 + rng.random()))
        breaks = {at for at in range(1, len(order)) if rng.random() < 0.09 * self.hard}
        example = rng.randrange(1, len(order) + 1)
        for at, fact in enumerate(order):
            if at in breaks:
                script.lines += self._digression(number)
            script.lines += self._fact(number, topic, fact)
            if at + 1 == example:
                script.lines.append(LectureSentence(topic.example, "example", number))
            if self.hard > 1 and rng.random() < 0.07 * self.hard:
                script.lines.append(LectureSentence(self._draw("fillers"), "filler", number, pause=0.8))
        if self.hard > 1 and rng.random() < 0.12 * self.hard:
            again = topic.facts[order[0]]
            told = self._draw("repeats").format(fact=clause_of(again))
            script.lines.append(LectureSentence(upper_first(told), "repeat", number, order[0]))

    def _fact(self, number: int, topic: Topic, at: int) -> Iterator[LectureSentence]:
        rng, script, fact = self.rng, self.script, topic.facts[at]
        if at in script.key[number]:
            yield LectureSentence(self.emphases[self.stressed % len(self.emphases)], "emphasis", number, at, pause=0.4)
            self.stressed += 1
        elif self.hard > 1 and rng.random() < 0.15:
            for part in parts_of(self._draw("asked")):
                yield LectureSentence(part.format(question=fact.question), "asked", number, at, pause=0.6)
        if fact.slip and rng.random() < 0.25 + 0.13 * self.hard:
            yield LectureSentence(self._add_lead(fact.slip, fact), "slip", number, at)
            if self.hard > 2 and rng.random() < 0.3:
                yield LectureSentence(self._draw("fillers"), "filler", number, pause=0.8)
            parts = parts_of(self._draw("corrections"))
            for part in parts:
                role: Role = "fact" if "{fact}" in part else "mending"
                colon = part.partition("{fact}")[0].endswith(": ")
                yield LectureSentence(
                    part.format(fact=fact.sentence if not colon else clause_of(fact)), role, number, at
                )
        else:
            text, misheard = self._mishear(fact.sentence, at)
            if misheard:
                script.unclear[number].append(at)
            yield LectureSentence(self._add_lead(text, fact), "fact", number, at)
        if at in script.exam[number]:
            yield LectureSentence(self._draw("exam"), "exam", number, at)
        elif self.hard > 1 and rng.random() < 0.12:
            yield LectureSentence(self._draw("no_exam"), "no_exam", number, at)

    def _mishear(self, sentence: str, at: int) -> tuple[str, bool]:
        """The sentence as recognised, and whether a word in it is wrong; definitions are always right."""
        words = sentence.split()
        places = [k for k, word in enumerate(words) if word.rstrip(",.") in WORDS["misheard"]]
        if self.hard < 3 or at == 0 or not places or self.rng.random() > 0.06 * self.hard:
            return sentence, False
        k = self.rng.choice(places)
        bare = words[k].rstrip(",.")
        words[k] = words[k].replace(bare, WORDS["misheard"][bare])
        return " ".join(words), True

    def _add_lead(self, sentence: str, fact: Fact) -> str:
        leads = WORDS.table("leads")[self.script.style]
        if not leads or self.rng.random() > 0.35:
            return sentence
        return f"{self.rng.choice(leads)}{lower_unless_name(sentence, fact.question)}"

    def _digression(self, number: int) -> list[LectureSentence]:
        label, *sentences = parts_of(self.stories[len(self.script.digressions) % len(self.stories)])
        self.script.digressions.append(label)
        return [LectureSentence(text, "digression", number, label=label, pause=0.5) for text in sentences]

    def _notice(self, number: int) -> list[LectureSentence]:
        rng = self.rng
        label, *sentences = parts_of(rng.choice(read_lines("notices")))
        slots: Mapping[str, str] = {
            "day": f"{rng.randrange(2, 29)}th",
            "month": self._draw("months"),
            "weekday": self._draw("weekdays"),
            "hour": str(rng.randrange(4, 13)),
            "hall": str(rng.randrange(2, 40)),
            "room": str(rng.randrange(100, 500)),
        }
        slots = {**slots, "day": ordinal(int(slots["day"][:-2]))}
        return [LectureSentence(text.format_map(slots), "notice", number, label=label, pause=0.5) for text in sentences]


def write_script(spec: SceneSpec) -> LectureScript:
    """The lecture of a spec."""
    return LectureWriter(spec).write()


def clause_of(fact: Fact) -> str:
    """A fact's sentence as it stands after a comma or a colon."""
    return lower_unless_name(fact.sentence, fact.question)


def lower_unless_name(sentence: str, question: str) -> str:
    """A sentence with a small first letter, unless its first word is a name, as the question about it shows."""
    first, _, rest = sentence.partition(" ")
    small = first[:1].lower() + first[1:]
    common = {"a", "an", "the", "in", "when", "to", "at", "for", "one", "under", "most", "about", "after", "today",
              "without", "before", "from", "even", "ten", "besides", "high", "cheap", "new", "on", "by", "what", "if",
              "whenever", "as", "because"}  # fmt: skip
    return f"{small} {rest}" if small in question.rstrip("?").split() or small in common else sentence


def ordinal(day: int) -> str:
    """A day of the month: "3rd" of 3."""
    end = "th" if 10 < day % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{end}"


def parts_of(line: str) -> list[str]:
    """The parts of a line that are divided by bars."""
    return [part.strip() for part in line.split("|")]


@cache
def read_lines(name: str) -> tuple[str, ...]:
    """The lines of a file in `lines/`.

    "digressions" are stories that have nothing to do with the subject: what they are about, then their sentences.
    "notices" are announcements about the course: what about, then sentences with slots.
    """
    text = (Path(__file__).parent / "lines" / f"{name}.txt").read_text(encoding="utf-8")
    return tuple(line.strip() for line in text.strip().split("\n"))
