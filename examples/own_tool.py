"""A tool of one's own, given to a domain that is there already.

A tool is a function of a stream that gives anchors: facts with a time and a place that a draft may cite. This one
finds the longest pause. The domain's plan calls it first; any other policy sees it among its tools.
Run it: `python examples/own_tool.py examples/traces/shop_and_mail`
"""

from __future__ import annotations

import sys
from collections.abc import Generator
from dataclasses import replace
from itertools import pairwise

from dataclaw import (
    Action,
    Anchor,
    Brief,
    Domain,
    Observation,
    TailorOutput,
    ToolContext,
    ToolResult,
    build_graph,
    load_domain,
    make_policy,
    tool,
)
from dataclaw.agent.runtime import Runtime
from dataclaw.tools.cache import Cache


@tool("longest_pause", version=1, kinds=("gui",))
def longest_pause(context: ToolContext) -> ToolResult:
    """Find the longest time in which nothing was done."""
    first, last = context.window
    events = [event for event in context.stream.events if first <= event.t0 <= last]
    pauses = [(after.t0 - before.t1, before.t1, after.t0) for before, after in pairwise(events)]
    if not pauses:
        return ToolResult("fewer than two events, so there is no pause")
    seconds, t0, t1 = max(pauses)
    return ToolResult(f"nothing for {seconds:.1f} s", (Anchor("", "pause", f"pause of {seconds:.1f} s", t0, t1),))


def with_pause(domain: Domain, name: str) -> Domain:
    """The domain with the tool in one of its tasks, and a plan that asks it before it goes on as ever."""
    task = domain.task(name)
    plan = task.plan
    assert plan is not None

    def ask_first(brief: Brief) -> Generator[Action, Observation, None]:
        yield Action("longest_pause", {})
        yield from plan(brief)

    own = replace(task, tools={**task.tools, longest_pause.name: longest_pause}, plan=ask_first)
    return replace(domain, tasks={**domain.tasks, name: own})


def main(path: str) -> TailorOutput:
    """Tailor one trace with it."""
    gui = with_pause(load_domain("gui"), "action_sequence")
    graph = build_graph(Runtime(make_policy("planner"), {gui.name: gui}, Cache()))
    intent = "Extract the ordered UI actions with coordinates"
    return graph.invoke({"path": path, "intent": intent, "domain": "gui", "task": "action_sequence"})


if __name__ == "__main__":
    turns = main(sys.argv[1])["trace"]["turns"]
    print(turns[0], turns[1], sep="\n")
