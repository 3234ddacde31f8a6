"""What can be asked of a walk: ways between rooms and things, by name, by use, by time, with detours or without."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import cast

from dataclaw.domains.daily.intents import parse_intent
from dataclaw.domains.daily.question_rules import FAMILY
from dataclaw.domains.daily.temporal import ASKS
from dataclaw.types import Json
from dataclaw.worlds.base import Request, Scene
from dataclaw.worlds.wording import declared_templates, mistype, slots
from dataclaw_worlds.daily.house_meanings import WEIGHTS, find_meaning
from dataclaw_worlds.daily.known_walk import WalkKnown
from dataclaw_worlds.daily.requests import CHINESE, FRAMES, TYPOS, RequestPattern, fill_patterns, fill_times, take_turns
from dataclaw_worlds.daily.walk_truth import WalkTruth, part_of, walk_truth_of
from dataclaw_worlds.motion import TASK as MOTION
from dataclaw_worlds.motion import motion_requests
from dataclaw_worlds.words import words

TASKS = ("vln_navigation", "temporal_qa")
_DIRECT = re.compile(r"how do i|从起点到终点", re.IGNORECASE)
"""Patterns of the domain that ask how to get somewhere; the others ask for the way as it was walked."""
_WORDS = words("daily/house_requests.toml")


def find_requests(scene: Scene, count: int) -> list[Request]:
    """At most `count` different requests, tasks in turn; those for triplets of questions come last."""
    truth, rng = walk_truth_of(scene), scene.spec.rng("asks")
    asked = motion_requests(scene, "daily", count, [text for text, _ in _WORDS[MOTION]])
    own = take_turns({task: _of_task(scene, truth, task, rng) for task in TASKS}, count - len(asked))
    return [*own, *asked]


def _of_task(scene: Scene, truth: WalkTruth, task: str, rng: random.Random) -> Iterator[Request]:
    patterns = [RequestPattern(text, _meaning_of(text, task), "template") for text in declared_templates("daily", task)]
    patterns += [
        RequestPattern(text, meaning, "paraphrase" if len(text) > 24 else "fuzzy") for text, meaning in _WORDS[task]
    ]
    allowed = set(scene.spec.pool([p.text for p in patterns], "template"))
    usable = [p for p in patterns if p.text in allowed and p.meaning in WEIGHTS]
    return fill_patterns(usable, WEIGHTS, rng, partial(_request, truth=truth, task=task, rng=rng))


def _meaning_of(text: str, task: str) -> str:
    """What a pattern of the domain means."""
    if "{time}" in text or "{n} seconds" in text:
        return "span"
    if "{topic}" in text:
        return "topic"
    if task == "temporal_qa":
        return "all"
    return "direct" if _DIRECT.search(text) else "whole"


def _request(pattern: RequestPattern, truth: WalkTruth, task: str, rng: random.Random) -> Request | None:
    """The request that a pattern makes in this house; None where nothing fits."""
    meant = find_meaning(pattern.meaning, truth, rng)
    if meant is None:
        return None
    meaning, values = meant
    text, span = fill_times(pattern.text, truth.end, rng, partial(_length_for, rng=rng))
    if span is not None:
        meaning["span"] = span
    if "{n}" in text:
        meaning["count"] = rng.choice([2, 3, 4, 5])
        values["n"] = str(meaning["count"])
    if any(name not in values for name in slots(text)):
        return None
    intent = re.sub(r"\{(\w+)\}", lambda match: values[match[1]], text)
    rule = parse_intent(intent, (0.0, truth.end))
    if rule.has_span != (span is not None) or (task == "temporal_qa" and (rule.topics or rule.without)):
        return None
    meaning |= {"count": rule.count} if rule.count is not None and task == "temporal_qa" else {}
    language = "zh" if CHINESE.search(intent) else "en"
    if rule.chinese != (language == "zh"):
        return None
    if not _possible(task, intent, meaning, rule.kinds, truth):
        return None
    request = Request(task, intent, meaning, pattern.style, language, pattern.text)
    typed = mistype(intent, rng) if language == "en" and rng.random() < TYPOS else intent
    if typed != intent and parse_intent(typed, (0.0, truth.end)) == rule:
        return replace(request, intent=typed, style="typo")
    return request


def _length_for(whole: int, rng: random.Random) -> int:
    """A length for a span [s] in a scene of a given length [s]."""
    return max(10, int(whole * rng.uniform(0.35, 0.6) // 5) * 5)


def _possible(task: str, intent: str, meaning: dict[str, Json], named: Sequence[str], truth: WalkTruth) -> bool:
    """Whether the scene holds what the request means; adds to `meaning` the kinds that its words name."""
    if task == "vln_navigation":
        return _walkable(truth, meaning)
    preset = cast("list[str] | None", meaning.get("kinds"))
    if preset and not _may_ask(preset, named):
        return False
    meaning |= {} if preset else _kinds(intent, named)
    language = "zh" if CHINESE.search(intent) else "en"
    return _answerable(Request(task, intent, meaning, language=language), truth, named)


def _may_ask(kinds: Sequence[str], named: Sequence[str]) -> bool:
    """Whether the intent, as the domain reads it, allows questions of these kinds."""
    asked = [kind for kind in named if kind in ASKS]
    return not asked or all(FAMILY.get(kind, kind) in asked for kind in kinds)


def _kinds(intent: str, kinds: Sequence[str]) -> dict[str, Json]:
    found = [kind for kind in kinds if kind in ASKS and kind != "state_change"]
    if found == ["order"] and FRAMES.search(intent.lower()):
        found = ["frame_order"]
    return {"kinds": found} if found else {}


def _answerable(request: Request, truth: WalkTruth, kinds: Sequence[str]) -> bool:
    """Whether its expert finds enough questions: as many as requested, at least two, or the one that is named."""
    if any(kind in ASKS for kind in kinds) and not request.meaning.get("kinds"):
        return False
    if request.meaning.get("kinds") == ["frame_order"]:
        return True
    wanted = request.meaning.get("count") or request.meaning.get("most") or 2
    return WalkKnown(truth, request).questions((0.0, truth.end)) >= wanted


def _walkable(truth: WalkTruth, meaning: Mapping[str, Json]) -> bool:
    """Whether the part is long enough to be a way."""
    part = part_of(truth, meaning)
    if part is None:
        return False
    low, high = part.t0 or 0.0, part.t1 if part.t1 is not None else truth.end
    beside = [v.room for v in truth.visits if v.detour and any(a <= v.t0 <= b for a, b in part.without)]
    if part.goal is not None and part.goal.room in beside:
        return False  # what is called a detour would be the shorter way
    return high - low - sum(b - a for a, b in part.without) > 7.0
