"""The logged events, a page at a time."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from dataclaw.tools.base import ToolContext, ToolResult, tool
from dataclaw.tools.facts import event_anchor
from dataclaw.tools.scope import Scope, look, page_of
from dataclaw.tools.view import plain
from dataclaw.types import Event

PAGE = 40
"""Events a page."""


@tool("list_events", version=3)
def list_events(
    context: ToolContext,
    *,
    page: Annotated[int, Field(ge=1, description="page of 40 events, from 1")] = 1,
    kinds: Annotated[list[str], Field(max_length=20, description="only these verbs")] = [],  # noqa: B006 - read only
    window: Annotated[str, Field(max_length=500, description="only events whose window title has this in it")] = "",
    t0: Annotated[float | None, Field(description="from this time [s]")] = None,
    t1: Annotated[float | None, Field(description="up to this time [s]")] = None,
    part: Annotated[str, Field(description="label of the part")] = "",
) -> ToolResult:
    """List logged events in order of time, 40 a page: verb, place, text, target."""
    scope = look(context, part, t0, t1)
    chosen = [e for e in scope.events if _fits(e, kinds, window)]
    shown, pages = page_of(chosen, page, PAGE)
    anchors = tuple(event_anchor(scope, event, "list_events") for event in shown)
    note = _note(scope, kinds, window, (page, pages, len(chosen)))
    return ToolResult(note, anchors, data={"page": page, "pages": pages, "total": len(chosen)})


def _fits(event: Event, kinds: list[str], window: str) -> bool:
    return (not kinds or event.kind in kinds) and window.casefold() in event.window.casefold()


def _note(scope: Scope, kinds: list[str], window: str, counts: tuple[int, int, int]) -> str:
    page, pages, total = counts
    hidden = len(scope.events) - total
    filters = [f"verbs {', '.join(plain(k, 24) for k in kinds)}"] if kinds else []
    filters += [f'window with "{plain(window, 48)}"'] if window else []
    left_out = f" {hidden} others left out ({'; '.join(filters)})." if hidden else ""
    if not total:
        there = ", ".join(sorted({e.kind for e in scope.events})) or "none"
        return f"No event fits.{left_out} Verbs here: {plain(there, 200)}."
    more = f" Next: page={page + 1}." if page < pages else ""
    return f"Page {page} of {pages}, {total} events.{left_out}{more}"
