"""What a run would take, before it runs: `dataclaw run --dry-run`.

Every stream is opened and routed. Some of each task are rehearsed: tools run, a model's very conversations are put and
counted, and the task's plan answers in its place (`agent.policy.rehearsal`). The others are taken to be like those.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from dataclaw.agent.router import has_pictures, route
from dataclaw.agent.runtime import Meter, Runtime
from dataclaw.errors import DataClawError
from dataclaw.models.adapter_index import PLANNER
from dataclaw.run.ledger import Outcome
from dataclaw.run.prepare import Setup, make_runtime
from dataclaw.run.run import Sources, tailor_source
from dataclaw.types import Json, Usage

REHEARSED = 8
"""Streams of a task that are rehearsed, at most; spread evenly over all of them."""
ENOUGH = 60.0
"""Seconds after which no more than one stream of each task is rehearsed."""
LOCAL, REMOTE = (170.0, 100.0), (2000.0, 60.0)
"""Tokens a second that a model reads and writes: the embedded one, as measured on two cores; a server, by a guess."""


@dataclass(frozen=True, slots=True)
class StreamEstimate:
    """What one stream would take.

    Attributes:
        source: the stream.
        kind: its kind; "rejected" where it cannot be opened or fits no task.
        task: its task, with its domain; the reason where it is rejected.
        domain: its domain.
        decides: who decides, and why.
        usage: what asking the model would take.
        cost: what that costs; None where no price is known.
        seconds: how long it takes [s].
        samples: samples that came of the rehearsal; a share where it was not rehearsed.
        rehearsed: whether it was; else it is taken to be like those of its task that were.
    """

    source: str
    kind: str
    task: str
    domain: str = ""
    decides: dict[str, str] | None = None
    usage: Usage = field(default_factory=Usage)
    cost: float | None = None
    seconds: float = 0.0
    samples: float = 0.0
    rehearsed: bool = False

    def to_json(self) -> dict[str, Json]:
        """Plain JSON."""
        row: dict[str, Json] = {"source": self.source, "kind": self.kind, "task": self.task}
        if self.kind == "rejected":
            return row
        used = self.usage
        told = {"requests": used.requests, "read": used.read, "cached": used.cached, "written": used.written}
        row |= {"domain": self.domain, "decides": self.decides, **told, "images": used.images, "cost": self.cost}
        return row | {"seconds": round(self.seconds, 1), "samples": self.samples, "rehearsed": self.rehearsed}


def estimate(setup: Setup, sources: Sources, progress: Callable[[str], None] = lambda _: None) -> list[StreamEstimate]:
    """What each stream would take; one that cannot be opened says why.

    Args:
        setup: what the run needs.
        sources: its streams.
        progress: told the name of each stream that is rehearsed.
    """
    config = setup.config.model_copy(update={"review": False})
    calm = replace(setup, config=config, meter=Meter())
    runtime = make_runtime(calm, rehearse=True)
    runtime.readers.update(sources)
    try:
        rows = {source: _route(setup, runtime, source) for source in sources}
        start = time.monotonic()
        for task in dict.fromkeys(row.task for row in rows.values() if row.kind != "rejected"):
            own = [row for row in rows.values() if row.task == task and row.kind != "rejected"]
            made: list[StreamEstimate] = []
            for row in _pick(own):
                if not made or time.monotonic() - start < ENOUGH:
                    progress(row.source)
                    *_, end = tailor_source(calm, runtime, row.source, None)
                    made += [_outcome_row(setup, row, end.outcome)] if end.outcome else []
            rows |= {row.source: _like(made, row) for row in own} | {row.source: row for row in made}
        return list(rows.values())
    finally:
        runtime.close()


def _route(setup: Setup, runtime: Runtime, source: str) -> StreamEstimate:
    config = setup.config
    try:
        stream = runtime.stream(source)
        routed = route(
            config.intent,
            stream.kind,
            runtime.domains,
            domain=setup.domain,
            task=config.task,
            pictures=has_pictures(stream),
        ).require_match()
    except DataClawError as error:
        return StreamEstimate(source, "rejected", str(error))
    choice = routed.choice
    task = f"{choice.domain}.{choice.task}{'' if routed.sure else ' (unsure)'}"
    return StreamEstimate(source, stream.kind, task, choice.domain, setup.deciders[choice.domain].record())


def _pick(rows: Sequence[StreamEstimate]) -> list[StreamEstimate]:
    count = min(len(rows), REHEARSED)
    return [rows[at * len(rows) // count] for at in range(count)]


def _outcome_row(setup: Setup, row: StreamEstimate, outcome: Outcome) -> StreamEstimate:
    used, model = outcome.usage, setup.deciders[row.domain].model
    reads, writes = REMOTE if setup.remote else LOCAL
    seconds = outcome.seconds + (used.read - used.cached) / reads + used.written / writes
    cost = 0.0 if model == PLANNER else setup.meter.cost_of(model, used)
    return replace(row, usage=used, cost=cost, seconds=seconds, samples=len(outcome.samples), rehearsed=True)


def _like(made: Sequence[StreamEstimate], row: StreamEstimate) -> StreamEstimate:
    """The mean of those that were rehearsed."""
    n = len(made)
    used = sum((one.usage for one in made), Usage())
    known = [one.cost for one in made if one.cost is not None]
    return replace(
        row,
        usage=Usage(
            round(used.requests / n),
            round(used.read / n),
            round(used.cached / n),
            round(used.written / n),
            round(used.images / n),
        ),
        cost=sum(known) / n if len(known) == n else None,
        seconds=sum(one.seconds for one in made) / n,
        samples=round(sum(one.samples for one in made) / n, 2),
    )
