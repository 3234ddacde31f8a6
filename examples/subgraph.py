"""DataClaw as one worker of a LangGraph supervisor.

The supervisor hands one recording after the other to DataClaw, whose compiled graph is a node like any other, and keeps
what comes back. When none is left, another worker writes the summary.
Run it: `python examples/subgraph.py examples/traces/*`
"""

from __future__ import annotations

import operator
import sys
from typing import Annotated, Any, Literal, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Command

from dataclaw import build_graph, load_domain, make_policy
from dataclaw.agent.runtime import Runtime
from dataclaw.tools.cache import Cache

INTENT = "Extract the ordered UI actions with coordinates"


class Desk(TypedDict, total=False):
    """The supervisor's state. DataClaw reads `path`, `intent` and `domain`, and fills `samples` and `rejected`."""

    waiting: list[str]
    path: str
    intent: str
    domain: str
    samples: list[dict[str, Any]]
    rejected: list[dict[str, Any]]
    kept: Annotated[list[dict[str, Any]], operator.add]
    lost: Annotated[list[dict[str, Any]], operator.add]
    summary: str


def supervise(desk: Desk) -> Command[Literal["tailor", "summarise"]]:
    """Keep what came back, and decide who works next."""
    back = {"kept": desk.get("samples", []), "lost": desk.get("rejected", [])}
    if not desk["waiting"]:
        return Command(goto="summarise", update=back)
    path, *waiting = desk["waiting"]
    order = {"path": path, "intent": INTENT, "domain": "gui", "waiting": waiting}
    return Command(goto="tailor", update={**back, **order})


def summarise(desk: Desk) -> Desk:
    """Say what was kept."""
    lines = [f"{one['stream']['name']}: reward {one['verdict']['total']:.2f}" for one in desk["kept"]]
    lines += [f"{one['stream']['name']}: {one['reason']} {one['remedy']}" for one in desk["lost"]]
    return {"summary": "\n".join(lines)}


def make_team() -> CompiledStateGraph[Any, Any, Any, Any]:
    """The supervisor and its two workers."""
    gui = load_domain("gui")
    graph = StateGraph(Desk)
    graph.add_node("supervise", supervise)
    graph.add_node("tailor", build_graph(Runtime(make_policy("planner"), {gui.name: gui}, Cache())))
    graph.add_node("summarise", summarise)
    graph.add_edge(START, "supervise")
    graph.add_edge("tailor", "supervise")
    graph.add_edge("summarise", END)
    return graph.compile()


if __name__ == "__main__":
    print(make_team().invoke({"waiting": sys.argv[1:]})["summary"])
