"""Says a draft each thing once, and cites what it needs? Against the two cheapest ways to look thorough."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import cast

from dataclaw.rewards.base import NOT_APPLICABLE, Case, Score, rule, score_of
from dataclaw.rewards.evidence import best
from dataclaw.rewards.places import Citation, places_of
from dataclaw.rewards.prose import holds, prose, quotations
from dataclaw.rewards.similarity import plain
from dataclaw.schema import evidence_of, join, select
from dataclaw.types import Anchor, Finding, Json

LEFT_OUT = "left_out"
SUPPORTED = 0.8
"""An anchor that bears out a value by at least this much is needed for it."""
FEW = 2
"""Above so many anchors, a word that all of them have tells none of them."""
SENTENCE = 24
"""Shortest sentence that is not to be repeated [characters]."""
_WORD = re.compile(r"[a-z0-9\u00c0-\u024f]{4,}|\d+(?:\.\d+)?|[\u3040-\u30ff\u4e00-\u9fff]{2}")
_END = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])\s*")


def bearing_ids(case: Case) -> Iterator[tuple[str, list[str]]]:
    """`(JSON pointer, anchor ids)` of every field that a draft cites for: what bears it out of what is cited beside it.

    A value is borne out by the anchors that support it (`x-support`, by 0.8 or more), a text by those that say what it
    quotes, and of which it says the id, or a word or number that not all of them share. Where none is told from the
    others, all stand.
    """
    stated = {place: support for place, _, _, support, _ in places_of(case).values if support}
    for place, ids in evidence_of(case.draft):
        anchors = [case.anchors[name] for name in ids if name in case.anchors]
        value = next((value for _, value in select(case.draft, place)), None)
        bearing: list[str] = []
        if len(anchors) > 1 and place in stated:
            bearing = [a.id for a in anchors if best(value, stated[place], [a], case)[0] >= SUPPORTED]
        elif len(anchors) > 1 and isinstance(value, str):
            said = mentioned_ids(anchors, value)
            quoted = quotations(value)
            bearing = [a.id for a in anchors if a.id in said or any(holds(words, [a]) for words in quoted)]
        yield place, bearing or ids


@rule("distinct")
def distinct(case: Case) -> Score:
    """Share of items in lists, and of sentences in texts, that do not repeat an earlier one of the same list or text.

    Items are the objects of any list of the draft, equal when they hold the same but for letter case and white space;
    sentences of fewer than 24 characters may recur. Does not apply to a draft without lists and sentences.
    """
    count = 0
    findings: list[Finding] = []
    for place, items in _sequences(case.draft, ""):
        first: dict[str, int] = {}
        for index, item in enumerate(items):
            count += 1
            if first.setdefault(item, index) != index:
                findings.append(Finding(place, f"number {index} repeats number {first[item]}", "distinct", 0.0))
    return score_of(1.0 - len(findings) / count, findings) if count else NOT_APPLICABLE


@rule("sparing")
def sparing(case: Case, *, free: int = 2) -> Score:
    """Mean over citations of the share of anchors that what is said beside them needs; `free` of them are let pass.

    Needed is one anchor for each value beside it (`x-support`, borne out by 0.8 or more) and every anchor of which the
    text beside it says the id, or a number or word of four letters that not all anchors cited there share. `left_out`
    may cite at will. Does not apply where nothing is cited.

    Args:
        case: the draft.
        free: anchors of each citation that need no such tie: a context, a neighbour.
    """
    places = places_of(case)
    texts: dict[str, str] = {}
    for pointer, text, _ in prose(case):
        owner = _owner(pointer, places.citations)
        texts[owner] = f"{texts.get(owner, '')} {text}"
    scores: list[float] = []
    findings: list[Finding] = []
    for citation in places.citations:
        if not citation.anchors or citation.pointer.startswith(f"/{LEFT_OUT}/"):
            continue
        needed = _needed_ids(citation, case, texts.get(citation.pointer, ""))
        idle = [anchor.id for anchor in citation.anchors if anchor.id not in needed]
        score = 1.0 - max(0, len(idle) - free) / len(citation.anchors)
        scores.append(score)
        if score < 1.0:
            message = f"{len(idle)} of {len(citation.anchors)} cited anchors prove nothing here: {', '.join(idle[:8])}"
            findings.append(Finding(f"{citation.pointer}/cite", message, "sparing", score))
    return score_of(sum(scores) / len(scores), findings) if scores else NOT_APPLICABLE


def _sequences(value: Json, place: str) -> Iterator[tuple[str, list[str]]]:
    """`(pointer, what is compared)` of every list of objects and of every text of two sentences or more."""
    if isinstance(value, str):
        sentences = [plain(said) for said in _END.split(value) if len(said) >= SENTENCE]
        if len(sentences) > 1:
            yield place, sentences
    elif isinstance(value, dict):
        for key, item in cast("dict[str, Json]", value).items():
            yield from _sequences(item, join(place, key))
    elif isinstance(value, list):
        items = cast("list[Json]", value)
        objects: list[Json] = [cast("Json", item) for item in items if isinstance(item, dict)]
        if objects:
            yield place, [plain(json.dumps(item, sort_keys=True)) for item in objects]
        for index, item in enumerate(items):
            yield from _sequences(item, f"{place}/{index}")


def _owner(pointer: str, citations: Sequence[Citation]) -> str:
    """The innermost citing object around a place."""
    around = [c.pointer for c in citations if pointer.startswith(f"{c.pointer}/")]
    return max(around, key=len, default="")


def _needed_ids(citation: Citation, case: Case, text: str) -> set[str]:
    """Ids of a citation's anchors that something beside it needs: one for each value, all that the text speaks of."""
    needed = mentioned_ids(citation.anchors, text)
    for _, value, _, support, owner in places_of(case).values:
        if owner is not citation or not support or value is None:
            continue
        bearing = [a.id for a in citation.anchors if best(value, support, [a], case)[0] >= SUPPORTED]
        if bearing and not needed.intersection(bearing):
            needed.add(bearing[0])
    return needed


def mentioned_ids(anchors: Sequence[Anchor], text: str) -> set[str]:
    """Ids of the anchors that a text speaks of: by id, or by a word or number that not all of them share."""
    if not text:
        return set()
    said, ids = words(text), set(re.findall(r"[\w.]+", text))
    content = {anchor.id: words(_content(anchor)) for anchor in anchors}
    shared: frozenset[str] = frozenset()
    if len(content) > FEW:
        shared = shared.union(*content.values()).intersection(*content.values())
    return {name for name, there in content.items() if name in ids or said & (there - shared)}


def _content(anchor: Anchor) -> str:
    details = [str(value) for value in anchor.attrs.values() if isinstance(value, str | int | float)]
    return " ".join([anchor.content, *details])


@lru_cache(maxsize=4096)
def words(text: str) -> frozenset[str]:
    """Words of four letters or more, numbers, and pairs of characters in scripts without spaces."""
    return frozenset(_WORD.findall(text.casefold()))
