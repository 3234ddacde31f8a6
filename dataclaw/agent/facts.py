"""What rules look at beside the draft and its anchors: a few plain facts about the stream.

They are kept in the trace of every rollout, so that its drafts can be judged again without the stream.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import cast

from pydantic import TypeAdapter

from dataclaw.rewards.base import Case
from dataclaw.schema import narrow
from dataclaw.types import Anchor, Event, Json, Span, Stream


@dataclass(frozen=True, slots=True)
class Facts:
    """A stream as the rules see it.

    Attributes:
        frame_times: time of each sampled frame [s].
        frame_size: `(width, height)` [px], or None without pictures.
        events: events inside the rollout's window.
        labels: labels of the stream's parts, in the order shown.
    """

    frame_times: Sequence[float] = ()
    frame_size: tuple[int, int] | None = None
    events: tuple[Event, ...] = ()
    labels: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Json]:
        """Plain JSON values."""
        return cast("dict[str, Json]", _adapter().dump_python(self, mode="json"))


def facts_of(stream: Stream, window: Span) -> Facts:
    """The facts of a stream, its events cut to a window [s]."""
    frames = stream.frames
    events = tuple(e for e in stream.events if window[0] <= e.t0 <= window[1])
    times = tuple(float(t) for t in frames.times) if frames else ()
    return Facts(times, frames.size if frames else None, events, tuple(stream.parts))


def load_facts(data: Json) -> Facts:
    """The facts that `to_json` gave.

    Raises:
        pydantic.ValidationError: it is none.
    """
    return _adapter().validate_python(data)


def narrow_schema(schema: Mapping[str, Json], facts: Facts, window: Span, seen: Sequence[str]) -> Mapping[str, Json]:
    """The task's schema made for this stream and for what the rollout has seen."""
    frames = len(facts.frame_times)
    return narrow(schema, frames=frames, window=window, anchor_ids=seen, labels=facts.labels)


def case_of(
    draft: Json,
    schema: Mapping[str, Json],
    facts: Facts,
    *,
    anchors: Mapping[str, Anchor],
    window: Span,
    intent: str,
    reference: Json = None,
) -> Case:
    """What the rules may look at, for one draft.

    Args:
        draft: the draft.
        schema: the task's schema, narrowed.
        facts: the stream as the rules see it.
        anchors: what the rollout has seen, by id.
        window: `(t0, t1)` [s] the rollout is about.
        intent: the user's words.
        reference: the gold draft, where there is one.
    """
    return Case(
        text=json.dumps(draft, ensure_ascii=False),
        draft=draft,
        schema=schema,
        anchors=anchors,
        frame_times=facts.frame_times,
        frame_size=facts.frame_size,
        events=facts.events,
        window=window,
        intent=intent,
        labels=facts.labels,
        reference=reference,
    )


@cache
def _adapter() -> TypeAdapter[Facts]:
    return TypeAdapter(Facts)
