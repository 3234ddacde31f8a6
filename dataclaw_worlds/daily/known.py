"""The truth of a scene of `chores` as the domain's plans are told it, and its answers at their choice points.

The plans look and write; here is what only somebody knows who was there: what is really done, by whom and what for,
which narrations a request is about, which of the questions that they answer it asks, and where a step begins.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Protocol, cast

from dataclaw.choosing import ChoicePoint, Chosen
from dataclaw.domains.daily.context import narrated_questions
from dataclaw.domains.daily.intents import parse_intent
from dataclaw.domains.daily.questions import MOST, USUAL, Question, offer_questions
from dataclaw.domains.daily.recording import CitedNarration, NarratedRecording, ToldOfDay, narration_of
from dataclaw.domains.daily.temporal import timed_questions
from dataclaw.planning import Asking, join_words
from dataclaw.types import Anchor, Brief, Json
from dataclaw.worlds.base import Expert, Request, Scene
from dataclaw_worlds.daily.chores_truth import HEADING, ChoresTruth, TruthRow, chores_truth_of, rows_for
from dataclaw_worlds.daily.forms import gerund_of
from dataclaw_worlds.daily.script import AGAIN, STEP

NEAR = 4
"""So many actions after one may be what it is done for."""
FITTING = 5
"""Most actions of a step where their number is asked for."""
GROUPS: Mapping[str, Sequence[str]] = {"order": ("order", "first"), "between": ("action",)}
"""Kinds of questions that a request calls by another name."""


@dataclass(frozen=True, slots=True)
class ChoresKnown:
    """What somebody knows of a scene, asked something about it."""

    truth: ChoresTruth
    request: Request

    def narrate(self, events: Sequence[Anchor]) -> list[CitedNarration]:
        """What each narration says is done, as it really was."""
        rows = {row.id: row for row in self.truth.rows}
        return [self._narration(anchor, rows[anchor.id]) for anchor in events]

    def _narration(self, anchor: Anchor, row: TruthRow) -> CitedNarration:
        aside = "irrelevant" if row.disturbs else "mistake" if row.wrong else "" if row.role == STEP else "duplicate"
        return replace(
            narration_of(anchor),
            order=row.order,
            purpose=row.purpose,
            who=self.truth.who(row.person),
            relevant=row.useful or row.role == HEADING,
            aside="heading" if row.role == HEADING else aside,
        )

    def goal_of(self, told: Sequence[CitedNarration]) -> str:
        """The step, the thing or the procedures that are asked for, and the stretch of them."""
        meaning = self.request.meaning
        part, name = cast("list[int] | None", meaning.get("part")), cast("str | None", meaning.get("object"))
        if part is not None:
            return self.truth.procedures[part[0]].parts[part[1]]
        if name is not None:
            return f"work with the {name}"
        ids = {one.id for one in told}
        done = sorted({row.procedure for row in self.truth.rows if row.id in ids})
        goals = join_words([self.truth.procedures[k].goal for k in done])
        if meaning.get("between") is None:
            return goals
        return f"{goals}, from {told[0].clause.phrase('gerund')} to {told[-1].clause.phrase('gerund')}"

    def name_topic(self) -> str:
        """A name for what is requested that a word of the intent may stand in."""
        meaning, intent = self.request.meaning, self.request.intent.casefold()
        part, name = cast("list[int] | None", meaning.get("part")), cast("str | None", meaning.get("object"))
        if name is not None:
            return name
        if part is not None:
            return self.truth.procedures[part[0]].parts[part[1]]
        goals = [self.truth.procedures[k] for k in cast("list[int]", meaning.get("procedures") or [])]
        names = [word for goal in goals for word in (goal.short, *goal.others, gerund_of(goal.goal))]
        return next((word for word in names if word.casefold() in intent), next(iter(names), ""))

    def choose(self, point: ChoicePoint) -> Chosen:
        """What the request means."""
        wanted: Set[str] = {option.id for option in point.options}
        if point.name == "daily.narrations":
            wanted = {row.id for row in self.rows()}
        elif point.name == "daily.steps":
            wanted = {group[0].id for group in self.steps()}
        elif point.name == "daily.questions":
            return Chosen(choose_meant(point, self._is_meant, self.count), "truth")
        return Chosen([option.id for option in point.options if option.id in wanted], "truth")

    @property
    def count(self) -> int:
        """How many questions are asked for."""
        return count_of(self.request)

    def rows(self) -> list[TruthRow]:
        """The narrations that the answer is made from."""
        rows = rows_for(self.truth, self.request.meaning)
        if self.request.task == "procedural_tutorial":
            return [row for group in self.steps() for row in group]
        about = cast("list[str] | None", self.request.meaning.get("about"))
        return [row for row in rows if about is None or row.id in about or self._is_beside(row, about[0])]

    def _is_beside(self, row: TruthRow, about: str) -> bool:
        """Whether a question about one action needs another one for its answer."""
        one = next(row for row in self.truth.rows if row.id == about)
        (kind,) = cast("list[str]", self.request.meaning["kinds"])
        level = [other.id for other in self.truth.rows if other.level == one.level and (other.useful or kind == "next")]
        apart = level.index(row.id) - level.index(about) if row.id in level and about in level else 0
        near = {"next": [1], "between": [-1, 1], "why": range(1, NEAR + 1)}.get(kind, [])
        return row.order == one.order if kind == "count" else apart in near

    def steps(self) -> list[list[TruthRow]]:
        """The actions of each step: one of a procedure, one action in fine detail, or as many as are asked for."""
        meaning = self.request.meaning
        fine = meaning.get("detail") == "fine"
        rows = [row for row in rows_for(self.truth, meaning) if row.role == STEP or (fine and row.role == AGAIN)]
        if fine or meaning.get("part") is not None or len({(row.procedure, row.part) for row in rows}) < 2:
            return [[row] for row in rows]
        groups = [[rows[0]]]
        for before, row in pairwise(rows):
            if (row.procedure, row.part) == (before.procedure, before.part):
                groups[-1].append(row)
            else:
                groups.append([row])
        most = cast("int | None", meaning.get("count")) or len(groups)
        while len(groups) > max(2, most):
            at = min(range(len(groups) - 1), key=lambda k: len(groups[k]) + len(groups[k + 1]))
            groups[at : at + 2] = [[*groups[at], *groups[at + 1]]]
        return [group[-FITTING:] for group in groups] if most < len(rows) and meaning.get("count") else groups

    def _is_meant(self, option: Anchor) -> bool:
        meaning, cites = self.request.meaning, cast("list[str]", option.attrs["cites"])
        about, ids = cast("list[str] | None", meaning.get("about")), cast("list[str] | None", meaning.get("ids"))
        if not is_of_kind(option, self.request) or (ids is not None and sorted(cites) != sorted(ids)):
            return False
        if about is None:
            return True
        (kind,) = cast("list[str]", meaning["kinds"])
        return about[0] in (cites if kind == "count" else cites[1:2] if kind == "between" else cites[:1])

    def questions(self, window: tuple[float, float]) -> int:
        """How many questions the narrations answer that are asked for; no more than that."""
        heads = {(row.procedure, row.part): row.id for row in self.truth.rows if row.role == HEADING}
        parts = [
            (row, "" if row.role == HEADING else heads.get((row.procedure, row.part), "")) for row in self.truth.rows
        ]
        anchors = [_event(row, parent) for row, parent in parts]
        intent = parse_intent(self.request.intent, window).narrow_to(row.text for row in self.truth.rows)
        kept = {row.id for row in self.rows()}
        recording = NarratedRecording(
            tuple(self.narrate(anchors)), (), None, intent, 0, window, window[1],
            {anchor.id: "irrelevant" for anchor in anchors if anchor.id not in kept}, "truth", self.request.intent,
        )  # fmt: skip
        return count_meant(recording, self.request, self._is_meant)


def know(scene: Scene, request: Request) -> ChoresKnown:
    """What is known of a scene of `chores`."""
    return ChoresKnown(chores_truth_of(scene), request)


class ToldPlan(Protocol):
    """A plan of the domain that somebody tells what he knows."""

    def __call__(self, brief: Brief, told: ToldOfDay) -> Asking[None]:
        """The plan of a brief."""
        ...


def experts_of(know: Callable[[Scene, Request], ToldOfDay], **plans: ToldPlan) -> dict[str, Expert]:
    """The domain's own plans by task, told what is known of the scene."""
    return {task: _expert(plan, know) for task, plan in plans.items()}


def _expert(plan: ToldPlan, know: Callable[[Scene, Request], ToldOfDay]) -> Expert:
    return lambda brief: plan(brief.brief, know(brief.scene, brief.request))


def _event(row: TruthRow, parent: str) -> Anchor:
    """A row as the tool lists it."""
    details: dict[str, Json] = {"level": row.level} | ({"parent": int(parent[1:])} if parent else {})
    return Anchor(
        row.id, "event", row.text, row.t0, row.t1, attrs={"verb": "narration", "text": row.text, "details": details}
    )


def count_of(request: Request) -> int:
    """How many questions a request asks for."""
    return min(cast("int | None", request.meaning.get("count") or request.meaning.get("most")) or USUAL, MOST)


def is_of_kind(option: Anchor, request: Request) -> bool:
    """Whether a question is of a kind that the request names; of any, where it names none."""
    kinds = cast("Sequence[str]", request.meaning.get("kinds") or ())
    exact = bool(request.meaning.get("most")) and "between" not in kinds
    known = [name for kind in kinds for name in ([kind] if exact else GROUPS.get(kind, [kind]))]
    family = option.attrs["family"]
    return family in known if known else family != "frame_order"


def choose_meant(point: ChoicePoint, is_meant: Callable[[Anchor], bool], most: int) -> list[str]:
    """Ids of the questions that are meant: the rules' own first, then the worthiest about something else."""
    meant = [option for option in point.options if is_meant(option)]
    meant.sort(key=lambda option: (option.id not in point.kept, -cast("int", option.attrs["worth"])))
    taken: list[str] = []
    cited: set[str] = set()
    for option in meant:
        cites = cast("list[str]", option.attrs["cites"])
        if len(taken) < most and (option.id in point.kept or not cited & set(cites)):
            taken.append(option.id)
            cited |= set(cites)
    return [option.id for option in point.options if option.id in taken]


def count_meant(recording: NarratedRecording, request: Request, is_meant: Callable[[Anchor], bool]) -> int:
    """How many of the questions that are meant a recording gives, at most as many as are asked for."""
    makers: Mapping[str, Callable[[NarratedRecording], list[Question]]] = {
        "contextual_qa": narrated_questions, "temporal_qa": timed_questions,
    }  # fmt: skip
    anchors = {one.id: one.anchor for one in recording.narrations}
    options, _, own = offer_questions(makers[request.task](recording), recording, anchors, None)
    point = ChoicePoint("daily.questions", request.task, request.intent, options, own)
    return len(choose_meant(point, is_meant, count_of(request)))
