"""What an expert finds through the tools, matched with the truth: which segments belong to which act."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import cast

from dataclaw.domains.embodied.episode import ObservedEpisode, Segment, main_of, survey
from dataclaw.domains.embodied.subtasks import subtask_fields
from dataclaw.planning import Asking, ask, decline, shorten, statement
from dataclaw.types import Anchor, Json
from dataclaw.worlds.base import ExpertBrief
from dataclaw_worlds.embodied.acts import EpisodeAct, acts_in
from dataclaw_worlds.embodied.phrases import EpisodeNames, clause, does, measure, names_of

STATE = "obs/environment_state"
FAILED = frozenset({"miss", "drop"})
ASIDE = frozenset({"wait", "hesitate"})
SHARE, LEAST = 0.28, 0.5
"""A group shows an act that fills at least this share of its time, and at least so long [s]."""
LONGEST, THOUGHT = 200, 480
"""Longest text of a row and of a thought [characters]."""
MOST = 8
"""Most ids that a place of a draft cites."""


@dataclass(frozen=True, slots=True)
class ActGroup:
    """The segments of one act.

    Attributes:
        act: the act.
        segments: its segments, in order, at least one.
        acts: every act that fills a good part of them, in order; one segment may show two acts.
    """

    act: EpisodeAct
    segments: tuple[Segment, ...]
    acts: tuple[EpisodeAct, ...] = ()

    @property
    def key(self) -> str:
        """Key of its phrases: the kind of the act, or the cause of a wait."""
        return self.act.cause or self.act.kind

    @property
    def span(self) -> tuple[float, float]:
        """From when to when [s]."""
        return self.segments[0].span[0], self.segments[-1].span[1]

    @property
    def ids(self) -> list[str]:
        """Ids that prove it: its main segment, its ends, and where the gripper changes."""
        grips = [s.id for s in self.segments if s.gripper in ("opens", "closes")]
        carried = [s.id for s in self.segments if s.anchor.attrs.get("object")]
        still = max(self.segments, key=lambda s: (s.stall, s.span[1] - s.span[0]))
        ids = [main_of(self.segments).id, self.segments[0].id, self.segments[-1].id, *grips[:1], *carried[:3]]
        ids = [*ids, still.id] if self.act.kind == "wait" else ids
        return list(dict.fromkeys(ids))[:MOST]

    @property
    def last(self) -> int:
        """Its last frame."""
        return self.segments[-1].last or 0


@dataclass(frozen=True, slots=True)
class Findings:
    """What an expert knows about an episode.

    Attributes:
        survey: the stream as the domain's plans see it.
        names: what it is about.
        groups: the acts that left segments, in order.
        states: rows of where things are and what touches what, in order of time.
        instruction: its kind, such as "exact" or "vague".
        acts: everything that really happened, in order.
        success: whether it came to its end.
    """

    survey: ObservedEpisode
    names: EpisodeNames
    groups: tuple[ActGroup, ...]
    states: tuple[Anchor, ...]
    instruction: str
    acts: tuple[EpisodeAct, ...]
    success: bool

    @property
    def chinese(self) -> bool:
        """Whether to answer in Chinese."""
        return self.survey.intent.chinese

    @property
    def thing(self) -> str:
        """Name of the thing in the language of the answer."""
        return self.names.thing_zh if self.chinese else self.names.thing

    @property
    def goal(self) -> str:
        """What is to be done, in the language of the answer."""
        return self.names.goal_zh if self.chinese else self.names.goal

    def does(self, group: ActGroup, *, last: bool = False) -> str:
        """What happens in a group, without a subject; the last of it alone, or all of it."""
        return self._join(self._does(act) for act in (group.acts[-1:] if last else group.acts))

    def _join(self, parts: Iterable[str]) -> str:
        return (",然后" if self.chinese else ", then ").join(dict.fromkeys(parts))

    def _does(self, act: EpisodeAct) -> str:
        earlier = (a for g in self.groups for a in g.acts if a.attempt < act.attempt)
        again = any(a.kind == act.kind for a in earlier)
        partly = act.kind == "move" and self._goes_on(act)
        return does(self.names, act.cause or act.kind, chinese=self.chinese, again=again, partly=partly)

    def _goes_on(self, act: EpisodeAct) -> bool:
        """Whether the same try goes on later, or the thing is lost."""
        later = [a for a in self.acts if a.attempt == act.attempt and a.first > act.last]
        return not self.success or any(a.kind in ("move", "drop") for a in later)

    def measure(self, group: ActGroup) -> str:
        """What was measured of it."""
        return measure(self.names, group.segments, group.key, chinese=self.chinese)

    def clause(self, group: ActGroup) -> str:
        """What happens in a group with what was measured of it, without a subject."""
        measured = self.measure(group)
        if len(group.acts) < 2 or not measured:
            return clause(self.names, group.key, self.does(group), measured, chinese=self.chinese)
        parts = list(dict.fromkeys(self._does(act) for act in group.acts))
        own = next((k for k, act in enumerate(parts) if act == self._does(group.act)), 0)
        parts[own] += f"({measured})" if self.chinese else f" ({measured})"
        return self._join(parts)

    def sentence(self, group: ActGroup, start: str = "It") -> str:
        """What happens in a group, a sentence with what was measured."""
        return f"机械臂{self.clause(group)}。" if self.chinese else f"{start} {self.clause(group)}."

    def phrase(self, name: str, kind: str | None = None, *, draw: str = "") -> str:
        """One of several phrases of `voices.toml` in the language of the answer; see `EpisodeNames.phrase`."""
        return self.names.phrase(name, kind, draw=draw, chinese=self.chinese)

    def thought_about(self, name: str, group: ActGroup, *, draw: str = "") -> dict[str, Json]:
        """A thought about a group: its sentence in a phrase of `voices.toml`."""
        return statement(self.phrase(name, draw=draw).format(s=self.sentence(group, "it")), group.ids, THOUGHT)

    def refusal(self, segment: Segment) -> str:
        """Why the words of the intent exclude a segment; "" where they allow it."""
        return self.survey.intent.refuses(segment.phase, *segment.span)

    def outside(self, groups: Sequence[ActGroup], otherwise: str = "") -> dict[str, str]:
        """The segments outside of some groups, with the reason why the words exclude each, or `otherwise`."""
        inside = {s.id for g in groups for s in g.segments}
        reasons = {s.id: self.refusal(s) or otherwise for s in self.survey.segments if s.id not in inside}
        return {i: why for i, why in reasons.items() if why}

    def when(self, group: ActGroup) -> str:
        """Its time in words."""
        t0, t1 = group.span
        return f"{t0:.1f} 到 {t1:.1f} 秒" if self.chinese else f"from {t0:.1f} to {t1:.1f} s"

    def touching(self, t0: float, t1: float) -> Anchor | None:
        """A row inside a span in which the thing is touched."""
        column = f"touch_{self.names.thing.replace(' ', '_')}"
        inside = [s for s in self.states if t0 - 1e-6 <= s.t0 <= t1 + 1e-6 and s.attrs["values"].get(column) == 1.0]
        return inside[0] if inside else None

    def goal_thought(self) -> list[Json]:
        """A thought about the instruction: what it says, and whether that happens."""
        event = self.survey.instruction(0.0)
        if event is None:
            return []
        words = str(event.attrs["text"]).replace('"', "'").strip()
        shown = next((g.segments[0].id for g in self.groups if g.act.kind in ("move", "lift")), None)
        if self.instruction == "wrong":
            text = self.phrase("task_wrong", draw="task")
            return [statement(text.format(q=words, t=self.thing), [event.id])] if shown else []
        if self.instruction == "vague":
            return [statement(self.phrase("task_vague", draw="task").format(q=words, g=self.goal), [event.id])]
        text = self.phrase("task").format(q=words)
        stop = "。" if self.chinese else "."
        meant = "" if self.instruction == "exact" else f",即{self.goal}" if self.chinese else f": {self.goal}"
        return [statement(f"{text}{meant}{stop}", [event.id])]


def find_evidence(brief: ExpertBrief) -> Asking[Findings]:
    """Look at a stream through the tools, and match what they give with the truth.

    Raises:
        PolicyError: the truth left no trace that could be measured.
    """
    seen = yield from survey(brief.brief)
    facts = brief.scene.facts
    if not seen.numbers:
        raise decline(f"the episode has no measurements: {seen.without}", "Give a longer episode.")
    acts = acts_in(facts)
    rate = float(cast("float", facts["rate"]))
    groups = group_segments(seen.segments, acts, rate)
    names = names_of(brief.scene, f"{brief.scene.spec.name}:{brief.request.task}:{brief.request.intent}")
    states = yield from _states(names, groups)
    instruction = str(cast("dict[str, Json]", facts["instruction"])["kind"])
    return Findings(seen, names, tuple(groups), tuple(states), instruction, tuple(acts), bool(facts["success"]))


def group_segments(segments: Sequence[Segment], acts: Sequence[EpisodeAct], rate: float) -> list[ActGroup]:
    """Give each segment to the act that it shares most time with; neighbours of one act form a group."""
    groups: list[ActGroup] = []
    for segment in segments:
        act = _main_act(segment, acts, rate)
        if groups and groups[-1].act == act:
            groups[-1] = replace(groups[-1], segments=(*groups[-1].segments, segment))
        else:
            groups.append(ActGroup(act, (segment,)))
    return [replace(group, acts=_acts_in(group, acts, rate)) for group in groups]


def _main_act(segment: Segment, acts: Sequence[EpisodeAct], rate: float) -> EpisodeAct:
    """The act that a segment shares most time with; for a segment that moves, time in a wait counts half."""
    shares: dict[tuple[str, int, str], float] = {}
    for act in acts:
        weight = 0.5 if act.kind == "wait" and not segment.stall else 1.0
        key = (act.kind, act.attempt, act.cause)
        shares[key] = shares.get(key, 0.0) + weight * max(_overlap(segment.span, act, rate), 0.0)
    best = max(shares.values())
    mine = [a for a in acts if shares[a.kind, a.attempt, a.cause] == best]
    return max(mine, key=lambda a: (_overlap(segment.span, a, rate), -a.first))


def _acts_in(group: ActGroup, acts: Sequence[EpisodeAct], rate: float) -> tuple[EpisodeAct, ...]:
    """The group's act, and others that fill a good part of its time."""
    least = max(SHARE * (group.span[1] - group.span[0]), LEAST)
    found = [a for a in acts if a == group.act or _overlap(group.span, a, rate) >= least]
    return tuple(found)


def _overlap(span: tuple[float, float], act: EpisodeAct, rate: float) -> float:
    return min(span[1], (act.last + 0.5) / rate) - max(span[0], (act.first - 0.5) / rate)


def _states(names: EpisodeNames, groups: Sequence[ActGroup]) -> Asking[list[Anchor]]:
    """Where the thing is and whether it is touched, in the middle and at the end of every act."""
    column = names.thing.replace(" ", "_")
    moments = sorted({round(t, 2) for g in groups for t in (sum(g.span) / 2, g.span[1])})
    columns: Json = [*(f"{column}_{axis}" for axis in "xyz"), f"touch_{column}"]
    seen = yield from ask("inspect_state", series=STATE, columns=columns, at=list(moments[:40]))
    return list(seen.anchors)


def primary_groups(groups: Sequence[ActGroup]) -> list[ActGroup]:
    """Groups as subtasks: a wait or a hesitation joins the one before, and so does the rest of the same act."""
    found: list[ActGroup] = []
    for group in groups:
        if found and (group.act.kind in ASIDE or _same(found[-1], group)):
            acts = tuple(dict.fromkeys((*found[-1].acts, *group.acts)))
            found[-1] = replace(found[-1], segments=(*found[-1].segments, *group.segments), acts=acts)
        elif found and found[-1].act.kind in ASIDE:
            found[-1] = replace(group, segments=(*found[-1].segments, *group.segments))
        else:
            found.append(group)
    return found


def _same(one: ActGroup, other: ActGroup) -> bool:
    return (one.act.kind, one.act.attempt) == (other.act.kind, other.act.attempt)


def allowed_part(findings: Findings, group: ActGroup) -> ActGroup | None:
    """The first run of a group's segments that the words of the intent allow; None when they allow none."""
    run: list[Segment] = []
    for segment in group.segments:
        if not findings.refusal(segment):
            run.append(segment)
        elif run:
            break
    return replace(group, segments=tuple(run)) if run else None


def subtask_row(findings: Findings, group: ActGroup) -> dict[str, Json]:
    """A group as a subtask of the schemas."""
    item = subtask_fields(group.segments)
    item["cite"] = list(dict.fromkeys([*item["cite"], *group.ids]))[:MOST]
    text = findings.clause(group)
    item["what"] = text if len(text) <= LONGEST else shorten(findings.does(group), LONGEST)
    return item
