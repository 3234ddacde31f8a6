"""DataClaw as one node of another LangGraph program.

The outer program here picks the traces that are worth tailoring, hands each to DataClaw, and writes a short summary.
Run it: `python examples/subgraph.py examples/traces/shop_and_mail`
"""

from __future__ import annotations

import sys
from typing import Any, TypedDict

from langgraph.graph import END, START, StateGraph

from dataclaw import TailorOutput, build_graph, load_domain, make_policy
from dataclaw.agent.runtime import Runtime
from dataclaw.tools.cache import Cache


class Order(TypedDict, total=False):
    """The outer program's state. `path` and `intent` are what the subgraph reads, `samples` what it fills."""

    path: str
    intent: str
    domain: str
    samples: list[dict[str, Any]]
    rejected: list[dict[str, Any]]
    summary: str


def ask(order: Order) -> Order:
    """Decide what to make of the trace."""
    return {"intent": f"Extract the ordered UI actions with coordinates from {order['path']}", "domain": "gui"}


def summarise(order: Order) -> Order:
    """Say what came back."""
    lines = [f"{len(order['samples'])} sample(s), {len(order['rejected'])} rejected"]
    for sample in order["samples"]:
        reward, steps = sample["verdict"]["total"], sample["answer"].get("actions", [])
        lines.append(
            f"{sample['task']}: {len(steps)} actions, reward {reward:.2f}, {len(sample['evidence'])} cited fields"
        )
    return {"summary": "\n".join(lines)}


def main(path: str) -> TailorOutput | Order:
    gui = load_domain("gui")
    runtime = Runtime(make_policy("planner"), {gui.name: gui}, Cache())
    graph = StateGraph(Order)
    graph.add_node("ask", ask)
    graph.add_node("tailor", build_graph(runtime))
    graph.add_node("summarise", summarise)
    graph.add_edge(START, "ask")
    graph.add_edge("ask", "tailor")
    graph.add_edge("tailor", "summarise")
    graph.add_edge("summarise", END)
    return graph.compile().invoke({"path": path})


if __name__ == "__main__":
    print(main(sys.argv[1] if len(sys.argv) > 1 else "examples/traces/shop_and_mail")["summary"])
