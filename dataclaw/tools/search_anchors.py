"""Finds anchors by words: among what was seen so far and all logged events."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Annotated

from pydantic import Field
from rapidfuzz import fuzz

from dataclaw.tools.base import ToolContext, ToolResult, tool
from dataclaw.tools.facts import event_anchor
from dataclaw.tools.scope import look
from dataclaw.tools.view import plain
from dataclaw.types import Anchor

LEAST = 60.0
"""Scores below this are not a match, 0..100."""

FIELDS = ("text", "target", "window")


@tool("search_anchors", cached=False)
def search_anchors(
    context: ToolContext,
    *,
    query: Annotated[str, Field(min_length=1, max_length=200, description="words to look for")],
    kinds: Annotated[list[str], Field(max_length=20, description="only these kinds: event, text, window, ...")] = [],  # noqa: B006 - read only
    limit: Annotated[int, Field(ge=1, le=40, description="at most so many")] = 10,
) -> ToolResult:
    """Search everything seen so far and all events by words, typing errors forgiven, best match first."""
    wanted = _fold(query)
    best: list[tuple[float, Anchor]] = []
    for anchor in _candidates(context):
        if kinds and anchor.kind not in kinds:
            continue
        score = max(_score(wanted, _fold(text)) for text in _texts(anchor))
        if score >= LEAST:
            best.append((round(score, 1), anchor))
    best.sort(key=lambda hit: (-hit[0], hit[1].t0, hit[1].id))
    shown = best[:limit]
    note = f'{len(shown)} of {len(best)} matches for "{plain(query, 60)}", best first.'
    scores = {anchor.id: score for score, anchor in shown}
    return ToolResult(note, tuple(anchor for _, anchor in shown), data={"scores": scores})


def _candidates(context: ToolContext) -> Iterable[Anchor]:
    seen = dict(context.anchors)
    yield from seen.values()
    for part in context.stream.parts or ("",):
        scope = look(context, part)
        for event in scope.events:
            anchor = event_anchor(scope, event, "search_anchors")
            if anchor.id not in seen:
                yield anchor


def _texts(anchor: Anchor) -> list[str]:
    values = [anchor.attrs.get(name) for name in FIELDS]
    return [anchor.content, *(v for v in values if isinstance(v, str) and v)]


def _score(wanted: str, text: str) -> float:
    """Best match of the shorter text inside the longer; a text shorter than the query counts by its length."""
    if not text:
        return 0.0
    return fuzz.partial_ratio(wanted, text) * min(1.0, len(text) / len(wanted))


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip() or " "
