"""From an accepted draft to a training sample: lift the citations into evidence, write the media, keep the account.

A rollout gives at most one sample. What it does not give is a rejection with its reason; nothing is silently lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import cast

from dataclaw.agent import steps
from dataclaw.agent.case import SHOWN
from dataclaw.agent.rejection import why
from dataclaw.agent.session import Session
from dataclaw.agent.steps import Draft, State
from dataclaw.media import MEDIA, VIDEOS, Artifacts
from dataclaw.rewards import Rubric, Verdict, covered_events
from dataclaw.rewards.asking import unused_words
from dataclaw.rewards.base import Case
from dataclaw.rewards.prose import bearing_ids
from dataclaw.schema import citations, cited_ids, fields_of, get, objects_of, without_citations
from dataclaw.types import Anchor, Event, Json, Stream
from dataclaw.version import __version__

MAX_PROBLEMS = 50
"""Problems of the stream that a record repeats."""
ENVELOPE = frozenset({"question", "answer", "cot", "left_out"}) | MEDIA
"""Keys of a draft that the sample has under the same name; the others are its answer, or `data` beside one."""
TOLD = frozenset({*SHOWN, "freeze", "question", "answer", "answer_parts", "cot", "data", "evidence", "anchors"})
"""Keys of a sample that follow from its draft alone, see `told_fields`."""


@dataclass(frozen=True, slots=True)
class SampleRecords:
    """What a rollout gave: records for `samples.jsonl`, `rejected.jsonl` and `artifacts.jsonl`."""

    samples: tuple[dict[str, Json], ...] = ()
    rejected: tuple[dict[str, Json], ...] = ()
    artifacts: tuple[dict[str, Json], ...] = ()

    def to_json(self) -> dict[str, list[dict[str, Json]]]:
        """The three lists."""
        return {"samples": [*self.samples], "rejected": [*self.rejected], "artifacts": [*self.artifacts]}


def verdict_record(verdict: Verdict, rubric: Rubric) -> dict[str, Json]:
    """The verdict as a sample has it, with how the rubric weighs each rule."""
    declared = {use.name: use.declared for use in rubric.uses}
    rules = {n: {"term": d.term, "weight": d.weight, "gate": d.gate, "pass_at": d.pass_at} for n, d in declared.items()}
    return {**verdict.to_json(), "rules": rules}


def materialise(state: State, session: Session, policy: str, artifacts: Artifacts | None) -> SampleRecords:
    """The sample of a finished rollout, or why there is none.

    Args:
        state: a rollout whose phase is "done".
        session: the session it ran in.
        policy: name of the policy, recorded in the sample.
        artifacts: where media go, or None to write none.

    Raises:
        StreamError: a frame that the sample shows cannot be read any more, or a clip cannot be cut.
    """
    draft = steps.best(state)
    kept = draft is not None and draft.verdict.passed and draft.verdict.total >= session.min_total
    if draft is None or not kept or state.stop == "review_rejected":
        return SampleRecords(rejected=(_rejection(state, session, draft, policy),))
    sample = _sample(state, session, draft, policy)
    body = cast("dict[str, Json]", draft.draft)
    shown = sample["input_image"] or ()
    media = tuple(artifacts.write(state.key, body, draft.cited, session.stream, shown)) if artifacts else ()
    return SampleRecords(samples=(sample,), artifacts=media)


def _sample(state: State, session: Session, draft: Draft, policy: str) -> dict[str, Json]:
    stream, manifest = session.stream, session.task.manifest
    case = session.case_of(state, draft.draft, draft.cited)
    told = told_fields(case, draft.cited)
    return {
        "id": state.key,
        "domain": state.domain,
        "data_type": stream.kind,
        "task_family": manifest.family or state.task,
        "task": state.task,
        "intent": asdict(state.intent) | {"unused": list(unused_words(case))},
        "stream": _stream_record(stream) | {"window": list(state.window), "clock": stream.clock},
        **told,
        "left_out": _left_out_of(draft, session, state),
        "verdict": verdict_record(draft.verdict, session.task.rubric),
        "made_by": {"policy": policy, "dataclaw": __version__, "attempt": draft.attempt, "repairs": draft.repairs},
    }


def told_fields(case: Case, cited: Mapping[str, Anchor]) -> dict[str, Json]:
    """The fields of a sample that follow from its draft alone: from its inputs to its anchors.

    Args:
        case: the draft as the rules see it; its fields must have the form that the schema asks for.
        cited: the anchors that it cites, by id.
    """
    body = cast("dict[str, Json]", case.draft)
    rest, told = _rest(body), "answer" in body
    sample: dict[str, Json] = {
        **(case.inputs or {}),
        "question": case.question,
        "answer": answer_of(body),
        "cot": thoughts_of(body),
    }
    if told and isinstance(body["answer"], list):
        sample["answer_parts"] = [_text(part) for part in cast("list[Json]", body["answer"])]
    if told and rest:
        sample["data"] = without_citations(rest)
    evidence: dict[str, list[str]] = {}
    for pointer, ids in bearing_ids(case):
        key = pointer.split("/")[1]
        if key != "left_out":  # its record names what it cites
            place = _flat(_place(key, body[key], told=told) + pointer[len(key) + 1 :], sample)
            evidence[place] = list(dict.fromkeys([*evidence.get(place, []), *ids]))
    sample["evidence"] = evidence
    sample["anchors"] = {name: _anchor_record(a) for name, a in cited.items()}
    return sample


def answer_of(body: Mapping[str, Json]) -> Json:
    """A draft's answer as a sample has it: a text, or an object without citations."""
    return _text(body["answer"]) if "answer" in body else without_citations(_rest(body))


def thoughts_of(body: Mapping[str, Json]) -> list[Json]:
    """A draft's reasoning as a sample has it."""
    return [_text(thought) for thought in cast("list[Json]", body.get("cot") or [])]


def _rest(body: Mapping[str, Json]) -> dict[str, Json]:
    return {key: value for key, value in body.items() if key not in ENVELOPE}


def _text(value: Json) -> Json:
    """What a `{cite, text}` says; several of them one below the other, anything else without its citations."""
    if isinstance(value, list):
        return "\n\n".join(str(_text(item)) for item in cast("list[Json]", value))
    bare: Json = without_citations(value)
    fields = fields_of(bare)
    return fields["text"] if set(fields) == {"text"} else without_citations(value)


def _flat(pointer: str, sample: Mapping[str, Json]) -> str:
    """The pointer into the sample, where `{text}` has become its text, `{frame}` its number and a span two numbers."""
    outer, _, _ = pointer.rpartition("/")
    top = pointer.split("/")[1]
    if top in VIDEOS:
        return f"/{top}"
    return pointer if not outer or isinstance(get(sample, outer), dict | list) else outer


def _place(key: str, value: Json, *, told: bool) -> str:
    """Where a key of the draft stands in the sample."""
    if key == "answer" and isinstance(value, list):
        return "/answer_parts"
    if key in ENVELOPE:
        return f"/{key}"
    return f"/data/{key}" if told else f"/answer/{key}"


def _left_out_of(draft: Draft, session: Session, state: State) -> dict[str, Json]:
    stream = session.stream
    parts = {"": stream, **stream.parts}
    events = [(event_id(p, e.index), e) for p, s in parts.items() for e in s.events]
    near = events if stream.parts else [(name, e) for name, e in events if _inside(e.t0, state.window)]
    return left_out(cast("dict[str, Json]", draft.draft), draft.cited, near, events=len(events), own=len(stream.events))


def left_out(
    body: Mapping[str, Json],
    cited: Mapping[str, Anchor],
    near: Sequence[tuple[str, Event]],
    *,
    events: int,
    own: int,
) -> dict[str, Json]:
    """What the intent left out: how many events and other anchors, by reason, and their names.

    An event counts as used when something outside `left_out` cites it or an anchor that stands for it, or when it lies
    in a stretch that an object names by the indices `first` and `last`; those that nobody mentions are "not_mentioned".

    Args:
        body: the draft.
        cited: what it cites, by id.
        near: the events that it could have used, each with the id of its anchor.
        events: how many events the stream and its parts have.
        own: how many of them are the stream's own.
    """
    reasons: dict[str, str] = {}
    for entry in objects_of(body.get("left_out")):
        reasons |= dict.fromkeys(cited_ids(entry), str(entry.get("reason", "")))
    kept = {k: v for k, v in body.items() if k not in ("left_out", "cot")}
    named = {*citations(kept)}
    named |= {event_id(a.part, i) for name in named if (a := cited.get(name)) for i in covered_events(a)}
    used = (named | {event_id("", i) for i in stretches(kept, own)}) - set(reasons)
    dropped = [(name, e) for name, e in near if name not in used]
    others = [(name, cited[name]) for name in reasons if name in cited and cited[name].kind != "event"]
    counts: dict[str, int] = {}
    for name, _ in (*dropped, *others):
        reason = reasons.get(name, "not_mentioned")
        counts[reason] = counts.get(reason, 0) + 1
    listed = [{"event": name, "what": a.content, "window": "", "reason": reasons[name]} for name, a in others]
    listed += [
        {
            "event": name,
            "what": cited[name].content if name in cited else f"{e.kind} {e.target or e.text}".strip()[:120],
            "window": e.window,
            "reason": reasons.get(name, "not_mentioned"),
        }
        for name, e in dropped
    ]
    return {"events": events, "count": len(dropped) + len(others), "by_reason": counts, "named": listed[:200]}


def event_id(part: str, index: int) -> str:
    """How an event of a part is cited; of the stream itself where `part` is ""."""
    return f"{part}.e{index}" if part else f"e{index}"


def stretches(value: Json, events: int) -> set[int]:
    """Indices, below `events`, of the events between `first` and `last` of every object that has both."""
    if isinstance(value, list):
        return {i for item in cast("list[Json]", value) for i in stretches(item, events)}
    if not isinstance(value, dict):
        return set()
    fields = cast("dict[str, Json]", value)
    first, last = fields.get("first"), fields.get("last")
    here: set[int] = set()
    if isinstance(first, int) and isinstance(last, int):
        here = set(range(max(first, 0), min(last, events - 1) + 1))
    return here | {i for inner in fields.values() for i in stretches(inner, events)}


def _inside(t: float, window: tuple[float, float]) -> bool:
    return window[0] <= t <= window[1]


def _rejection(state: State, session: Session, draft: Draft | None, policy: str) -> dict[str, Json]:
    reason, remedy = why(state, draft, session.task, policy, min_total=session.min_total)
    return {
        "id": state.key,
        "domain": state.domain,
        "task": state.task,
        "stream": _stream_record(session.stream) | {"window": list(state.window), "clock": session.stream.clock},
        "place": session.stream.name,
        "stop": str(state.stop),
        "reason": reason,
        "remedy": remedy,
        "passing": state.passing,
        "draft": draft.draft if draft else None,
        "verdict": verdict_record(draft.verdict, session.task.rubric) if draft else None,
    }


def _stream_record(stream: Stream) -> dict[str, Json]:
    size = list(stream.frames.size) if stream.frames else stream.meta.get("screen_size")
    named = {"id": stream.id, "name": stream.name, "format": stream.format, "path": stream.path, "size": size}
    return named | {"problems": list(stream.problems[:MAX_PROBLEMS])}


def _anchor_record(anchor: Anchor) -> dict[str, Json]:
    record = {k: v for k, v in asdict(anchor).items() if v not in (None, "", {}) and k != "id"}
    return {k: list(cast("tuple[float, ...]", v)) if isinstance(v, tuple) else v for k, v in record.items()}
