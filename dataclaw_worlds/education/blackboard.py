"""What is said and written in a lesson at the board, with what each sentence and each line is for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from dataclaw.worlds.base import SceneSpec
from dataclaw_worlds.education.algebra import ALGEBRA
from dataclaw_worlds.education.everyday import EVERYDAY
from dataclaw_worlds.education.integers import INTEGERS
from dataclaw_worlds.education.numbers import NUMBERS
from dataclaw_worlds.education.plane import PLANE
from dataclaw_worlds.education.problems import Problem, Step, merge_families
from dataclaw_worlds.education.rewording import reword
from dataclaw_worlds.education.script import WORDS, parts_of, read_lines
from dataclaw_worlds.words import upper_first, words

_SPEECH = words("education/blackboard.toml")
_NTH = words("education/board_requests.toml").table("nth")

FAMILIES = merge_families(ALGEBRA, NUMBERS, INTEGERS, PLANE, EVERYDAY)
COUNTS = {1: (1, 1), 2: (1, 2), 3: (2, 2), 4: (2, 3), 5: (3, 3)}
"""Least and most problems of a lesson by difficulty."""

_LETTER = re.compile(r"(\s[^\W\d_])\.$")
"""A letter at the end of a sentence. With a full stop it would read like an abbreviation, which ends no sentence."""

Role: TypeAlias = Literal["task", "reads", "stuck", "easy", "move", "gives", "wrong", "right", "end", "digression",
                          "filler", "greeting", "farewell"]  # fmt: skip
Deed: TypeAlias = Literal["write", "erase", "box", "wipe", "note"]


@dataclass(frozen=True, slots=True)
class BoardMark:
    """Something that happens on the board.

    Attributes:
        sentence: number of the sentence during which it happens.
        deed: what happens.
        text: what is written, "" for a box or a wipe.
        problem: number of the problem.
        step: number of the step, -1 for the statement, -2 for anything else.
        wrong: whether it is wiped off again as a mistake.
    """

    sentence: int
    deed: Deed
    text: str = ""
    problem: int = -1
    step: int = -2
    wrong: bool = False


@dataclass(frozen=True, slots=True)
class BoardSentence:
    """A sentence of the lesson.

    Attributes:
        text: as the subtitles have it.
        role: what it is for.
        problem: number of the problem, -1 for none.
        step: number of the step, -1 for none.
        label: what a digression is about.
        pause: silence before it [s].
    """

    text: str
    role: Role
    problem: int = -1
    step: int = -1
    label: str = ""
    pause: float = 0.3


@dataclass(slots=True)
class BoardLesson:
    """A lesson at the board.

    Attributes:
        problems: what is solved.
        families: name of the family of each.
        stuck: number of the step of each that is said to be hard, -1 for none.
        spoken: what is said.
        marks: what is written, in order.
        stories: labels of the digressions.
    """

    problems: list[Problem]
    families: list[str]
    stuck: list[int] = field(default_factory=list[int])
    spoken: list[BoardSentence] = field(default_factory=list[BoardSentence])
    marks: list[BoardMark] = field(default_factory=list[BoardMark])
    stories: list[str] = field(default_factory=list[str])


class Teacher:
    """Writes the lesson of a spec."""

    def __init__(self, spec: SceneSpec) -> None:
        self.spec = spec
        self.rng = spec.rng("session")
        self.hard = spec.difficulty
        names = self.rng.sample(spec.pool(list(FAMILIES), "family"), self.rng.randint(*COUNTS[self.hard]))
        self.session = BoardLesson([_problem_of(spec, name) for name in names], names)
        self.stucks = self._pool(_SPEECH.phrases("stuck"), "warning")
        self.stories = self._pool(read_lines("digressions"), "digression")

    def teach(self) -> BoardLesson:
        """The whole lesson."""
        session, rng = self.session, self.rng
        session.stuck = [rng.randrange(len(p.steps)) if rng.random() < 0.7 else -1 for p in session.problems]
        if all(k < 0 for k in session.stuck):
            session.stuck[0] = rng.randrange(len(session.problems[0].steps))
        self._say(rng.choice(WORDS.phrases("greetings")), "greeting")
        for number, problem in enumerate(session.problems):
            self._problem(number, problem)
        self._say(rng.choice(WORDS.phrases("farewells")), "farewell", pause=1.0)
        return session

    def _problem(self, number: int, problem: Problem) -> None:
        rng = self.rng
        if number:
            self._mark("wipe", "", number, -2)
        opening = self._draw("tasks").format(nth=_NTH["en"][number], n=number + 1, kind=problem.kind)
        self._say(opening, "task", number, pause=2.5)
        self._say(self._draw("reads").format(statement=problem.statement), "reads", number)
        self._mark("write", problem.statement, number, -1)
        for at, step in enumerate(problem.steps):
            self._step(number, at, step)
            self._aside(number)
        last = problem.steps[-1].line
        self._say(self._draw("ends").format(line=last, n=number + 1), "end", number, pause=1.5)
        if self.hard > 2 and rng.random() < 0.4:
            self._mark("box", "", number, -2)

    def _step(self, number: int, at: int, step: Step) -> None:
        rng = self.rng
        if self.session.stuck[number] == at:
            self._say(self.stucks[number % len(self.stucks)], "stuck", number, at, pause=2.6)
        elif rng.random() < 0.1 + 0.06 * self.hard:
            self._say(self._draw("easy"), "easy", number, at, pause=2.6)
        moved = self._draw("moves").format(move=step.move, reason=step.reason)
        self._say(upper_first(moved), "move", number, at, pause=2.4)
        if step.slip and self.hard > 1 and rng.random() < 0.12 + 0.07 * self.hard:
            self._mark("write", step.slip, number, at, wrong=True)
            self._say(self._draw("gives").format(line=step.slip), "gives", number, -1, pause=1.2)
            self._say(self._draw("wrong"), "wrong", number, at, pause=1.6)
            self._mark("erase", step.slip, number, at)
            self._say(self._draw("right").format(line=step.line), "right", number, at, pause=4.2)
            self._mark("write", step.line, number, at)
            return
        self._mark("write", step.line, number, at)
        if rng.random() < 0.6:
            self._say(self._draw("gives").format(line=step.line), "gives", number, at, pause=1.2)

    def _aside(self, number: int) -> None:
        rng = self.rng
        if self.hard > 1 and rng.random() < 0.05 * self.hard:
            label, *sentences = parts_of(self.stories[len(self.session.stories) % len(self.stories)])
            self.session.stories.append(label)
            for text in sentences:
                self._say(text, "digression", number, label=label, pause=0.8)
        elif self.hard > 2 and rng.random() < 0.1:
            self._say(rng.choice(WORDS.phrases("fillers")), "filler", number, pause=1.0)
            if rng.random() < 0.4:
                self._mark("note", self._draw("notes"), number)

    def _say(
        self, text: str, role: Role, problem: int = -1, step: int = -1, label: str = "", pause: float = 0.3
    ) -> None:
        text = _LETTER.sub(r"\1, as you see.", text)
        self.session.spoken.append(BoardSentence(text, role, problem, step, label, pause))

    def _mark(self, deed: Deed, text: str, problem: int, step: int = -2, *, wrong: bool = False) -> None:
        sentence = len(self.session.spoken) - (deed not in {"wipe"})
        self.session.marks.append(BoardMark(max(0, sentence), deed, text, problem, step, wrong))

    def _draw(self, key: str) -> str:
        """One of the phrases for a purpose."""
        return self.rng.choice(_SPEECH.phrases(key))

    def _pool(self, items: Sequence[str], key: str) -> list[str]:
        found = self.spec.pool(items, key)
        return self.rng.sample(found, len(found))


def _problem_of(spec: SceneSpec, name: str) -> Problem:
    """A problem of a family, in words of its own."""
    return reword(FAMILIES[name](spec.rng("problem", name)), spec.rng("words", name))


def lesson_of(spec: SceneSpec) -> BoardLesson:
    """The lesson of a spec."""
    return Teacher(spec).teach()
