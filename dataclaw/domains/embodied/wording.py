"""Measured motion in sentences: one wording for questions, answers and reasoning, in English or Chinese.

A sentence says what is done, with what, how far and where to, as an anchor measured it. Numbers of joints stay in the
data. A thing is called as the instruction or the stream calls it, from where a hand goes to grasp it until it lets go.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from dataclaw.domains.embodied import wording_zh
from dataclaw.domains.embodied.episode import ObservedEpisode, Segment, survey
from dataclaw.domains.embodied.goals import ReadTask, ToldOfEpisode
from dataclaw.planning import Asking, capitalise, decapitalise, join_words, statement
from dataclaw.tools.view import seconds
from dataclaw.types import Anchor, Brief, Json, Span
from dataclaw.words import words_beside

_DATA = words_beside(__file__).tables
PHASE_NAMES: Mapping[str, str] = _DATA["phase_names"]
"""Phases as an intent names them."""
DOES, DOING, DO = range(3)
"""Forms of an act: what a robot does, what it is doing, a request."""
HARDLY = 0.005
"""A way that is shorter is not told, in metres or the units of a trajectory."""
DETOUR = 1.5
"""From this ratio of way to net distance on, both are told of a camera or a base."""

QUOTED = 160
"""Most of an instruction that is quoted [characters]: questions have room for 400."""


@dataclass(frozen=True, slots=True)
class Wording:
    """The sentences of a draft in one language.

    Attributes:
        chinese: whether that is Chinese.
        clock: "seconds", or "steps" for a stream without a clock.
        robot: whether it is a robot's hand or arm that moves, not a camera or a base.
        told: what is said of the episode that no tool measures.
    """

    chinese: bool
    clock: str
    robot: bool
    told: ToldOfEpisode

    @property
    def _language(self) -> str:
        return "zh" if self.chinese else "en"

    def phrase(self, name: str, *values: object) -> str:
        """A phrase of `wording.toml` with its places filled in."""
        return str(_DATA[self._language][name]).format(*values)

    def _word(self, name: str, *values: object) -> str:
        return str(_DATA[f"words_{self._language}"][name]).format(*values)

    def fault(self, family: str, segment: Segment) -> tuple[str, str]:
        """What is wrong in a fault of a family that is read off a segment, and what should be done."""
        loose = family == "unstable_grasp" and segment.holds != "no"
        wrong, remedy = _DATA[f"faults_{self._language}"]["loose_grasp" if loose else family]
        thing = self.told.thing(segment)
        return wrong.format(self._word("to_thing", thing) if thing else "", thing or self._word("thing")), remedy

    def task(self, instruction: Anchor | None) -> str:
        """The instruction as a quotation with what it comes to, `The task is "...". `, or ""."""
        text = "" if instruction is None else " ".join(str(instruction.attrs["text"]).replace('"', "'").split())
        text = (text if len(text) <= QUOTED else text[: QUOTED + 1].rpartition(" ")[0]).rstrip(".")
        if self.told.goal:
            return self.phrase("task_meant", text, self.told.goal) if text else self.phrase("goal", self.told.goal)
        return self.phrase("task", text) if text else ""

    @property
    def scope(self) -> str:
        """The part of the episode that is wanted, as it stands in a question; "" for all of it."""
        return self.phrase("scope", self.told.scope) if self.told.scope else ""

    def task_thought(self, instruction: Anchor | None, until: float) -> list[Json]:
        """The reasoning's statement of the task, where the instruction was given until a time [s]; else nothing."""
        if instruction is None or instruction.t0 > until:
            return []
        return [statement(self.task(instruction).strip(), [instruction.id])]

    def clause(self, segment: Segment) -> str:
        """What happens in a segment, a clause without a stop: `it lifts the cup 0.20 m up`, `it stays still`."""
        if not segment.phase:
            return self._picture(segment)
        act = self._act(segment, DOES)
        return f"{self.phrase('robot')}{act}" if self.chinese else f"it {act}"

    def unfinished_clause(self, segment: Segment) -> str:
        """What happens in a part of a segment, without the figures of all of it: `it is moving its open gripper`.

        What is seen in pictures has no figures and stays as it is.
        """
        if not segment.phase:
            return self._picture(segment)
        act = self._act(segment, DOING)
        return f"{self.phrase('robot')}{act}" if self.chinese else f"it {act}"

    def sentence(self, segment: Segment) -> str:
        """What happens in a segment: `The robot grasps the cup ...`, `It moves ...` where it may be a camera."""
        if not segment.phase:
            text = self._picture(segment)
            return f"{text}。" if self.chinese else f"{capitalise(text)}."
        act = self._act(segment, DOES)
        who = self.phrase("robot" if self.robot else "camera")
        return f"{who}{act}。" if self.chinese else f"{who} {act}."

    def following(self, segment: Segment) -> str:
        """The sentence of a segment that comes next."""
        text = self.sentence(segment)
        return self.phrase("next", text if self.chinese else decapitalise(text))

    def line(self, number: int, segment: Segment, during: Span) -> str:
        """A numbered line of a list, with a span: `1. From 0 to 2 s: the robot lifts ...`."""
        span, text = self.span(*during), self.sentence(segment)
        if not self.chinese:
            span, text = capitalise(span), decapitalise(text)
        return self.phrase("line", number, span, text)

    def imperative(self, segment: Segment) -> str:
        """A segment as a step to follow: `Lift the cup 0.20 m up`, with a stop."""
        return capitalise(self._act(segment, DO)) + self.stop

    def request(self, segment: Segment) -> str:
        """The same without figures and without a stop: `Lift the cup`."""
        return self._act(segment, DO, figures=False)

    @property
    def stop(self) -> str:
        """What ends a sentence."""
        return "。" if self.chinese else "."

    def span(self, t0: float, t1: float) -> str:
        """A span in words: `from 1.2 to 3.4 s`, `from step 2 to step 8`."""
        return self.phrase("seconds" if self.clock == "seconds" else "steps", seconds(t0), seconds(t1))

    def _picture(self, segment: Segment) -> str:
        """What is seen in pictures, or of a pose without positions."""
        if self.chinese:
            return wording_zh.motion_clause(segment.text)
        verb = segment.text.partition(" ")[0] in _DATA["imperatives"]
        return f"it {segment.text}" if verb else segment.text

    def _act(self, segment: Segment, form: int, *, figures: bool = True) -> str:
        thing = self.told.thing(segment)
        act = self.told.act(segment) or act_of(segment, thing)
        template = str(_DATA[f"acts_{self._language}"][act][form])
        way = self._way(segment) if figures and form != DOING else ""
        does, do = self.told.work
        thing = thing or self._word("thing")
        text = template.format(h=self._hand(segment), t=thing, m=way, w=self._purpose(segment), d=does, g=do)
        pushed = segment.anchor.attrs.get("object")
        carried = "{m}" in template and segment.phase in ("lift", "transport")  # told by its way then
        if form == DOES and pushed and not carried:
            moved, where = (segment.anchor.attrs[f"object_{k}"] for k in ("moved", "direction"))
            far = (self._directions(where), f"{moved:.2f}") if self.chinese else (f"{moved:.2f}", _english(where))
            text += self._word("pushes", self.told.name(pushed), *far)
        return text.rstrip()

    def _hand(self, segment: Segment) -> str:
        """Name of the hand: `open gripper`, `right gripper`, `right arm`."""
        attrs = segment.anchor.attrs
        if segment.phase == "move":
            side = str(attrs.get("limb", ""))
            return f"{self._word(side) if side in ('left', 'right') else ''}{self._word('arm')}"
        side = str(attrs.get("hand", "")).partition(" ")[0]
        shown = segment.gripper if segment.gripper in ("open", "closed") else ""
        return (
            f"{self._word(shown) if shown else ''}{self._word(side) if side in ('left', 'right') else ''}"
            + self._word("gripper")
        )

    def _purpose(self, segment: Segment) -> str:
        where = self.told.place(segment)
        return self._word("to_put", where) if where else ""

    def _way(self, segment: Segment) -> str:
        """How far and where to, with a space before it; "" where nothing is known, or hardly anything moves."""
        attrs = segment.anchor.attrs
        if segment.rests:
            return self._word("seconds", seconds(segment.span[1] - segment.span[0])) if self.clock == "seconds" else ""
        if segment.oscillation:
            unit = str(attrs["unit"]) or self._word("units")
            return self._word("way", f"{attrs['path']:.2f}", unit)
        if attrs.get("object") and segment.phase in ("lift", "transport"):
            return self._far(f"{attrs['object_moved']:.2f}", "m", str(attrs["object_direction"]))
        direction, view = str(attrs.get("direction", "")), str(attrs.get("view", ""))
        if direction and float(attrs["moved"]) >= HARDLY:
            unit = str(attrs["unit"]) or self._word("units")
            long = not self.robot and float(attrs["path"]) > DETOUR * float(attrs["moved"])
            over = self._word("over", f"{attrs['path']:.2f}", unit) if long else ""
            return self._far(f"{attrs['moved']:.2f}", unit, direction) + over
        if not view:
            return ""
        return self._word("in_picture", self._directions(view).removeprefix("向") if self.chinese else _english(view))

    def _far(self, distance: str, unit: str, direction: str) -> str:
        if self.chinese:
            return f"{self._directions(direction)}{self._word('far', distance, unit)}".rstrip() + " "
        return f"{self._word('far', distance, unit)} {_english(direction)}".rstrip()

    def _directions(self, direction: str) -> str:
        ways: Mapping[str, str] = _DATA["ways_zh"]
        parts = [ways.get(one, f"沿 {one}") for one in direction.split(" and ") if one]
        plain = all(one in ways for one in direction.split(" and "))
        return "".join(parts) if not plain or not parts else f"向{''.join(parts)}"


def _english(direction: str) -> str:
    """`left and up` as people say it, `to the left and up`; axes with `along`."""
    parts = [one for one in direction.split(" and ") if one]
    if parts and parts[0][0] in "+-":
        return f"along {' and '.join(parts)}"
    ways: Mapping[str, str] = _DATA["ways_en"]
    return join_words([ways.get(one, one) for one in parts])


def act_of(segment: Segment, thing: str) -> str:
    """Which act of `wording.toml` a segment shows."""
    if segment.gap:
        return "gap"
    if segment.rests:
        return "rest"
    if segment.gripper == "closes" and segment.phase != "grasp":
        return "miss_thing" if thing else "miss"
    if segment.gripper == "closes":
        return f"{'' if segment.finished else 'begin_'}{'grasp' if thing else 'grip'}"
    if segment.gripper == "opens":
        if segment.phase == "release":
            return "release" if thing else "opening"
        return "reach_opening" if thing else "opening"
    if segment.oscillation:
        return "sway" if segment.phase != "move" or segment.anchor.attrs.get("limb") else "waver"
    if segment.phase in ("lift", "transport"):
        known = thing or segment.holds == "yes"
        return ("lift" if segment.phase == "lift" else "carry") if known else "go"
    if segment.phase == "move":
        attrs = segment.anchor.attrs
        return "limb" if attrs.get("limb") or not attrs.get("direction") else "move"
    known = {"approach": "reach", "retreat": "leave"} if thing else {"retreat": "retreat"}
    return known.get(segment.phase, "go")


def observe(brief: Brief, told: ToldOfEpisode | None) -> Asking[tuple[ObservedEpisode, Wording]]:
    """Look at a stream, and take the words to tell of it, in the language of the intent.

    Args:
        brief: what the plan was told.
        told: what is said of the episode; where left out, what its instruction and its segments tell.

    Raises:
        PolicyError: nothing moves that could be measured.
    """
    episode = yield from survey(brief)
    told = told or ReadTask(episode)
    episode = episode if told.quotes else replace(episode, instructions=())
    return episode, Wording(episode.intent.chinese, brief.clock, episode.robot, told)
