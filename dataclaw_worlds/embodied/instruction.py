"""The instruction of an episode: right, vague, mistyped, in Chinese, wrong, or missing; and what it is about."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import cast

from dataclaw.types import Json
from dataclaw.worlds.base import Scene, SceneSpec
from dataclaw.worlds.wording import mistype
from dataclaw_worlds.embodied.skills import COLOURS, Skill, skill_of, skills
from dataclaw_worlds.words import upper_first, words

_WORDS = words("embodied/instructions.toml")
_CHINESE = [f"{a}{{g}}{b}" for a in _WORDS.phrases("chinese_before") for b in _WORDS.phrases("chinese_behind")]


@dataclass(frozen=True, slots=True)
class Instruction:
    """The instruction of an episode.

    Attributes:
        text: its words, "" for none.
        kind: "exact", "typo", "chinese", "vague", "wrong" (it asks for something else) or "none".
        template: what it was made from.
    """

    text: str
    kind: str
    template: str

    def data(self) -> dict[str, Json]:
        """As JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class EpisodeNames:
    """The names of what an episode is about.

    Attributes:
        skill: what is done.
        thing: name of the thing.
        thing_zh: the same in Chinese.
    """

    skill: Skill
    thing: str
    thing_zh: str

    @property
    def goal(self) -> str:
        """The goal as a request."""
        return goal(self.skill, self.thing)

    @property
    def does(self) -> str:
        """What is done: `pulls the red drawer open`."""
        return f"{self.skill.verb[1]}{self.goal.removeprefix(self.skill.verb[0])}"

    @property
    def goal_zh(self) -> str:
        """The goal in Chinese."""
        return chinese_goal(self.skill, self.thing_zh)


def names_of(scene: Scene) -> EpisodeNames:
    """Names of what a scene is about; no more of the goal than is to be seen where the instruction does not say it."""
    facts = scene.facts
    skill = skill_of(str(facts["skill"]))
    if skill.unclear and cast("dict[str, Json]", facts["instruction"])["kind"] in ("vague", "wrong", "none"):
        skill = replace(skill, rest=skill.unclear[0], chinese=skill.unclear[1])
    return EpisodeNames(skill, str(facts["thing"]), str(facts["thing_zh"]))


def goal(skill: Skill, thing: str) -> str:
    """The goal as a request: `pull the red drawer open`."""
    rest = skill.rest.format(t=f"the {thing}", p=f"the {skill.place[0]}" if skill.place else "")
    return f"{skill.verb[0]} {rest}"


def chinese_goal(skill: Skill, thing_zh: str) -> str:
    """The goal in Chinese."""
    return skill.chinese.format(t=thing_zh, p=skill.place[1] if skill.place else "")


def draw_instruction(spec: SceneSpec, skill: Skill, thing: str, thing_zh: str) -> Instruction:
    """Draw the instruction of a scene."""
    rng = spec.rng("instruction")
    chances = {
        "exact": (6, 5, 4, 3, 2)[spec.difficulty - 1],
        "typo": 1,
        "chinese": 1,
        "vague": (1, 1, 2, 2, 2)[spec.difficulty - 1],
        "none": (0, 0, 1, 2, 2)[spec.difficulty - 1],
        "wrong": (0, 0, 1, 2, 3)[spec.difficulty - 1],
    }
    kind = rng.choices(list(chances), list(chances.values()))[0]
    if kind == "none":
        return Instruction("", kind, "")
    if kind == "vague":
        template = rng.choice(spec.pool(_WORDS.phrases("vague"), "instruction"))
        return Instruction(template, kind, template)
    template = rng.choice(spec.pool(_CHINESE if kind == "chinese" else _WORDS.phrases("english"), "instruction"))
    if kind == "chinese":
        return Instruction(template.format(g=chinese_goal(skill, thing_zh)), kind, template)
    if kind == "wrong":
        skill, thing = _other(spec, skill, thing)
    request = goal(skill, thing)
    text = template.format(g=request, G=upper_first(request))
    return Instruction(mistype(text, rng, 2) if kind == "typo" else text, kind, template)


def _other(spec: SceneSpec, skill: Skill, thing: str) -> tuple[Skill, str]:
    """Draw another skill and another thing of the same split."""
    rng = spec.rng("instruction", "wrong")
    names = {noun for noun, _ in skill.nouns}
    others = [s for s in skills() if s.name in spec.pool([k.name for k in skills()], "skill")]
    other = rng.choice([s for s in others if not names & {noun for noun, _ in s.nouns}])
    colour = rng.choice([name for name, _, _ in COLOURS if not thing.startswith(f"{name} ")])
    return other, f"{colour} {rng.choice(other.nouns)[0]}"
