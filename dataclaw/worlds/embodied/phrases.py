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
from dataclaw.worlds.embodied.skills import Skill, skill_of
from dataclaw.worlds.embodied.telling import chinese_goal, goal, rest

_WAY = r"(?:up|down|left|right|forward|backward)"
_CARRIED = re.compile(rf"(?:^|, )([a-z0-9 ]+ moves \d+\.\d+ m {_WAY}(?: and {_WAY})*)$")


@dataclass(frozen=True, slots=True)
class Names:
    """What an episode is about, by name.

    Attributes:
        skill: what is done.
        thing: name of the thing, English and Chinese.
        thing_zh: the same in Chinese.
    """

    skill: Skill
    thing: str
    thing_zh: str

    @property
    def goal(self) -> str:
        """What is done, as a request."""
        return goal(self.skill, self.thing)

    @property
    def goal_zh(self) -> str:
        """The same in Chinese."""
        return chinese_goal(self.skill, self.thing_zh)


def names_of(scene: Scene) -> Names:
    """Names of what a scene is about."""
    facts = scene.facts
    skill = skill_of(str(facts["skill"]))
    told = cast("dict[str, Json]", facts["instruction"])["kind"]
    if skill.name in _UNSEEN and told in ("vague", "wrong", "none"):
        skill = replace(skill, rest=_UNSEEN[skill.name][0], chinese=_UNSEEN[skill.name][1])
    return Names(skill, str(facts["thing"]), str(facts["thing_zh"]))


_TURN, _SLIDE = ("{t}", "转动{t}"), ("{t} aside", "把{t}推到一边")
_UNSEEN: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(("door-lock", "door-unlock", "faucet-close", "faucet-open"), _TURN),
    **dict.fromkeys(("window-close", "window-open"), _SLIDE),
}
"""What is said where the instruction does not tell what for, and nothing that is measured does either."""


_DOES: Mapping[str, str] = {
    "reach": "reaches for the {t}",
    "hesitate": "hesitates before it gets to the {t}",
    "late": "stands still before it starts",
    "stall": "stops on its way to the {t}",
    "pause": "stops in the middle of it, with the {t} as it is",
    "hold": "stays where it is, with the work done",
    "rest": "stays at rest at the end",
    "touch": "takes hold of the {t}",
    "miss": "misses the {t} and draws away again",
    "lift": "lifts the {t}",
    "drop": "drops the {t}",
    "release": "lets go of the {t}",
    "retreat": "draws away from the {t}",
}
_DOES_ZH: Mapping[str, str] = {
    "reach": "去够{t}",
    "hesitate": "在{t}前犹豫不前",
    "late": "开始之前停着不动",
    "stall": "在去够{t}的途中停住",
    "pause": "中途停下,{t}保持原样",
    "hold": "完成后停在原处",
    "rest": "最后静止不动",
    "touch": "抓住{t}",
    "miss": "没有抓到{t},随后退开",
    "lift": "把{t}提起来",
    "drop": "把{t}弄掉了",
    "release": "松开{t}",
    "retreat": "从{t}处退开",
}
_ORDER: Mapping[str, str] = {
    "reach": "Reach for the {t}",
    "touch": "Take hold of the {t}",
    "lift": "Lift the {t}",
    "miss": "Try to grasp the {t}, and draw away when it is missed",
    "drop": "Hold on to the {t}: here it is dropped",
    "release": "Let go of the {t}",
    "retreat": "Draw the arm away from the {t}",
}
_ASKED: Mapping[str, str] = {
    "reach": "Where is the arm going {w}?",
    "hesitate": "What is wrong with the way the arm goes {w}?",
    "late": "Has the arm begun to {g} {w}?",
    "stall": "What does the arm do {w} instead of going on?",
    "pause": "What happens to the {t} {w}?",
    "hold": "What does the arm do {w}, once the work is done?",
    "rest": "How does the episode end, {w}?",
    "touch": "How does the gripper get hold of the {t} {w}?",
    "miss": "What goes wrong with the grasp {w}?",
    "lift": "What does the arm do with the {t} {w}?",
    "move": "What does the arm do with the {t} {w}?",
    "drop": "What happens to the {t} {w}?",
    "release": "What does the gripper do with the {t} {w}?",
    "retreat": "What does the arm do {w}, after it has let the {t} be?",
}
_ASKED_ZH: Mapping[str, str] = {
    "reach": "{w},机械臂要去哪里?",
    "hesitate": "{w},机械臂的动作有什么问题?",
    "late": "{w},机械臂开始{g}了吗?",
    "stall": "{w},机械臂为什么没有前进?",
    "pause": "{w},{t}怎么样了?",
    "hold": "完成之后,{w},机械臂在做什么?",
    "rest": "{w},这段操作是怎样结束的?",
    "touch": "{w},夹爪怎样抓住{t}?",
    "miss": "{w},抓取出了什么问题?",
    "lift": "{w},机械臂对{t}做了什么?",
    "move": "{w},机械臂对{t}做了什么?",
    "drop": "{w},{t}怎么样了?",
    "release": "{w},夹爪对{t}做了什么?",
    "retreat": "离开{t}之后,{w},机械臂在做什么?",
}


def does(names: Names, key: str, *, chinese: bool = False, again: bool = False) -> str:
    """What it does in an act, without a subject: `pulls the red drawer open`, `把红色抽屉拉开`.

    Args:
        names: what it is about.
        key: kind of the act, or the cause of a wait.
        chinese: in Chinese.
        again: whether it is done for another time.
    """
    if chinese:
        told = names.goal_zh if key == "move" else _DOES_ZH[key].format(t=names.thing_zh)
        return f"再次{told}" if again and key in ("reach", "touch", "lift", "move") else told
    if key == "move":
        told = f"{names.skill.verb[1]} {rest(names.skill, names.thing)}"
    else:
        told = _DOES[key].format(t=names.thing)
    return f"{told} again" if again and key in ("reach", "touch", "lift", "move") else told


def order(names: Names, key: str, *, chinese: bool = False) -> str:
    """The same as a request."""
    if chinese:
        return names.goal_zh if key == "move" else _DOES_ZH[key].format(t=names.thing_zh)
    if key == "move":
        return f"{names.goal[:1].upper()}{names.goal[1:]}"
    return _ORDER[key].format(t=names.thing)


def question(names: Names, key: str, when: str, *, chinese: bool = False) -> str:
    """What is asked about an act; `when` says its time."""
    forms, thing, told = (_ASKED_ZH, names.thing_zh, names.goal_zh) if chinese else (_ASKED, names.thing, names.goal)
    return forms[key].format(t=thing, w=when, g=told)


def measure(segments: Sequence[Segment], key: str, *, chinese: bool = False) -> str:
    """What was measured of an act, a clause: `the red drawer moves 0.16 m backward`, `for 2.1 s`."""
    main = main_of(segments)
    if chinese:
        return chinese_doing(main).partition(":")[2] or chinese_doing(main)
    carried = [m[1] for s in segments if (m := _CARRIED.search(s.text))]
    if key in ("late", "stall", "pause", "hold", "rest"):
        still = [s for s in segments if s.stall]
        return f"it {max(still, key=lambda s: s.span[1] - s.span[0]).text.split(', ')[0]}" if still else ""
    if carried and key in ("lift", "move", "drop", "release"):
        first, *more = carried[:3]
        return f"the {first}" + "".join(f", then {told.partition(' moves ')[2]}" for told in more)
    grip = next((s for s in segments if s.gripper in ("opens", "closes")), None)
    if grip is not None and key in ("touch", "miss", "drop", "release"):
        return _gripper(grip)
    if main.oscillation:
        return f"it {main.text.split(', ')[0]}"
    moved = re.match(r"moves (\d+\.\d+ m)(?: ([a-z ]+?))?(?:,|$)", main.text)
    return f"the hand goes {moved[1]}{f' {moved[2]}' if moved[2] else ''}" if moved else ""


def _gripper(segment: Segment) -> str:
    told = re.search(r"gripper (opens|closes) \((\S+) to (\S+)\)", segment.text)
    return f"the gripper {told[1]} from {told[2]} to {told[3]} m" if told else ""
