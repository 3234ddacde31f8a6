"""How a good observer words what happened: the thing by its name, what was done to it, and what was measured."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from dataclaw.domains.embodied.chinese import doing as chinese_doing
from dataclaw.domains.embodied.scene import Segment, main_of
from dataclaw.types import Json
from dataclaw.worlds.base import Scene
from dataclaw_worlds.embodied import voices
from dataclaw_worlds.embodied.skills import Skill, skill_of
from dataclaw_worlds.embodied.telling import chinese_goal, goal, rest
from dataclaw_worlds.embodied.voices import pick

_WAY = r"(?:up|down|left|right|forward|backward)"
_CARRIED = re.compile(rf"(?:^|, )([a-z0-9 ]+ moves \d+\.\d+ m {_WAY}(?: and {_WAY})*)$")


@dataclass(frozen=True, slots=True)
class Names:
    """What an episode is about, by name.

    Attributes:
        skill: what is done.
        thing: name of the thing, English and Chinese.
        thing_zh: the same in Chinese.
        voice: what decides which of several forms is used.
    """

    skill: Skill
    thing: str
    thing_zh: str
    voice: str = ""

    def pick(self, key: str, forms: Sequence[str]) -> str:
        """One of several forms, by the voice."""
        return pick(self.voice, key, forms)

    @property
    def goal(self) -> str:
        """What is done, as a request."""
        return goal(self.skill, self.thing)

    @property
    def goal_zh(self) -> str:
        """The same in Chinese."""
        return chinese_goal(self.skill, self.thing_zh)


def names_of(scene: Scene, voice: str = "") -> Names:
    """Names of what a scene is about; `voice` decides which of several forms they are worded in."""
    facts = scene.facts
    skill = skill_of(str(facts["skill"]))
    told = cast("dict[str, Json]", facts["instruction"])["kind"]
    if skill.name in _UNSEEN and told in ("vague", "wrong", "none"):
        skill = replace(skill, rest=_UNSEEN[skill.name][0], chinese=_UNSEEN[skill.name][1])
    return Names(skill, str(facts["thing"]), str(facts["thing_zh"]), voice)


_TURN, _SLIDE = ("{t}", "转动{t}"), ("{t} aside", "把{t}推到一边")
_UNSEEN: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(("door-lock", "door-unlock", "faucet-close", "faucet-open"), _TURN),
    **dict.fromkeys(("window-close", "window-open"), _SLIDE),
}
"""What is said where the instruction does not tell what for, and nothing that is measured does either."""


def does(names: Names, key: str, *, chinese: bool = False, again: bool = False, partly: bool = False) -> str:
    """What it does in an act, without a subject: `pulls the red drawer open`, `把红色抽屉拉开`.

    Args:
        names: what it is about.
        key: kind of the act, or the cause of a wait.
        chinese: in Chinese.
        again: whether it is done for another time.
        partly: whether the work is only begun in it.
    """
    if key == "move" and partly:
        told = names.pick("partly", voices.PARTLY_ZH if chinese else voices.PARTLY)
        told = told.format(g=names.goal_zh if chinese else names.goal)
        return told if not again else f"再次{told}" if chinese else names.pick("again", voices.AGAIN).format(d=told)
    if chinese:
        told = names.goal_zh if key == "move" else names.pick(key, voices.DOES_ZH[key]).format(t=names.thing_zh)
        return f"再次{told}" if again and key in _REPEATED else told
    if key == "move":
        told = f"{names.skill.verb[1]} {rest(names.skill, names.thing)}"
    else:
        told = names.pick(key, voices.DOES[key]).format(t=names.thing)
    return names.pick("again", voices.AGAIN).format(d=told) if again and key in _REPEATED else told


_REPEATED = ("reach", "touch", "lift", "move")


def order(names: Names, key: str, *, chinese: bool = False) -> str:
    """The same as a request."""
    if chinese:
        return does(names, key, chinese=True)
    if key == "move":
        return f"{names.goal[:1].upper()}{names.goal[1:]}"
    return names.pick(key, voices.ORDER[key]).format(t=names.thing)


def question(names: Names, key: str, when: str, *, chinese: bool = False) -> str:
    """What is asked about an act; `when` says its time."""
    forms, thing, told = (
        (voices.ASKED_ZH, names.thing_zh, names.goal_zh) if chinese else (voices.ASKED, names.thing, names.goal)
    )
    return names.pick(f"ask {key}", forms[key]).format(t=thing, w=when, g=told)


def joined(names: Names, key: str, told: str, measured: str, *, chinese: bool = False) -> str:
    """What is done with what was measured of it, a clause without a stop."""
    if not measured:
        return told
    still = key in _STILL or measured.startswith("it ")
    forms = voices.JOINS_ZH if chinese else voices.STILL_JOINS if still else voices.JOINS
    return names.pick("join", forms).format(d=told, m=measured)


_STILL = ("late", "stall", "pause", "hold", "rest")
_GRIPPING = ("touch", "miss", "drop", "release")
_CARRYING = ("lift", "move", "drop", "release")


def measure(names: Names, segments: Sequence[Segment], key: str, *, chinese: bool = False) -> str:
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
        return f"the {thing} {names.pick('thing', voices.THING)} {way}" + "".join(
            f", then {told.partition(' moves ')[2]}" for told in more
        )
    grip = next((s for s in segments if s.gripper in ("opens", "closes")), None)
    if grip is not None and key in _GRIPPING:
        return _gripper(names, grip)
    if main.oscillation:
        return f"it {main.text.split(', ')[0]}"
    moved = re.match(r"moves (\d+\.\d+ m)(?: ([a-z ]+?))?(?:,|$)", main.text)
    way = f"{moved[1]}{f' {moved[2]}' if moved[2] else ''}" if moved else ""
    return names.pick("hand", voices.HAND).format(m=way) if way and not way.startswith("0.00 ") else ""


def _chinese(names: Names, main: Segment, key: str) -> str:
    """The parts of what was measured that belong to an act."""
    told = chinese_doing(main)
    parts = (told.partition(":")[2] or told).replace(names.thing, names.thing_zh).split(",")
    parts = [part.replace(f"{names.thing_zh} ", names.thing_zh) for part in parts]
    carried = [p for p in parts if p.startswith(names.thing_zh)]
    grips = [p for p in parts if p.startswith("夹爪") and "(" in p]
    if carried and key in _CARRYING:
        return carried[0]
    if grips and key in _GRIPPING:
        return re.sub(r"\((\S+) 到 (\S+)\)", r",开度由 \1 变为 \2 m", grips[0])
    return "" if re.search(r"移动 0\.00 ", parts[0]) else parts[0]


def _gripper(names: Names, segment: Segment) -> str:
    told = re.search(r"gripper (opens|closes) \((\S+) to (\S+)\)", segment.text)
    return names.pick("grip", voices.GRIP).format(o=told[1], a=told[2], b=told[3]) if told else ""
