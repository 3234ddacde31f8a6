"""What a policy could hand in that looks less: a rule that counts what the policy saw pays for not looking.

Three such policies stand at every fixture. One stops half-way through what the gold answer tells. One makes a single
call. The third is the domain's own plan, to which the tools show nothing of the second half: what it writes agrees with
itself. A domain's rules must hold them all, by what the stream holds (`Case.events`, `Case.there`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import cast

from dataclaw.agent import steps
from dataclaw.agent.batch import run_batch
from dataclaw.agent.policy.planner import Planner
from dataclaw.agent.session import Session
from dataclaw.agent.steps import State
from dataclaw.choosing import CHOOSE
from dataclaw.domain import Task
from dataclaw.kit.attacks import DraftBody, main_list
from dataclaw.kit.fixture_form import Fixture
from dataclaw.kit.fixtures import FixtureSession, begin, stream_of
from dataclaw.media import MEDIA
from dataclaw.rewards import Verdict
from dataclaw.schema import citations, cited_ids, fields_of
from dataclaw.tools.base import ToolResult
from dataclaw.tools.cache import Cache
from dataclaw.types import Anchor, Json

HALF, ONE_CALL, PLAN = "looked less", "one call", "a plan that looked less"


@dataclass(frozen=True)
class ShortSession(Session):
    """A session in which tools show a policy nothing that begins after a time; the verifier sees everything.

    Attributes:
        until: that time [s].
    """

    until: float = 0.0

    def use(self, state: State) -> tuple[ToolResult | str, float]:
        """As `Session.use`, cut."""
        result, seconds = super().use(state)
        if isinstance(result, str) or (state.pending and state.pending.tool == CHOOSE):
            return result, seconds
        return replace(result, anchors=tuple(a for a in result.anchors if a.t0 <= self.until)), seconds


def short_looks(bench: FixtureSession, cache: Cache) -> Iterator[tuple[str, Json, Verdict]]:
    """`(name, draft, verdict)` of what each of these policies hands in, where looking less shows in it.

    Args:
        bench: a fixture with everything looked at.
        cache: results of tools.
    """
    gold, state = bench.row.gold, bench.state
    until = _middle(gold, state.anchors)
    if until is None:
        return
    half = {name: anchor for name, anchor in state.anchors.items() if anchor.t0 <= until}
    for name, seen in ((HALF, half), (ONE_CALL, _first_call(gold, state))):
        draft = cut(gold, seen)
        if draft is not None and _tells_less(draft, gold):
            yield name, draft, bench.judge(draft, seen)
    if bench.task.plan:
        yield from _play_short(bench.task, bench.row, until, cache)


def _play_short(task: Task, row: Fixture, until: float, cache: Cache) -> Iterator[tuple[str, Json, Verdict]]:
    session = ShortSession(stream_of(row), task, cache, until=until)
    (played,) = run_batch([(begin(task, row, task.budget), session)], Planner())
    found = steps.best(played)
    if found and isinstance(found.draft, dict) and _tells_less(cast("DraftBody", found.draft), row.gold):
        yield PLAN, found.draft, found.verdict


def _middle(gold: DraftBody, anchors: Mapping[str, Anchor]) -> float | None:
    """When the first half of the main list's items has begun [s]; None where the list tells no course of time."""
    key = _asked_list(gold)
    items = cast("list[Json]", gold[key]) if key else []
    times = sorted(max(of) for item in items if (of := [anchors[n].t0 for n in citations(item) if n in anchors]))
    until = times[(len(times) - 1) // 2] if times else 0.0
    return until if times and times[-1] > until else None


def _first_call(gold: DraftBody, state: State) -> dict[str, Anchor]:
    """What had been seen after the first call that showed something of what the gold answer's main list cites."""
    wanted, seen = set(citations(gold[_asked_list(gold) or ""])), dict[str, Anchor]()
    for turn in state.turns:
        found = turn.observation.anchors if turn.observation else ()
        seen |= {anchor.id: anchor for anchor in found}
        if wanted & seen.keys():
            break
    return seen


def _tells_less(draft: DraftBody, gold: DraftBody) -> bool:
    """Whether a draft has fewer items in the list that the gold answer has most of."""
    key = _asked_list(gold)
    told = draft.get(key) if key else None
    return isinstance(told, list) and 0 < len(cast("list[Json]", told)) < len(cast("list[Json]", gold[key or ""]))


def _asked_list(gold: DraftBody) -> str | None:
    """The key of the list that was asked for; what a sample only shows is none."""
    return main_list({key: value for key, value in gold.items() if key not in MEDIA})


def cut(value: DraftBody, seen: Mapping[str, Anchor]) -> DraftBody | None:
    """A draft without what was not seen: without list items that cite it, and without its ids elsewhere.

    None where nothing is left to cite in a place that cites.
    """
    try:
        return cast("DraftBody", _cut(value, seen))
    except LookupError:
        return None


def _cut(value: Json, seen: Mapping[str, Anchor]) -> Json:
    if isinstance(value, list):
        return [_cut(item, seen) for item in cast("list[Json]", value) if seen.keys() >= set(cited_ids(item))]
    if not isinstance(value, dict):
        return value
    fields = {key: _cut(item, seen) for key, item in fields_of(value).items() if key != "cite"}
    if "cite" not in value:
        return fields
    cite = [name for name in cited_ids(value) if name in seen]
    if cited_ids(value) and not cite:
        raise LookupError("nothing of it was seen")
    return {"cite": cite, **fields}
