"""What can be asked of a lecture, and what each request means."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from dataclaw.domains.education.intents import parse_intent
from dataclaw.types import Json
from dataclaw.worlds.base import Request, Scene
from dataclaw_worlds.education.requests import MISTYPED, Templates, is_chinese, take_turns
from dataclaw_worlds.words import words

TASKS = ("lecture_summary", "concept_qa", "interleaved_lesson")
SKIP = ("multiple choice", "exercises", "{n} pictures")
"""Words of the domain's templates for things that only some lectures have, or that nobody knows before the slides."""
TURNS = 60
"""Tries to find a request; the first half of them pass over requests whose answer an earlier request has already."""
NARROW_MOST = 4
"""Most questions about a part of a lecture that the intent points at indirectly."""
_WORDS = words("education/talk_requests.toml")
_KINDS, _PLACES, _LAST = (_WORDS.table(key) for key in ("kinds", "places", "last"))


def find_requests(scene: Scene, count: int) -> list[Request]:
    """At most `count` requests, tasks in turn, none twice."""
    rng = scene.spec.rng("asks")
    tasks = [task for task in TASKS if task != "interleaved_lesson" or scene.facts["slides"]]
    return take_turns([_of_task(scene, task, random.Random(rng.random())) for task in tasks], count)


def _of_task(scene: Scene, task: str, rng: random.Random) -> Iterator[Request]:
    """Requests for a task, the meanings in turn, as far as the lecture has an answer to them."""
    templates = Templates(scene.spec, task, _WORDS.table(task), SKIP)
    meanings = rng.sample(sorted(templates.by_meaning), len(templates.by_meaning))
    answered: set[str] = set()
    for turn in range(TURNS):
        meaning = meanings[turn % len(meanings)]
        template = rng.choice(templates.by_meaning[meaning])
        wanted = _meaning(scene, task, meaning, rng)
        if wanted is None or (turn < TURNS / 2 and _answer_of(task, wanted) in answered):
            continue
        request = _request(scene, task, templates, template, wanted, rng)
        if request is not None:
            answered.add(_answer_of(task, wanted))
            yield request


def _answer_of(task: str, meaning: Mapping[str, Json]) -> str:
    """What an answer depends on: requests that differ in their words alone have the same answer."""
    plain = {"meaning", "minutes", *(() if task == "concept_qa" else ("count",))}
    return str(sorted((key, value) for key, value in meaning.items() if key not in plain))


def _meaning(scene: Scene, task: str, meaning: str, rng: random.Random) -> dict[str, Json] | None:
    """What a request of a meaning wants from this lecture; None where there is no answer."""
    topics = cast("Sequence[Mapping[str, Any]]", scene.facts["topics"])
    parts = set(meaning.split())
    wanted: dict[str, Json] = {"meaning": meaning}
    if {"topic", "hint", "place"} & parts:
        wanted["topics"] = [rng.randrange(len(topics))]
    if "first" in parts:
        last = max(line["t1"] for line in scene.facts["said"])
        wanted["minutes"] = rng.randint(1, max(1, int(last // 60)))
        wanted["until"] = 60.0 * int(wanted["minutes"])
    if "exam" in parts:
        wanted["exam"] = True
    facts = _facts(topics, wanted)
    if "kind" in parts:
        counts = {kind: sum(f["kind"] == kind for f in facts) for kind in _KINDS}
        rich = [kind for kind, n in counts.items() if n >= 2]
        if not rich:
            return None
        wanted["kind"] = rng.choice(rich)
        facts = _facts(topics, wanted)
    if "count" in parts and task == "lecture_summary":
        wanted["count"] = len(topics)
    elif "count" in parts:
        most = len(facts)
        if most < 2:
            return None
        narrow = {"exam", "kind", "place", "hint"} & parts
        wanted["count"] = rng.randint(2, min(most, NARROW_MOST)) if narrow else rng.randint(2, min(most, 8))
    if "exam" in parts and len(facts) < 2:
        return None
    return wanted


def _facts(topics: Sequence[Mapping[str, Any]], wanted: Mapping[str, Json]) -> list[Mapping[str, Any]]:
    """The facts that a request is about, as far as the lecturer says them clearly."""
    numbers = wanted.get("topics")
    chosen = [t for k, t in enumerate(topics) if numbers is None or k in numbers]
    facts = [fact for topic in chosen for fact in topic["facts"] if fact["told"] and not fact["unclear"]]
    facts = [fact for fact in facts if fact["exam"] or not wanted.get("exam")]
    return [fact for fact in facts if wanted.get("kind") in (None, fact["kind"])]


def _request(
    scene: Scene, task: str, templates: Templates, template: str, wanted: dict[str, Json], rng: random.Random
) -> Request | None:
    """The request; None where the domain reads its words as something else."""
    chinese = is_chinese(template)
    typo = not chinese and rng.random() < MISTYPED
    text = templates.write(template, _values(scene, wanted, rng, chinese=chinese), rng, typo=typo)
    if text is None or not _is_read_right(task, text, wanted):
        return None
    fuzzy = bool({"hint", "place", "exam"} & set(str(wanted["meaning"]).split()))
    style = templates.style_of(template, typo=typo, fuzzy=fuzzy)
    return Request(task, text, wanted, style, "zh" if chinese else "en", template)


def _is_read_right(task: str, text: str, wanted: Mapping[str, Json]) -> bool:
    read = parse_intent(text, (0.0, 1e6))
    count, names_topic = int(wanted.get("count") or 0), bool(read.topic)
    parts = set(str(wanted["meaning"]).split())
    if (read.count and read.count != count) or (names_topic and not {"topic", "hint"} & parts) or read.language:
        return False
    if count and not read.count and task == "concept_qa":
        return False
    if (read.span != (float("-inf"), float("inf"))) != ("first" in parts):
        return False
    return task != "lecture_summary" or "topic" not in parts or names_topic


def _values(scene: Scene, wanted: Mapping[str, Json], rng: random.Random, *, chinese: bool) -> dict[str, str]:
    """What fills the slots of a template."""
    topics = cast("Sequence[Mapping[str, Any]]", scene.facts["topics"])
    language = "zh" if chinese else "en"
    values: dict[str, str] = {}
    if "topics" in wanted:
        at = int(wanted["topics"][0])
        term = str(topics[at]["term"])
        term = term.partition(" ")[2] if chinese and term.partition(" ")[0] in {"a", "an", "the"} else term
        told = [
            line["fact"] for line in scene.facts["said"] if line["topic"] == at and line["role"] in {"fact", "slip"}
        ]
        # elsewhere the term comes after what is asked about
        defined = "topic" in str(wanted["meaning"]).split() and told[:1] == [0]
        names = [str(topics[at]["title"]), *([term] if defined else [])]
        values["topic"] = rng.choice(names)
        clear = [fact for fact in topics[at]["facts"] if fact["told"] and not fact["unclear"]]
        values["question"] = str(rng.choice(clear)["question"]) if clear else ""
        last = at == len(topics) - 1 and at > 0 and rng.random() < 0.5
        values["place"] = rng.choice(_LAST[language]) if last else _PLACES[language][at]
    if "minutes" in wanted:
        values["n"] = str(wanted["minutes"])
    if "count" in wanted:
        values["n"] = str(wanted["count"])
    if "kind" in wanted:
        values["kind"] = rng.choice(_KINDS[str(wanted["kind"])])
    return values
