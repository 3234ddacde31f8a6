"""Candidate discovery: which windows of a stream samples are made from.

One sample takes the whole stream. More cut it into that many stretches at the boundaries that the action segmenter
finds, or evenly where the stream has no events.
"""

from __future__ import annotations

from dataclaw.agent.session import Session
from dataclaw.tools.base import ToolContext
from dataclaw.tools.cache import call
from dataclaw.types import Span


def split(session: Session, count: int) -> list[Span]:
    """At most `count` windows `(t0, t1)` [s], in order, that do not overlap."""
    stream = session.stream
    whole = (0.0, stream.duration)
    if count <= 1 or stream.parts:
        return [whole]
    segmenter = session.task.tools.get("segment_actions")
    if segmenter is None or len(stream.events) < 2:
        step = stream.duration / count
        return [(i * step, (i + 1) * step) for i in range(count)]
    found = call(segmenter, ToolContext(stream, whole), {"max_segments": count}, session.cache)
    return [(anchor.t0, anchor.t1) for anchor in found.anchors]
