"""What can be asked of a lesson at the board, and which step or exercise each request means."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias, cast

from dataclaw.domains.education.intents import parse_intent
from dataclaw.types import Json
from dataclaw.worlds.base import Request, Scene
from dataclaw_worlds.education.board_known import has_reason
from dataclaw_worlds.education.requests import MISTYPED, Templates, is_chinese, take_turns
from dataclaw_worlds.words import words

TASKS = ("stuck_point_tutoring", "lecture_summary", "interleaved_lesson", "concept_qa")
SKIP = ("multiple choice", "exercises", "{n} pictures", "slide")
"""Words of the domain's templates for things that a lesson at the board does not have."""
TURNS = 80
"""Tries to find a request."""
LEAST = 2
"""Fewest questions that are worth asking for."""
LEANING = frozenset({"that", "it", "then", "they", "both", "what", "these", "each", "all", "one"})
"""Reasons that begin with such a word mean nothing without their step."""
Truth: TypeAlias = Mapping[str, Any]
Meant: TypeAlias = tuple[dict[str, Json], dict[str, str]]
"""What a request means, and what fills the slots of its template."""
_WORDS = words("education/board_requests.toml")
_HINTS, _HINTS_ZH, _NTH = _WORDS.table("hints"), _WORDS["hints_zh"], _WORDS.table("nth")


def find_requests(scene: Scene, count: int) -> list[Request]:
    """At most `count` requests; every second one for tutoring, none twice."""
    rng = scene.spec.rng("asks")
    tutoring, *others = (_of_task(scene, task, random.Random(rng.random())) for task in TASKS)
    return take_turns([stream for other in others for stream in (tutoring, other)], count)


def _of_task(scene: Scene, task: str, rng: random.Random) -> Iterator[Request]:
    templates = Templates(scene.spec, task, _WORDS.table(task), SKIP)
    meanings = rng.sample(sorted(templates.by_meaning), len(templates.by_meaning))
    for turn in range(TURNS):
        meaning = meanings[turn % len(meanings)]
        template = rng.choice(templates.by_meaning[meaning])
        chinese = is_chinese(template)
        stuck = task == "stuck_point_tutoring"
        meant = _step(scene, meaning, rng, chinese=chinese) if stuck else _exercise(scene, task, meaning, rng)
        if meant is None:
            continue
        wanted, values = meant
        typo = not chinese and rng.random() < MISTYPED
        text = templates.write(template, values, rng, typo=typo)
        if text is None or not _is_read_right(task, text, wanted):
            continue
        style = templates.style_of(template, typo=typo, fuzzy=meaning in {"hint", "place", "reason", "last"})
        yield Request(task, text, wanted, style, "zh" if chinese else "en", template)


def _step(scene: Scene, meaning: str, rng: random.Random, *, chinese: bool) -> Meant | None:
    """The step that a meaning picks in this lesson, and the words for the slots; None where there is none."""
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
        sort = str(problems[p]["steps"][s]["sort"])
        values["hint"] = str(_HINTS_ZH[sort]) if chinese else rng.choice(_HINTS[sort])
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
            "place": f"第{_NTH['zh'][p]}题" if chinese else f"the {_NTH['en'][p]} exercise",
        }
        if meaning == "place" and len(problems) < 2:
            return None
    elif meaning == "last":
        p = rng.randrange(len(problems))
        s = len(problems[p]["steps"]) - 1
        values = {"place": f"第{_NTH['zh'][p]}题" if chinese else f"exercise {p + 1}"}
    return {"meaning": meaning, "problem": p, "step": s}, values


def _lines(problem: Truth) -> list[str]:
    return [str(problem["statement"]), *(str(step["line"]) for step in problem["steps"])]


def _exercise(scene: Scene, task: str, meaning: str, rng: random.Random) -> Meant | None:
    """The exercises that a meaning picks, and the words for the slots; None where they give too few questions."""
    problems = cast("Sequence[Truth]", scene.facts["problems"])
    wanted: dict[str, Json] = {"meaning": meaning}
    values: dict[str, str] = {}
    if meaning == "count" and task != "concept_qa":
        wanted["count"] = len(problems)
        values["n"] = str(len(problems))
    if "topic" in meaning.split():
        at = rng.randrange(len(problems))
        wanted["problems"] = [at]
        values["topic"] = str(problems[at]["kind"])
    if task == "concept_qa":
        inside = [problems[at] for at in cast("list[int]", wanted.get("problems", range(len(problems))))]
        most = sum(has_reason(step) for problem in inside for step in problem["steps"])
        if most < LEAST:
            return None
        if "count" in meaning.split():
            wanted["count"] = rng.randint(LEAST, min(8, most))
            values["n"] = str(wanted["count"])
    if meaning == "first":
        last = max(line["t1"] for line in scene.facts["said"])
        minutes = rng.randint(1, max(1, int(last // 60)))
        wanted |= {"minutes": minutes, "until": 60.0 * minutes}
        values["n"] = str(minutes)
    return wanted, values


def _is_read_right(task: str, text: str, wanted: Mapping[str, Json]) -> bool:
    """Whether the domain reads the intent as it is meant, or finds nothing in it."""
    read, meaning = parse_intent(text, (0.0, 1e6)), str(wanted["meaning"])
    if bool(read.language) or (read.span != (float("-inf"), float("inf"))) != (meaning == "first"):
        return False
    if task == "stuck_point_tutoring":
        return not read.count and (not read.topic or meaning in {"line", "topic"})
    same = read.count == int(wanted.get("count") or 0) if task == "concept_qa" else not read.count
    counted = same or (task == "lecture_summary" and read.count == wanted.get("count"))
    return counted and bool(read.topic) == ("topic" in meaning.split())
