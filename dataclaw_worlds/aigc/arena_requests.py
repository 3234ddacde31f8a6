"""Requests for parts of a recording, and for what happens next in it."""

from __future__ import annotations

import random
from collections.abc import Sequence

from dataclaw.worlds import wording
from dataclaw.worlds.base import Request, Scene, SceneSpec
from dataclaw_worlds.aigc.arena_meanings import DeedMeaning, RecordingTruth, find_meanings, liveliest
from dataclaw_worlds.aigc.phrasing import RequestWords, template_request
from dataclaw_worlds.words import words

SEGMENT, NEXT = "video_generation_segment", "world_model_transition"
GENERAL_SHARE, ZH_SHARE, FUZZY_SHARE = 0.15, 0.22, 0.15
_WORDS = words("aigc/arena_requests.toml")
_TEMPLATES = {task: RequestWords.read(_WORDS[task], "c", FUZZY_SHARE, ZH_SHARE) for task in (SEGMENT, NEXT)}


def make_requests(scene: Scene, count: int) -> Sequence[Request]:
    """At most `count` different requests of a recording, both tasks in turn."""
    rng = scene.spec.rng("asks")
    record = RecordingTruth(scene.facts)
    meanings = find_meanings(record)
    # a thing or an outcome needs more understanding than a verb: those come first more often
    meanings.sort(key=lambda one: rng.random() + 0.5 * one.key.startswith("verb"))
    queues = {
        SEGMENT: [m for m in meanings if _cuttable(record, m)],
        NEXT: [m for m in meanings if _has_sequel(record, m.end) and (m.last < 0 or record.is_usable(m.deed))],
    }
    general = {
        SEGMENT: [n for n in range(len(record.deeds)) if record.is_usable(n)],
        NEXT: [n for n in range(len(record.deeds) - 1) if _has_sequel(record, n)],
    }
    whole = {task: rng.random() < 2 * GENERAL_SHARE and bool(numbers) for task, numbers in general.items()}
    used: set[tuple[str, int, int]] = set()
    requests: list[Request] = []
    while len(requests) < count and any((*whole.values(), *queues.values())):
        for task in (SEGMENT, NEXT):
            if whole[task]:
                whole[task] = False
                requests.append(_general(scene.spec, task, record, general[task], rng))
            elif one := _take_unused(queues[task], task, used):
                meaning = {"key": one.key, "deed": one.deed, "last": one.end, "which": list(one.which)}
                clauses = one.en, one.zh
                requests.append(_TEMPLATES[task].request(scene.spec, task, clauses, meaning, rng, clause=True))
    return requests[:count]


def _take_unused(queue: list[DeedMeaning], task: str, used: set[tuple[str, int, int]]) -> DeedMeaning | None:
    """The next meaning whose deeds were not requested yet; the same deeds in other words would give the same answer."""
    while queue:
        one = queue.pop(0)
        if (task, one.deed, one.end) not in used:
            used.add((task, one.deed, one.end))
            return one
    return None


def _cuttable(record: RecordingTruth, one: DeedMeaning) -> bool:
    return record.is_usable(one.deed) if one.last < 0 else record.fits_segment(one.deed, one.last)


def _has_sequel(record: RecordingTruth, deed: int) -> bool:
    """Whether another deed follows in the same take, and both can be cut."""
    if not record.continues(deed):
        return False
    here = record.deeds[deed]
    # standing still looks like a frozen picture
    long = float(here["t1"]) - float(here["clear"][0]) >= record.least and here["verb"] != "wait"
    return long and record.is_usable(deed + 1) and record.is_proved(deed)


def _general(spec: SceneSpec, task: str, record: RecordingTruth, numbers: Sequence[int], rng: random.Random) -> Request:
    """One of the domain's own templates. It means the liveliest deed, or the deed before it."""
    deed = liveliest(record, numbers) if task == SEGMENT else liveliest(record, [n + 1 for n in numbers]) - 1
    fit = [
        t
        for t in wording.allowed_templates(spec, "aigc", task)
        if not any(part in t for part in _WORDS.phrases("unfit"))
    ]
    template = rng.choice(fit or _TEMPLATES[task].plain[:1])
    return template_request(task, template, {"key": "general", "deed": deed})
