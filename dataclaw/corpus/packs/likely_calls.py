"""Calls that policies are likely to make of a tool, whatever they are asked; a pack can bring their results along."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Literal, cast, get_args, get_origin

from dataclaw.tools.base import Tool
from dataclaw.types import Action, Anchor, Json, Span, Stream

PART, FRAME, FRAMES, EVENTS, TIMES = "part", "frame", "frames", "events", ("t0", "t1")
POINTED = 48
"""Events a part that are taken one by one."""
GROUP = 24
"""Events of one call, where they are taken together."""


def likely_calls(tool: Tool, stream: Stream) -> Iterator[Action]:
    """Calls with defaults, with each choice of each argument that has choices, for each part of the stream.

    A tool that cannot be called without an argument of its own has none.
    """
    fields = tool.args.model_fields
    if not tool.cached or any(one.is_required() for name, one in fields.items() if name != PART):
        return
    for part, choice in product(_parts(tool, stream), _choices(tool)):
        yield Action(tool.name, {**choice, **part})


@dataclass
class LikelyPlaces:
    """Frames that results name, by part, and spans, by part and by the tool that found them; the commonest come first.

    Attributes:
        most: how many of each are taken a part.
    """

    most: int
    _frames: dict[str, Counter[int]] = field(default_factory=dict[str, Counter[int]])
    _spans: dict[tuple[str, str], Counter[Span]] = field(default_factory=dict[tuple[str, str], Counter[Span]])

    def take(self, anchors: Sequence[Anchor]) -> None:
        """Note what some facts name."""
        for anchor in anchors:
            named = [] if anchor.frame is None else [anchor.frame]
            self._frames.setdefault(anchor.part, Counter()).update([*named, *_frames(anchor)])
            if anchor.t1 > anchor.t0:
                self._spans.setdefault((anchor.source, anchor.part), Counter())[anchor.t0, anchor.t1] += 1

    def frames(self, part: str) -> list[int]:
        """Frames of a part."""
        return [frame for frame, _ in self._frames.get(part, Counter[int]()).most_common(self.most)]

    def spans(self, tool: str, part: str) -> list[Span]:
        """Spans of a part that a tool found [s]: what it is asked about next."""
        return [span for span, _ in self._spans.get((tool, part), Counter[Span]()).most_common(self.most)]


def following_calls(tool: Tool, stream: Stream, places: LikelyPlaces) -> Iterator[Action]:
    """Calls with what earlier results name: a frame, with each choice; a span of its own; events with a pointer.

    A tool that cannot be called without another argument has none.
    """
    fields = tool.args.model_fields
    needed = {name for name, one in fields.items() if one.is_required()} - {PART, FRAME, FRAMES}
    if not tool.cached or needed:
        return
    for part in _parts(tool, stream):
        label = str(part.get(PART, ""))
        if FRAME in fields:
            yield from (Action(tool.name, {FRAME: f, **choice, **part})
                        for f in places.frames(label) for choice in _choices(tool))  # fmt: skip
        if FRAMES in fields:
            yield from (Action(tool.name, {FRAMES: [f], **part}) for f in places.frames(label))
        if set(TIMES) <= fields.keys():
            yield from (Action(tool.name, {"t0": t0, "t1": t1, **part}) for t0, t1 in places.spans(tool.name, label))
        if EVENTS in fields:
            yield from (Action(tool.name, {EVENTS: events, **part}) for events in _pointing_events(stream, label))


def _frames(anchor: Anchor) -> Iterator[int]:
    """Frames that the details of a fact name: its first, its last, the one before it."""
    for key, said in anchor.attrs.items():
        if FRAME in key:
            for value in cast("list[Json]", said) if isinstance(said, list) else [said]:
                if isinstance(value, int) and not isinstance(value, bool):
                    yield value


def _pointing_events(stream: Stream, label: str) -> Iterator[list[Json]]:
    """Events of a part that point at something, together and one by one."""
    events = (stream.parts[label] if label else stream).events
    pointed: list[Json] = [e.index for e in events if e.frame is not None and (e.point or e.box)][:POINTED]
    yield from (pointed[at : at + GROUP] for at in range(0, len(pointed), GROUP))
    yield from ([index] for index in pointed)


def _parts(tool: Tool, stream: Stream) -> list[dict[str, Json]]:
    return [{PART: label} for label in stream.parts] if stream.parts and PART in tool.args.model_fields else [{}]


def _choices(tool: Tool) -> list[dict[str, Json]]:
    found: list[dict[str, Json]] = [{}]
    for name, one in tool.args.model_fields.items():
        found += [{name: value} for value in _values(one.annotation) if value != one.default]
    return found


def _values(annotation: Any) -> tuple[Json, ...]:
    return get_args(annotation) if get_origin(annotation) is Literal else ()
