"""DataClaw as an application that the LangGraph server serves: the factory that `langgraph.json` names.

All installed domains are there, and an intent finds its task. A request names a stream below one folder and nothing
else of the disk. Run it in this folder: `pip install 'langgraph-cli[inmem]'`, then
`DATACLAW_STREAMS=../traces langgraph dev`, and send `{"path": "shop_and_mail", "intent": "..."}`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from dataclaw import DataClawError, TailorInput, TailorOutput, build_graph, find_plugins, load_domain, make_policy
from dataclaw.agent.runtime import Runtime
from dataclaw.tools.cache import Cache


class Request(TailorInput, TailorOutput):
    """What is asked for and what is made of it."""


def make_graph() -> CompiledStateGraph[Any, Any, Any, Any]:
    """The agent, behind a node that lets it read the streams' folder only. The server brings the checkpointer."""
    root = Path(os.environ.get("DATACLAW_STREAMS", "streams")).resolve()

    def find_stream(request: Request) -> dict[str, str]:
        path = (root / request["path"]).resolve()
        if not path.is_relative_to(root) or not path.exists():
            raise DataClawError(f"there is no stream {request['path']!r}.", remedy="Name one below DATACLAW_STREAMS.")
        return {"path": str(path)}

    domains = {name: load_domain(name) for name in find_plugins()}
    graph = StateGraph(Request, input_schema=TailorInput, output_schema=TailorOutput)
    graph.add_node("find_stream", find_stream)
    graph.add_node("tailor", build_graph(Runtime(make_policy("planner"), domains, Cache())))
    graph.add_edge(START, "find_stream")
    graph.add_edge("find_stream", "tailor")
    graph.add_edge("tailor", END)
    return graph.compile()
