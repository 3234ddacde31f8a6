"""The words of a good observer: the thing by its name, what is done to it, and what was measured."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

from dataclaw.domains.embodied.episode import Segment, main_of
from dataclaw.domains.embodied.wording_zh import motion_clause as chinese_doing
from dataclaw.types import Json
from dataclaw.worlds.base import Scene
from dataclaw_worlds.embodied.instruction import chinese_goal, goal, rest
from dataclaw_worlds.embodied.skills import Skill, skill_of
from dataclaw_worlds.words import upper_first, words

_VOICES = words("embodied/voices.toml")
_WAY = r"(?:up|down|left|right|forward|backward)"
_CARRIED = re.compile(rf"(?:^|, )([a-z0-9 ]+ moves \d+\.\d+ m {_WAY}(?: and {_WAY})*)$")


@dataclass(frozen=True, slots=True)
class EpisodeNames:
    """The names of what an episode is about.

    Attributes:
        skill: what is done.
        thing: name of the thing.
        thing_zh: the same in Chinese.
        voice: what decides which of several phrases is used.
    """

    skill: Skill
    thing: str
    thing_zh: str
    voice: str = ""

    def phrase(self, name: str, kind: str | None = None, *, draw: str = "", chinese: bool = False) -> str:
        """One of several phrases of `voices.toml`: always the same one for a voice and a draw.

        Args:
            name: key of the phrases, without `_zh`.
            kind: key in the table of that name.
            draw: what is drawn for; the name by default. Phrases that stand for each other share a draw.
            chinese: in Chinese.
        """
        phrases = _VOICES.phrases(f"{name}_zh" if chinese else name, kind)
        return random.Random(f"{self.voice}:{draw or name}").choice(phrases)

    @property
    def goal(self) -> str:
        """The goal as a request."""
        return goal(self.skill, self.thing)

    @property
    def goal_zh(self) -> str:
        """The same in Chinese."""
        return chinese_goal(self.skill, self.thing_zh)


def names_of(scene: Scene, voice: str = "") -> EpisodeNames:
    """Names of what a scene is about; `voice` decides which of several phrases they are worded in."""
    facts = scene.facts
    skill = skill_of(str(facts["skill"]))
    if skill.unclear and cast("dict[str, Json]", facts["instruction"])["kind"] in ("vague", "wrong", "none"):
        skill = replace(skill, rest=skill.unclear[0], chinese=skill.unclear[1])
    return EpisodeNames(skill, str(facts["thing"]), str(facts["thing_zh"]), voice)


def does(names: EpisodeNames, key: str, *, chinese: bool = False, again: bool = False, partly: bool = False) -> str:
    """What the arm does in an act, without a subject: `pulls the red drawer open`, `把红色抽屉拉开`.

    Args:
        names: what it is about.
        key: kind of the act, or the cause of a wait.
        chinese: in Chinese.
        again: whether it is done another time.
        partly: whether the work is only begun in it.
    """
    if key == "move" and partly:
        text = names.phrase("partly", chinese=chinese).format(g=names.goal_zh if chinese else names.goal)
    elif key == "move":
        text = names.goal_zh if chinese else f"{names.skill.verb[1]} {rest(names.skill, names.thing)}"
    else:
        thing = names.thing_zh if chinese else names.thing
        text = names.phrase("does", key, draw=key, chinese=chinese).format(t=thing)
    if not again or key not in _REPEATED:
        return text
    return f"再次{text}" if chinese else names.phrase("again").format(d=text)


_REPEATED = ("reach", "touch", "lift", "move")


def request(names: EpisodeNames, key: str, *, chinese: bool = False) -> str:
    """The same as a request."""
    if chinese:
        return does(names, key, chinese=True)
    if key == "move":
        return upper_first(names.goal)
    return names.phrase("request", key, draw=key).format(t=names.thing)


def question(names: EpisodeNames, key: str, when: str, *, chinese: bool = False) -> str:
    """A question about an act; `when` says its time."""
    thing, goal = (names.thing_zh, names.goal_zh) if chinese else (names.thing, names.goal)
    return names.phrase("question", key, draw=f"ask {key}", chinese=chinese).format(t=thing, w=when, g=goal)


def clause(names: EpisodeNames, key: str, done: str, measured: str, *, chinese: bool = False) -> str:
    """What is done together with what was measured, without a full stop."""
    if not measured:
        return done
    still = key in _STILL or measured.startswith("it ")
    name = "join_still" if still and not chinese else "join"
    return names.phrase(name, draw="join", chinese=chinese).format(d=done, m=measured)


_STILL = ("late", "stall", "pause", "hold", "rest")
_GRIPPING = ("touch", "miss", "drop", "release")
_CARRYING = ("lift", "move", "drop", "release")


def measure(names: EpisodeNames, segments: Sequence[Segment], key: str, *, chinese: bool = False) -> str:
    """What was measured of an act, a clause: `the red drawer moves 0.16 m backward`, `it rests 2.1 s`."""
    main = main_of(segments)
    if chinese:
        return _chinese(names, main, key)
    carried = [m[1] for s in segments if (m := _CARRIED.search(s.text))]
    if key in _STILL:
        still = [s for s in segments if s.stall]
        return f"it {max(still, key=lambda s: s.span[1] - s.span[0]).text.split(', ')[0]}" if still else ""
    if carried and key in _CARRYING:
        first, *more = carried[:3]
        thing, _, way = first.partition(" moves ")
        return f"the {thing} {names.phrase('thing')} {way}" + "".join(
            f", then {further.partition(' moves ')[2]}" for further in more
        )
    grip = next((s for s in segments if s.gripper in ("opens", "closes")), None)
    if grip is not None and key in _GRIPPING:
        return _gripper(names, grip)
    if main.oscillation:
        return f"it {main.text.split(', ')[0]}"
    moved = re.match(r"moves (\d+\.\d+ m)(?: ([a-z ]+?))?(?:,|$)", main.text)
    way = f"{moved[1]}{f' {moved[2]}' if moved[2] else ''}" if moved else ""
    return names.phrase("hand").format(m=way) if way and not way.startswith("0.00 ") else ""


def _chinese(names: EpisodeNames, main: Segment, key: str) -> str:
    """The parts of what was measured that belong to an act."""
    doing = chinese_doing(main)
    parts = (doing.partition(":")[2] or doing).replace(names.thing, names.thing_zh).split(",")
    parts = [part.replace(f"{names.thing_zh} ", names.thing_zh) for part in parts]
    carried = [p for p in parts if p.startswith(names.thing_zh)]
    grips = [p for p in parts if p.startswith("夹爪") and "(" in p]
    if carried and key in _CARRYING:
        return carried[0]
    if grips and key in _GRIPPING:
        return re.sub(r"\((\S+) 到 (\S+)\)", r",开度由 \1 变为 \2 m", grips[0])
    return "" if re.search(r"移动 0\.00 ", parts[0]) else parts[0]


def _gripper(names: EpisodeNames, segment: Segment) -> str:
    match = re.search(r"gripper (opens|closes) \((\S+) to (\S+)\)", segment.text)
    return names.phrase("grip").format(o=match[1], a=match[2], b=match[3]) if match else ""
