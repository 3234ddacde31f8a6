"""What is wrong in a fault, and what mends it, by its family; `made_...` are faults that the held frame alone makes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

WRONG: Mapping[str, Sequence[str]] = {
    "approach_stall": (
        "has stopped on its way to the {t}",
        "no longer gets nearer to the {t}",
        "stands still short of the {t}",
        "is stuck before it has reached the {t}",
    ),
    "hesitation_loop": (
        "keeps going back and forth in front of the {t}",
        "swings to and fro and never gets to the {t}",
        "wavers before the {t} instead of getting there",
    ),
    "unstable_grasp": (
        "has no firm hold of the {t}",
        "does not have the {t} safely in its fingers",
        "has grasped for the {t} without holding it",
    ),
    "made_grasp": (
        "has just closed its fingers on the {t} and does not go on",
        "stands still with a fresh grasp of the {t}",
        "freezes at the moment at which it has grasped the {t}",
    ),
    "made_hesitation": (
        "creeps towards the {t} and hardly gets on",
        "is slow on its way to the {t} and then comes to a stop",
        "loses its pace before the {t}",
    ),
    "early_stagnation": (
        "stands still although it has not begun to {g}",
        "does not get started",
        "has not set off for the {t} yet",
        "lets the {t} be and waits at its start",
    ),
}
MEND: Mapping[str, Sequence[str]] = {
    "approach_stall": (
        "go on towards the {t} from the last good state",
        "go on with its way to the {t}",
        "resume the approach until it is at the {t}",
        "continue from the recalled pose and get to the {t}",
    ),
    "hesitation_loop": (
        "return to the last steady pose and go straight for the {t}",
        "stop swinging and take the direct way to the {t}",
        "settle in the recalled pose, then move on to the {t} without a turn",
    ),
    "unstable_grasp": (
        "get away from it, align again and take hold of the {t} anew",
        "withdraw, line itself with the {t} and grasp once more",
        "come back to the {t} for a second, better aligned grasp",
    ),
    "made_grasp": (
        "settle the grasp from the last good state and go on to {g}",
        "make sure of its hold and carry out the rest: {g}",
        "keep hold of the {t} and continue to {g}",
    ),
    "made_hesitation": (
        "go straight for the {t} from the last good state",
        "pick its pace again and finish the way to the {t}",
        "move on to the {t} without delay",
    ),
    "early_stagnation": (
        "set off for the {t} now",
        "start at once and go to the {t}",
        "begin the work with the way to the {t}",
    ),
}
WRONG_ZH: Mapping[str, Sequence[str]] = {
    "approach_stall": ("在去够{t}的途中停住了", "没到{t}跟前就不动了", "不再靠近{t}"),
    "hesitation_loop": ("在{t}前来回犹豫", "晃来晃去,就是不去碰{t}"),
    "unstable_grasp": ("没有抓稳{t}", "去抓{t}却没有夹牢"),
    "made_grasp": ("手指刚夹住{t}就停住了", "刚抓到{t}就不动了"),
    "made_hesitation": ("慢吞吞地靠近{t},几乎没有进展", "越来越慢,停在{t}前面"),
    "early_stagnation": ("还没有开始{g}就停着不动", "一直没有出发去够{t}"),
}
MEND_ZH: Mapping[str, Sequence[str]] = {
    "approach_stall": ("从最近的良好状态继续靠近{t}", "接着走完去{t}的路"),
    "hesitation_loop": ("回到最近的稳定姿态,直接去够{t}", "停止晃动,径直到{t}那里"),
    "unstable_grasp": ("退开、重新对准,再抓住{t}", "收回手,对准{t}再抓一次"),
    "made_grasp": ("从最近的良好状态稳住抓取,继续{g}", "保持抓紧,然后{g}"),
    "made_hesitation": ("从最近的良好状态直接去够{t}", "恢复速度,去够{t}"),
    "early_stagnation": ("现在就去够{t}", "马上开始,先到{t}那里"),
}
