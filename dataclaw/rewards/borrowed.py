"""Are words of the stream told as words of the stream, between quotation marks?

Whoever copies an order from a screen into a field that nobody expects it in presents it as words of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import cast

from dataclaw.rewards.base import NOT_APPLICABLE, Case, Score, patterns, rule, score_of
from dataclaw.rewards.prose import texts_of, without_quotations
from dataclaw.rewards.substance import WORDED
from dataclaw.schema import select
from dataclaw.schema.free import copied_texts
from dataclaw.types import Anchor, Finding, Json

RUN = 8
"""So many words in a row are borrowed; fewer are often the plain way to say it."""
_WORD = re.compile(r"[^\W_]+(?:[@.'’:/-]+[^\W_]+)*")
_ADDRESS = re.compile(r"[@/.]\w|\d{6,}")
_HELD = ("text", "target", "window", "details")
"""Details of an event that are the stream's own words; the others are words of its reader."""


@rule("own_words")
def own_words(case: Case, *, told: str | Sequence[str] = ()) -> Score:
    """Share of the draft's texts in which words of the stream stand between quotation marks.

    Words of the stream are eight in a row, an address or a long number that an event, a text, speech or a slide says,
    whatever is cited; what the intent says, too, is free. Fields that are copied by their schema are passed over.

    Args:
        case: the draft.
        told: patterns of texts that tell in the words of the stream.
    """
    free = {place for path in patterns(told) for place, _ in select(case.draft, path)}
    texts = [text for text in texts_of(case) if text[1].strip() and text[0] not in free]
    findings: list[Finding] = []
    for place, text, _ in texts:
        run = next(borrowed_runs(text, case), "")
        if run and place not in copied_places(case):  # asked last: it walks the schema
            findings.append(Finding(place, f'"{run[:60]}" are words of the stream: quote them', "own_words", 0.0))
    return score_of(1.0 - len(findings) / len(texts), findings) if texts else NOT_APPLICABLE


def borrowed_runs(text: str, case: Case) -> Iterator[str]:
    """Each run of the stream's words that a text does not quote."""
    runs = _runs_of(without_quotations(text))
    if runs:
        said, asked = _said_in(case), _runs_of(case.intent)
        yield from (run for run in runs if run in said and run not in asked)


def copied_places(case: Case) -> set[str]:
    """Places of texts that are taken from evidence, by their schema."""
    if "copied" not in case.memo:
        case.memo["copied"] = set(copied_texts(case.draft, case.schema))
    return cast("set[str]", case.memo["copied"])


def _said_in(case: Case) -> frozenset[str]:
    if "said" not in case.memo:
        worded = (anchor for anchor in case.anchors.values() if anchor.kind in WORDED)
        case.memo["said"] = _all_runs(tuple(text for anchor in worded for text in _own_texts(anchor)))
    return cast("frozenset[str]", case.memo["said"])


def _own_texts(anchor: Anchor) -> Iterator[str]:
    """What the stream itself says there."""
    if anchor.kind != "event":
        yield anchor.content
    for key in _HELD:
        yield from _strings(anchor.attrs.get(key))


def _strings(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list | tuple):
        inner = cast("Mapping[str, Json]", value).values() if isinstance(value, Mapping) else cast("list[Json]", value)
        for item in inner:
            yield from _strings(item)


@lru_cache(maxsize=32)
def _all_runs(texts: tuple[str, ...]) -> frozenset[str]:
    """The runs of all texts; the drafts of a rollout are judged by the same."""
    return frozenset(run for text in texts for run in _runs_of(text))


@lru_cache(maxsize=16384)
def _runs_of(text: str) -> tuple[str, ...]:
    """Each eight words in a row of a text; each address and long number alone."""
    words = [word.casefold() for word in _WORD.findall(text)]
    alone = [word for word in words if _ADDRESS.search(word)]
    return (*alone, *(" ".join(words[at : at + RUN]) for at in range(len(words) - RUN + 1)))
