"""What the agent's own machinery costs a step: the plain driver and LangGraph, same stream, same script.

Goal: plain driver at most 30 us a step. Tools are answered from the cache or not at all, so only the loop is measured.
Run: python benchmarks/driver.py
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from dataclaw.agent import steps
from dataclaw.agent.batch import advance
from dataclaw.agent.graph import build_graph
from dataclaw.agent.policy.base import PolicyInput
from dataclaw.agent.runtime import Runtime
from dataclaw.agent.session import Session
from dataclaw.agent.steps import State, action_text
from dataclaw.config import Budget
from dataclaw.plugins import load_domain
from dataclaw.testing import ScriptedPolicy
from dataclaw.tools.base import ToolResult
from dataclaw.tools.cache import Cache
from dataclaw.types import Action, Anchor, Decision, Event, Intent, Stream

STEPS = 40
ROUNDS = 7
EVENTS = tuple(Event(i, "click", float(i), float(i), point=(1.0, 1.0)) for i in range(40))
STREAM = Stream("0" * 16, "gui", "bench", "bench", "bench", 40.0, events=EVENTS)
LINE = action_text(Action("overview", {}))
FOUND = ToolResult("2 facts", tuple(Anchor(f"e{i}", "event", "click", float(i), float(i)) for i in range(2)))


class Still(Session):
    """A session whose tools answer at once."""

    def use(self, state: State) -> tuple[ToolResult | str, float]:
        return FOUND, 0.0


def plain(state: State, session: Session, policy: ScriptedPolicy) -> None:
    for _ in range(STEPS):
        decision = policy.decide([PolicyInput(state, session)])[0]
        state = advance(steps.decide(state, decision), session)


def best(run: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times) / STEPS * 1e6


def main() -> None:
    domain = load_domain("gui")
    task = domain.task("action_sequence")
    session = Still(STREAM, task, Cache())
    policy = ScriptedPolicy([LINE] * STEPS)
    budget = Budget(steps=STEPS, tool_calls=STEPS)
    start = State("k", "gui", task.name, Intent("x"), (0.0, 40.0), budget)
    batch = best(lambda: [plain(replace(start), session, policy) for _ in range(10)]) / 10
    runtime = Runtime(policy, {"gui": domain}, Cache())
    runtime.add("bench", STREAM)
    runtime._shops[("bench", "gui", task.name)] = session
    graph = build_graph(runtime)
    given = {
        "path": "bench",
        "intent": "x",
        "domain": "gui",
        "task": task.name,
        "budget": {"steps": STEPS, "tool_calls": STEPS},
    }
    langgraph = best(lambda: graph.invoke(given))
    decided = Decision(LINE)
    floor = best(lambda: [steps.parse_action(decided.text) for _ in range(STEPS)])
    print(f"{'':24}{'us a step':>12}{'ratio':>8}")
    for name, cost in (("parse one action", floor), ("plain driver", batch), ("LangGraph", langgraph)):
        print(f"{name:24}{cost:12.1f}{cost / batch:8.1f}")
    print(f"goal: plain driver at most 30 us a step: {'held' if batch <= 30 else 'missed'}")


if __name__ == "__main__":
    main()
