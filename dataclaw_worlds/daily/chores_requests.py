"""What can be asked of a scene of `chores`: patterns of the domain and of the world, filled from the scene."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import cast

from dataclaw.domains.daily.intents import parse_intent, stems
from dataclaw.domains.daily.question_rules import FAMILY
from dataclaw.domains.daily.temporal import ASKS
from dataclaw.types import Json
from dataclaw.worlds.base import Request, Scene
from dataclaw.worlds.wording import declared_templates, mistype, slots
from dataclaw_worlds.daily.chores_meanings import WEIGHTS, find_meaning
from dataclaw_worlds.daily.chores_truth import ChoresTruth, chores_truth_of, rows_for
from dataclaw_worlds.daily.known import ChoresKnown
from dataclaw_worlds.daily.requests import CHINESE, FRAMES, TYPOS, RequestPattern, fill_patterns, fill_times, take_turns
from dataclaw_worlds.words import words

KINDS = ("why", "object", "next", "place", "between", "count", "action")
"""Kinds of questions that a request of `contextual_qa` may name."""
TASKS = ("procedural_tutorial", "contextual_qa", "temporal_qa")
_COOKING = re.compile(r"cook|recipe|dish|kitchen|做菜|这道菜|made")
_CHORE = re.compile(r"household|chore")
_WORDS = words("daily/chores_requests.toml")


def find_requests(scene: Scene, count: int) -> list[Request]:
    """At most `count` different requests, tasks in turn."""
    truth, rng = chores_truth_of(scene), scene.spec.rng("asks")
    return take_turns({task: _of_task(scene, truth, task, rng) for task in TASKS}, count)


def _of_task(scene: Scene, truth: ChoresTruth, task: str, rng: random.Random) -> Iterator[Request]:
    """Different requests for a task: another pattern each time, meanings in turn."""
    patterns = [RequestPattern(text, _meaning_of(text), "template") for text in declared_templates("daily", task)]
    patterns += [RequestPattern(text, meaning, "paraphrase") for text, meaning in _WORDS[task]]
    patterns += [RequestPattern(text, "fuzzy", "fuzzy") for text in _WORDS.table("fuzzy")[task]]
    allowed = set(scene.spec.pool([p.text for p in patterns], "template"))
    fill = partial(_request, scene=scene, truth=truth, task=task, rng=rng)
    return fill_patterns([p for p in patterns if p.text in allowed], WEIGHTS, rng, fill)


def _meaning_of(text: str) -> str:
    """What a pattern of the domain means."""
    if "{time}" in text or "前两分钟" in text:
        return "span"
    if "{topic}" in text:
        return "topic"
    return "cooking" if _COOKING.search(text) else "chore" if _CHORE.search(text) else "all"


def _request(
    pattern: RequestPattern, scene: Scene, truth: ChoresTruth, task: str, rng: random.Random
) -> Request | None:
    """The request that a pattern makes in this scene; None where nothing fits."""
    meant = find_meaning(pattern.meaning, truth, rng)
    if meant is None:
        return None
    meaning, values = meant
    text, span = fill_times(pattern.text, truth.end, rng, partial(_length_for, rng=rng))
    if "{n}" in text and "{n} seconds" not in text:
        meaning["count"] = rng.choice([2, 3, 4, 5, 6] if task != "procedural_tutorial" else [3, 4, 5, 6])
        values["n"] = str(meaning["count"])
    if span is not None:
        meaning["span"] = span
    if any(name not in values for name in slots(text)):
        return None
    intent = re.sub(r"\{(\w+)\}", lambda match: values[match[1]], text)
    window = (0.0, truth.end)
    rule = parse_intent(intent, window)
    if rule.has_span and span is None:
        meaning["span"] = [max(0.0, rule.span[0]), min(truth.end, rule.span[1])]
    meaning |= {"detail": rule.detail} if rule.detail != "plain" else {}
    meaning |= {"count": rule.count} if rule.count is not None else {}
    meaning |= {} if rule.pictures else {"pictures": False}
    if meaning.get("kinds") and not _may_ask(cast("list[str]", meaning["kinds"]), rule.kinds):
        return None
    meaning = {**_kinds(task, intent, rule.kinds, scene), **meaning}
    language = "zh" if CHINESE.search(intent) else "en"
    request = Request(task, intent, meaning, pattern.style, language, pattern.text)
    typed = mistype(intent, rng) if language == "en" and rng.random() < TYPOS else intent
    if typed != intent and parse_intent(typed, window).span == rule.span:
        again = replace(request, intent=typed, style="typo")
        if _fits(again, truth):
            return again
    return request if _fits(request, truth) else None


def _length_for(whole: int, rng: random.Random) -> int:
    """A length for a span [s] in a scene of a given length [s]."""
    return rng.choice([n for n in (20, 30, 40, 60, 90) if n <= max(20, whole * 0.6)])


def _kinds(task: str, intent: str, kinds: Sequence[str], scene: Scene) -> dict[str, Json]:
    """The kinds of questions that the intent names."""
    filmed = (scene.folder / f"{scene.spec.name}.mp4").is_file()
    if task == "temporal_qa":
        found = [kind for kind in kinds if kind in ASKS]
        if found == ["order"] and FRAMES.search(intent.lower()):
            found = ["frame_order"] if filmed else ["order"]
        return {"kinds": found} if found else {}
    found = [kind for kind in kinds if kind in KINDS]
    return {"kinds": found} if task == "contextual_qa" and found else {}


def _may_ask(kinds: Sequence[str], named: Sequence[str]) -> bool:
    """Whether the intent, as the domain reads it, allows questions of these kinds."""
    known = {"between": "action"}
    return not named or all(FAMILY.get(kind, known.get(kind, kind)) in named for kind in kinds)


def _fits(request: Request, truth: ChoresTruth) -> bool:
    """Whether the domain reads the intent as it is meant, and the scene has enough about it."""
    rule = parse_intent(request.intent, (0.0, truth.end)).narrow_to(row.text for row in truth.rows)
    rows = [row for row in rows_for(truth, request.meaning) if row.role == "step"]
    wanted = request.meaning.get("span")
    if (
        rule.has_span != (wanted is not None)
        or rule.count != request.meaning.get("count")
        or rule.chinese != (request.language == "zh")
    ):
        return False
    if (
        len(rows) < 2
        or (request.meaning.get("between") and len(rows) < 4)
        or any(rule.without & stems(row.text) for row in rows)
    ):
        return False
    if rule.topics and not set(request.meaning) & {"procedures", "part", "object", "person"}:
        return False
    if request.task == "procedural_tutorial":
        return 2 <= len(ChoresKnown(truth, request).steps()) <= 60
    return _answerable(request, rule.kinds, truth)


def _answerable(request: Request, kinds: Sequence[str], truth: ChoresTruth) -> bool:
    """Whether its expert finds enough questions: as many as requested, or at least two."""
    known = KINDS if request.task == "contextual_qa" else tuple(ASKS)
    if kinds and not [kind for kind in kinds if kind in known]:
        return False
    if request.meaning.get("kinds") == ["frame_order"]:
        return "object" not in request.meaning
    found = ChoresKnown(truth, request).questions((0.0, truth.end))
    return found >= (request.meaning.get("count") or request.meaning.get("most") or 2)
