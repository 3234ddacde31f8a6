"""Whether the end of one fragment looks like the start of another: what speaks for an order of the parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from dataclaw.errors import ToolError
from dataclaw.tools.base import ToolContext, ToolResult, tool
from dataclaw.tools.difference import likeness
from dataclaw.tools.pictures import Pixels, small
from dataclaw.tools.scope import Scope, look
from dataclaw.types import Anchor, Event, Json

PICTURES = 0.8
"""Weight of the pictures beside the words, where a pair has both."""


@dataclass(frozen=True, slots=True)
class Ends:
    """The two ends of a part.

    Attributes:
        first: small picture of its first frame, or None.
        last: small picture of its last frame, or None.
        opening: window in front at its first events, "" when unknown.
        closing: windows in front at its last event, and what that event went to.
    """

    scope: Scope
    first: Pixels | None
    last: Pixels | None
    opening: str
    closing: tuple[str, ...]


@tool("compare_parts", kinds=("fragments",))
def compare_parts(context: ToolContext) -> ToolResult:
    """Compare the end of every part with the start of every other: 1 means that one may continue the other."""
    if not context.stream.parts:
        raise ToolError("the stream has no parts.", remedy="Use overview.")
    ends = {label: _ends(look(context, label)) for label in context.stream.parts}
    links = [_link(x, y, ends[x], ends[y]) for x in ends for y in ends if x != y]
    anchors = tuple(sorted(links, key=lambda a: (-a.confidence, a.content)))
    matrix = {x: {str(a.attrs["to"]): a.confidence for a in links if a.attrs["from"] == x} for x in ends}
    return ToolResult(
        f"{len(anchors)} ordered pairs of {len(ends)} parts, best first.", anchors, data={"links": matrix}
    )


def _ends(scope: Scope) -> Ends:
    first = last = None
    if scope.stream.frames is not None and scope.indices:
        edges = (scope.indices[0], scope.indices[-1])
        pictures = small(scope, edges)
        first, last = pictures[edges[0]], pictures[edges[1]]
    named = [e.window for e in scope.events if e.window]
    return Ends(scope, first, last, named[0] if named else "", _closing(scope.events, named))


def _closing(events: Sequence[Event], named: Sequence[str]) -> tuple[str, ...]:
    """The last window, and where the last event leads (a link's name is often the next window's title)."""
    leads = [text for e in events[-1:] for text in (e.target, e.text) if len(text) >= 4]
    return tuple(dict.fromkeys([*named[-1:], *leads]))


def _link(x: str, y: str, end: Ends, start: Ends) -> Anchor:
    visual = _visual(end.last, start.first)
    text = _text(end.closing, start.opening)
    score = _total(visual, text)
    attrs: dict[str, Json] = {"from": x, "to": y, "visual": visual, "text": text}
    end_of = end.scope.window[1]
    content = f"{x} end ~ {y} start {score:.2f}"
    return Anchor("", "link", content, end_of, end_of, confidence=score, source="compare_parts", attrs=attrs)


def _visual(last: Pixels | None, first: Pixels | None) -> float | None:
    if last is None or first is None:
        return None
    return 0.0 if last.shape != first.shape else round(likeness(last, first), 3)


def _text(closing: Sequence[str], opening: str) -> float | None:
    if not closing or not opening:
        return None
    return round(max(fuzz.ratio(a.casefold(), opening.casefold()) for a in closing) / 100, 3)


def _total(visual: float | None, text: float | None) -> float:
    if visual is None or text is None:
        return round(visual or text or 0.0, 3)
    return round(PICTURES * visual + (1 - PICTURES) * text, 3)
