"""What can be asked of a walk: ways between rooms and things, by name, by use, by time, with detours or without."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from dataclaw.domains.daily.intents import wish_of
from dataclaw.domains.daily.temporal import ASKS
from dataclaw.types import Json
from dataclaw.worlds.base import Ask, Scene
from dataclaw.worlds.daily.forms import clock
from dataclaw.worlds.daily.plan_truth import Plan, part_of, plan_of
from dataclaw.worlds.wording import declared, mistyped, slots

Phrase = tuple[str, str]
TASKS = ("vln_navigation", "temporal_qa")
ROUTES: Sequence[Phrase] = (
    ("how do I get from the {a} to the {thing}", "thing"), ("guide a visitor from the {a} to the {thing}", "thing"),
    ("the way to the {thing}, starting in the {a}", "thing"), ("bring me from the {a} to the {thing}", "thing"),
    ("take a robot from the {a} to the {thing}: words and actions", "thing"), ("I stand in the {a}; where is the {thing}", "thing"),
    ("navigation sample that ends at the {thing} and begins in the {a}", "thing"), ("walk me to the {thing} from the {a}", "thing"),
    ("how do I get from the {a} to the {b}", "room"), ("the shortest way that was walked from the {a} to the {b}", "room"),
    ("from the {a} to the {b}, please", "room"), ("directions from the {a} to the {b}", "room"),
    ("an instruction for an agent that has to go from the {a} to the {b}", "room"), ("I am in the {a} and need to be in the {b}", "room"),
    ("{a} to {b}, forward left right stop", "room"), ("lead somebody out of the {a} and into the {b}", "room"),
    ("how do I get from the room {ause} to the one {buse}", "use"), ("the way from {ause} to {buse}", "use"),
    ("I am {ause}; bring me {buse}", "use"), ("directions to the place {buse}, from the room {ause}", "use"),
    ("from the start to the {thing}", "tothing"), ("where is the {thing}? give me the way from the start", "tothing"),
    ("how did one get to the {thing} from the beginning", "tothing"), ("route to the {thing}", "tothing"),
    ("the way up to the {b}, from where the walk begins", "toroom"), ("how do I reach the {b} from the start", "toroom"),
    ("the first part of the way, up to the {b}", "toroom"), ("bring me from the start to the room {buse}", "toroom"),
    ("the rest of the way, from the {a} on", "fromroom"), ("how does the way go on from the {a}", "fromroom"),
    ("from the {a} to the end of the walk", "fromroom"), ("the way that is left after the {a}", "fromroom"),
    ("the direct way from start to end, detours left out", "direct"), ("same start, same end, but no detours", "direct"),
    ("how do I get to where this ended, in the most direct way that was walked", "direct"), ("skip the wrong turns and give me the route", "direct"),
    ("a route for somebody who knows where to go, dead ends left out", "direct"), ("clean directions: leave out every look into a side room", "direct"),
    ("the whole walk with all its detours", "whole"), ("everything that was walked, room by room", "whole"),
    ("exactly the path of the recording, turning back and all", "whole"), ("describe the full walk through the rooms", "whole"),
    ("the way from {time} to {time} through the house", "span"), ("actions for the stretch {time} to {time}", "span"),
    ("what was walked between {time} and {time}", "span"),
    ("怎么从 {a} 走到 {b}", "room"), ("从 {a} 到 {thing} 怎么走", "thing"), ("从起点到 {b} 的路线", "toroom"), ("不绕路,直接从起点到终点怎么走", "direct"),
    ("整条路线,包括绕路", "whole"), ("带我去 {thing}", "tothing"), ("从 {a} 走到路的尽头", "fromroom"),
    ("something that a lost visitor can use", "direct"), ("teach a robot this house", "whole"), ("get me there", "direct"),
    ("help me make navigation data", "direct"), ("show the way", "direct"),
)  # fmt: skip
TIMES: Sequence[Phrase] = (
    ("when was one in which room", "rooms"), ("{n} questions about the order of the rooms", "rooms"), ("which room came first", "rooms"),
    ("time spans of the rooms", "rooms"), ("sequence of the rooms, as questions", "rooms"), ("ask in which order the rooms were entered", "rooms"),
    ("when are the things seen, question and answer", "things"), ("{n} questions on which thing was seen first", "things"),
    ("order of the furniture along the way", "things"), ("when did the landmarks come into view", "things"),
    ("localise the furniture in time, {n} questions", "things"), ("{n} questions on time and order along the walk", "all"),
    ("when was what passed", "all"), ("chronology of the walk", "all"), ("what came before what on this walk", "all"),
    ("a memory test about the way", "all"), ("temporal questions on this tour", "all"), ("does the model know where it was when", "all"),
    ("{n} questions about when things happen from {time} to {time}", "span"), ("order questions between {time} and {time}", "span"),
    ("when was what seen from {time} to {time}", "span"), ("sort the shuffled pictures of the walk", "all"),
    ("put the frames of this tour back in order", "all"), ("什么时候在哪个房间,问三个问题", "rooms"), ("先看到哪件家具,出两道题", "things"),
    ("房间的先后顺序,问三个问题", "rooms"), ("这次参观的时间题", "all"), ("something about time", "all"), ("a tour quiz on sooner and later", "all"),
)  # fmt: skip
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


def asks(scene: Scene, count: int) -> list[Ask]:
    """At most `count` different asks, tasks in turn."""
    plan, rng = plan_of(scene), scene.lot.rng("asks")
    makers = {task: _of_task(scene, plan, task, rng) for task in TASKS}
    found: list[Ask] = []
    while len(found) < count and makers:
        for task in list(makers):
            fresh = next(makers[task], None)
            if fresh is None:
                del makers[task]
            elif len(found) < count:
                found.append(fresh)
    return found


def _of_task(scene: Scene, plan: Plan, task: str, rng: random.Random) -> Iterator[Ask]:
    own = ROUTES if task == "vln_navigation" else TIMES
    patterns = [_Pattern(text, _meaning(text, task), "template") for text in declared("daily", task)]
    patterns += [_Pattern(text, meaning, "paraphrase" if len(text) > 24 else "fuzzy") for text, meaning in own]
    allowed = set(scene.lot.pool([p.text for p in patterns], "template"))
    left = [p for p in patterns if p.text in allowed]
    rng.shuffle(left)
    used: set[str] = set()
    while left:
        meanings = sorted(sorted({p.meaning for p in left}), key=lambda m: (m in used, rng.random()))
        pattern = next(p for p in left if p.meaning == meanings[0])
        left.remove(pattern)
        made = _filled(pattern, plan, task, rng)
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


def _filled(pattern: _Pattern, plan: Plan, task: str, rng: random.Random) -> Ask | None:
    found = _wish(pattern.meaning, plan, rng)
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
    rule = wish_of(intent, (0.0, plan.end))
    if rule.limited != (span is not None) or (task == "temporal_qa" and (rule.topics or rule.without)):
        return None
    wish |= {"count": rule.count} if rule.count is not None and task == "temporal_qa" else {}
    language = "zh" if _CHINESE.search(intent) else "en"
    if rule.chinese != (language == "zh"):
        return None
    wish |= _kinds(intent, rule.kinds) if task == "temporal_qa" else {}
    if task == "vln_navigation" and not _walkable(plan, wish):
        return None
    made = Ask(task, intent, wish, pattern.style, language, pattern.text)
    typed = mistyped(intent, rng) if language == "en" and rng.random() < TYPOS else intent
    if typed != intent and wish_of(typed, (0.0, plan.end)) == rule:
        return replace(made, intent=typed, style="typo")
    return made


def _kinds(intent: str, kinds: Sequence[str]) -> dict[str, Json]:
    found = [kind for kind in kinds if kind in ASKS and kind != "state_change"]
    if found == ["order"] and _FRAMES.search(intent.lower()):
        found = ["frame_order"]
    return {"kinds": found} if found else {}


def _walkable(plan: Plan, wish: Mapping[str, Json]) -> bool:
    """Whether the part is long enough to be a way."""
    part = part_of(plan, wish)
    if part is None:
        return False
    low, high = part.t0 or 0.0, part.t1 if part.t1 is not None else plan.end
    return high - low - sum(b - a for a, b in part.without) > 7.0


def _wish(meaning: str, plan: Plan, rng: random.Random) -> tuple[dict[str, Json], dict[str, str]] | None:
    """What a pattern asks for here, and the words for its slots."""
    if meaning in {"whole", "direct", "span", "all"}:
        return ({"direct": True} if meaning == "direct" else {"whole": True} if meaning == "whole" else {}), {}
    if meaning in {"rooms", "things"}:
        return {"only": meaning.removesuffix("s")}, {}
    if meaning == "topic":
        return None
    stays = [v for v in plan.visits if not v.detour and v.told]
    rooms = list(dict.fromkeys(v.room for v in stays))
    if len(rooms) < 3:
        return None
    at, to = sorted(rng.sample(range(len(rooms)), 2))
    a, b = rooms[at], rooms[to]
    things = [p for p in plan.things() if p.room in rooms[at + 1 :]]
    thing = rng.choice(things).name if things else ""
    words = {
        "a": plan.names[a], "b": plan.names[b], "thing": thing, "ause": plan.uses[a], "buse": plan.uses[b],
    }  # fmt: skip
    if meaning in {"thing", "tothing"} and not thing:
        return None
    wish: dict[str, Json] = {"direct": True}
    wish |= {"from": a} if meaning in {"thing", "room", "use", "fromroom"} and at else {}
    wish |= {"to": b} if meaning in {"room", "use", "toroom"} else {"thing": thing} if "thing" in meaning else {}
    return (wish, words) if wish.keys() - {"direct"} else None


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
