"""What can be asked of a scene of `chores`: patterns of the domain and of `phrases`, filled from the scene."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, cast

from dataclaw.domains.daily.intents import parse_intent, stems
from dataclaw.domains.daily.question_rules import FAMILY
from dataclaw.domains.daily.temporal import ASKS
from dataclaw.types import Brief, Json
from dataclaw.worlds.base import ExpertBrief, Request, Scene
from dataclaw.worlds.wording import declared, mistyped, slots
from dataclaw_worlds.daily import context, temporal
from dataclaw_worlds.daily.forms import clock
from dataclaw_worlds.daily.phrases import CONTEXT, FUZZY, TEMPORAL, TUTORIAL, Phrase
from dataclaw_worlds.daily.pointed import WEIGHTS, wish_for
from dataclaw_worlds.daily.pointed_phrases import CONTEXTS, STEPS, TIMES
from dataclaw_worlds.daily.questions import Looked, picked
from dataclaw_worlds.daily.truth import Truth, asked, truth_of
from dataclaw_worlds.daily.tutorial import steps_of

TASKS = ("procedural_tutorial", "contextual_qa", "temporal_qa")
OWN: Mapping[str, Sequence[Phrase]] = {
    "procedural_tutorial": (*TUTORIAL, *STEPS), "contextual_qa": (*CONTEXT, *CONTEXTS),
    "temporal_qa": (*TEMPORAL, *TIMES),
}  # fmt: skip
_COOKING = re.compile(r"cook|recipe|dish|kitchen|做菜|这道菜|made")
_CHORE = re.compile(r"household|chore")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_FRAMES = re.compile(r"frame|picture|图片")
TYPOS = 0.12
"""Share of asks with a typing error."""
MANY = 40
"""Longest search for a fitting ask of a task, in tries for each wanted."""


@dataclass(frozen=True, slots=True)
class _Pattern:
    text: str
    meaning: str
    style: Literal["template", "paraphrase", "fuzzy"]


def asks(scene: Scene, count: int) -> list[Request]:
    """At most `count` different asks, tasks in turn."""
    truth, rng = truth_of(scene), scene.spec.rng("asks")
    makers = {task: _of_task(scene, truth, task, rng) for task in TASKS}
    found: list[Request] = []
    while len(found) < count and makers:
        for task in list(makers):
            fresh = next(makers[task], None)
            if fresh is None:
                del makers[task]
            elif len(found) < count:
                found.append(fresh)
    return found


def _of_task(scene: Scene, truth: Truth, task: str, rng: random.Random) -> Iterator[Request]:
    """Different asks of a task: another pattern each time, meanings in turn."""
    patterns = [_Pattern(text, _meaning(text), "template") for text in declared("daily", task)]
    patterns += [_Pattern(text, meaning, "paraphrase") for text, meaning in OWN[task]]
    patterns += [_Pattern(text, "fuzzy", "fuzzy") for text in FUZZY[task]]
    allowed = set(scene.spec.pool([p.text for p in patterns], "template"))
    left = [p for p in patterns if p.text in allowed]
    rng.shuffle(left)
    used: set[str] = set()
    while left:
        drawn = {m: rng.random() ** (1 / WEIGHTS[m]) for m in sorted({p.meaning for p in left})}
        meanings = sorted(drawn, key=lambda m: (m in used, -drawn[m]))
        pattern = next(p for p in left if p.meaning == meanings[0])
        left.remove(pattern)
        made = _filled(pattern, scene, truth, task, rng)
        if made is not None:
            used.add(pattern.meaning)
            if len(used) == len({p.meaning for p in left} | used):
                used.clear()
            yield made


def _meaning(text: str) -> str:
    """What a pattern of the domain means."""
    if "{time}" in text or "前两分钟" in text:
        return "span"
    if "{topic}" in text:
        return "topic"
    return "cooking" if _COOKING.search(text) else "chore" if _CHORE.search(text) else "all"


def _filled(pattern: _Pattern, scene: Scene, truth: Truth, task: str, rng: random.Random) -> Request | None:
    """The pattern about something in the scene; None where nothing fits."""
    found = wish_for(pattern.meaning, truth, rng)
    if found is None:
        return None
    wish, words = found
    text, span = _timed(pattern.text, truth, rng)
    if "{n}" in text and "{n} seconds" not in text:
        wish["count"] = rng.choice([2, 3, 4, 5, 6] if task != "procedural_tutorial" else [3, 4, 5, 6])
        words["n"] = str(wish["count"])
    if span is not None:
        wish["span"] = span
    if any(name not in words for name in slots(text)):
        return None
    intent = re.sub(r"\{(\w+)\}", lambda match: words[match[1]], text)
    window = (0.0, truth.end)
    rule = parse_intent(intent, window)
    if rule.has_span and span is None:
        wish["span"] = [max(0.0, rule.span[0]), min(truth.end, rule.span[1])]
    wish |= {"detail": rule.detail} if rule.detail != "plain" else {}
    wish |= {"count": rule.count} if rule.count is not None else {}
    wish |= {} if rule.pictures else {"pictures": False}
    language = "zh" if _CHINESE.search(intent) else "en"
    made = Request(task, intent, wish, pattern.style, language, pattern.text)
    if wish.get("kinds") and not _allowed(cast("list[str]", wish["kinds"]), rule.kinds):
        return None
    made = replace(made, meaning={**_kinds(task, intent, rule.kinds, scene), **wish})
    typed = mistyped(intent, rng) if language == "en" and rng.random() < TYPOS else intent
    if typed != intent and parse_intent(typed, window).span == rule.span:
        again = replace(made, intent=typed, style="typo")
        if _fits(again, truth, scene):
            return again
    return made if _fits(made, truth, scene) else None


def _timed(text: str, truth: Truth, rng: random.Random) -> tuple[str, list[float] | None]:
    """The pattern with its times filled in, and the span they mean."""
    if "{time}" not in text and "{n} seconds" not in text:
        return text, None
    whole = int(truth.end // 5) * 5
    length = rng.choice([n for n in (20, 30, 40, 60, 90) if n <= max(20, whole * 0.6)])
    if "{n} seconds" in text:
        return text.replace("{n}", str(length)), [0.0, float(length)]
    start = rng.randrange(0, max(1, (whole - length) // 5 + 1)) * 5
    for value in (start, start + length):
        text = text.replace("{time}", clock(value), 1)
    return text, [float(start), float(start + length)]


def _kinds(task: str, intent: str, kinds: Sequence[str], scene: Scene) -> dict[str, Json]:
    """Kinds of questions that the words ask for."""
    filmed = (scene.folder / f"{scene.spec.name}.mp4").is_file()
    if task == "temporal_qa":
        found = [kind for kind in kinds if kind in ASKS]
        if found == ["order"] and _FRAMES.search(intent.lower()):
            found = ["frame_order"] if filmed else ["order"]
        return {"kinds": found} if found else {}
    found = [kind for kind in kinds if kind in context.KINDS]
    return {"kinds": found} if task == "contextual_qa" and found else {}


def _allowed(kinds: Sequence[str], named: Sequence[str]) -> bool:
    """Whether the words, as the rules read them, let a question of that kind be asked."""
    known = {"between": "action"}
    return not named or all(FAMILY.get(kind, known.get(kind, kind)) in named for kind in kinds)


def _fits(ask: Request, truth: Truth, scene: Scene) -> bool:
    """Whether the words, as the rules read them, allow what is meant, and enough is told of it."""
    rule = parse_intent(ask.intent, (0.0, truth.end))
    rows = [row for row in asked(truth, ask.meaning) if row.role == "step"]
    wanted = ask.meaning.get("span")
    if (
        rule.has_span != (wanted is not None)
        or rule.count != ask.meaning.get("count")
        or rule.chinese != (ask.language == "zh")
    ):
        return False
    if (
        len(rows) < 2
        or (ask.meaning.get("between") and len(rows) < 4)
        or any(rule.without & stems(row.text) for row in rows)
    ):
        return False
    if rule.topics and not set(ask.meaning) & {"procedures", "part", "object", "person"}:
        return False
    if ask.task == "procedural_tutorial":
        return 2 <= len(steps_of(rows, ask.meaning)) <= 60
    return _answerable(ask, rule.kinds, truth, scene)


def _answerable(ask: Request, kinds: Sequence[str], truth: Truth, scene: Scene) -> bool:
    """Whether its expert finds questions: as many as asked for, or two at least."""
    module = context if ask.task == "contextual_qa" else temporal
    if kinds and not [kind for kind in kinds if kind in (context.KINDS if module is context else tuple(ASKS))]:
        return False
    if ask.meaning.get("kinds") == ["frame_order"]:
        return "object" not in ask.meaning
    kept = asked(truth, ask.meaning)
    brief = Brief(ask.intent, ask.task, (0.0, truth.end), {}, "narration", "seconds", 0)
    look = Looked(ExpertBrief(brief, scene, ask), truth, kept, {row.id: None for row in truth.rows})
    found = picked(look, module.MAKERS, module.kinds_of(ask.meaning))
    return len(found) >= (ask.meaning.get("count") or ask.meaning.get("most") or 2)


__all__ = ["TASKS", "asks"]
