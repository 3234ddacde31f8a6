r"""The agent as a LangGraph graph: wiring only, every node calls `steps` through the runtime.

    ingest -> route -> act <-> use_tools
                        ^ \
                        |  -> verify -> [review] -> materialise -> END
                        +------/

The compiled graph has a typed input and output and can be a node of another graph. Its state is plain JSON, so any
checkpointer works; with one, a killed run goes on where it stopped.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, NotRequired, TypedDict, cast

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.config import get_stream_writer
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import interrupt
from pydantic import TypeAdapter

from dataclaw.agent import steps
from dataclaw.agent.materialise import materialise
from dataclaw.agent.policy.base import PolicyInput
from dataclaw.agent.router import Choice, Routing, has_pictures, route
from dataclaw.agent.runtime import Runtime
from dataclaw.agent.steps import dump_state, load_state
from dataclaw.config import Budget
from dataclaw.errors import UsageError
from dataclaw.media import Artifacts
from dataclaw.strict import check
from dataclaw.types import Intent, Json, Span, StopReason, Stream

RECURSION_LIMIT = 10_000


class TailorInput(TypedDict):
    """What the graph is given.

    Keys: `path` of the stream, `intent` in the user's words; optional `domain` and `task` (else routed), `window`
    `[t0, t1]` [s] (else all of it), `number` of the window (names the sample), `best_of`, `budget` overrides;
    `resolved`, the fields of an `Intent`, where domain and task come from routing and not from the user.
    """

    path: str
    intent: str
    domain: NotRequired[str | None]
    task: NotRequired[str | None]
    resolved: NotRequired[dict[str, Json]]
    window: NotRequired[list[float] | None]
    number: NotRequired[int]
    best_of: NotRequired[int]
    budget: NotRequired[dict[str, float]]


class TailorOutput(TypedDict):
    """What the graph gives back: samples, rejections (each with its reason), artifacts, and the full trace."""

    samples: list[dict[str, Json]]
    rejected: list[dict[str, Json]]
    artifacts: list[dict[str, Json]]
    trace: dict[str, Json]


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
    nodes = _Nodes(runtime, Artifacts(out) if out else None, review, ask)
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


class _Nodes:
    """The nodes; `rollout` holds the state as JSON between them."""

    def __init__(self, runtime: Runtime, artifacts: Artifacts | None, review: bool, ask: bool) -> None:
        self._runtime = runtime
        self._artifacts = artifacts
        self._review = review
        self._ask = ask

    def ingest(self, state: GraphState) -> dict[str, Json]:
        stream = self._runtime.stream(state["path"])
        _tell("ingest", f"{stream.kind} stream {stream.name}: {len(stream.events)} events")
        window = state.get("window") or [0.0, stream.duration]
        return {"window": window, "samples": [], "rejected": [], "artifacts": [], "trace": {}}

    def route(self, state: GraphState) -> dict[str, Json]:
        stream = self._runtime.stream(state["path"])
        domain, task_name, intent = self._resolve(state, stream)
        task = self._runtime.domains[domain].task(task_name)
        budget = check({**task.budget.model_dump(), **state.get("budget", {})}, Budget, "budget")
        window = state.get("window") or [0.0, stream.duration]
        rollout = steps.State(
            key=f"{stream.id}-{task_name}-{state.get('number', 0)}",
            domain=domain,
            task=task_name,
            intent=intent,
            window=cast("Span", tuple(window)),
            budget=budget,
            best_of=state.get("best_of", 1),
        )
        return {"rollout": dump_state(rollout)}

    def _resolve(self, state: GraphState, stream: Stream) -> tuple[str, str, Intent]:
        """`(domain, task, intent)` of a rollout: as they were routed before, or routed now."""
        named, task, resolved = state.get("domain"), state.get("task"), state.get("resolved")
        if named and task and resolved:
            return named, task, TypeAdapter(Intent).validate_python(resolved)
        domains = self._runtime.domains
        routed = route(state["intent"], stream.kind, domains, domain=named, task=task, pictures=has_pictures(stream))
        if self._ask and not routed.sure:
            routed = routed.settle(_ask_choice(routed))
        found = routed.require_match()
        _tell("route", found.describe())
        return found.choice.domain, found.choice.task, found.intent

    def act(self, state: GraphState) -> dict[str, Json]:
        rollout = load_state(state["rollout"])
        policy, meter = self._runtime.policy_of(rollout.domain), self._runtime.meter
        meter.check()
        (decision,) = policy.decide([PolicyInput(rollout, self._session(state, rollout))])
        meter.add(policy.name, decision)
        after = steps.decide(rollout, decision)
        called = f"{after.pending.tool}" if after.pending else decision.error or "no action"
        _tell("act", called)
        return {"rollout": dump_state(after)}

    def use_tools(self, state: GraphState) -> dict[str, Json]:
        rollout = load_state(state["rollout"])
        result, seconds = self._session(state, rollout).use(rollout)
        _tell("use_tools", result if isinstance(result, str) else result.note)
        return {"rollout": dump_state(steps.observe(rollout, result, seconds))}

    def verify(self, state: GraphState) -> dict[str, Json]:
        rollout = load_state(state["rollout"])
        verdict, seconds = self._session(state, rollout).verify(rollout)
        _tell("verify", f"{'accepted' if verdict.passed else 'sent back'}, reward {verdict.total:.3f}")
        return {"rollout": dump_state(steps.judge(rollout, verdict, seconds))}

    def review(self, state: GraphState) -> dict[str, Json]:
        rollout = load_state(state["rollout"])
        draft = steps.best(rollout)
        if draft is None:
            return {}
        answer = interrupt({"key": rollout.key, "draft": draft.draft, "verdict": draft.verdict.to_json()})
        if not answer.get("accept"):
            rollout = steps.reject(rollout, str(answer.get("note", "")))
        return {"rollout": dump_state(rollout)}

    def materialise(self, state: GraphState) -> dict[str, Json]:
        rollout = load_state(state["rollout"])
        session = self._session(state, rollout)
        with session.busy:
            made = materialise(rollout, session, self._runtime.signature(rollout.domain), self._artifacts)
        _tell("materialise", f"{len(made.samples)} sample(s), {len(made.rejected)} rejected")
        facts = session.facts if rollout.drafts else session.plain_facts  # where nothing was judged, nobody looked
        return {**made.to_json(), "trace": dump_state(rollout) | {"facts": facts(rollout.window).to_json()}}

    def next_node(self, state: GraphState) -> Literal["act", "use_tools", "verify", "review", "materialise"]:
        phase = cast("steps.Phase", state["rollout"]["phase"])
        if phase != "done":
            return phase
        failed = state["rollout"]["stop"] == StopReason.POLICY_FAILED
        return "review" if self._review and not failed else "materialise"

    def _session(self, state: GraphState, rollout: steps.State) -> Any:
        return self._runtime.session(state["path"], rollout.domain, rollout.task)


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
