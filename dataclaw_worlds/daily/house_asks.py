"""What can be asked of a walk: ways between rooms and things, by name, by use, by time, with detours or without."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, cast

from dataclaw.domains.daily.intents import parse_intent
from dataclaw.domains.daily.question_rules import FAMILY
from dataclaw.domains.daily.temporal import ASKS
from dataclaw.types import Brief, Json
from dataclaw.worlds.base import ExpertBrief, Request, Scene
from dataclaw.worlds.wording import declared, mistyped, slots
from dataclaw_worlds.daily.forms import clock
from dataclaw_worlds.daily.house_phrases import ROUTES, TIMES
from dataclaw_worlds.daily.house_wishes import WEIGHTS, wish_for
from dataclaw_worlds.daily.plan_truth import Plan, part_of, plan_of
from dataclaw_worlds.daily.questions import picked
from dataclaw_worlds.daily.visits import MAKERS, kinds_of, looked_at

TASKS = ("vln_navigation", "temporal_qa")
_DIRECT = re.compile(r"how do i|从起点到终点", re.IGNORECASE)
"""Patterns of the domain that ask how to get somewhere; the others ask for the way as it was walked."""
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_FRAMES = re.compile(r"frame|picture|图片")
TYPOS = 0.12


@dataclass(frozen=True, slots=True)
class _Pattern:
    text: str
    meaning: str
    style: Literal["template", "paraphrase", "fuzzy"]


def asks(scene: Scene, count: int) -> list[Request]:
    """At most `count` different asks, tasks in turn."""
    plan, rng = plan_of(scene), scene.spec.rng("asks")
    makers = {task: _of_task(scene, plan, task, rng) for task in TASKS}
    found: list[Request] = []
    while len(found) < count and makers:
        for task in list(makers):
            fresh = next(makers[task], None)
            if fresh is None:
                del makers[task]
            elif len(found) < count:
                found.append(fresh)
    return found


def _of_task(scene: Scene, plan: Plan, task: str, rng: random.Random) -> Iterator[Request]:
    own = ROUTES if task == "vln_navigation" else TIMES
    patterns = [_Pattern(text, _meaning(text, task), "template") for text in declared("daily", task)]
    patterns += [_Pattern(text, meaning, "paraphrase" if len(text) > 24 else "fuzzy") for text, meaning in own]
    allowed = set(scene.spec.pool([p.text for p in patterns], "template"))
    left = [p for p in patterns if p.text in allowed and p.meaning in WEIGHTS]
    rng.shuffle(left)
    used: set[str] = set()
    while left:
        drawn = {m: rng.random() ** (1 / WEIGHTS[m]) for m in sorted({p.meaning for p in left})}
        meanings = sorted(drawn, key=lambda m: (m in used, -drawn[m]))
        pattern = next(p for p in left if p.meaning == meanings[0])
        left.remove(pattern)
        made = _filled(pattern, scene, plan, task, rng)
        if made is not None:
            used.add(pattern.meaning)
            if len(used) == len({p.meaning for p in left} | used):
                used.clear()
            yield made


def _meaning(text: str, task: str) -> str:
    """What a pattern of the domain means."""
    if "{time}" in text or "{n} seconds" in text:
        return "span"
    if "{topic}" in text:
        return "topic"
    if task == "temporal_qa":
        return "all"
    return "direct" if _DIRECT.search(text) else "whole"


def _filled(pattern: _Pattern, scene: Scene, plan: Plan, task: str, rng: random.Random) -> Request | None:
    found = wish_for(pattern.meaning, plan, rng)
    if found is None:
        return None
    wish, words = found
    text, span = _timed(pattern.text, plan, rng)
    if span is not None:
        wish["span"] = span
    if "{n}" in text:
        wish["count"] = rng.choice([2, 3, 4, 5])
        words["n"] = str(wish["count"])
    if any(name not in words for name in slots(text)):
        return None
    intent = re.sub(r"\{(\w+)\}", lambda match: words[match[1]], text)
    rule = parse_intent(intent, (0.0, plan.end))
    if rule.has_span != (span is not None) or (task == "temporal_qa" and (rule.topics or rule.without)):
        return None
    wish |= {"count": rule.count} if rule.count is not None and task == "temporal_qa" else {}
    language = "zh" if _CHINESE.search(intent) else "en"
    if rule.chinese != (language == "zh"):
        return None
    if not _possible(task, intent, wish, rule.kinds, plan, scene):
        return None
    made = Request(task, intent, wish, pattern.style, language, pattern.text)
    typed = mistyped(intent, rng) if language == "en" and rng.random() < TYPOS else intent
    if typed != intent and parse_intent(typed, (0.0, plan.end)) == rule:
        return replace(made, intent=typed, style="typo")
    return made


def _possible(
    task: str, intent: str, wish: dict[str, Json], named: Sequence[str], plan: Plan, scene: Scene
) -> bool:  # fmt: skip
    """Whether the scene holds what is wished for; the kinds of questions that the words ask for are put into `wish`."""
    if task == "vln_navigation":
        return _walkable(plan, wish)
    preset = cast("list[str] | None", wish.get("kinds"))
    if preset and not _allowed(preset, named):
        return False
    wish |= {} if preset else _kinds(intent, named)
    language = "zh" if _CHINESE.search(intent) else "en"
    return _answerable(Request(task, intent, wish, language=language), plan, scene, named)


def _allowed(kinds: Sequence[str], named: Sequence[str]) -> bool:
    """Whether the words, as the rules read them, let a question of that kind be asked."""
    asked = [kind for kind in named if kind in ASKS]
    return not asked or all(FAMILY.get(kind, kind) in asked for kind in kinds)


def _kinds(intent: str, kinds: Sequence[str]) -> dict[str, Json]:
    found = [kind for kind in kinds if kind in ASKS and kind != "state_change"]
    if found == ["order"] and _FRAMES.search(intent.lower()):
        found = ["frame_order"]
    return {"kinds": found} if found else {}


def _answerable(ask: Request, plan: Plan, scene: Scene, kinds: Sequence[str]) -> bool:
    """Whether its expert finds questions: as many as asked for, or two at least where it is not for one."""
    if any(kind in ASKS for kind in kinds) and not ask.meaning.get("kinds"):
        return False
    if ask.meaning.get("kinds") == ["frame_order"]:
        return True
    brief = Brief(ask.intent, ask.task, (0.0, plan.end), {}, "trajectory", "seconds", 0)
    look = looked_at(ExpertBrief(brief, scene, ask), plan, {place.id: None for place in plan.places})
    found = picked(look, MAKERS, kinds_of(ask.meaning))
    if ask.meaning.get("names"):
        return [q.kind for q in found] == ask.meaning.get("kinds")
    return len(found) >= (ask.meaning.get("count") or 2)


def _walkable(plan: Plan, wish: Mapping[str, Json]) -> bool:
    """Whether the part is long enough to be a way."""
    part = part_of(plan, wish)
    if part is None:
        return False
    low, high = part.t0 or 0.0, part.t1 if part.t1 is not None else plan.end
    beside = [v.room for v in plan.visits if v.detour and any(a <= v.t0 <= b for a, b in part.without)]
    if part.goal is not None and part.goal.room in beside:
        return False  # what is called a detour would be the shorter way
    return high - low - sum(b - a for a, b in part.without) > 7.0


def _timed(text: str, plan: Plan, rng: random.Random) -> tuple[str, list[float] | None]:
    """The pattern with its times filled in, and the span they mean."""
    if "{time}" not in text and "{n} seconds" not in text:
        return text, None
    whole = int(plan.end // 5) * 5
    length = max(10, int(whole * rng.uniform(0.35, 0.6) // 5) * 5)
    if "{n} seconds" in text:
        return text.replace("{n}", str(length)), [0.0, float(length)]
    start = rng.randrange(0, max(1, (whole - length) // 5 + 1)) * 5
    for value in (start, start + length):
        text = text.replace("{time}", clock(value), 1)
    return text, [float(start), float(start + length)]
