"""What a robot is set to do at the bench: the skills of `skills.toml`, with the names and verbs they are worded in.

A skill is one environment of Meta-World with its scripted policy. The names of things are drawn, and the things are
painted to fit them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal, TypeAlias

from dataclaw_worlds.words import Words, words

Style: TypeAlias = Literal["grasp", "hook"]
Colour: TypeAlias = tuple[str, str, tuple[float, float, float]]
_WORDS = words("embodied/skills.toml")

COLOURS: tuple[Colour, ...] = tuple((name, colour["zh"], colour["rgb"]) for name, colour in _WORDS["colours"].items())
"""Names of colours, English and Chinese, and what they look like (RGB, 0..1)."""


@dataclass(frozen=True, slots=True)
class Skill:
    """A skill of the robot.

    Attributes:
        name: the environment's name in Meta-World, without its version.
        style: "grasp": the fingers close on the thing; "hook": it is pushed, pulled or pressed without being held.
        lifts: whether it is lifted before anything else is done with it.
        body: name of the thing's body in the model; its parts are painted.
        nouns: names that the thing may have, English and Chinese.
        place: where it goes or what it is used on, English and Chinese, and the name of its body ("" where it has
            none); None without one.
        verb: what is done, as a request and of a third person.
        rest: what comes behind the verb, with `{t}` for the thing and `{p}` for the place.
        chinese: the same in Chinese, all of it.
        unclear: `rest` and `chinese` where the instruction does not say what it is for, and nothing that is measured
            does either; None where they stay.
    """

    name: str
    style: Style
    lifts: bool
    body: str
    nouns: tuple[tuple[str, str], ...]
    place: tuple[str, str, str] | None
    verb: tuple[str, str]
    rest: str
    chinese: str
    unclear: tuple[str, str] | None = None


@cache
def skills() -> tuple[Skill, ...]:
    """Every skill there is."""
    return tuple(_skill(name, skill) for name, skill in _WORDS["skills"].items())


def skill_of(name: str) -> Skill:
    """The skill of that name."""
    return next(skill for skill in skills() if skill.name == name)


def _skill(name: str, skill: Words) -> Skill:
    return Skill(
        name,
        skill["style"],
        skill.get("lifts", False),
        skill["body"],
        tuple(skill["nouns"].items()),
        skill.get("place"),
        skill["verb"],
        skill["rest"],
        skill["chinese"],
        skill.get("unclear"),
    )


def things(skill: Skill) -> list[str]:
    """Names that its thing may have: a colour and a noun each."""
    return [f"{colour} {noun}" for colour, _, _ in COLOURS for noun, _ in skill.nouns]


def paint(thing: str) -> tuple[float, float, float]:
    """The colour that a thing's name says (RGB, 0..1)."""
    return next(rgb for name, _, rgb in COLOURS if thing.startswith(f"{name} "))


def chinese_of(thing: str, nouns: tuple[tuple[str, str], ...]) -> str:
    """A thing's name in Chinese."""
    colour, _, noun = thing.partition(" ")
    return next(zh for en, zh, _ in COLOURS if en == colour) + dict(nouns)[noun]
