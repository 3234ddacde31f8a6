"""What can be asked of a lecture, and what each ask means."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, cast

from dataclaw.domains.education.intents import parse_intent
from dataclaw.types import Json
from dataclaw.worlds.base import Request, Scene
from dataclaw.worlds.wording import filled, mistyped, slots
from dataclaw_worlds.education.sayings import (
    KINDS,
    LAST,
    LESSON,
    PLACES,
    QUESTIONS,
    SUMMARY,
    Sayings,
    allowed_by_meaning,
    is_chinese,
    plural,
    wrapped,
)

OWN: Mapping[str, Sayings] = {"lecture_summary": SUMMARY, "concept_qa": QUESTIONS, "interleaved_lesson": LESSON}
SKIP = ("multiple choice", "exercises", "{n} pictures")
"""Of the domain's templates: what only some lectures have, or what is not known before the slides are."""
MISTYPED = 0.12
TURNS = 60
"""Tries to ask something; in the first half of them nothing is asked whose answer was asked for in other words."""
LEAST = 4
"""Facts of a topic that make it worth a quiz of its own, and most questions asked for."""


def asks(scene: Scene, count: int) -> list[Request]:
    """At most `count` things to ask, tasks in turn, none twice."""
    rng = scene.spec.rng("asks")
    tasks = [task for task in OWN if task != "interleaved_lesson" or scene.facts["slides"]]
    streams = [_of_task(scene, task, random.Random(rng.random())) for task in tasks]
    found: dict[tuple[str, str], Request] = {}
    for turn in range(count * 4):
        one = next(streams[turn % len(streams)], None)
        if one is not None:
            found.setdefault((one.task, one.intent), one)
        if len(found) == count:
            break
    return list(found.values())


def _of_task(scene: Scene, task: str, rng: random.Random) -> Iterator[Request]:
    """Things to ask for a task, the meanings in turn, as far as the lecture has an answer to them."""
    known = allowed_by_meaning(scene.spec, task, OWN[task], SKIP)
    meanings = rng.sample(sorted(known), len(known))
    answered: set[str] = set()
    for turn in range(TURNS):
        meaning = meanings[turn % len(meanings)]
        template = rng.choice(known[meaning])
        wish = _wish(scene, task, meaning, rng)
        if wish is None or (turn < TURNS / 2 and _answer_of(task, wish) in answered):
            continue
        made = _made(scene, task, template, meaning, wish, rng)
        if made is not None:
            answered.add(_answer_of(task, wish))
            yield made


def _answer_of(task: str, wish: Mapping[str, Json]) -> str:
    """What an answer depends on: asks that differ in their words alone are answered in the same way."""
    plain = {"meaning", "minutes", *(() if task == "concept_qa" else ("count",))}
    return str(sorted((key, value) for key, value in wish.items() if key not in plain))


def _wish(scene: Scene, task: str, meaning: str, rng: random.Random) -> dict[str, Json] | None:
    """What a meaning comes to in this lecture; None where it has no answer."""
    topics = cast("Sequence[Mapping[str, Any]]", scene.facts["topics"])
    words = meaning.split()
    wish: dict[str, Json] = {"meaning": meaning}
    if {"topic", "hint", "place"} & set(words):
        wish["topics"] = [rng.randrange(len(topics))]
    if "first" in words:
        last = max(line["t1"] for line in scene.facts["said"])
        wish["minutes"] = rng.randint(1, max(1, int(last // 60)))
        wish["until"] = 60.0 * int(wish["minutes"])
    if "exam" in words:
        wish["exam"] = True
    facts = _facts(topics, wish)
    if "kind" in words:
        counts = {kind: sum(f["kind"] == kind for f in facts) for kind in KINDS}
        rich = [kind for kind, n in counts.items() if n >= 2]
        if not rich:
            return None
        wish["kind"] = rng.choice(rich)
        facts = _facts(topics, wish)
    if "count" in words and task == "lecture_summary":
        wish["count"] = len(topics)
    elif "count" in words:
        most = len(facts)
        if most < 2:
            return None
        narrow = {"exam", "kind", "place", "hint"} & set(words)
        wish["count"] = rng.randint(2, min(most, LEAST)) if narrow else rng.randint(2, min(most, 8))
    if "exam" in words and len(facts) < 2:
        return None
    return wish


def _facts(topics: Sequence[Mapping[str, Any]], wish: Mapping[str, Json]) -> list[Mapping[str, Any]]:
    """Facts that a wish leaves, as far as they are told clearly."""
    asked = wish.get("topics")
    chosen = [t for k, t in enumerate(topics) if asked is None or k in asked]
    facts = [fact for topic in chosen for fact in topic["facts"] if fact["told"] and not fact["unclear"]]
    facts = [fact for fact in facts if fact["exam"] or not wish.get("exam")]
    return [fact for fact in facts if wish.get("kind") in (None, fact["kind"])]


def _made(
    scene: Scene, task: str, template: str, meaning: str, wish: dict[str, Json], rng: random.Random
) -> Request | None:
    """The ask, unless its words say to the domain's own reader something else than is meant."""
    chinese = is_chinese(template)
    typed = not chinese and rng.random() < MISTYPED
    values = _values(scene, meaning, wish, rng, chinese=chinese)
    text = filled(mistyped(template, rng) if typed else template, values)
    if text is None:
        return None
    own = template in {t for texts in OWN[task].values() for t in texts}
    text = plural(wrapped(text, rng) if own else text)
    read = parse_intent(text, (0.0, 1e6))
    asked = int(wish.get("count") or 0)
    named = bool(read.topic)
    words = meaning.split()
    wrong = (read.count and read.count != asked) or (named and not {"topic", "hint"} & set(words))
    if wrong or bool(read.language) or (asked and not read.count and task == "concept_qa"):
        return None
    if (read.span != (float("-inf"), float("inf"))) != ("first" in words):
        return None
    if task == "lecture_summary" and "topic" in words and not named:
        return None
    fuzzy = bool({"hint", "place", "exam"} & set(words))
    style: Literal["template", "paraphrase", "typo", "fuzzy"] = "template"
    style = "typo" if typed else style if not own else "fuzzy" if fuzzy else "paraphrase"
    return Request(task, text, wish, style, "zh" if chinese else "en", template)


def _values(
    scene: Scene, meaning: str, wish: Mapping[str, Json], rng: random.Random, *, chinese: bool
) -> dict[str, str]:
    topics = cast("Sequence[Mapping[str, Any]]", scene.facts["topics"])
    language = "zh" if chinese else "en"
    values: dict[str, str] = {}
    if "topics" in wish:
        at = int(wish["topics"][0])
        term = str(topics[at]["term"])
        term = term.partition(" ")[2] if chinese and term.partition(" ")[0] in {"a", "an", "the"} else term
        told = [
            line["fact"] for line in scene.facts["said"] if line["topic"] == at and line["role"] in {"fact", "slip"}
        ]
        defined = "topic" in meaning.split() and told[:1] == [0]  # else the term comes after what is asked about
        names = [str(topics[at]["title"]), *([term] if defined else [])]
        values["topic"] = rng.choice(names)
        clear = [fact for fact in topics[at]["facts"] if fact["told"] and not fact["unclear"]]
        values["question"] = str(rng.choice(clear)["question"]) if clear else ""
        last = at == len(topics) - 1 and at > 0 and rng.random() < 0.5
        values["place"] = rng.choice(LAST[language]) if last else PLACES[language][at]
    if "minutes" in wish:
        values["n"] = str(wish["minutes"])
    if "count" in wish:
        values["n"] = str(wish["count"])
    if "kind" in wish:
        values["kind"] = rng.choice(KINDS[str(wish["kind"])])
    return values


def unused_slots(template: str, values: Mapping[str, str]) -> list[str]:
    """Slots of a template that have no value."""
    return [name for name in slots(template) if name not in values]
