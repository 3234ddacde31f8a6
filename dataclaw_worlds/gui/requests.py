"""Requests for a session: by goal, application, person, object, order, time and fault, in many words."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal, TypeAlias

from dataclaw.worlds.base import Request, Scene, SceneSpec
from dataclaw.worlds.wording import TEMPLATE, declared_templates, fill_template, mistype
from dataclaw_worlds.gui.meaning import EventSelection, Facts, events_of, goals_of, select_events
from dataclaw_worlds.gui.parts import INTENTS, PartContext, draw_part
from dataclaw_worlds.words import lower_first

RequestStyle: TypeAlias = Literal["template", "paraphrase", "typo", "fuzzy"]
DECLARED, TYPOS, FUZZY = 0.13, 0.14, 0.05
"""Shares: of the domain's own templates, of intents with typing errors, of vague ones."""
LEAST = 3
"""Fewest events that a request must keep."""


def requests_of(scene: Scene, tasks: Sequence[str], count: int) -> list[Request]:
    """At most `count` different requests for a scene, the tasks in turn."""
    rng = scene.spec.rng("asks")
    found: dict[tuple[str, str], Request] = {}
    for _ in range(count * 6):
        if len(found) >= count:
            break
        task = tasks[len(found) % len(tasks)]
        request = _split(scene.spec, rng) if task == "multi_event_decomposition" else _follow(scene, task, rng)
        if request is not None:
            found.setdefault((request.task, request.intent), request)
    return list(found.values())


def draw_template(spec: SceneSpec, rng: random.Random, patterns: Sequence[str]) -> str:
    """One of the patterns that the split may use; "" where it may use none of them."""
    try:
        return rng.choice(spec.pool(patterns, TEMPLATE))
    except ValueError:
        return ""


def _split(spec: SceneSpec, rng: random.Random) -> Request | None:
    task = "multi_event_decomposition"
    draw = rng.random()
    if draw < FUZZY:
        text, style = draw_template(spec, rng, INTENTS.phrases("vague", task)), "fuzzy"
    elif draw < 0.26:
        text, style = draw_template(spec, rng, [t for t in declared_templates("gui", task) if "{" not in t]), "template"
    elif draw < 0.38:
        zh = [f"{what}{how}" for what in INTENTS.phrases("split_zh") for how in INTENTS.phrases("split_how_zh")]
        text, style = draw_template(spec, rng, [*INTENTS.phrases("splitting_zh"), *zh]), "paraphrase"
    else:
        en = [f"{what} {how}" for what in INTENTS.phrases("split") for how in INTENTS.phrases("split_how")]
        text, style = draw_template(spec, rng, [*INTENTS.phrases("splitting"), *en]), "paraphrase"
    return _request(task, text, text, {}, style, rng) if text else None


def _follow(scene: Scene, task: str, rng: random.Random) -> Request | None:
    clean = task != "action_sequence"
    draw = rng.random()
    if draw < FUZZY:
        text = draw_template(scene.spec, rng, INTENTS.phrases("vague", task))
        return _request(task, text, text, EventSelection(clean=clean).data(), "fuzzy", rng) if text else None
    if draw < FUZZY + DECLARED:
        return _declared_request(scene, task, rng)
    part = draw_part(PartContext(scene.facts, rng, clean))
    if part is None or not _is_enough(scene.facts, part.selection):
        return None
    if part.zh and rng.random() < 0.22:
        pattern = draw_template(scene.spec, rng, INTENTS.phrases("heads_zh", task))
        text = pattern.replace("{rel}", part.zh)
        return _request(task, text, pattern, part.selection.data(), "paraphrase", rng) if pattern else None
    patterns = [head.replace("{rel}", part.pattern) for head in INTENTS.phrases("heads", task)]
    pattern = draw_template(scene.spec, rng, patterns)
    text = fill_template(pattern, part.values) if pattern else None
    head = pattern.index(part.pattern) if text else 0
    return _request(task, text, pattern, part.selection.data(), "paraphrase", rng, head) if text else None


def _request(
    task: str,
    text: str,
    template: str,
    meaning: Mapping[str, object],
    style: RequestStyle,
    rng: random.Random,
    head: int = 0,
) -> Request:
    """A request; typing errors stay within the first `head` characters, before the part that restricts it."""
    language: Literal["en", "zh"] = "en" if sum(c.isascii() for c in template) > len(template) / 2 else "zh"
    if language == "en" and style == "paraphrase" and rng.random() < TYPOS:
        end = head or len(text)
        text, style = mistype(text[:end], rng, rng.randint(1, 2)) + text[end:], "typo"
    return Request(task, text, dict(meaning), style, language, template)


def _is_enough(facts: Facts, selection: EventSelection) -> bool:
    kept, _ = select_events(facts, selection)
    return len(kept) >= LEAST and any(events_of(facts)[i]["tag"] == "need" for i in kept)


_CLEAN = (
    "only what led to the final state",
    "the minimal actions without detours and mistakes",
    "clean up this recording, drop the noise",
    "只保留导致最终结果的操作",
)
_SELECTIONS = {
    **dict.fromkeys(_CLEAN, EventSelection(clean=True)),
    "only the clicks, with coordinates": EventSelection(verbs="clicks"),
}
"""What templates of the domain mean beyond their task."""
_UNCLEAR = (
    "which clicks and keystrokes were made, where and on what",
    "first {n} seconds, after {time}, between {time} and {time}",
    "turn this trace into clean ordered actions",
)
"""Templates of the domain that leave open what is wanted."""


def _declared_request(scene: Scene, task: str, rng: random.Random) -> Request | None:
    pattern = draw_template(scene.spec, rng, [t for t in declared_templates("gui", task) if t not in _UNCLEAR])
    if not pattern:
        return None
    number = rng.randrange(len(goals_of(scene.facts)))
    goal = goals_of(scene.facts)[number]
    selection = _SELECTIONS.get(pattern, EventSelection(clean=task != "action_sequence"))
    if "{window}" in pattern or "{application}" in pattern:
        selection = replace(selection, app=str(goal["app"]))
    elif "{goal}" in pattern:
        selection = replace(selection, goals=(number,))
    title = str(goal["title"])
    text = fill_template(
        pattern, {"window": str(goal["app"]), "application": str(goal["app"]), "goal": lower_first(title)}
    )
    if not text or not _is_enough(scene.facts, selection):
        return None
    return _request(task, text, pattern, selection.data(), "template", rng)
