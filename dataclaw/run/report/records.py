"""What the report reads of a run's records, checked, so that the page can rely on every field it draws.

The records come from a folder that anyone may have sent. Fields that the report does not show are dropped here; what it
shows has its type and no number is NaN. Writing these records is the agent's business (`agent/materialise.py`).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel

from dataclaw.types import Json

Number = Annotated[float, Field(allow_inf_nan=False)]
Score = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]


class ReadRecord(BaseModel):
    """Base of what is read: unknown keys are dropped."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class AnchorRecord(ReadRecord):
    """An anchor; fields as in `dataclaw.types.Anchor`."""

    kind: str
    content: str = ""
    t0: Number
    t1: Number
    frame: Count | None = None
    box: tuple[Number, Number, Number, Number] | None = None
    point: tuple[Number, Number] | None = None
    confidence: Score = 1.0
    source: str = ""
    part: str = ""
    attrs: dict[str, Json] = Field(default_factory=dict[str, Json])


class StreamRecord(ReadRecord):
    """Which stream, and which part of it.

    Attributes:
        id: id of the stream, None when it could not be opened.
        name: short human name.
        path: where it was opened.
        format: loader that read it.
        window: `(t0, t1)` [s, or steps by `clock`] of it, None when it could not be opened.
        clock: "seconds" or "index".
    """

    id: str | None
    name: str
    path: str
    format: str = ""
    window: tuple[Number, Number] | None = None
    clock: str = "seconds"


class IntentRecord(ReadRecord):
    """The user's words, and the template they matched, "" when none did."""

    text: str
    template: str = ""


class FindingRecord(ReadRecord):
    """A finding; fields as in `dataclaw.types.Finding`."""

    path: str
    message: str
    rule: str
    score: Score


class DroppedRecord(ReadRecord):
    """One event that the sample leaves out, and why."""

    event: str
    what: str
    window: str = ""
    reason: str


class LeftOutRecord(ReadRecord):
    """What a sample leaves out: of `events` in all, `count` by reason; at most 200 of them are named."""

    events: Count
    count: Count
    by_reason: dict[str, Count]
    named: list[DroppedRecord]


class MadeByRecord(ReadRecord):
    """Who wrote a sample, in which attempt and after how many repairs."""

    policy: str
    dataclaw: str
    attempt: Count = 0
    repairs: Count = 0


class MediaRecord(ReadRecord):
    """What pictures and clips below `media/` have in common; `size` is `(width, height)` [px]."""

    sample: str
    path: str
    sha256: str = ""
    role: str = "evidence"
    size: tuple[Annotated[int, Field(gt=0)], Annotated[int, Field(gt=0)]]


class PictureRecord(MediaRecord):
    """A picture: frame `frame` of part `part`, at `t` [s]."""

    kind: Literal["image"]
    frame: Count
    part: str = ""
    t: Number


class ClipRecord(MediaRecord):
    """A clip: sampled frames `start` to `end`, `frames` recorded ones at `rate` [1/s] from `span` [s]."""

    kind: Literal["video"]
    start: Count
    end: Count
    frames: Count
    rate: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    span: tuple[Number, Number]
    freeze_frame: Count | None = None
    freeze_repeat_count: Count = 0


class ArtifactRecord(RootModel[Annotated[PictureRecord | ClipRecord, Field(discriminator="kind")]]):
    """A line of `artifacts.jsonl`."""


class ActionRecord(ReadRecord):
    """A tool call of the policy."""

    tool: str
    args: dict[str, Json]


class ObservationRecord(ReadRecord):
    """Whether a call went well."""

    ok: bool = True


class TurnRecord(ReadRecord):
    """One entry of a transcript."""

    role: str
    text: str
    action: ActionRecord | None = None
    observation: ObservationRecord | None = None
    pictures: list[Json] = Field(default_factory=list[Json])
    tokens: Count = 0


class UsageRecord(ReadRecord):
    """What asking models took; fields as in `dataclaw.types.Usage`, with its cost where a price was known."""

    requests: Count = 0
    read: Count = 0
    cached: Count = 0
    written: Count = 0
    images: Count = 0
    seconds: Number = 0.0
    cost: Number | None = None


class SpentRecord(ReadRecord):
    """What a rollout used of its budget; fields as in `dataclaw.agent.steps.Spent`."""

    steps: Count = 0
    tool_calls: Count = 0
    tokens: Count = 0
    seconds: Number = 0.0
    repairs: Count = 0


class JudgedRecord(ReadRecord):
    """What one rule said of a draft of a trace."""

    value: Score | None
    findings: list[FindingRecord] = Field(default_factory=list[FindingRecord])


class DraftVerdictRecord(ReadRecord):
    """The verdict on a draft, as a trace has it."""

    total: Score | None
    scores: dict[str, JudgedRecord]
    held: list[str]


class DraftRecord(ReadRecord):
    """A draft that was handed in; fields as in `dataclaw.agent.steps.Draft`."""

    draft: Json
    verdict: DraftVerdictRecord
    attempt: Count = 0
    repairs: Count = 0


class FactsRecord(ReadRecord):
    """What rules saw of the stream; fields as in `dataclaw.agent.case.Facts`."""

    frame_times: list[Number] = Field(default_factory=list[float])
    lines: list[tuple[Number, str]] = Field(default_factory=list[tuple[float, str]])


class TraceRecord(ReadRecord):
    """A rollout's state, of which the transcripts of all attempts and the anchors of the last are shown."""

    turns: list[TurnRecord]
    past: list[list[TurnRecord]] = Field(default_factory=list[list[TurnRecord]])
    anchors: dict[str, AnchorRecord] = Field(default_factory=dict[str, AnchorRecord])
    stop: str | None = None
    error: str = ""
    usage: UsageRecord = UsageRecord()
    spent: SpentRecord = SpentRecord()
    drafts: list[DraftRecord] = Field(default_factory=list[DraftRecord])
    facts: FactsRecord = FactsRecord()


class UseRecord(ReadRecord):
    """How a task uses a rule: fields as in `dataclaw.config.RuleUse`."""

    term: str
    weight: Number
    gate: bool = False
    pass_at: Score


class VerdictRecord(ReadRecord):
    """What the rubric said of a draft; fields as in `dataclaw.rewards.Verdict.to_json`.

    Attributes:
        rules: term, weight and mark of each rule, where the record has them.
    """

    total: Score | None
    passed: bool
    terms: dict[str, Score | None]
    scores: dict[str, Score | None]
    held: list[str]
    failed: dict[str, str]
    skipped: dict[str, str]
    broken: list[str] = Field(default_factory=list[str])
    findings: list[FindingRecord]
    rules: dict[str, UseRecord] = Field(default_factory=dict[str, UseRecord])


class PartRecord(ReadRecord):
    """A fragment of a set of fragments: its label and how many sampled frames it has."""

    label: str
    frames: Count = 0


class SampleRecord(ReadRecord):
    """A line of `samples.jsonl`."""

    id: str
    domain: str
    task: str
    data_type: str = ""
    intent: IntentRecord
    stream: StreamRecord
    question: str
    answer: Json
    answer_parts: list[str] | None = None
    data: Json = None
    input_text: str = ""
    input_parts: list[PartRecord] = Field(default_factory=list[PartRecord])
    input_image: list[Count] | None = None
    output_image: list[Count] | None = None
    cot: Json
    evidence: dict[str, list[str]]
    anchors: dict[str, AnchorRecord]
    left_out: LeftOutRecord
    verdict: VerdictRecord
    made_by: MadeByRecord


class RejectionRecord(ReadRecord):
    """A line of `rejected.jsonl`."""

    id: str
    domain: str | None
    task: str | None
    stream: StreamRecord
    place: str
    stop: str
    reason: str
    remedy: str
    draft: Json
    verdict: VerdictRecord | None
