"""What a player did, as a clause: in plain English, in Chinese, and with the verbs that people use in captions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from dataclaw.types import Json
from dataclaw_worlds.words import words

Fact: TypeAlias = Mapping[str, Json]
IN_VIEW = 0.003
"""Least share of the picture that a thing fills when people call it in view."""
NEARER = 1.3
"""How many times as much of the picture a thing fills after it has come nearer."""
_VOCABULARY = words("aigc/arena.toml")
_VERBS, _VERBS_ZH = _VOCABULARY["verbs"], _VOCABULARY["verbs_zh"]
CAPTION_VERBS: Mapping[str, tuple[str, ...]] = _VOCABULARY.table("captions")
"""How captions say what is done."""
OPPOSITE: Mapping[str, str] = _VOCABULARY["opposite"]
"""What a wrong caption says instead; the keys that were held, or the camera's motion, contradict it."""


def appearance(fact: Fact) -> str:
    """How the view of the thing changed: "comes", "goes", "nearer", "stays", or "" if it was never in view."""
    before, after = float(fact["before"]), float(fact["after"])
    if not fact["thing"] or max(before, after) < IN_VIEW:
        return ""
    if before < IN_VIEW:
        return "comes"
    if after < IN_VIEW:
        return "goes"
    return "nearer" if after > NEARER * before else "stays"


def describe(fact: Fact, named: bool = True, verb: str = "") -> str:
    """What the player does, third person: "turns left until an imp comes into view".

    Args:
        fact: the truth of the deed.
        named: whether the thing may be named.
        verb: words for what is done, in place of the plain ones.
    """
    does = verb or _VERBS[str(fact["verb"])]
    return f"{does}{_relation(fact) if named else ''}{_end(fact, named)}"


def _relation(fact: Fact) -> str:
    """The thing's part in the deed: " at the barrel"."""
    verb, how, thing = str(fact["verb"]), appearance(fact), str(fact["thing"])
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
        return " and picks it up" if named and appearance(fact) else " and picks something up"
    if outcome == "killed":
        return " until it falls" if named and appearance(fact) else " until the enemy falls"
    return ", up to an obstacle" if outcome == "blocked" else ""


def describe_zh(fact: Fact, named: bool = True) -> str:
    """What the player does in Chinese, without a subject."""
    how, thing = appearance(fact) if named else "", str(fact["zh"])
    verb, outcome = str(fact["verb"]), str(fact["outcome"])
    does = _VERBS_ZH[verb]
    if how:
        if verb == "shoot":
            does = f"向{thing}开枪"
        elif verb in ("walk", "take"):
            does = f"朝{thing}走去" if how != "goes" or outcome == "taken" else f"走过{thing}"
        elif verb == "wait":
            does = f"站着不动,{thing}越来越近" if how in ("nearer", "comes") and fact["alive"] else f"站在{thing}前不动"
        elif verb == "back":
            does = f"从{thing}前后退"
        elif how == "comes":
            does = f"{does},直到{thing}出现"
        elif how == "goes":
            does = f"{does},离开{thing}"
        else:
            does = f"在{thing}前{does}"
    ends = {"taken": "并捡起来" if how else "并捡起东西", "killed": "直到它倒下", "blocked": ",直到被挡住"}
    return does + ends.get(outcome, "")
