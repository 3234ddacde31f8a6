"""What is said of an episode that no tool measures: the thing, what is done with it, where it goes, how far it is done.

The plan reads it off the instruction; an expert knows it (`ToldOfEpisode`). An instruction is read by its verbs. Where
it speaks of several things, or of none, no thing is named. A segment may name the thing from where a hand goes to grasp
it until it lets go of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from dataclaw.domains.embodied.episode import ObservedEpisode, Segment, is_active
from dataclaw.words import words_beside

_DATA = words_beside(__file__)
_SAYS = _DATA.patterns
_VERBS = _DATA.patterns_of("verbs")
_LONGEST = 40


class ToldOfEpisode(Protocol):
    """What is said of an episode, in the language of the draft."""

    @property
    def quotes(self) -> bool:
        """Whether the instruction is what is really done, and may be quoted."""
        ...

    @property
    def goal(self) -> str:
        """What is to be done, `pull the red drawer open`, where the instruction does not say it; else ""."""
        ...

    @property
    def work(self) -> tuple[str, str]:
        """What is done with the thing, of a robot and as a request: `pulls the drawer open`, `pull the drawer open`."""
        ...

    @property
    def scope(self) -> str:
        """Which part of the episode is wanted, `until the drawer begins to move`; "" for all of it."""
        ...

    @property
    def part(self) -> str:
        """How much of what is to be done the episode shows: "all", "part", or "" for nothing but the way there."""
        ...

    def thing(self, segment: Segment) -> str:
        """What a hand goes to, holds, or lets go of in a segment, `the cup`; "" where that is not known."""
        ...

    def place(self, segment: Segment) -> str:
        """Where the thing shall go that is let go of in a segment, `on the plate`; "" where that is not known."""
        ...

    def name(self, recorded: str) -> str:
        """What a thing is called that the stream names, `the cup`."""
        ...

    def act(self, segment: Segment) -> str:
        """Which act of `wording.toml` a segment is; "" where what was measured decides."""
        ...


@dataclass(frozen=True, slots=True)
class TaskGoal:
    """What an instruction asks for.

    Attributes:
        kind: "place" (it shall be put somewhere), "pick" (it shall be taken up), "work" (something else shall be done
            with it), "" where no verb is known.
        thing: what it is about, with its article: `the yellow bottle`; "" where that is not one thing.
        where: where it shall go, `on the plate`; "" where that is not said.
    """

    kind: str = ""
    thing: str = ""
    where: str = ""


def goal_of(instruction: str) -> TaskGoal:
    """Read an instruction."""
    text = " ".join(instruction.split()).strip(" .。!")
    if re.search(r"[\u4e00-\u9fff]", text):
        return _chinese_goal(text)
    kinds: list[str] = []
    things: list[str] = []
    where = ""
    for clause in _SAYS["clause"].split(text):
        begins = _SAYS["begins"].match(clause)
        if begins is None:
            continue
        kinds.append(next(kind for kind, verb in _VERBS.items() if verb.match(begins[1])))
        rest = clause[begins.end() :]
        found = _SAYS["thing"].match(rest)
        thing = _SAYS["article"].sub("", found["thing"].strip()) if found else ""
        if found and _SAYS["several"].match(rest[found.end("thing") :]):
            return TaskGoal(_main(kinds))
        if thing and thing.lower() not in (t.lower() for t in things):
            things.append(thing)
        place = _SAYS["place"].match(rest) if kinds[-1] == "place" else None
        where = _with_article(place["at"], place["where"]) if place else where
    thing = things[0].replace('"', "").replace("'", "") if len(things) == 1 else ""
    if len(thing) > _LONGEST or _SAYS["robot"].search(thing):
        thing = ""
    where = "" if len(where) > _LONGEST or not thing else where
    return TaskGoal(_main(kinds), f"the {thing}" if thing else "", where)


def _main(kinds: Sequence[str]) -> str:
    return "place" if "place" in kinds else kinds[0] if kinds else ""


def _with_article(at: str, where: str) -> str:
    return f"{at.lower()} {where}" if _SAYS["article"].match(where) else f"{at.lower()} the {where}"


def _chinese_goal(text: str) -> TaskGoal:
    found = _SAYS["thing_zh"].search(text)
    thing = next((g for g in found.groups() if g), "").strip() if found else ""
    kind = "place" if _SAYS["place_zh"].search(text) else "pick" if found and found["pick"] else "work" if found else ""
    return TaskGoal(kind, thing if len(thing) <= _LONGEST else "")


def goal_in(episode: ObservedEpisode) -> TaskGoal:
    """What the episode's instruction asks for; no thing where it is named in another language than is written."""
    said = episode.instruction(episode.segments[0].span[0])
    goal = goal_of(str(said.attrs["text"])) if said else TaskGoal()
    if re.search(r"[\u4e00-\u9fff]", goal.thing) and not episode.intent.chinese:
        return TaskGoal(goal.kind)
    return TaskGoal(goal.kind, goal.thing.removeprefix("the "), "") if episode.intent.chinese else goal


@dataclass(frozen=True)
class ReadTask:
    """What the instruction of an episode and its segments tell.

    Attributes:
        episode: the stream as a plan sees it.
    """

    episode: ObservedEpisode
    quotes: bool = True
    goal: str = ""
    work: tuple[str, str] = ("", "")
    scope: str = ""

    @property
    def part(self) -> str:
        """How much of its task the episode shows; "all" where none is given, or where some phases are asked for."""
        whole = not self.episode.instructions or self.episode.intent.only
        return "all" if whole else done_part(goal_in(self.episode), self.episode.segments)

    @cached_property
    def _things(self) -> tuple[dict[str, str], dict[str, str], frozenset[str]]:
        return _things_of(self.episode)

    def thing(self, segment: Segment) -> str:
        """The thing of the hold that a segment belongs to."""
        return self._things[0].get(segment.id, "")

    def place(self, segment: Segment) -> str:
        """The instruction's place, where its thing is let go of."""
        return self._things[1].get(segment.id, "")

    def name(self, recorded: str) -> str:
        """The recorded name."""
        return recorded if self.episode.intent.chinese else f"the {recorded}"

    def act(self, segment: Segment) -> str:
        """That a thing is taken up, where no height shows it."""
        return "pick" if segment.id in self._things[2] else ""


def _things_of(episode: ObservedEpisode) -> tuple[dict[str, str], dict[str, str], frozenset[str]]:
    """What segments may call their thing, and where it shall go, by the segments' ids; and which take it up.

    A thing that is recorded to move along is called by its name there, unless the instruction calls it alike. Without a
    height a thing is taken up where it shall be, is held, and is seen to move first.
    """
    goal = goal_in(episode)
    things: dict[str, str] = {}
    where: dict[str, str] = {}
    picks: set[str] = set()
    for hold in _holds(episode.segments):
        carried = next(
            (str(o) for s in hold if s.phase in ("lift", "transport") and (o := s.anchor.attrs["object"])), ""
        )
        alike = set(carried.lower().split()) & set(goal.thing.lower().split())
        own = carried if episode.intent.chinese else f"the {carried}"
        thing = own if carried and not alike else goal.thing
        things |= {s.id: thing for s in hold if thing}
        where |= {s.id: goal.where for s in hold if s.phase == "release" and thing == goal.thing}
        first = next((s for s in hold if s.phase in ("lift", "transport")), None)
        if first and thing and goal.kind in ("pick", "place") and first.holds == "yes" and first.anchor.attrs["view"]:
            picks.add(first.id)
    return things, where, frozenset(picks)


def _holds(segments: Sequence[Segment]) -> list[list[Segment]]:
    """The segments of each grasp: the approach and tries that failed, the grasp, and all until the hand is away."""
    found: list[list[Segment]] = []
    waiting: list[Segment] = []
    held: list[Segment] = []
    for segment in segments:
        if segment.phase == "grasp" and segment.holds != "unsure":
            held = [*waiting, segment]
            found.append(held)
            waiting = []
        elif segment.phase == "approach" or segment.gripper == "closes":
            waiting.append(segment)
            held = []
        elif held and segment.phase in ("lift", "transport", "release", "retreat"):
            held.append(segment)
            held = [] if segment.phase == "retreat" else held
        elif segment.phase == "retreat":
            waiting = []
    return found


def done_part(goal: TaskGoal, segments: Sequence[Segment]) -> str:
    """How much of what is asked for the segments show: "all", "part", or "" when they show nothing but the way there.

    A thing that shall be put somewhere is let go of in the end, one that shall be taken up is held and moved. What else
    is asked for cannot be told from a hand: it counts as done when the hand has worked on the thing and left it.
    """
    grasped = [k for k, s in enumerate(segments) if s.grasps]
    moved = [k for k, s in enumerate(segments) if s.phase in ("lift", "transport") and is_active(s)]
    let_go = [k for k, s in enumerate(segments) if s.phase == "release" and s.finished]
    if not any(s.gripper for s in segments):
        return "all"
    if not grasped and not let_go:
        return ""
    worked = [k for k in moved if not grasped or k > grasped[0]]
    if goal.kind == "pick":
        return "all" if worked else "part"
    return "all" if let_go and (worked or not grasped) else "part"
