"""Are words of the stream told as words of the stream: quoted, or beside a citation of what says them?

Whoever copies an order from a screen into a field that nobody expects it in cites something else there, or presents it
as words of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import cast

from dataclaw.rewards.base import NOT_APPLICABLE, Case, Score, patterns, rule, score_of
from dataclaw.rewards.prose import Prose, texts_of, without_quotations
from dataclaw.rewards.substance import WORDED
from dataclaw.schema import select
from dataclaw.schema.free import copied_texts
from dataclaw.types import Anchor, Finding, Json

RUN = 5
"""So many words in a row are borrowed; fewer may be the same by chance."""
FULL = 8
"""An object that cites so many has no room for more."""
_WORD = re.compile(r"[^\W_]+(?:[@.'’:/-]+[^\W_]+)*")
_ADDRESS = re.compile(r"[@/.]\w|\d{6,}")
_NAME = re.compile(r"\b(?=((?:[A-Z][a-z]+ ){2}[A-Z][a-z]+))")
_HELD = ("text", "target", "window", "details")
"""Details of an event that are the stream's own words; the others are words of its reader."""


@rule("own_words")
def own_words(case: Case, *, told: str | Sequence[str] = ()) -> Score:
    """Share of the draft's texts in which words of the stream stand between quotation marks.

    Words of the stream are five in a row that an event, a text, speech or a slide says, whatever is cited; what the
    intent says, too, is free. Fields that are copied by their schema are passed over.

    Args:
        case: the draft.
        told: patterns of texts that tell in the words of the stream.
    """
    free = {place for path in patterns(told) for place, _ in select(case.draft, path)}
    texts = [text for text in texts_of(case) if text[1].strip() and text[0] not in free]
    findings: list[Finding] = []
    for place, text, _ in texts:
        run = next((run for run, _ in borrowed_runs(text, case)), "")
        if run and place not in copied_places(case):  # asked last: it walks the schema
            findings.append(Finding(place, f'"{run[:60]}" are words of the stream: quote them', "own_words", 0.0))
    return score_of(1.0 - len(findings) / len(texts), findings) if texts else NOT_APPLICABLE


def run_cited_elsewhere(entry: Prose, case: Case) -> str:
    """Words in a text that are not quoted and that only something says which is not cited beside it; "" for none.

    Where nothing is cited, or as much as there is room for, that cannot be told.
    """
    _, text, beside = entry
    if not 0 < len(beside) < FULL:
        return ""
    ids = {anchor.id for anchor in beside}
    return next((run for run, sayers in borrowed_runs(text, case) if not ids & sayers), "")


def borrowed_runs(text: str, case: Case) -> Iterator[tuple[str, frozenset[str]]]:
    """`(words, ids of the anchors that say them)` of each run of the stream's words that a text does not quote."""
    runs = _runs_of(without_quotations(text))
    if not runs:
        return
    said, asked = _index_of(case), _runs_of(case.intent)
    yield from ((run, said[run]) for run in runs if run in said and run not in asked)


def copied_places(case: Case) -> set[str]:
    """Places of texts that are taken from evidence, by their schema."""
    if "copied" not in case.memo:
        case.memo["copied"] = set(copied_texts(case.draft, case.schema))
    return cast("set[str]", case.memo["copied"])


def _index_of(case: Case) -> Mapping[str, frozenset[str]]:
    if "said" not in case.memo:
        texts = (
            (anchor.id, text)
            for anchor in case.anchors.values()
            if anchor.kind in WORDED
            for text in _own_texts(anchor)
        )
        case.memo["said"] = _index(tuple(texts))
    return cast("Mapping[str, frozenset[str]]", case.memo["said"])


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
def _index(texts: tuple[tuple[str, str], ...]) -> dict[str, frozenset[str]]:
    """Who says each run; the drafts of a rollout are judged by the same."""
    index: dict[str, set[str]] = {}
    for name, text in texts:
        for run in _runs_of(text):
            index.setdefault(run, set()).add(name)
    return {run: frozenset(names) for run, names in index.items()}


@lru_cache(maxsize=16384)
def _runs_of(text: str) -> tuple[str, ...]:
    """Each five words in a row of a text; each address, long number and name of three words alone."""
    words = [word.casefold() for word in _WORD.findall(text)]
    alone = [word for word in words if _ADDRESS.search(word)]
    alone += [found[1].casefold() for found in _NAME.finditer(text)]
    return (*alone, *(" ".join(words[at : at + RUN]) for at in range(len(words) - RUN + 1)))
