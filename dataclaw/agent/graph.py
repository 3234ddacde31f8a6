r"""The agent as a LangGraph graph: wiring only, every node is one of `nodes`.

    ingest -> route -> act <-> use_tools
                        ^ \
                        |  -> verify -> [review] -> materialise -> END
                        +------/

The compiled graph has a typed input and output and can be a node of another graph. Its state is plain JSON, so any
checkpointer works; with one, a killed run goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, cast

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.config import get_stream_writer
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import interrupt

from dataclaw.agent import steps
from dataclaw.agent.nodes import Nodes, TailorInput, TailorOutput
from dataclaw.agent.router import Choice, Routing
from dataclaw.agent.runtime import Runtime
from dataclaw.agent.steps import State, dump_state, load_state
from dataclaw.errors import UsageError
from dataclaw.media import Artifacts
from dataclaw.types import Json, StopReason

RECURSION_LIMIT = 10_000
Update = dict[str, Json]


class GraphState(TailorInput, TailorOutput):
    """Input, output and the rollout in between."""

    rollout: dict[str, Json]


def build_graph(
    runtime: Runtime,
    *,
    out: Path | None = None,
    review: bool = False,
    ask: bool = False,
    checkpointer: BaseCheckpointSaver[Any] | None = None,
) -> CompiledStateGraph[Any, Any, Any, Any]:
    """The compiled graph.

    Args:
        runtime: streams, domains, policy and cache to run with.
        out: folder that media are written into; None writes none (`artifacts` stays empty).
        review: stop before a sample is written (LangGraph `interrupt`); resume with `{"accept": bool, "note": str}`.
        ask: stop where the task is not sure (LangGraph `interrupt` with `{"ask": "task", "intent", "choices"}`); resume
            with the `{"domain", "task"}` of a choice. Otherwise the best one is taken and the others are recorded.
        checkpointer: where states are kept between steps; needed for `review`, `ask` and resuming.
    """
    nodes = _GraphNodes(Nodes(runtime, Artifacts(out) if out else None, _tell), review, ask)
    graph = StateGraph(GraphState, input_schema=TailorInput, output_schema=TailorOutput)
    for name in ("ingest", "route", "act", "use_tools", "verify", "review", "materialise"):
        graph.add_node(name, getattr(nodes, name))
    graph.add_edge(START, "ingest")
    graph.add_edge("ingest", "route")
    graph.add_edge("route", "act")
    for name in ("act", "use_tools", "verify"):
        graph.add_conditional_edges(name, nodes.next_node, ["act", "use_tools", "verify", "review", "materialise"])
    graph.add_edge("review", "materialise")
    graph.add_edge("materialise", END)
    compiled = graph.compile(checkpointer=checkpointer, name="dataclaw")
    return cast("CompiledStateGraph[Any, Any, Any, Any]", compiled.with_config(recursion_limit=RECURSION_LIMIT))


class _GraphNodes:
    """The nodes as a graph has them; `rollout` holds the state as JSON between them."""

    def __init__(self, nodes: Nodes, review: bool, ask: bool) -> None:
        self._nodes = nodes
        self._review = review
        self._ask = ask

    def ingest(self, state: GraphState) -> Update:
        stream = self._nodes.runtime.stream(state["path"])
        window = state.get("window") or [0.0, stream.duration]
        return {"window": window, "samples": [], "rejected": [], "artifacts": [], "trace": {}}

    def route(self, state: GraphState) -> Update:
        return {"rollout": dump_state(self._nodes.begin(state, self._settle))}

    def _settle(self, routed: Routing) -> Routing:
        return routed.settle(_ask_choice(routed)) if self._ask and not routed.sure else routed

    def act(self, state: GraphState) -> Update:
        return self._step(self._nodes.act, state)

    def use_tools(self, state: GraphState) -> Update:
        return self._step(self._nodes.use_tools, state)

    def verify(self, state: GraphState) -> Update:
        return self._step(self._nodes.verify, state)

    def _step(self, do: Callable[[str, State], State], state: GraphState) -> Update:
        return {"rollout": dump_state(do(state["path"], load_state(state["rollout"])))}

    def review(self, state: GraphState) -> Update:
        rollout = load_state(state["rollout"])
        draft = steps.best(rollout)
        if draft is None:
            return {}
        answer = interrupt({"key": rollout.key, "draft": draft.draft, "verdict": draft.verdict.to_json()})
        if not answer.get("accept"):
            rollout = steps.reject(rollout, str(answer.get("note", "")))
        return {"rollout": dump_state(rollout)}

    def materialise(self, state: GraphState) -> Update:
        return cast("Update", self._nodes.end(state["path"], load_state(state["rollout"])))

    def next_node(self, state: GraphState) -> Literal["act", "use_tools", "verify", "review", "materialise"]:
        phase = cast("steps.Phase", state["rollout"]["phase"])
        if phase != "done":
            return phase
        failed = state["rollout"]["stop"] == StopReason.POLICY_FAILED
        return "review" if self._review and not failed else "materialise"


def _ask_choice(routed: Routing) -> Choice:
    """Ask which task is meant; an answer that is none of the choices is an error."""
    pool = [routed.choice, *routed.others]
    rows = [{"domain": c.domain, "task": c.task, "score": c.score, "why": c.why} for c in pool[:6]]
    answer = interrupt({"ask": "task", "intent": routed.intent.text, "choices": rows})
    named = (answer.get("domain"), answer.get("task"))
    found = [c for c in pool if (c.domain, c.task) == named]
    if not found:
        raise UsageError(f"{named} is none of the choices.", remedy="Resume with the domain and task of one of them.")
    return found[0]


def _tell(node: str, text: str) -> None:
    """Progress for whoever streams the graph with `stream_mode="custom"`."""
    get_stream_writer()({"node": node, "text": text})
