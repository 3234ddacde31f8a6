"""What a policy sees of a game: every move, with what it did on the board."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Annotated

from pydantic import Field

from dataclaw.tools.base import ToolContext, ToolResult, tool
from dataclaw.types import Anchor, Event

from .deeds import Deed, deed_of

PAGE = 60
"""Moves of either side a page."""


@tool("replay_game", kinds=("chess",))
def replay_game(
    context: ToolContext,
    *,
    page: Annotated[int, Field(ge=1, description="page of 60 moves, from 1")] = 1,
) -> ToolResult:
    """Play the moves on a board, 60 a page: what each takes, check, mate, castling, promotion, who is ahead."""
    t0, t1 = context.window
    events = [event for event in context.stream.events if t0 <= event.t0 <= t1]
    pages = max(1, -(-len(events) // PAGE))
    shown = events[PAGE * (page - 1) : PAGE * page]
    deeds = [deed_of(event) for event in shown]
    counts = Counter(kind for deed in deeds for kind in deed.kinds)
    said = ", ".join(f"{kind} {count}" for kind, count in sorted(counts.items())) or "nothing but plain moves"
    more = f" Next: page={page + 1}." if page < pages else ""
    note = f"Page {page} of {pages}, {len(events)} moves. Here: {said}.{more}"
    anchors = tuple(_anchor(event, deed) for event, deed in zip(shown, deeds, strict=True))
    return ToolResult(note, anchors, data={"page": page, "pages": pages, "total": len(events)})


def _anchor(event: Event, deed: Deed) -> Anchor:
    """A move as an anchor; `attrs["deed"]` is what a plan writes from."""
    attrs = {
        "verb": deed.kinds[-1] if deed.kinds else "move",
        "text": deed.label,
        "role": deed.side,
        "target": deed.end,
        "deed": {**asdict(deed), "kinds": list(deed.kinds)},
    }
    content = f"{deed.label}: {deed.sentence()} Balance {deed.balance:+d}."
    return Anchor(f"e{event.index}", "event", content, event.t0, event.t1, source="replay_game", attrs=attrs)
