"""Requests for what was done to a picture, or for some of the steps of a history or a graph."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence

from dataclaw.types import Json
from dataclaw.worlds import wording
from dataclaw.worlds.base import Request, Scene
from dataclaw_worlds.aigc.darkroom_changes import PLACES_ZH, place_of
from dataclaw_worlds.aigc.darkroom_pictures import THING_ZH
from dataclaw_worlds.aigc.phrasing import RequestWords, fill_names, template_request
from dataclaw_worlds.words import words

INSTRUCTION, PLAN = "edit_instruction", "edit_plan"
WHOLE_SHARE, ZH_SHARE, FUZZY_SHARE = 0.15, 0.25, 0.15
_WORDS = words("aigc/darkroom_requests.toml")
_STEPS, _PAIR = (RequestWords.read(_WORDS[key], "np", FUZZY_SHARE, ZH_SHARE) for key in ("steps", "pair"))


def make_requests(scene: Scene, count: int) -> Sequence[Request]:
    """At most `count` different requests of an edit."""
    rng = scene.spec.rng("asks")
    found = list(_of_pair(scene, rng) if scene.facts["form"] == "pair" else _of_steps(scene, rng))
    return found[:count]


def _of_steps(scene: Scene, rng: random.Random) -> Iterator[Request]:
    """Groups of steps, both tasks in turn, and now and then the whole file."""
    groups = list(scene.facts["groups"])
    rng.shuffle(groups)
    tasks = [INSTRUCTION, PLAN]
    rng.shuffle(tasks)
    for number, group in enumerate(groups):
        task = tasks[number % 2]
        whole = _whole(scene, task, rng) if rng.random() < WHOLE_SHARE else None
        if whole is not None:
            yield whole
        meaning: dict[str, Json] = {**group, "np": group["en"][0], "np_zh": group["zh"][0]}
        yield _STEPS.request(scene.spec, task, (group["en"], group["zh"]), meaning, rng)


def _whole(scene: Scene, task: str, rng: random.Random) -> Request | None:
    """One of the domain's own templates that fit such a file."""
    fitting = _WORDS["fitting"].phrases(str(scene.facts["form"]))
    there = [
        t
        for t in wording.allowed_templates(scene.spec, "aigc", task, ("which operations led to this picture",))
        if "{" not in t and any(word in t.casefold() for word in fitting)
    ]
    return template_request(task, rng.choice(there), {"key": "whole"}) if there else None


def _of_pair(scene: Scene, rng: random.Random) -> Iterator[Request]:
    """What was done: all of it, or a part."""
    edits: Sequence[Mapping[str, Json]] = scene.facts["edits"]
    tone = [e["box"] is None for e in edits]
    meanings: list[dict[str, Json]] = [{"key": "all"}]
    if any(tone) and not all(tone):
        meanings += [{"key": "tone"}, *([{"key": "local"}] if len(edits) > 2 else [])]
    if len(edits) > 1:
        meanings += _single(scene, edits, rng)
    rng.shuffle(meanings)
    for meaning in meanings:
        part = str(meaning["key"])
        whole = _whole(scene, INSTRUCTION, rng) if part == "all" and rng.random() < 0.5 else None
        names = fill_names(_WORDS["parts"][part], x=meaning.get("en", ""), y=meaning.get("zh", ""))
        yield whole or _PAIR.request(scene.spec, INSTRUCTION, names, meaning, rng)


def _single(scene: Scene, edits: Sequence[Mapping[str, Json]], rng: random.Random) -> list[dict[str, Json]]:
    """Each local edit by its place or by its name in the instruction, and all edits but one."""
    instruction = str(scene.facts["words"])
    places = {at: place_of(e) for at, e in enumerate(edits) if e["box"]}
    found: list[dict[str, Json]] = []
    for at, where in places.items():
        edit = edits[at]
        alone = list(places.values()).count(where) == 1
        known = str(edit["en"]) in instruction or str(edit["zh"]) in instruction
        spot: dict[str, Json] = {"place": where, "en": where, "zh": PLACES_ZH[where]}
        if edit["kind"] == "text":
            found.append({"key": "text"})
        elif known and (not alone or rng.random() < 0.5):
            name = str(edit["thing"])
            found.append({"key": "thing", "edit": at, "en": name, "zh": THING_ZH[name]})
        elif alone:
            found.append({"key": "place", **spot})
        if alone and len(edits) > 2 and rng.random() < 0.6:
            found.append({"key": "but", **spot})
    return found
