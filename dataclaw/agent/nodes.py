"""What the agent does at each node, with a runtime: `steps` says what follows, here it happens.

    begin -> act <-> use_tools
              ^ \
              |  -> verify -> end
              +------/

Two walk through it: the LangGraph graph (`graph`), which can stop, be asked and be gone on with, and `walk`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import NotRequired, TypedDict, cast

from pydantic import TypeAdapter

from dataclaw.agent import steps
from dataclaw.agent.materialise import materialise
from dataclaw.agent.policy.base import PolicyInput
from dataclaw.agent.router import Routing, has_pictures, route
from dataclaw.agent.runtime import Runtime
from dataclaw.agent.session import Session
from dataclaw.agent.steps import State, dump_state
from dataclaw.config import Budget
from dataclaw.media import Artifacts
from dataclaw.strict import check
from dataclaw.types import Intent, Json, Span, Stream


class TailorInput(TypedDict):
    """What a rollout is made from.

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
    """What a rollout gives: samples, rejections (each with its reason), artifacts, and the full trace."""

    samples: list[dict[str, Json]]
    rejected: list[dict[str, Json]]
    artifacts: list[dict[str, Json]]
    trace: dict[str, Json]


Tell = Callable[[str, str], None]
"""Takes the news of a node: its name, and what it did."""


@dataclass(frozen=True, slots=True)
class Nodes:
    """What happens at each node.

    Attributes:
        runtime: streams, domains, policy and cache.
        artifacts: where media go; None writes none.
        tell: hears what every node did.
    """

    runtime: Runtime
    artifacts: Artifacts | None
    tell: Tell

    def begin(self, given: TailorInput, settle: Callable[[Routing], Routing] = lambda routed: routed) -> State:
        """The first state of a rollout.

        Args:
            given: its stream, intent and limits.
            settle: asked about a task that was not routed before.

        Raises:
            StreamError: the stream cannot be read.
            UsageError: no task fits the intent.
        """
        stream = self.runtime.stream(given["path"])
        self.tell("ingest", f"{stream.kind} stream {stream.name}: {len(stream.events)} events")
        domain, name, intent = self._resolve(given, stream, settle)
        task = self.runtime.domains[domain].task(name)
        window = given.get("window") or [0.0, stream.duration]
        return State(
            key=f"{stream.id}-{name}-{given.get('number', 0)}",
            domain=domain,
            task=name,
            intent=intent,
            window=cast("Span", tuple(window)),
            budget=check({**task.budget.model_dump(), **given.get("budget", {})}, Budget, "budget"),
            best_of=given.get("best_of", 1),
        )

    def _resolve(
        self, given: TailorInput, stream: Stream, settle: Callable[[Routing], Routing]
    ) -> tuple[str, str, Intent]:
        """`(domain, task, intent)` of a rollout: as they were routed before, or routed now."""
        named, task, resolved = given.get("domain"), given.get("task"), given.get("resolved")
        if named and task and resolved:
            return named, task, TypeAdapter(Intent).validate_python(resolved)
        domains = self.runtime.domains
        routed = route(given["intent"], stream.kind, domains, domain=named, task=task, pictures=has_pictures(stream))
        found = settle(routed).require_match()
        self.tell("route", found.describe())
        return found.choice.domain, found.choice.task, found.intent

    def act(self, path: str, state: State) -> State:
        """Let the policy decide."""
        policy, meter = self.runtime.policy_of(state.domain), self.runtime.meter
        meter.check()
        (decision,) = policy.decide([PolicyInput(state, self._session(path, state))])
        meter.add(policy.name, decision)
        after = steps.decide(state, decision)
        self.tell("act", after.pending.tool if after.pending else decision.error or "no action")
        return after

    def use_tools(self, path: str, state: State) -> State:
        """Call the tool that the policy named."""
        result, seconds = self._session(path, state).use(state)
        self.tell("use_tools", result if isinstance(result, str) else result.note)
        return steps.observe(state, result, seconds)

    def verify(self, path: str, state: State) -> State:
        """Judge the draft that was handed in."""
        verdict, seconds = self._session(path, state).verify(state)
        self.tell("verify", f"{'accepted' if verdict.passed else 'sent back'}, reward {verdict.total:.3f}")
        return steps.judge(state, verdict, seconds)

    def end(self, path: str, state: State) -> TailorOutput:
        """What a rollout whose phase is "done" gives."""
        session = self._session(path, state)
        with session.busy:
            made = materialise(state, session, self.runtime.signature(state.domain), self.artifacts)
        self.tell("materialise", f"{len(made.samples)} sample(s), {len(made.rejected)} rejected")
        facts = session.facts if state.drafts else session.plain_facts  # where nothing was judged, nobody looked
        trace: dict[str, Json] = dump_state(state) | {"facts": facts(state.window).to_json()}
        return cast("TailorOutput", {**made.to_json(), "trace": trace})

    def _session(self, path: str, state: State) -> Session:
        return self.runtime.session(path, state.domain, state.task)


def walk(
    runtime: Runtime, given: TailorInput, artifacts: Artifacts | None
) -> Generator[tuple[str, str], None, TailorOutput]:
    """A rollout from its beginning to its end, without a framework: for deciders that may as well begin again.

    Yields:
        The name of each node that ran, and what it did.
    """
    news: list[tuple[str, str]] = []
    nodes = Nodes(runtime, artifacts, lambda node, text: news.append((node, text)))
    does = {"act": nodes.act, "use_tools": nodes.use_tools, "verify": nodes.verify}
    state = nodes.begin(given)
    while state.phase != "done":
        yield from _take(news)
        state = does[state.phase](given["path"], state)
    yield from _take(news)
    made = nodes.end(given["path"], state)
    yield from _take(news)
    return made


def _take(news: list[tuple[str, str]]) -> list[tuple[str, str]]:
    taken = news[:]
    news.clear()
    return taken
