"""Requests for an episode: every task in turn, in words made from what really happened."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast

from dataclaw.domains.embodied.intents import parse_intent
from dataclaw.types import Json
from dataclaw.worlds.base import Request, Scene, is_held
from dataclaw.worlds.wording import TEMPLATE, declared_templates, mistype
from dataclaw_worlds.embodied.acts import EpisodeAct, acts_in
from dataclaw_worlds.embodied.instruction import names_of
from dataclaw_worlds.motion import motion_requests
from dataclaw_worlds.words import words

TASKS = (
    "describe_subtask",
    "interleaved_tutorial",
    "fault_recovery",
    "predict_next_primary_subtask",
    "action_trajectory",
)
LONG = 0.6
"""An act that a request names lasts at least so long [s]."""
LONG_WAIT = 1.0
"""A wait that a request names lasts at least so long [s]; the hand needs some of it to come to rest."""
COUNTS = {2: ("two", "2"), 3: ("three", "3"), 4: ("four", "4"), 5: ("five", "5")}
_UNFIT = ("camera", "pose", "{n} longest")
"""Templates with these words do not fit a measured arm."""
Language = Literal["en", "zh"]
_INTENTS = words("embodied/intents.toml")


def _both(name: str, kind: str | None = None) -> tuple[Sequence[str], Sequence[str]]:
    """Phrases of `intents.toml` in English and Chinese."""
    return _INTENTS.phrases(name, kind), _INTENTS.phrases(f"{name}_zh", kind)


@dataclass(frozen=True, slots=True)
class RequestIdea:
    """A request before it is put into words.

    Attributes:
        meaning: as in `Request`.
        cores: what it may be called, English and Chinese.
        frames: what stands around it, with `{c}` for what it is called.
        values: what its other slots are filled with.
    """

    meaning: Mapping[str, Json]
    cores: tuple[Sequence[str], Sequence[str]]
    frames: tuple[Sequence[str], Sequence[str]] = _both("around")
    values: tuple[Mapping[str, str], Mapping[str, str]] = ({}, {})


def requests_of(scene: Scene, count: int) -> list[Request]:
    """At most `count` different requests for a scene, the tasks in turn; those for triplets of questions come last."""
    asked = motion_requests(scene, "embodied", count)
    return [*_own_requests(scene, count - len(asked)), *asked]


def _own_requests(scene: Scene, count: int) -> list[Request]:
    rng = scene.spec.rng("asks")
    order = rng.sample(TASKS, len(TASKS))
    found: list[Request] = []
    for k in range(4 * count):
        if len(found) == count:
            break
        request = _draw_request(scene, order[k % len(order)], rng)
        if request is not None and all(request.intent != other.intent for other in found):
            found.append(request)
    return found


def _draw_request(scene: Scene, task: str, rng: random.Random) -> Request | None:
    if rng.random() < 0.22:
        return _declared_request(scene, task, rng)
    if rng.random() < 0.04:
        text = rng.choice(scene.spec.pool(_INTENTS.phrases("mild"), TEMPLATE))
        return Request(task, text, {}, "fuzzy", _language(text), text)
    picks = {
        "describe_subtask": _parts,
        "predict_next_primary_subtask": _turns,
        "interleaved_tutorial": _lessons,
        "action_trajectory": _lists,
        "fault_recovery": _faults,
    }[task](scene, rng)
    return _put_into_words(scene, task, rng.choice(picks), rng) if picks else None


def _put_into_words(scene: Scene, task: str, pick: RequestIdea, rng: random.Random) -> Request | None:
    names = names_of(scene)
    zh = rng.random() < 0.22
    cores, frames, values = pick.cores[zh], pick.frames[zh], pick.values[zh]
    made = [f.replace("{c}", c) for f in frames for c in cores]
    templates = [t for t in made if is_held(f"{TEMPLATE}:{t}") == (scene.spec.split == "held")]
    if not templates:
        return None
    template = rng.choice(templates)
    named = rng.random() < 0.75
    thing = (names.thing_zh if zh else names.thing) if named else ("它" if zh else "thing")
    goal = names.goal_zh if zh else names.goal
    text = template.format(t=thing, g=goal, g0=f"how to {goal}", **values)
    style: Literal["paraphrase", "typo"] = "paraphrase"
    if not zh and rng.random() < 0.12:
        text, style = mistype(text, rng, rng.choice((1, 2))), "typo"
    request = Request(task, text, dict(pick.meaning), style, "zh" if zh else "en", template)
    return request if _is_clear(scene, request) else None


def _is_clear(scene: Scene, request: Request) -> bool:
    """Whether the domain's rules read the words as they are meant."""
    wish = parse_intent(request.intent, (0.0, _duration(scene)))
    if request.task == "fault_recovery":
        return wish.family in ("", str(request.meaning.get("family", "")))
    count = int(cast("int", request.meaning.get("count", 0)))
    return not wish.only and not wish.without and wish.count in (0, count) and wish.at is None


def _declared_request(scene: Scene, task: str, rng: random.Random) -> Request | None:
    whole = _INTENTS.phrases("whole", task)
    fit = [t for t in (*declared_templates("embodied", task), *whole) if not any(word in t for word in _UNFIT)]
    template = rng.choice(scene.spec.pool(fit, TEMPLATE))
    end = _duration(scene)
    values: dict[str, str] = {}
    meaning: dict[str, Json] = {}
    if "{n}" in template:
        number = (
            rng.choice((2, 3, 4))
            if "steps" in template or "segments" in template
            else round(rng.uniform(0.5, 0.8) * end)
        )
        values["n"] = str(number)
        meaning["count"] = number
    text = template
    moments = sorted(round(rng.uniform(0.05, 0.95) * end, 1) for _ in range(template.count("{time}")))
    if len(moments) == 2 and moments[1] - moments[0] < 2.0:
        moments = [max(0.0, round(moments[0] - 1.5, 1)), min(round(moments[1] + 1.5, 1), round(end, 1))]
    for moment in moments:
        text = text.replace("{time}", f" {moment:g} 秒" if _language(template) == "zh" else f"{moment:g} s", 1)
    if len(moments) == 1:
        meaning["at"] = moments[0]
    text = text.format(**values)
    family = parse_intent(text, (0.0, end)).family
    if family:
        meaning["family"] = family
        if family not in _families(scene):
            return None
    style: Literal["template", "paraphrase"] = "paraphrase" if template in whole else "template"
    return Request(task, text.strip(), meaning, style, _language(text), template)


def _language(text: str) -> Language:
    return "zh" if any("\u4e00" <= letter <= "\u9fff" for letter in text) else "en"


def _duration(scene: Scene) -> float:
    return float(cast("int", scene.facts["rows"])) / float(cast("float", scene.facts["rate"]))


def _long(scene: Scene, act: EpisodeAct) -> bool:
    least = LONG_WAIT if act.kind == "wait" else LONG
    return (act.last - act.first + 1) / float(cast("float", scene.facts["rate"])) >= least


def _parts(scene: Scene, rng: random.Random) -> list[RequestIdea]:
    """Requests for an act by its name; a second try has a name of its own."""
    del rng
    acts = acts_in(scene.facts)
    found: list[RequestIdea] = []
    for act in acts:
        key = act.cause or act.kind
        same = [a for a in acts if (a.cause or a.kind) == key]
        if not _long(scene, act):
            continue
        if len(same) == 1:
            cores = _both("parts", key)
        elif act.kind == "move" and act.attempt > 1 and act == same[-1]:
            cores = _both("again")
        else:
            continue
        found.append(RequestIdea({"act": act.first}, cores, _both("describe")))
    return found


def _turns(scene: Scene, rng: random.Random) -> list[RequestIdea]:
    """Requests for what follows an act."""
    del rng
    acts = primary_acts(scene)
    found: list[RequestIdea] = []
    for act in acts[:-1]:
        if act.kind in _INTENTS["reached"] and sum(a.kind == act.kind for a in acts) == 1 and _long(scene, act):
            cores = _both("reached", act.kind)
            found.append(RequestIdea({"after": act.first}, cores, _both("predict")))
    return found


def primary_acts(scene: Scene) -> list[EpisodeAct]:
    """Acts as subtasks: a wait or a hesitation joins the one before."""
    found: list[EpisodeAct] = []
    for act in acts_in(scene.facts):
        same = found and (found[-1].kind, found[-1].attempt) == (act.kind, act.attempt)
        if act.kind not in ("wait", "hesitate") and not same:
            found.append(act)
    return found


def _lessons(scene: Scene, rng: random.Random) -> list[RequestIdea]:
    kinds = {a.kind for a in acts_in(scene.facts)}
    count = rng.choice((2, 3, 3, 4))
    meanings: dict[str, dict[str, Json]] = {"": {}, "count": {"count": count}}
    if kinds & {"move", "lift"}:
        meanings |= {"before": {"part": "before"}, "after": {"part": "after"}}
    if kinds & {"miss", "drop"}:
        meanings["failed"] = {"failed": True}
    spelled = rng.choice(COUNTS[count])
    values = ({"n": spelled}, {"n": str(count)})
    return [RequestIdea(meaning, _both("teach", key), values=values) for key, meaning in meanings.items()]


def _lists(scene: Scene, rng: random.Random) -> list[RequestIdea]:
    del rng
    acts = acts_in(scene.facts)
    kinds = {a.kind for a in acts}
    parts = ["", "hand"]
    if any(a.kind in ("move", "lift") and _long(scene, a) for a in acts):
        parts += ["before", "after", "moving"]
    if any(a.kind == "wait" and _long(scene, a) for a in acts):
        parts += ["still", "active"]
    if kinds & {"miss", "drop"}:
        parts += ["good", "failed", "good", "failed"]
    return [RequestIdea({"part": part}, _both("list", part)) for part in parts]


def _families(scene: Scene) -> list[str]:
    """Families of faults that an episode shows or that a held frame can make."""
    acts = acts_in(scene.facts)
    grasps = names_of(scene).skill.style == "grasp"  # a closed hand that pushes measures as one that carries
    keys = {a.cause or a.kind for a in acts if a.kind != "hesitate" or grasps}
    found = [name for name, key in (("early_stagnation", "late"), ("hesitation_loop", "hesitate")) if key in keys]
    found += ["approach_stall"] if "reach" in keys else []
    return found + (["unstable_grasp"] if keys & {"miss", "drop"} else [])


def _faults(scene: Scene, rng: random.Random) -> list[RequestIdea]:
    del rng
    found = [RequestIdea({}, _both("fault", ""))]
    return found + [RequestIdea({"family": f}, _both("fault", f)) for f in _families(scene)]
