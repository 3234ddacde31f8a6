"""The shared nouns. Frozen, and importing nothing of ours, so that every room may speak of them.

Conventions: times are seconds from the stream's start (streams without a clock count steps instead, see
`Stream.clock`); a frame index counts from 0 over the stream's sampled frames (`Stream.frames`); points are `(x, y)` and
boxes `(x0, y0, x1, y1)` in pixels of the named frame, origin top left, unless a name ends in `_norm`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, runtime_checkable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Json: TypeAlias = Any
Point: TypeAlias = tuple[float, float]
Box: TypeAlias = tuple[float, float, float, float]
Span: TypeAlias = tuple[float, float]
NOWHERE = "<packed>"
"""Path of a stream whose media are not here; nobody looks for a file of that name."""


class Frames(Protocol):
    """The sampled frames of a stream, read lazily; memory stays flat in the stream's length.

    Attributes:
        times: time of each frame [s], strictly increasing.
        size: `(width, height)` [px] of every frame.
    """

    times: Sequence[float]
    size: tuple[int, int]

    def read(self, indices: Sequence[int]) -> list[NDArray[np.uint8]]:
        """Pictures `(height, width, 3)` RGB of the given frames, in the order asked for.

        Raises:
            StreamError: a frame cannot be decoded; the message names it.
        """
        ...


@runtime_checkable
class Footage(Frames, Protocol):
    """Frames of a recording that shows more than was sampled: clips are cut from it frame by frame.

    Attributes:
        rate: recorded frames per second [1/s].
    """

    rate: float

    def clip(self, t0: float, t1: float) -> Iterator[tuple[float, NDArray[np.uint8]]]:
        """`(time [s], picture (height, width, 3) RGB)` of every recorded frame with `t0 <= time <= t1`, one at a time.

        The times of sampled frames are times of recorded ones, so that a clip between two of them has both.

        Raises:
            StreamError: a frame cannot be decoded; the message names it.
        """
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Numbers that were recorded over time: joint positions, a gripper, a camera's pose, commands.

    Attributes:
        name: what it is ("observation.state", "action", "pose").
        times: `(rows,)` time of each row [s], strictly increasing.
        values: `(rows, columns)` float64; NaN where the source has no number.
        columns: name of each column ("x", "left_gripper", "joint_3").
        units: unit of each column ("m", "rad", "1"); "" where the source does not say.
        every: only every so many rows of the source are kept, 1 when all are; memory stays flat in its length.
    """

    name: str
    times: NDArray[np.float64]
    values: NDArray[np.float64]
    columns: tuple[str, ...]
    units: tuple[str, ...]
    every: int = 1


@dataclass(frozen=True, slots=True)
class Event:
    """Something the recorder of the stream logged: a click, a key, a gripper command, a subtitle cue.

    Attributes:
        index: position in `Stream.events`, from 0; the event is cited as `e<index>`.
        kind: the verb ("click", "write", "scroll", "navigate", "window", ...).
        t0: start [s].
        t1: end [s], `t1 >= t0`.
        frame: frame that shows the state before the event, or None.
        point: where, or None.
        end_point: where a drag ends, or None.
        box: region of the target, or None.
        text: text written, URL, window title, option, cue.
        keys: keys pressed, in order.
        scroll: `(dx, dy)` in wheel clicks or pixels (`attrs["scroll_unit"]`), positive = right / down, or None.
        target: name of the element it went to, "" when the stream does not say.
        role: kind of that element, "" when unknown.
        window: application or page in front, "" when unknown.
        place: file and line it was read from.
        attrs: whatever else the source says, plain JSON.
    """

    index: int
    kind: str
    t0: float
    t1: float
    frame: int | None = None
    point: Point | None = None
    end_point: Point | None = None
    box: Box | None = None
    text: str = ""
    keys: tuple[str, ...] = ()
    scroll: tuple[float, float] | None = None
    target: str = ""
    role: str = ""
    window: str = ""
    place: str = ""
    attrs: Mapping[str, Json] = field(default_factory=dict[str, Json])


@dataclass(frozen=True, slots=True)
class Stream:
    """One raw stream.

    Attributes:
        id: hash of the stream's content (16 hex digits); equal content has an equal id wherever it lies.
        kind: family of the stream, what a domain says it reads: "gui", "video", "fragments", "trajectory" (a robot or
            a camera), "edit" (pictures before and after, with the operations), "timeline" (a cut), "lesson" (speech,
            slides, exercises), "narration" (told actions without pictures).
        name: short human name (file or folder name).
        path: where it was opened.
        format: loader or parser that read it ("agentnet_raw", "video", ...).
        duration: length [s]; number of steps when `clock` is "index".
        clock: "seconds", or "index" when the source has no times and times count steps.
        frames: the sampled frames, or None when the stream has no pictures.
        events: logged events in order of time.
        series: numbers recorded over time, by name.
        parts: labelled parts when the stream is a set of fragments ("A", "B", ...), otherwise empty.
        meta: facts about the recording that a policy may see.
        annotations: ground truth that came with the file; never shown to a policy.
        problems: what was wrong in the source and how it was handled, one sentence each.
    """

    id: str
    kind: str
    name: str
    path: str
    format: str
    duration: float
    clock: Literal["seconds", "index"] = "seconds"
    frames: Frames | None = None
    events: tuple[Event, ...] = ()
    series: Mapping[str, Series] = field(default_factory=dict[str, Series])
    parts: Mapping[str, Stream] = field(default_factory=dict[str, "Stream"])
    meta: Mapping[str, Json] = field(default_factory=dict[str, Json])
    annotations: Mapping[str, Json] = field(default_factory=dict[str, Json])
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Anchor:
    """A fact in the stream that a sample may cite.

    Attributes:
        id: how it is cited: `e<event>`, `f<frame>`, otherwise a letter of its kind and a number that the agent's state
            gives on first sight (`t3` text, `c1` change, `s2` segment); "" until then.
        kind: "event", "frame", "text", "change", "segment", "part", ...
        content: what is there, short plain text; untrusted when read off a screen.
        t0: start [s].
        t1: end [s], `t1 >= t0`.
        frame: the frame whose pixels `box` and `point` refer to, or None.
        box: region, or None.
        point: place, or None.
        confidence: 0..1, how sure the tool is.
        source: tool that found it.
        part: label of the part of the stream ("A", ...) it belongs to, "" for the whole stream.
        attrs: machine-readable details (an event's verb, text, keys), plain JSON; plans and rules read them, models do
            not. `first` and `last`, indices of events, say for which events it stands: `coverage` then counts them.
    """

    id: str
    kind: str
    content: str
    t0: float
    t1: float
    frame: int | None = None
    box: Box | None = None
    point: Point | None = None
    confidence: float = 1.0
    source: str = ""
    part: str = ""
    attrs: Mapping[str, Json] = field(default_factory=dict[str, Json])


@dataclass(frozen=True, slots=True)
class Intent:
    """What the user wants made of the stream.

    Attributes:
        text: the user's words.
        template: id of the intent template that it matched (`domain.task.N`), "" when none did.
        confidence: 0..1, how sure the routing to domain and task is.
        alternatives: other (domain, task) pairs that were considered, best first.
    """

    text: str
    template: str = ""
    confidence: float = 1.0
    alternatives: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Action:
    """One decision of a policy: a tool call; `submit` is the tool that hands in a draft.

    Attributes:
        tool: name of the tool.
        args: its arguments, plain JSON, not yet validated.
    """

    tool: str
    args: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule has to say about one place of a draft.

    Attributes:
        path: JSON pointer into the draft ("" is the whole draft).
        message: what is wrong or right, with the numbers.
        rule: the rule's name.
        score: 0..1, how well this place does.
    """

    path: str
    message: str
    rule: str
    score: float


@dataclass(frozen=True, slots=True)
class Picture:
    """A frame, or a region of one, that a seeing policy is shown.

    Attributes:
        frame: index of the frame.
        box: region of it, or None for all of it.
        part: label of the part whose frame it is, "" for the stream itself.
    """

    frame: int
    box: Box | None = None
    part: str = ""


@dataclass(frozen=True, slots=True)
class Brief:
    """What a plan is told before it starts; everything else it finds through tools.

    Attributes:
        intent: the user's words.
        task: name of the task.
        window: `(t0, t1)` [s] the sample is about.
        schema: the task's schema.
        kind: the stream's kind.
        clock: the stream's clock.
        frames: number of sampled frames (0 without pictures).
        labels: labels of the stream's parts.
    """

    intent: str
    task: str
    window: Span
    schema: Mapping[str, Json]
    kind: str
    clock: str
    frames: int
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Observation:
    """What came back for an action.

    Attributes:
        note: the tool's note, or the error.
        anchors: facts with their ids given.
        data: the tool's machine-readable extra.
        findings: after `submit`: what the verifier holds against the draft (empty: accepted).
        ok: False when the call failed; `note` says why.
    """

    note: str
    anchors: tuple[Anchor, ...] = ()
    data: Mapping[str, Json] = field(default_factory=dict[str, Json])
    findings: tuple[Finding, ...] = ()
    ok: bool = True


Plan: TypeAlias = Callable[[Brief], Generator[Action, Observation, None]]
"""A deterministic policy for one task: yields tool calls, is sent their observations, and ends with `submit`."""


class StopReason(StrEnum):
    """Why a rollout ended."""

    SUBMITTED = "submitted"
    REPAIRS_SPENT = "repairs_spent"
    STEPS_SPENT = "steps_spent"
    TOOL_CALLS_SPENT = "tool_calls_spent"
    TOKENS_SPENT = "tokens_spent"
    SECONDS_SPENT = "seconds_spent"
    INVALID_ACTIONS = "invalid_actions"
    POLICY_FAILED = "policy_failed"
    UNJUDGED = "unjudged"
    REVIEW_REJECTED = "review_rejected"


@dataclass(frozen=True, slots=True)
class Message:
    """One chat message.

    Attributes:
        role: who speaks; tool results speak as "user", so that any chat template carries them.
        text: what is said.
        pictures: frames shown with it, for policies that see.
    """

    role: Literal["system", "user", "assistant"]
    text: str
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    """What asking a model took; a planner takes nothing.

    Attributes:
        requests: answers that were asked for.
        read: tokens read, those of pictures and those that a provider had kept included.
        cached: tokens among them that a provider had kept from an earlier request.
        written: tokens written.
        images: pictures sent.
        seconds: time until the answers were there [s].
    """

    requests: int = 0
    read: int = 0
    cached: int = 0
    written: int = 0
    images: int = 0
    seconds: float = 0.0

    def __add__(self, other: Usage) -> Usage:
        return Usage(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    def to_json(self) -> dict[str, Json]:
        """Plain JSON values."""
        return {**asdict(self), "seconds": round(self.seconds, 3)}


@dataclass(frozen=True, slots=True)
class Decision:
    """What a policy answered.

    Attributes:
        text: the answer, the very bytes that were sampled; "" where it is `calls`.
        tokens: how many tokens that was (characters / 4 where the policy has no tokens).
        prompt_tokens: tokens read to get there, 0 when unknown.
        seconds: wall-clock time it took [s].
        error: why there is no answer, "" when there is one.
        remedy: what would help, "" when nothing is known to.
        calls: the actions, where the policy names them itself and may name several.
        opening: the action was taken without asking the model; it counts against no budget of steps or calls.
        passing: with `error`: what failed may work another time (an outage, not an answer).
        fatal: with `error`: what failed would fail for every stream (a key, a model's name).
        usage: what asking a model took, where it is more than `prompt_tokens`, `tokens` and `seconds` say.
    """

    text: str
    tokens: int = 0
    prompt_tokens: int = 0
    seconds: float = 0.0
    error: str = ""
    remedy: str = ""
    calls: Sequence[Action] = ()
    opening: bool = False
    passing: bool = False
    fatal: bool = False
    usage: Usage = field(default_factory=Usage)


def usage_of(decision: Decision) -> Usage:
    """What a decision took; nothing where no model was asked."""
    if decision.usage.requests or not decision.prompt_tokens:
        return decision.usage
    return Usage(1, decision.prompt_tokens, 0, decision.tokens, 0, decision.seconds)
