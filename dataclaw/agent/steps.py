"""The agent as pure functions: `(state, what happened) -> state`.

Both drivers (the LangGraph graph and the plain batched loop) and training run exactly these. Nothing here reads a
file, calls a tool or asks a policy. The transcript only ever grows: a rollout is one sequence of turns.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Literal, TypeVar, cast

from pydantic import TypeAdapter

from dataclaw.config import Budget
from dataclaw.errors import UsageError
from dataclaw.rewards import Verdict
from dataclaw.schema import citations, parse_json
from dataclaw.tools.base import ToolResult
from dataclaw.tools.view import render
from dataclaw.types import (
    Action,
    Anchor,
    Decision,
    Finding,
    Intent,
    Json,
    Observation,
    Picture,
    Span,
    StopReason,
    Usage,
    usage_of,
)

T = TypeVar("T", "State", "Spent")
Phase = Literal["act", "use_tools", "verify", "done"]
Origin = Literal["answer", "same", "opening"]
"""Where an action of the transcript came from: an answer, the same answer as the action before it, or nobody was asked:
it was taken as the first look."""
SUBMIT = "submit"
LETTERS: Mapping[str, str] = {
    "text": "t",
    "change": "c",
    "segment": "s",
    "window": "w",
    "link": "l",
    "state": "p",
    "motion": "r",
    "cut": "k",
    "slide": "d",
    "operation": "o",
    "clip": "v",
    "speech": "u",
}
OTHER_LETTER = "m"
SELF_NAMED = frozenset({"event", "frame"})


class UnknownTool(str):
    """Why there is no result: no tool has the name that was given. The answer counts as none."""

    __slots__ = ()


@dataclass(frozen=True)
class Spent:
    """What a rollout has used of its budget; same units as `Budget`."""

    steps: int = 0
    tool_calls: int = 0
    tokens: int = 0
    seconds: float = 0.0
    repairs: int = 0
    invalid: int = 0


@dataclass(frozen=True, slots=True)
class Turn:
    """One entry of the transcript.

    Attributes:
        role: "policy" wrote it, or it is the "result" that came back.
        text: what the policy wrote, or what it reads.
        action: the parsed action of a policy turn, None when it was none.
        observation: what came back, for planners and reports.
        pictures: frames shown with a result.
        tokens: tokens written (policy turns).
        origin: where the action came from (policy turns).
    """

    role: Literal["policy", "result"]
    text: str
    action: Action | None = None
    observation: Observation | None = None
    pictures: tuple[Picture, ...] = ()
    tokens: int = 0
    origin: Origin = "answer"


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft that was handed in, and what the rules said.

    Attributes:
        draft: the draft.
        verdict: scores and findings.
        attempt: which of the best-of-n attempts wrote it, from 0.
        repairs: how many drafts of the same attempt came before it.
        cited: the anchors it cites, by id.
    """

    draft: Json
    verdict: Verdict
    attempt: int = 0
    repairs: int = 0
    cited: Mapping[str, Anchor] = field(default_factory=dict[str, Anchor])


@dataclass(frozen=True)
class State:
    """Everything about one rollout; plain data, so that it can be checkpointed.

    It has no slots, and neither has `Spent`: `_with` copies all fields at once, many times a step.

    Attributes:
        key: `<stream id>-<task>-<window number>`; names checkpoint, trace and sample.
        domain: name of the domain.
        task: name of the task.
        intent: what the user wants.
        window: `(t0, t1)` [s] of the stream that the sample is about.
        budget: what each attempt may spend.
        best_of: how many attempts are made.
        attempt: the present attempt, from 0; also the seed offset of sampling policies.
        phase: what has to happen next.
        turns: the transcript of the present attempt.
        anchors: what this attempt has seen, by id.
        spent: what this attempt has used.
        pending: the action that waits for its result.
        waiting: actions of the same answer that come after it.
        usage: what asking a model took, in all attempts.
        drafts: every draft of every attempt.
        past: transcripts of the attempts before this one.
        stop: why it ended, None while it runs.
        error: what stopped it, when something failed.
        remedy: what would help, when the one who failed knows.
        passing: what failed may work another time.
        fatal: what failed would fail for every stream.
    """

    key: str
    domain: str
    task: str
    intent: Intent
    window: Span
    budget: Budget = field(default_factory=Budget)
    best_of: int = 1
    attempt: int = 0
    phase: Phase = "act"
    turns: tuple[Turn, ...] = ()
    anchors: Mapping[str, Anchor] = field(default_factory=dict[str, Anchor])
    spent: Spent = field(default_factory=Spent)
    pending: Action | None = None
    waiting: tuple[Action, ...] = ()
    usage: Usage = field(default_factory=Usage)
    drafts: tuple[Draft, ...] = ()
    past: tuple[tuple[Turn, ...], ...] = ()
    stop: StopReason | None = None
    error: str = ""
    remedy: str = ""
    passing: bool = False
    fatal: bool = False


def dump_state(state: State) -> dict[str, Json]:
    """The state as plain JSON values."""
    return cast("dict[str, Json]", _adapter().dump_python(state, mode="json"))


def load_state(data: dict[str, Json]) -> State:
    """The state that `dump_state` gave.

    Raises:
        pydantic.ValidationError: it is not (a checkpoint of another version, say).
    """
    return _adapter().validate_python(data)


@cache
def _adapter() -> TypeAdapter[State]:
    return TypeAdapter(State)


def _with(one: T, **changes: Any) -> T:
    """A state, or what it spent, with other values of some fields: `dataclasses.replace` in a fifth of its time."""
    made = object.__new__(type(one))
    vars(made).update(vars(one), **changes)
    return made


def decide(state: State, decision: Decision) -> State:
    """The policy answered: take its actions one after the other, or tell it why the answer is none."""
    spent = state.spent
    used = _with(
        spent,
        steps=spent.steps + (not decision.opening),
        tokens=spent.tokens + decision.tokens,
        seconds=spent.seconds + decision.seconds,
    )
    if decision.usage.requests or decision.prompt_tokens:
        state = _with(state, usage=state.usage + usage_of(decision))
    if decision.error:
        why = {"error": decision.error, "remedy": decision.remedy}
        failed = _with(state, spent=used, passing=decision.passing, fatal=decision.fatal, **why)
        return _end(failed, StopReason.POLICY_FAILED)
    try:
        first, *others = decision.calls or [parse_action(decision.text)]
    except ValueError as error:
        return _invalid(state, used, decision, str(error))
    origin: Origin = "opening" if decision.opening else "answer"
    turn = Turn("policy", decision.text or action_text(first), first, tokens=decision.tokens, origin=origin)
    return _take(_with(state, spent=used, waiting=tuple(others)), turn, first)


def observe(state: State, result: ToolResult | str, seconds: float = 0.0) -> State:
    """The tool answered (or failed, with the reason as a string): number its anchors and show it to the policy."""
    spent = _with(state.spent, seconds=state.spent.seconds + seconds)
    anchors = state.anchors
    if isinstance(result, str):
        turn = Turn("result", f"error: {result}", observation=Observation(result, ok=False))
    else:
        numbered, anchors = _register(state.anchors, result.anchors)
        seen = Observation(result.note, numbered, result.data)
        turn = Turn("result", render(result.note, numbered), observation=seen, pictures=result.pictures)
    if isinstance(result, UnknownTool):
        return _told_invalid(state, spent, turn)
    return _continue(state, spent, turn, anchors)


def judge(state: State, verdict: Verdict, seconds: float = 0.0) -> State:
    """The rules judged the pending draft: accept it, send it back with findings, or stop.

    A draft that the rules could not judge is not sent back: there is nothing in it to mend.
    """
    if state.pending is None:
        raise ValueError("no draft is pending: judge() follows a submit")
    spent = _with(state.spent, seconds=state.spent.seconds + seconds, invalid=0)
    written = state.pending.args.get("draft")
    cited = {name: state.anchors[name] for name in citations(written) if name in state.anchors}
    draft = Draft(written, verdict, state.attempt, spent.repairs, cited)
    state = _with(state, drafts=(*state.drafts, draft), spent=spent, pending=None, waiting=())
    if verdict.passed:
        return _end(state, StopReason.SUBMITTED)
    if verdict.unjudged:
        return _end(state, StopReason.UNJUDGED)
    findings = verdict.findings()
    seen = Observation(f"{len(findings)} finding(s); hand in a mended draft.", findings=findings, ok=False)
    turn = Turn("result", _findings_text(findings), observation=seen)
    if spent.repairs >= state.budget.repairs:
        return _end(_with(state, turns=(*state.turns, turn)), StopReason.REPAIRS_SPENT)
    return _continue(state, _with(spent, repairs=spent.repairs + 1), turn, state.anchors)


def reject(state: State, note: str) -> State:
    """A reviewer said no: the rollout ends without a sample, for the reason given."""
    return _with(state, phase="done", stop=StopReason.REVIEW_REJECTED, error=note)


def best(state: State) -> Draft | None:
    """The draft that the rubric ranks first: passed, then held, then not judged; the higher total; the earlier one."""
    if not state.drafts:
        return None
    return max(
        reversed(state.drafts), key=lambda d: (d.verdict.passed, not d.verdict.unjudged, _total_of(d.verdict.total))
    )


def _total_of(total: float) -> float:
    return -1.0 if math.isnan(total) else total


def parse_action(text: str) -> Action:
    """An assistant turn as an action: exactly one JSON object `{"tool": name, "args": {...}}`.

    Raises:
        ValueError: it is not; the message says what is wrong, for the policy to read.
    """
    try:
        value = parse_json(text)
    except UsageError as error:
        raise ValueError(str(error)) from None
    if not isinstance(value, dict):
        raise ValueError("an action is one JSON object with the keys tool and args")
    fields = cast("dict[str, Json]", value)
    tool, args = fields.get("tool"), fields.get("args", {})
    extra = sorted(set(fields) - {"tool", "args"})
    if not isinstance(tool, str) or not isinstance(args, dict) or extra:
        raise ValueError('an action is {"tool": "<name>", "args": {...}} and nothing else')
    return Action(tool, cast("dict[str, Json]", args))


def action_text(action: Action) -> str:
    """The bytes of an action: compact JSON, the same in training and in use."""
    return json.dumps({"tool": action.tool, "args": dict(action.args)}, ensure_ascii=False, separators=(",", ":"))


def _take(state: State, turn: Turn, action: Action) -> State:
    """Take one action: a tool is called, or a draft is judged."""
    calls = state.spent.tool_calls + (turn.origin != "opening")
    phase: Phase = "verify" if action.tool == SUBMIT else "use_tools"
    spent = _with(state.spent, tool_calls=calls)
    return _with(state, turns=(*state.turns, turn), spent=spent, pending=action, phase=phase)


def _invalid(state: State, spent: Spent, decision: Decision, reason: str) -> State:
    state = _with(state, turns=(*state.turns, Turn("policy", decision.text, tokens=decision.tokens)))
    return _told_invalid(state, spent, Turn("result", f"error: {reason}", observation=Observation(reason, ok=False)))


def _told_invalid(state: State, spent: Spent, told: Turn) -> State:
    """The policy is told that its answer is no action; too many of them in a row end the attempt."""
    spent = _with(spent, invalid=spent.invalid + 1)
    after = _continue(_with(state, waiting=()), spent, told, state.anchors)
    over = spent.invalid >= state.budget.invalid and (after.attempt, after.phase) == (state.attempt, "act")
    return _end(after, StopReason.INVALID_ACTIONS) if over else after


def _continue(state: State, spent: Spent, turn: Turn, anchors: Mapping[str, Anchor]) -> State:
    """The policy is told a result and acts again, unless a budget is spent or its answer named more to do."""
    turns = (*state.turns, turn)
    after = _with(state, turns=turns, anchors=anchors, spent=spent, pending=None, phase="act")
    reason = _spent_budget(spent, state.budget)
    if reason:
        return _end(after, reason)
    if not state.waiting:
        return after
    action, *others = state.waiting
    return _take(
        _with(after, waiting=tuple(others)), Turn("policy", action_text(action), action, origin="same"), action
    )


def _spent_budget(spent: Spent, budget: Budget) -> StopReason | None:
    if spent.steps >= budget.steps:
        return StopReason.STEPS_SPENT
    if spent.tool_calls >= budget.tool_calls:
        return StopReason.TOOL_CALLS_SPENT
    if spent.tokens >= budget.tokens:
        return StopReason.TOKENS_SPENT
    return StopReason.SECONDS_SPENT if spent.seconds >= budget.seconds else None


def _end(state: State, reason: StopReason) -> State:
    """End the attempt; the next one of a best-of-n starts with a clean transcript and the drafts so far."""
    if state.attempt + 1 >= state.best_of or reason is StopReason.POLICY_FAILED:
        return _with(state, phase="done", stop=reason, pending=None, waiting=())
    blank = _with(state, turns=(), anchors={}, spent=Spent(), pending=None, waiting=())
    fresh = _with(blank, past=(*state.past, state.turns))
    return _with(fresh, attempt=state.attempt + 1, phase="act")


def fact_of(anchor: Anchor) -> tuple[object, ...]:
    """What an anchor says, whatever its id: two with the same are one fact."""
    place = (anchor.part, anchor.frame, anchor.box, anchor.point)
    return (anchor.kind, *place, anchor.t0, anchor.t1, anchor.content)


def _register(
    known: Mapping[str, Anchor], found: tuple[Anchor, ...]
) -> tuple[tuple[Anchor, ...], Mapping[str, Anchor]]:
    """Give new anchors their ids; a fact that was seen before keeps the id it has, and an id its first fact."""
    anchors = dict(known)
    if all(anchor.id for anchor in found):
        for anchor in found:
            anchors.setdefault(anchor.id, anchor)
        return found, anchors
    ids = {fact_of(anchor): anchor.id for anchor in anchors.values()}
    counts: dict[str, int] = {}
    for anchor in anchors.values():
        if anchor.kind not in SELF_NAMED:
            letter = LETTERS.get(anchor.kind, OTHER_LETTER)
            counts[letter] = counts.get(letter, 0) + 1
    numbered: list[Anchor] = []
    for anchor in found:
        letter = LETTERS.get(anchor.kind, OTHER_LETTER)
        known_id = anchor.id or ids.get(fact_of(anchor), "")
        if not known_id:
            counts[letter] = counts.get(letter, 0) + 1
            known_id = f"{letter}{counts[letter]}"
        named = anchor if anchor.id == known_id else replace(anchor, id=known_id)
        ids[fact_of(named)] = known_id
        anchors.setdefault(known_id, named)
        numbered.append(named)
    return tuple(numbered), anchors


def _findings_text(findings: tuple[Finding, ...]) -> str:
    lines = [f"{finding.path or '/'}: {finding.message} ({finding.rule})" for finding in findings[:12]]
    more = f"\n... and {len(findings) - 12} more" if len(findings) > 12 else ""
    return "rejected, mend and submit again:\n" + "\n".join(lines) + more
