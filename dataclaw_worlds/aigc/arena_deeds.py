"""What a player did, as a sentence: in plain words of reference, in Chinese, and as people write captions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from dataclaw.types import Json

Fact: TypeAlias = Mapping[str, Json]
IN_VIEW = 0.003
"""Share of the picture from which a thing is in view for people."""
NEARER = 1.3
"""How much more of the picture a thing fills that has come nearer."""
_VERBS = {
    "walk": "walks forward", "back": "backs away", "turn_left": "turns left", "turn_right": "turns right",
    "strafe_left": "sidesteps to the left", "strafe_right": "sidesteps to the right",
    "scan": "looks to the left and back again", "wait": "stands still", "shoot": "fires", "take": "walks forward",
}  # fmt: skip
_ZH = {
    "walk": "向前走", "back": "向后退", "turn_left": "向左转", "turn_right": "向右转", "strafe_left": "向左平移",
    "strafe_right": "向右平移", "scan": "向左看再转回来", "wait": "站着不动", "shoot": "开枪", "take": "向前走",
}  # fmt: skip


def seen(fact: Fact) -> str:
    """How the thing came in or out of view: "", "comes", "goes", "nearer", "stays"."""
    before, after = float(fact["before"]), float(fact["after"])
    if not fact["thing"] or max(before, after) < IN_VIEW:
        return ""
    if before < IN_VIEW:
        return "comes"
    if after < IN_VIEW:
        return "goes"
    return "nearer" if after > NEARER * before else "stays"


def deed(fact: Fact, named: bool = True, verb: str = "") -> str:
    """What the player does, third person: "turns left until an imp comes into view".

    Args:
        fact: the truth of the deed.
        named: whether the thing may be named.
        verb: words for what is done in place of the plain ones.
    """
    told = verb or _VERBS[str(fact["verb"])]
    return f"{told}{_relation(fact) if named else ''}{_end(fact, named)}"


def _relation(fact: Fact) -> str:
    """How the thing takes part."""
    verb, how, thing = str(fact["verb"]), seen(fact), str(fact["thing"])
    if not how:
        return ""
    the, a = f"the {thing}", f"{'an' if thing[0] in 'aeiou' else 'a'} {thing}"
    if verb == "shoot":
        return f" at the {thing}"
    if verb in ("walk", "take"):
        if fact["outcome"] == "taken":
            return f" to the {thing}"
        return f" towards {a}" if how in ("nearer", "stays", "comes") else f" past {a}"
    if verb == "wait":
        return f" while {a} comes nearer" if how in ("nearer", "comes") and fact["alive"] else f" before {a}"
    if verb == "back":
        return f" from {a}"
    if how == "comes":
        return f" until {a} comes into view"
    if how == "goes":
        return f" away from {the}"
    return f" with {a} in view" if verb.startswith("turn") or verb == "scan" else f" in front of {a}"


def _end(fact: Fact, named: bool) -> str:
    outcome = str(fact["outcome"])
    if outcome == "taken":
        return " and picks it up" if named and seen(fact) else " and picks something up"
    if outcome == "killed":
        return " until it falls" if named and seen(fact) else " until the enemy falls"
    return ", up to an obstacle" if outcome == "blocked" else ""


def deed_zh(fact: Fact, named: bool = True) -> str:
    """The same in Chinese, without a subject."""
    told, how, thing, verb = _ZH[str(fact["verb"])], seen(fact) if named else "", str(fact["zh"]), str(fact["verb"])
    outcome = str(fact["outcome"])
    if how:
        if verb == "shoot":
            told = f"向{thing}开枪"
        elif verb in ("walk", "take"):
            told = f"朝{thing}走去" if how != "goes" or outcome == "taken" else f"走过{thing}"
        elif verb == "wait":
            told = f"站着不动,{thing}越来越近" if how in ("nearer", "comes") and fact["alive"] else f"站在{thing}前不动"
        elif verb == "back":
            told = f"从{thing}前后退"
        elif how == "comes":
            told = f"{told},直到{thing}出现"
        elif how == "goes":
            told = f"{told},离开{thing}"
        else:
            told = f"在{thing}前{told}"
    return told + {"taken": "并捡起来" if how else "并捡起东西", "killed": "直到它倒下", "blocked": ",直到被挡住"}.get(
        outcome, ""
    )


CAPTION_VERBS: Mapping[str, tuple[str, ...]] = {
    "walk": ("walks forward", "moves ahead", "goes straight on", "advances", "marches on", "heads down the room"),
    "back": ("backs away", "steps backwards", "retreats", "moves back", "gives ground"),
    "turn_left": ("turns left", "swings round to the left", "looks left", "rotates leftwards", "turns to his left"),
    "turn_right": (
        "turns right",
        "swings round to the right",
        "looks right",
        "rotates rightwards",
        "turns to his right",
    ),
    "strafe_left": ("sidesteps to the left", "strafes left", "slides left without turning", "moves sideways, left"),
    "strafe_right": (
        "sidesteps to the right",
        "strafes right",
        "slides right without turning",
        "moves sideways, right",
    ),
    "scan": (
        "looks to the left and back again",
        "glances around",
        "scans the room",
        "checks the left side and turns back",
    ),
    "wait": ("stands still", "waits", "does not move", "stays where he is", "pauses"),
    "shoot": ("fires", "shoots", "opens fire", "pulls the trigger again and again"),
    "take": ("walks forward", "makes his way", "goes over", "heads straight"),
}
"""How captions say what is done."""
OPPOSITE = {
    "turn_left": "turn_right", "turn_right": "turn_left", "strafe_left": "strafe_right", "strafe_right": "strafe_left",
    "walk": "back", "back": "walk", "wait": "shoot", "scan": "wait", "shoot": "wait", "take": "back",
}  # fmt: skip
"""What a wrong caption says instead; the keys that were held, or the camera's motion, contradict it."""
VAGUE = (
    "more of the level", "nice lighting here", "not sure what he is doing", "same room as before", "gameplay continues",
    "some walls", "textures look old", "this map is confusing", "loading took ages", "no sound in this part",
)  # fmt: skip
