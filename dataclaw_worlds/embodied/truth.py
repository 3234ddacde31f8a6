"""What the truth of an episode answers at the choice points of the domain's plans, and the words that only it knows.

A segment shows the act that it shares most time with. What left no segment cannot be kept, and the plan declines.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import cast

from dataclaw.choosing import ChoicePoint, Chosen
from dataclaw.domains.embodied.episode import Segment
from dataclaw.domains.embodied.intents import parse_intent
from dataclaw.domains.embodied.subtasks import STEPS
from dataclaw.types import Anchor, Json, Span
from dataclaw.worlds.base import Request, Scene
from dataclaw_worlds.embodied.acts import EpisodeAct, acts_in
from dataclaw_worlds.embodied.instruction import EpisodeNames, names_of
from dataclaw_worlds.words import words

FAILED = frozenset({"miss", "drop"})
ASIDE = frozenset({"wait", "hesitate"})
MOVING = frozenset({"lift", "move"})
HOLDING = frozenset({"touch", "lift", "move"})
SOON = 3
"""What is over so soon after a segment does not come after it [steps]."""
_TELLING = ("move", "touch", "lift", "reach", "release", "retreat", "miss", "drop", "hesitate", "wait")
"""Which act is described first where the request names none."""
_WORTH = ("move", "touch", "reach", "lift", "release", "retreat", "miss", "drop", "hesitate", "wait")
"""Which steps stay first when their number is limited."""
_GOING: Mapping[str, str] = {"reach": "reach", "miss": "leave", "retreat": "leave", "hesitate": "hesitate",
                             "lift": "lift", "drop": "drop"}  # fmt: skip
"""What a hand that goes does in an act; else what was measured says it."""
_OPENING: Mapping[str, str] = {"reach": "reach_opening", "drop": "drop", "release": "release"}
"""What a hand that opens does in an act; else it opens."""
_WORDS = words("embodied/instructions.toml")


@dataclass(frozen=True)
class EpisodeTruth:
    """Chooses and tells what really happened.

    Attributes:
        scene: the episode.
        request: what is asked of it.
    """

    scene: Scene
    request: Request

    @cached_property
    def acts(self) -> list[EpisodeAct]:
        """Everything that really happened, in order."""
        return acts_in(self.scene.facts)

    def main_act(self, span: Span, *, still: bool) -> EpisodeAct:
        """The act that a span shares most time with; where something moves in it, time in a wait counts half."""
        shares: dict[tuple[str, int, str], float] = {}
        for act in self.acts:
            key = (act.kind, act.attempt, act.cause)
            weight = 0.5 if act.kind == "wait" and not still else 1.0
            shares[key] = shares.get(key, 0.0) + weight * max(self._overlap(span, act), 0.0)
        best = max(shares.values())
        mine = [a for a in self.acts if shares[a.kind, a.attempt, a.cause] == best]
        return max(mine, key=lambda a: (self._overlap(span, a), -a.first))

    def _overlap(self, span: Span, act: EpisodeAct) -> float:
        rate = float(cast("float", self.scene.facts["rate"]))
        return min(span[1], (act.last + 0.5) / rate) - max(span[0], (act.first - 0.5) / rate)

    def _act(self, option: Anchor) -> EpisodeAct:
        span = (option.t0, option.t1)
        return self.main_act(span, still=bool(option.attrs["stall"]))

    @property
    def _failed(self) -> set[int]:
        """The tries that fail."""
        return {act.attempt for act in self.acts if act.kind in FAILED}

    def choose(self, point: ChoicePoint) -> Chosen:
        """What the request wants, by what really happened."""
        answers: Mapping[str, Callable[[ChoicePoint], Sequence[str]]] = {
            "embodied.segments": self._segments,
            "embodied.subtasks": self._begins,
            "embodied.described": self._main_part,
            "embodied.next": self._next,
            "embodied.steps": self._steps,
            "embodied.faults": self._faults,
        }
        return Chosen(list(answers[point.name](point)), "truth")

    def _segments(self, point: ChoicePoint) -> list[str]:
        """Of what the words allow: the part that is asked for; nothing where the act that is meant is not shown."""
        allowed = [option for option in point.options if option.id in point.kept]
        shown = [self._act(option) for option in allowed]
        if point.task == "describe_subtask" and "act" in self.request.meaning:
            there = self.request.meaning["act"] in [act.first for act in shown]
            return [option.id for option in allowed if there]
        if point.task == "predict_next_primary_subtask" and "after" in self.request.meaning:
            there = self._named in _primary(shown)[:-1]
            return [option.id for option in allowed if there]
        return [option.id for k, option in enumerate(allowed) if self._is_wanted(point.task, shown, k)]

    def _is_wanted(self, task: str, shown: Sequence[EpisodeAct], at: int) -> bool:
        """Whether the part of the episode that is asked for has a segment."""
        act, part, failed = shown[at], self.request.meaning.get("part"), shown[at].attempt in self._failed
        if task == "interleaved_tutorial" and not self.request.meaning.get("failed"):
            if failed or act.kind == "hesitate":
                return False
            shown = [other for other in shown if other.attempt not in self._failed]
        held = next((other.first for other in shown if other.kind in MOVING), None)
        tests = {
            "before": held is None or act.first < held,
            "after": held is not None and act.first >= held,
            "moving": act.kind in (*MOVING, "drop"),
            "still": act.kind == "wait",
            "active": act.kind != "wait",
            "good": not failed,
            "failed": failed,
            "hand": act.kind in ("reach", "hesitate", "retreat"),
        }
        return tests[str(part)] if part else True

    @property
    def _named(self) -> tuple[str, int]:
        """The act after which the request asks: kind and try."""
        named = next(a for a in self.acts if a.first == self.request.meaning["after"])
        return named.kind, named.attempt

    def _begins(self, point: ChoicePoint) -> list[str]:
        """Where another act begins, or a hand begins or ends to close; in primary subtasks a rest goes with the others.

        What is still at the beginning belongs to the first subtask.
        """
        primary = point.task in ("interleaved_tutorial", "predict_next_primary_subtask")
        found = [point.options[0].id]
        before: object = None
        for option in point.options:
            act, grip = self._act(option), option.attrs["gripper"]
            if primary and (act.kind == "wait" or (option.attrs["stall"] and grip not in ("opens", "closes"))):
                continue
            key = ((act.kind, act.attempt) if primary else act, grip == "closes")
            if before is not None and key != before:
                found.append(option.id)
            before = key
        return found

    def _main_part(self, point: ChoicePoint) -> Sequence[str]:
        meaning = self.request.meaning
        if "at" in meaning:
            return point.kept
        fitting = [o for o in point.options if "act" not in meaning or self._act(o).first == meaning["act"]]
        return [min(fitting, key=self._telling).id]

    def _telling(self, option: Anchor) -> tuple[int, int, bool, float]:
        act = self._act(option)
        closes = option.attrs["gripper"] == "closes" and act.kind in ("touch", "miss")
        return _TELLING.index(act.kind), -act.attempt, not closes, option.t0 - option.t1

    def _next(self, point: ChoicePoint) -> Sequence[str]:
        """What follows the act that is named, or else the moment that the rules take; no hesitation."""
        acts = {option.id: self._act(option) for option in point.options}
        names = list(acts)
        begin = names.index(point.kept[0])
        if "after" in self.request.meaning:
            shown = (k for k, act in enumerate(acts.values()) if (act.kind, act.attempt) == self._named)
            begin = 1 + max(shown, default=-1)
        later = [name for name in names[begin:] if acts[name].kind not in ASIDE]
        return later[:1] or names[-1:]

    def _steps(self, point: ChoicePoint) -> Sequence[str]:
        """The steps that matter most, as many as are asked for; of a list the longest rows, as the rules say."""
        if point.task == "action_trajectory":
            return point.kept
        most = min(parse_intent(point.intent, (0.0, 1.0)).count or STEPS, STEPS)
        acts = {option.id: self._act(option) for option in point.options}
        steps = [name for name, act in acts.items() if act.kind not in ASIDE]
        chosen = sorted(steps, key=lambda name: _WORTH.index(acts[name].kind))[:most]
        return [name for name in steps if name in chosen]

    def _faults(self, point: ChoicePoint) -> list[str]:
        """What really goes wrong; where nothing does, the last way to the thing that a held frame can make a fault."""
        family = str(self.request.meaning.get("family", ""))
        wanted = [option for option in point.options if option.attrs["family"] == family or not family]
        real = [option.id for option in wanted if self._is_real(option)]
        made = [option.id for option in wanted if option.attrs["family"] == "approach_stall" and
                self._act(option).kind == "reach" and self._after(option)[0] in ("reach", *HOLDING)]  # fmt: skip
        return real or made[-1:]

    def _after(self, option: Anchor) -> tuple[str, str]:
        """Kind of the act in which the recovery of a fault begins; and why it stays still directly after the fault."""
        rate, begin = float(cast("float", self.scene.facts["rate"])), float(option.attrs["after"])
        later = [act for act in self.acts if act.last > option.t1 * rate + SOON]
        return self.main_act((begin, begin + 1.0), still=False).kind, later[0].cause if later else ""

    def _is_real(self, option: Anchor) -> bool:
        """Whether a fault of a family is what really happens in its segment, or directly after it, and is mended."""
        act, family = self._act(option), option.attrs["family"]
        if family == "unstable_grasp":
            lost = [other for other in self.acts if other.attempt == act.attempt and other.kind in FAILED]
            return bool(lost) and act.first <= lost[-1].first and act.kind not in ASIDE
        following, pause = self._after(option)
        happens = {"early_stagnation": act.cause == "late", "hesitation_loop": act.kind == "hesitate",
                   "approach_stall": pause == "stall"}  # fmt: skip
        return happens[str(family)] and following not in ASIDE

    # what is told

    @cached_property
    def _names(self) -> EpisodeNames:
        return names_of(self.scene)

    @property
    def _chinese(self) -> bool:
        return parse_intent(self.request.intent, (0.0, 1.0)).chinese

    @property
    def _instruction(self) -> str:
        return str(cast("dict[str, Json]", self.scene.facts["instruction"])["kind"])

    @property
    def quotes(self) -> bool:
        """Whether the instruction asks for what is done."""
        return self._instruction != "wrong"

    @property
    def goal(self) -> str:
        """The goal, where the instruction does not say it plainly."""
        return "" if self._instruction == "exact" else self.work[1]

    @property
    def work(self) -> tuple[str, str]:
        """The goal, of a robot and as a request."""
        names = self._names
        return (names.goal_zh, names.goal_zh) if self._chinese else (names.does, names.goal)

    @property
    def scope(self) -> str:
        """The part that is asked for."""
        part = "all" if self.request.meaning.get("failed") else str(self.request.meaning.get("part", ""))
        scopes = _WORDS["scope_zh" if self._chinese else "scope"]
        return scopes.text(part).format(t=self._thing) if part else ""

    @property
    def part(self) -> str:
        """Whether it came to its end."""
        return "all" if self.scene.facts["success"] else "part"

    @property
    def _thing(self) -> str:
        return self._names.thing_zh if self._chinese else f"the {self._names.thing}"

    def thing(self, segment: Segment) -> str:
        """The thing that the episode is about."""
        del segment
        return self._thing

    def place(self, segment: Segment) -> str:
        """The goal says it."""
        del segment
        return ""

    def name(self, recorded: str) -> str:
        """The thing's name in the language of the draft."""
        return self._thing if recorded == self._names.thing else recorded if self._chinese else f"the {recorded}"

    def act(self, segment: Segment) -> str:
        """What really happens in a segment, as far as what was measured of it agrees."""
        act = self.main_act(segment.span, still=segment.stall)
        if segment.rests or segment.gap:
            return act.cause if act.cause in ("late", "stall", "pause", "hold") and not segment.gap else ""
        if segment.gripper == "closes":
            return self._closing(act, segment)
        if segment.gripper == "opens":
            return _OPENING.get(act.kind, "opening")
        if act.kind == "move":
            later = [a for a in self.acts if a.attempt == act.attempt and a.first > act.last]
            goes_on = not self.scene.facts["success"] or any(a.kind in ("move", "drop") for a in later)
            return "begin_work" if goes_on else "work"
        return "" if segment.oscillation and act.kind != "hesitate" else _GOING.get(act.kind, "")

    def _closing(self, act: EpisodeAct, segment: Segment) -> str:
        """What a hand that closes in an act comes to."""
        if self._names.skill.style == "hook" or act.kind not in ("reach", "miss", *HOLDING):
            return "grip"
        missed = any(other.kind == "miss" and other.attempt == act.attempt for other in self.acts)
        return "miss_thing" if missed else "grasp" if segment.grasps else "close"


def _primary(acts: Sequence[EpisodeAct]) -> list[tuple[str, int]]:
    """Kinds and tries of acts as primary subtasks, each once in a row."""
    found: list[tuple[str, int]] = []
    for act in acts:
        if act.kind not in ASIDE and found[-1:] != [(act.kind, act.attempt)]:
            found.append((act.kind, act.attempt))
    return found
