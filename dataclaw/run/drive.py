"""Running the agent for one rollout, with news while it runs.

Who decides by a plan is done in a second and would decide the same again: such a rollout is walked through, and one
that was killed begins anew. A model's answers cost time or money, and a reviewer may take a day: those rollouts go
through the graph, which keeps every step (`checkpointed`).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass

from dataclaw.agent.nodes import TailorInput, TailorOutput, walk
from dataclaw.agent.runtime import Runtime
from dataclaw.media import Artifacts
from dataclaw.models.adapter_index import PLANNER
from dataclaw.run.ledger import Ledger, Outcome
from dataclaw.types import Json

Reviewer = Callable[[Mapping[str, Json]], Mapping[str, Json]]


@dataclass(frozen=True, slots=True)
class Progress:
    """News of a run.

    Attributes:
        source: the stream it is about.
        node: node of the agent that just ran, or "done".
        text: what it did.
        outcome: what the stream gave, when it is done.
    """

    source: str
    node: str
    text: str
    outcome: Outcome | None = None


News = Generator[Progress, None, TailorOutput]


def drive(
    runtime: Runtime, given: TailorInput, domain: str, thread: str, ledger: Ledger | None, reviewer: Reviewer | None
) -> News:
    """Run the agent to the end of a rollout.

    Args:
        runtime: what to run with.
        given: what the rollout is made from.
        domain: whose policy decides.
        thread: names the rollout among the checkpoints.
        ledger: the run's folder; without one nothing is written.
        reviewer: asked before a sample is written.

    Yields:
        Progress as nodes finish.

    Returns:
        What the rollout gives.
    """
    by_plan = runtime.policy_of(domain).name == PLANNER and reviewer is None
    if ledger and not by_plan:
        from dataclaw.run.checkpointed import go_on

        news = go_on(runtime, given, thread, ledger, reviewer)
    else:
        news = walk(runtime, given, Artifacts(ledger.out) if ledger else None)
    while True:
        try:
            node, text = next(news)
        except StopIteration as end:
            return end.value
        yield Progress(given["path"], node, text)
