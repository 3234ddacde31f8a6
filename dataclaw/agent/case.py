"""What rules look at beside the anchors: plain facts about the stream, and what a sample asks and shows.

Rules judge a draft with these, and the sample is written with them, so that both speak of the same sample. The facts
are kept in the trace of every rollout, so that its drafts can be judged again without the stream.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import cast

from pydantic import TypeAdapter

from dataclaw.agent.look import There, VerifierLook
from dataclaw.domain import Task
from dataclaw.media import MEDIA, media_fields
from dataclaw.rewards.base import Case
from dataclaw.rewards.texts import tokens
from dataclaw.schema import citations, fields_of, narrow, number_of, select, without_citations
from dataclaw.tools.as_text import MADE, stream_lines
from dataclaw.tools.facts import describe, event_attrs
from dataclaw.types import Anchor, Event, Intent, Json, Span, Stream


@dataclass(frozen=True, slots=True)
class Facts:
    """A stream as the rules see it.

    Attributes:
        frame_times: time of each sampled frame [s].
        frame_size: `(width, height)` of the pictures, else of the screen that the trace states [px]; None without both.
        events: events inside the rollout's window.
        labels: labels of the stream's parts, in the order shown.
        clock: "seconds", or "index" where times count steps.
        lines: `(time [s], text)` of the stream's own text inside the window, see `stream_lines`.
        part_frames: number of sampled frames of each part that has some.
        look: what the verifier found itself, None where its task declares no look, or it was not taken.
    """

    frame_times: Sequence[float] = ()
    frame_size: tuple[int, int] | None = None
    events: tuple[Event, ...] = ()
    labels: tuple[str, ...] = ()
    clock: str = "seconds"
    lines: tuple[tuple[float, str], ...] = ()
    part_frames: Mapping[str, int] = field(default_factory=dict[str, int])
    look: VerifierLook | None = None

    def to_json(self) -> dict[str, Json]:
        """Plain JSON values."""
        return cast("dict[str, Json]", _adapter().dump_python(self, mode="json"))


def facts_of(stream: Stream, window: Span) -> Facts:
    """The facts of a stream, its events cut to a window [s]."""
    frames = stream.frames
    events = tuple(e for e in stream.events if window[0] <= e.t0 <= window[1])
    times = tuple(float(t) for t in frames.times) if frames else ()
    parts = {label: len(part.frames.times) for label, part in stream.parts.items() if part.frames}
    size = frames.size if frames else _screen_size(stream.meta.get("screen_size"))
    lines = stream_lines(stream, window) if _tells_more(stream) else ()
    return Facts(times, size, events, tuple(stream.parts), stream.clock, lines, parts)


def _screen_size(said: Json) -> tuple[int, int] | None:
    """The size of the screen that a trace without pictures states."""
    sides = cast("list[Json]", said) if isinstance(said, list) else []
    return (
        (sides[0], sides[1]) if len(sides) == 2 and all(isinstance(side, int) and side > 0 for side in sides) else None
    )


def _tells_more(stream: Stream) -> bool:
    """Whether a stream has text that no picture of it shows."""
    made = any(event.kind in MADE for event in stream.events)
    return not stream.parts and (stream.frames is None or stream.kind in SPEAKING or made)


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


@cache
def _adapter() -> TypeAdapter[Facts]:
    return TypeAdapter(Facts)


SPEAKING = frozenset({"lesson", "narration"})
"""Kinds of streams whose text belongs to them beside their pictures."""
OUTSIDE = frozenset({"other_time", "outside_time"})
"""Reasons that leave out what lies outside the time that is asked for."""
SHOWN = (*sorted(MEDIA), "input_text", "input_parts")
"""Keys of a sample that hold what it shows."""
_PLACE = re.compile(r"\{(/[^{}]*)\}")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")


def case_of(
    draft: Json,
    schema: Mapping[str, Json],
    facts: Facts,
    *,
    task: Task,
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
        task: the task, which says what the sample asks and shows.
        anchors: what the rollout has seen, by id.
        window: `(t0, t1)` [s] the rollout is about.
        intent: the user's words.
        reference: the gold draft, where there is one.
    """
    cited = {name: anchors[name] for name in citations(draft) if name in anchors}
    return Case(
        text=json.dumps(draft, ensure_ascii=False),
        draft=draft,
        schema=schema,
        anchors=anchors,
        there=there_of(facts, task, anchors),
        frame_times=facts.frame_times,
        frame_size=facts.frame_size,
        events=facts.events,
        window=window,
        intent=intent,
        labels=facts.labels,
        question=question_of(draft, task, intent),
        inputs=inputs_of(draft, task, facts, window=window, cited=cited),
        vocabulary=frozenset(word for text in declared_texts(task) for word in tokens(text)),
        reference=reference,
        declared=task.schema,
    )


def there_of(facts: Facts, task: Task, seen: Mapping[str, Anchor]) -> There:
    """What the stream holds, whatever the rollout looked at: by the verifier's look, else its events."""
    look = facts.look
    if look is not None:
        return There(lambda: look.anchors, seen, look.error)
    if task.look:
        return There(tuple, seen, "it was not taken, perhaps since the manifest declares it only now")
    return There(lambda: [_anchor_of(event) for event in facts.events], seen)


def _anchor_of(event: Event) -> Anchor:
    return Anchor(
        f"e{event.index}", "event", describe(event), event.t0, event.t1, event.frame, event.box, event.point,
        attrs=event_attrs(event),
    )  # fmt: skip


def declared_texts(task: Task) -> tuple[str, ...]:
    """Templates, so that their numbers are those of the manifest; then the summary and the name."""
    return (*task.manifest.intents, task.manifest.summary, task.name.replace("_", " "))


def question_of(draft: Json, task: Task, intent: Intent | str) -> str:
    """The sample's question: the draft's own, or the task's, in the language of the intent and filled in."""
    words = intent if isinstance(intent, str) else intent.text
    body = cast("dict[str, Json]", draft) if isinstance(draft, dict) else {}
    own = _text_of(body.get("question"))
    if own:
        return own
    declared = task.manifest.question
    template = (
        declared if isinstance(declared, str) else declared["zh" if _CJK.search(words) and "zh" in declared else "en"]
    )
    return fill_in(template, body, words)


def fill_in(template: str, body: dict[str, Json], intent: str) -> str:
    """A declared text with `{intent}` and places of a draft or an answer, such as `{/title/text}`, filled in."""
    return _PLACE.sub(lambda found: _text_at(body, found[1]), template.replace("{intent}", intent))


def _text_at(body: dict[str, Json], pointer: str) -> str:
    """The text at a place of a draft, "" where there is none."""
    return next((_text_of(value) for _, value in select(body, pointer)), "")


def _text_of(value: Json) -> str:
    bare: Json = without_citations(value)
    bare = cast("dict[str, Json]", bare).get("text") if isinstance(bare, dict) else bare
    return str(bare) if bare else ""


def inputs_of(draft: Json, task: Task, facts: Facts, *, window: Span, cited: Mapping[str, Anchor]) -> dict[str, Json]:
    """The sample's media by key, and `input_text` where the stream has text of its own.

    Args:
        draft: the draft.
        task: the task; where its drafts name no media, the sample shows the window and the frames that it cites.
        facts: the stream as the rules see it.
        window: `(t0, t1)` [s] that the sample is about.
        cited: what the draft cites, by id.
    """
    body = cast("dict[str, Json]", draft) if isinstance(draft, dict) else {}
    named = bool(MEDIA & set(cast("dict[str, Json]", task.schema.get("properties", {}))))
    start, stop = _asked_span(body, cited)
    media = media_fields(body) if named else _looked_at(facts, (max(start, window[0]), min(stop, window[1])), cited)
    end = _horizon(body, task.manifest.horizon)
    lines = [text for t, text in facts.lines if start < t < stop and (end is None or t < end)]
    shown = {"input_text": "\n".join(lines)} if lines else {}
    parts = [{"label": label, "frames": frames} for label, frames in facts.part_frames.items()]
    return media | shown | ({"input_parts": parts} if parts else {})


def _asked_span(body: Mapping[str, Json], cited: Mapping[str, Anchor]) -> Span:
    """Between what a draft leaves out as outside the time that is asked for: a question shows nothing else [s]."""
    left_out = [value for _, value in select(dict(body), "/left_out/*") if fields_of(value).get("reason") in OUTSIDE]
    out = [cited[name].t0 for entry in left_out for name in citations(entry) if name in cited]
    told = {key: value for key, value in body.items() if key != "left_out"}
    kept = [cited[name].t0 for name in citations(told) if name in cited]
    before = max((t for t in out if kept and t < min(kept)), default=float("-inf"))
    return before, min((t for t in out if kept and t > max(kept)), default=float("inf"))


def _looked_at(facts: Facts, window: Span, cited: Mapping[str, Anchor]) -> dict[str, Json]:
    """Media of a task that names none: all of the window, and the frames that the draft cites."""
    inside = [i for i, t in enumerate(facts.frame_times) if window[0] <= t <= window[1]]
    shown = sorted({a.frame for a in cited.values() if a.frame is not None and not a.part})
    video = [inside[0], inside[-1]] if inside and facts.clock == "seconds" else None
    return {"input_video": video, "input_image": shown or None, "output_video": None, "output_image": None}


def _horizon(body: Mapping[str, Json], path: str) -> float | None:
    """Where the input of a task that predicts ends [s]; None for one that does not."""
    ends = [number for _, value in select(body, path) if (number := number_of(value)) is not None] if path else []
    return max(ends, default=None)
