"""Events and frames as anchors: one wording for every tool."""

from __future__ import annotations

from dataclaw.tools.scope import Scope
from dataclaw.tools.view import seconds
from dataclaw.types import Anchor, Event, Json, Point

TEXT, SPEECH = 80, 400
"""Longest quotation of an event's text, and of what was said, in its anchor's content [characters]; `attrs["text"]` has
all of it."""
SPOKEN = frozenset({"cue", "narration", "caption", "instruction", "message", "exercise", "page", "slide"})
"""Kinds of events that are nothing but their text."""


_TRACES = frozenset({"gui", "fragments"})
"""Kinds of streams whose events keep to themselves what their source says beyond the usual."""


def event_anchor(scope: Scope, event: Event, source: str) -> Anchor:
    """An event as an anchor; content as `describe` words it, its fields in `attrs`.

    `attrs["details"]` holds the event's own attributes, as its loader gives them; `attrs["outcomes"]` what its source
    says to hold afterwards (see `pyautogui_trace_parsers.Outcome`).
    """
    attrs = event_attrs(event)
    if scope.stream.kind in _TRACES:
        attrs.pop("details", None)
    shown = event.frame if event.frame in scope.indices else None
    content, span = describe(event), (event.t0, event.t1)
    return scope.anchor(
        "event", content, span, source, id=scope.event_id(event.index), frame=shown, box=event.box, point=event.point,
        attrs=attrs,
    )  # fmt: skip


def event_attrs(event: Event) -> dict[str, Json]:
    """An event's fields as an anchor has them in `attrs`, with all `details`."""
    attrs: dict[str, Json] = {
        "verb": event.kind,
        "text": event.text,
        "keys": list(event.keys),
        "scroll": None if event.scroll is None else list(event.scroll),
        "target": event.target,
        "role": event.role,
        "window": event.window,
        "end_point": None if event.end_point is None else list(event.end_point),
    }
    attrs |= {key: event.attrs[key] for key in ("button", "outcomes") if key in event.attrs}
    return attrs | ({"details": dict(event.attrs)} if event.attrs else {})


def describe(event: Event) -> str:
    """An event in a few words: `click (512,300) "Add to cart" button`, `write "blue mug"`, `scroll down 3`."""
    words = [event.kind.replace("_", " ")]
    if event.keys:
        words.append("+".join(event.keys))
    if event.scroll is not None:
        words.append(_scroll_words(event))
    if event.text:
        words.append(_quote(event.text, SPEECH if event.kind in SPOKEN else TEXT))
    if event.point is not None:
        words.append(_at(event.point))
    if event.end_point is not None:
        words.append(f"to {_at(event.end_point)}")
    if event.target and event.target != event.text:
        words.append(_quote(event.target))
    if event.role:
        words.append(event.role)
    return " ".join(words)


def frame_anchor(scope: Scope, frame: int, source: str) -> Anchor:
    """A frame as an anchor; content says when it was taken and which event comes next."""
    t = scope.time(frame)
    following = [e.index for e in scope.events if e.frame == frame]
    when = f"frame at {seconds(t)} s" if scope.stream.clock == "seconds" else f"frame at step {seconds(t)}"
    content = f"{when}, before {scope.event_id(following[0])}" if following else when
    attrs: dict[str, Json] = {"event": following[0] if following else None}
    return scope.anchor("frame", content, (t, t), source, id=scope.frame_id(frame), frame=frame, attrs=attrs)


def _at(point: Point) -> str:
    return f"({point[0]:.0f},{point[1]:.0f})"


def _quote(text: str, limit: int = TEXT) -> str:
    cut = text if len(text) <= limit else text[: limit - 3] + "..."
    return f'"{cut}"'


def _scroll_words(event: Event) -> str:
    assert event.scroll is not None
    dx, dy = event.scroll
    unit = " px" if str(event.attrs.get("scroll_unit", "")).startswith(("px", "pixel")) else ""
    moves = [(dy, "down", "up"), (dx, "right", "left")]
    said = [f"{ahead if v > 0 else back} {abs(v):g}{unit}" for v, ahead, back in moves if v]
    return " ".join(said) or "0"
