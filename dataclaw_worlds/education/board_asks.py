"""What can be asked of a lesson at the board, and which step or exercise each ask means."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, cast

from dataclaw.domains.education.intents import parse_intent
from dataclaw.types import Json
from dataclaw.worlds.base import Request, Scene
from dataclaw.worlds.wording import filled, mistyped
from dataclaw_worlds.education.board_qa import askable
from dataclaw_worlds.education.board_sayings import EXERCISES, REASONS, SOLUTIONS, TUTORING
from dataclaw_worlds.education.hints import HINTS, NTH, NTH_ZH
from dataclaw_worlds.education.sayings import Sayings, allowed_by_meaning, is_chinese, plural, wrapped

OWN: Mapping[str, Sayings] = {
    "stuck_point_tutoring": TUTORING,
    "lecture_summary": EXERCISES,
    "interleaved_lesson": SOLUTIONS,
    "concept_qa": REASONS,
}
SKIP = ("multiple choice", "exercises", "{n} pictures", "slide")
"""Of the domain's templates: what a lesson at the board does not have."""
MISTYPED = 0.12
LEAST = 2
"""Fewest questions that are worth asking for."""
LEANING = frozenset({"that", "it", "then", "they", "both", "what", "these", "each", "all", "one"})
"""Reasons that begin with such a word cannot be told without their step."""
Truth = Mapping[str, Any]


def asks(scene: Scene, count: int) -> list[Request]:
    """At most `count` things to ask; every second one for tutoring, none twice."""
    rng = scene.spec.rng("asks")
    streams = [_of_task(scene, task, random.Random(rng.random())) for task in OWN]
    turns = [streams[0], streams[1], streams[0], streams[2], streams[0], streams[3]]
    found: dict[tuple[str, str], Request] = {}
    for turn in range(count * 4):
        one = next(turns[turn % len(turns)], None)
        if one is not None:
            found.setdefault((one.task, one.intent), one)
        if len(found) == count:
            break
    return list(found.values())


def _of_task(scene: Scene, task: str, rng: random.Random) -> Iterator[Request]:
    known = allowed_by_meaning(scene.spec, task, OWN[task], SKIP)
    meanings = rng.sample(sorted(known), len(known))
    for turn in range(80):
        meaning = meanings[turn % len(meanings)]
        template = rng.choice(known[meaning])
        chinese = is_chinese(template)
        stuck = task == "stuck_point_tutoring"
        found = _step(scene, meaning, rng, chinese=chinese) if stuck else _exercise(scene, task, meaning, rng)
        if found is None:
            continue
        wish, values = found
        typed = not chinese and rng.random() < MISTYPED
        text = filled(mistyped(template, rng) if typed else template, values)
        own = template in {t for texts in OWN[task].values() for t in texts}
        text = plural(wrapped(text, rng) if own else text) if text else None
        if text is None or not _fits(task, meaning, text, wish):
            continue
        fuzzy = meaning in {"hint", "place", "reason", "last"}
        style: Literal["template", "paraphrase", "typo", "fuzzy"] = "template"
        style = "typo" if typed else style if not own else "fuzzy" if fuzzy else "paraphrase"
        yield Request(task, text, wish, style, "zh" if chinese else "en", template)


def _step(
    scene: Scene, meaning: str, rng: random.Random, *, chinese: bool
) -> tuple[dict[str, Json], dict[str, str]] | None:
    """The step that a meaning picks in this lesson, and what its words are filled with; None where it picks none."""
    problems = cast("Sequence[Truth]", scene.facts["problems"])
    steps = [(p, s) for p, problem in enumerate(problems) for s in range(len(problem["steps"]))]
    stuck = [(p, int(problem["stuck"])) for p, problem in enumerate(problems) if problem["stuck"] >= 0]
    values: dict[str, str] = {}
    p, s = stuck[0]
    if meaning == "hint":
        sorts = [problems[a]["steps"][b]["sort"] for a, b in steps]
        alone = [place for place, sort in zip(steps, sorts, strict=True) if sorts.count(sort) == 1]
        if not alone:
            return None
        p, s = rng.choice(alone)
        english, other = HINTS[problems[p]["steps"][s]["sort"]]
        values["hint"] = other if chinese else rng.choice(english)
    elif meaning in {"line", "reason"}:
        p, s = rng.choice(steps)
        lines = [problems[p]["statement"], *(step["line"] for step in problems[p]["steps"])]
        values = {"line": str(lines[s]), "reason": str(problems[p]["steps"][s]["reason"])}
        every = [str(step["reason"]) for q in problems for step in q["steps"]]
        twice = [line for q in problems for line in _lines(q)].count(lines[s]) > 1
        vague = every.count(values["reason"]) > 1 or values["reason"].split()[0] in LEANING
        if (twice and meaning == "line") or (vague and meaning == "reason"):
            return None
    elif meaning in {"topic", "place"}:
        p, s = rng.choice(stuck)
        values = {
            "topic": str(problems[p]["kind"]),
            "place": f"第{NTH_ZH[p]}题" if chinese else f"the {NTH[p]} exercise",
        }
        if meaning == "place" and len(problems) < 2:
            return None
    elif meaning == "last":
        p = rng.randrange(len(problems))
        s = len(problems[p]["steps"]) - 1
        values = {"place": f"第{NTH_ZH[p]}题" if chinese else f"exercise {p + 1}"}
    wish: dict[str, Json] = {"meaning": meaning, "problem": p, "step": s}
    return wish, values


def _lines(problem: Truth) -> list[str]:
    return [str(problem["statement"]), *(str(step["line"]) for step in problem["steps"])]


def _exercise(
    scene: Scene, task: str, meaning: str, rng: random.Random
) -> tuple[dict[str, Json], dict[str, str]] | None:
    """The exercises that a meaning picks; None where they give too few questions."""
    problems = cast("Sequence[Truth]", scene.facts["problems"])
    wish: dict[str, Json] = {"meaning": meaning}
    values: dict[str, str] = {}
    if meaning == "count" and task != "concept_qa":
        wish["count"] = len(problems)
        values["n"] = str(len(problems))
    if "topic" in meaning.split():
        at = rng.randrange(len(problems))
        wish["problems"] = [at]
        values["topic"] = str(problems[at]["kind"])
    if task == "concept_qa":
        inside = [problems[at] for at in cast("list[int]", wish.get("problems", range(len(problems))))]
        most = sum(askable(step) for problem in inside for step in problem["steps"])
        if most < LEAST:
            return None
        if "count" in meaning.split():
            wish["count"] = rng.randint(LEAST, min(8, most))
            values["n"] = str(wish["count"])
    if meaning == "first":
        last = max(line["t1"] for line in scene.facts["said"])
        minutes = rng.randint(1, max(1, int(last // 60)))
        wish |= {"minutes": minutes, "until": 60.0 * minutes}
        values["n"] = str(minutes)
    return wish, values


def _fits(task: str, meaning: str, text: str, wish: Mapping[str, Json]) -> bool:
    """Whether the domain's own reader takes the words as they are meant, or takes nothing from them."""
    read = parse_intent(text, (0.0, 1e6))
    if bool(read.language) or (read.span != (float("-inf"), float("inf"))) != (meaning == "first"):
        return False
    if task != "stuck_point_tutoring":
        same = read.count == int(wish.get("count") or 0) if task == "concept_qa" else not read.count
        counted = same or (task == "lecture_summary" and read.count == wish.get("count"))
        return counted and bool(read.topic) == ("topic" in meaning.split())
    return not read.count and (not read.topic or meaning in {"line", "topic"})
