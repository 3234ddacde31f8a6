"""Requests for parts of a cut, and for all of it."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence

from dataclaw.domains.aigc import operations
from dataclaw.domains.aigc.intents import parse_intent
from dataclaw.types import Json
from dataclaw.worlds import wording
from dataclaw.worlds.base import Request, Scene, SceneSpec
from dataclaw_worlds.aigc.cuts_groups import ClipGroup, find_groups
from dataclaw_worlds.aigc.phrasing import RequestWords, template_request
from dataclaw_worlds.words import words

TASK = "edit_plan"
WHOLE = 30
"""Most events of a cut whose whole plan is requested."""
WHOLE_SHARE, FUZZY_SHARE, ZH_SHARE = 0.15, 0.12, 0.25
_WORDS = words("aigc/cuts_requests.toml")
_TEMPLATES = RequestWords.read(_WORDS["templates"], "np", FUZZY_SHARE, ZH_SHARE)


def make_requests(scene: Scene, count: int) -> Sequence[Request]:
    """At most `count` different requests of a cut."""
    rng = scene.spec.rng("asks")
    found = find_groups(scene.facts)
    rng.shuffle(found)
    kinds: dict[str, list[ClipGroup]] = {}
    for group in found:
        kinds.setdefault(group.key.partition(":")[0], []).append(group)
    whole = list(_whole(scene, rng))
    rng.shuffle(whole)
    requests: list[Request] = []
    queue = [
        group
        for turn in range(max(map(len, kinds.values()), default=0))
        for kind in _shuffle_keys(kinds, rng)
        for group in kinds[kind][turn : turn + 1]
    ]
    while len(requests) < count and (queue or whole):
        if whole and (not queue or rng.random() < WHOLE_SHARE):
            requests.append(whole.pop())
        else:
            requests.append(_request(scene.spec, queue.pop(0), rng))
    return requests


def _shuffle_keys(kinds: Mapping[str, list[ClipGroup]], rng: random.Random) -> list[str]:
    names = list(kinds)
    rng.shuffle(names)
    return names


def _request(spec: SceneSpec, group: ClipGroup, rng: random.Random) -> Request:
    meaning: dict[str, Json] = {
        "key": group.key,
        "events": list(group.events),
        "np": group.en[0],
        "np_zh": group.zh[0],
        "why": group.why,
        "why_zh": group.why_zh,
        "proof": list(group.proof),
    }
    return _TEMPLATES.request(spec, TASK, (group.en, group.zh), meaning, rng)


def _whole(scene: Scene, rng: random.Random) -> Iterator[Request]:
    """The domain's own templates that fit a cut: they mean all of it, or what the domain's patterns find in it."""
    events: Sequence[Mapping[str, Json]] = scene.facts["events"]
    for template in wording.allowed_templates(scene.spec, "aigc", TASK):
        intent = wording.fill_template(template, {"n": str(rng.randint(2, 6))})
        if intent is None or any(other in template.casefold() for other in _WORDS.phrases("unfit")):
            continue
        parsed = parse_intent(intent, (0.0, 1e6))
        kept = [
            e
            for e in events
            if not operations.refusal(
                str(e["kind"]),
                (0.0, 1.0),
                {"track_kind": "video" if str(e["track"]).startswith("V") else "audio"},
                parsed,
            )
        ]
        size = operations.first_of([str(e["kind"]) for e in kept], parsed)
        if 0 < size <= WHOLE:
            yield template_request(TASK, template, {"key": "whole"}, intent)
