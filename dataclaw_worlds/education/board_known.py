"""What lessons at the board know, and who answers what is asked of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from dataclaw.choosing import ChoicePoint, Chosen
from dataclaw.domains.education.board import BoardLine, BoardStep
from dataclaw.domains.education.interleave import write_lesson
from dataclaw.domains.education.lessons import Lesson
from dataclaw.domains.education.qa import ask_concepts
from dataclaw.domains.education.questions import answers
from dataclaw.domains.education.sentences import Sentence
from dataclaw.domains.education.summary import summarise
from dataclaw.domains.education.titles import PassageTitle, cites_for
from dataclaw.domains.education.tutoring import STEPS, ToldSteps, tutor
from dataclaw.domains.education.words import has_run, tokens
from dataclaw.planning import decline
from dataclaw.rewards.prose import holds
from dataclaw.types import Anchor
from dataclaw.worlds.base import Expert
from dataclaw_worlds.education.known import KnownLesson, Truth
from dataclaw_worlds.words import words

CLOSE = 0.6
"""Largest gap between the time of a line and the change that shows it [s]."""
NAMED = 3
"""Most exercises that a title names."""
GIVES = frozenset({"gives", "right"})
"""Roles of sentences that read out the line of a step."""
_WHY = words("education/board_requests.toml").phrases("why")


def has_reason(step: Truth) -> bool:
    """Whether the reason of a step says more than what is done in it."""
    return answers(_WHY[0].format(move=step["move"]), f"Because {step['reason']}.", "en")


class KnownBoard(KnownLesson, ToldSteps):
    """A lesson at the board with its truth."""

    announces = "task"
    stresses = frozenset({"stuck"})

    def name(self, topic: int) -> str:
        """A sort of exercise without its article."""
        kind = str(self.facts("problems")[topic]["kind"])
        article, _, rest = kind.partition(" ")
        return rest if article in {"a", "an", "the"} else kind

    def clear_text(self, line: Truth) -> str:
        """The sentence as it is said."""
        return str(line["text"])

    def wants_topic(self, topic: int) -> bool:
        """Whether an exercise is among those of the request."""
        return topic in self.meaning.get("problems", [topic])

    def wants(self, line: Truth) -> bool:
        """Whether it says what is done in a wanted exercise, or how it ends."""
        return line["role"] in {"move", "end"} and self.wants_topic(int(line["topic"]))

    def pair(self, line: Truth) -> tuple[str, str, str] | None:
        """Why a step is done."""
        if line["role"] != "move":
            return None
        step: Truth = self.facts("problems")[int(line["topic"])]["steps"][line["fact"]]
        if not has_reason(step):
            return None
        form = self.scene.spec.rng("why", str(line["topic"]), str(line["fact"])).choice(_WHY)
        return "reason", form.format(move=step["move"]), f"Because {step['reason']}."

    def keys(self, lines: Sequence[Truth]) -> list[Truth]:
        """The hard step of an exercise, or its first one, and its end."""
        problems = self.facts("problems")
        told = [line for line in lines if self.wants(line)]
        hard = max(0, int(problems[int(told[0]["topic"])]["stuck"])) if told else 0
        return [line for line in told if line["fact"] == hard or line["role"] == "end"]

    def rank(self, line: Truth) -> tuple[bool, ...]:
        """The hard steps come first."""
        problem: Truth = self.facts("problems")[int(line["topic"])]
        return (bool(problem["stuck"] != line["fact"]),)

    def title(self, found: Lesson) -> PassageTitle | None:
        """The first exercises by name."""
        wanted = [k for k in range(len(self.facts("problems"))) if self.wants_topic(k)]
        names = [name for k in wanted if (name := self.name_in(k, found))][:NAMED]
        cites = tuple(cite for name in names for cite in name.cites)
        return PassageTitle("; ".join(name.text for name in names), cites) if names else None

    def to_read(self, steps: Sequence[Anchor]) -> Sequence[Anchor]:
        """The step that is meant among others.

        Raises:
            PolicyError: no change of the board shows it.
        """
        meant = next((step for step in steps if self._is_meant(step.t0, step.t1)), None)
        if meant is None:
            raise decline("no change of the board shows the step that is meant", "Ask for another step.")
        others = super().to_read([step for step in steps if step is not meant])[: STEPS - 1]
        return sorted([meant, *others], key=lambda step: step.t0)

    def step(self, one: BoardStep, seen: Lesson) -> BoardStep:
        """What is said of it, with the lines that were read rightly or are heard."""
        mark = self._mark(one.step.t0, one.step.t1)
        if mark is None:
            return one
        problem: Truth = self.facts("problems")[int(mark["problem"])]
        steps, at = cast("list[Truth]", problem["steps"]), int(mark["step"])
        known = [(s, line) for s in seen.sentences if (line := self.line_of(s.text, s.t0))]
        here = [(s, o["role"]) for s, o in known if (o["topic"], o["fact"]) == (mark["problem"], at)]
        written = _new_line(one, str(steps[at]["line"]), [s for s, role in here if role in GIVES], seen)
        before = str(steps[at - 1]["line"] if at else problem["statement"])
        reached = _find_line(before, one.old)
        return replace(
            one,
            written=(written,) if written else (),
            frame=int(one.step.attrs["after"]),
            point=None,
            label=None,
            twin=None,
            reached=BoardLine(_as_written(before, reached), (reached.id,)) if reached else None,
            spoken=tuple(s for s, role in here if role == "move")[:1],
            subject=str(problem["kind"]),
            warning=next((s for s, role in here if role == "stuck"), None),
        )

    def choose(self, point: ChoicePoint) -> Chosen:
        """The step that is meant; of a lesson, what is wanted."""
        if point.name != "education.stuck":
            return super().choose(point)
        return Chosen([o.id for o in point.options if self._is_meant(o.t0, o.t1)][:1], "truth")

    def _mark(self, t0: float, t1: float) -> Truth | None:
        """The line of a derivation that is written within a change of the board [s]."""
        lines = (m for m in self.facts("marks") if m["deed"] == "write" and m["step"] >= 0 and not m["wrong"])
        return next((m for m in lines if t0 - CLOSE <= m["t"] <= t1 + CLOSE), None)

    def _is_meant(self, t0: float, t1: float) -> bool:
        mark = self._mark(t0, t1)
        wanted = (self.meaning["problem"], self.meaning["step"])
        return mark is not None and (mark["problem"], mark["step"]) == wanted


def _new_line(one: BoardStep, line: str, told: Sequence[Sentence], seen: Lesson) -> BoardLine | None:
    """A line that is new on the board, as it was read or is heard."""
    if any(has_run(tokens(old.content), tokens(line)) for old in one.old):
        return None  # a line that stands above already is nothing new
    read = _find_line(line, one.new)
    heard = next((cites for s in told if (cites := cites_for(line, seen.cues, s.cites))), ())
    if read is not None:
        text = _as_written(line, read)
        return BoardLine(text, (read.id,)) if text == line or not heard else BoardLine(line, (read.id, *heard))
    return BoardLine(line, heard) if heard else None


def _find_line(line: str, lines: Sequence[Anchor]) -> Anchor | None:
    """The anchor of a line that was read rightly, the lowest of several."""
    same = [a for a in lines if "".join(a.content.casefold().split()) == "".join(line.casefold().split())]
    return max(same, key=lambda a: a.box[1] if a.box else 0.0, default=None)


def _as_written(line: str, read: Anchor) -> str:
    """A line as it was written, where the reading supports that; else as it was read."""
    return line if holds(line, [read]) else read.content.strip()


EXPERTS: dict[str, Expert] = {
    "stuck_point_tutoring": lambda brief: tutor(brief.brief, KnownBoard(brief.scene, brief.request)),
    "lecture_summary": lambda brief: summarise(brief.brief, KnownBoard(brief.scene, brief.request)),
    "interleaved_lesson": lambda brief: write_lesson(brief.brief, KnownBoard(brief.scene, brief.request)),
    "concept_qa": lambda brief: ask_concepts(brief.brief, KnownBoard(brief.scene, brief.request)),
}
