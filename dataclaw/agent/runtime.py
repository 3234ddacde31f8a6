"""What a process holds while it runs agents: open streams, loaded domains, the policy, the cache.

States are plain data and can be checkpointed; everything that cannot lives here and is found again by key.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from threading import Lock, RLock

from dataclaw.agent.policy.base import Policy
from dataclaw.agent.session import Session
from dataclaw.choosing import BY_RULES, Chooser
from dataclaw.domain import Domain
from dataclaw.errors import RunStoppedError
from dataclaw.models.adapter_index import PolicyChoice
from dataclaw.streams import Sampling, open_stream
from dataclaw.streams.loader import Loader, Reader
from dataclaw.tools.cache import Cache
from dataclaw.types import Decision, Stream, Usage, usage_of

OPEN_STREAMS = 8
"""Streams that are kept open beside those that threads work on."""


@dataclass
class Meter:
    """What a run has taken so far, by model; shared by all that ask.

    Attributes:
        cost_of: what asking a model costs, by its name; None where nobody knows.
        most: what the run may cost; None: anything.
        sources: where the prices are from, by model.
    """

    cost_of: Callable[[str, Usage], float | None] = lambda _model, _usage: None
    most: float | None = None
    sources: Mapping[str, str] = field(default_factory=dict[str, str])
    _used: dict[str, Usage] = field(default_factory=dict[str, Usage])
    _lock: Lock = field(default_factory=Lock)

    def add(self, model: str, decision: Decision) -> None:
        """Count what a decision took."""
        if decision.usage.requests or decision.prompt_tokens:
            with self._lock:
                self._used[model] = self._used.get(model, Usage()) + usage_of(decision)

    def check(self) -> None:
        """Make sure that the next request may be made.

        Raises:
            RunStoppedError: the run has cost what it may.
        """
        with self._lock:
            used = dict(self._used)
        spent = sum(self.cost_of(model, usage) or 0.0 for model, usage in used.items())
        if self.most is not None and spent >= self.most:
            raise RunStoppedError(
                f"the run has cost {spent:.2f} of at most {self.most:g}.",
                remedy="The same command goes on from here with as much again; --max-cost says how much.",
            )


@dataclass
class Runtime:
    """Streams, domains, policy and cache of one process.

    Attributes:
        policy: who decides, unless a domain has a policy of its own.
        domains: loaded domains by name.
        cache: tool results by content.
        sampling: how streams are sampled.
        ocr: OCR engine.
        show_task_text: show policies the task text that came with a stream.
        min_total: least total of a sample that is kept.
        chooser: who decides at the choice points of plans.
        own: policies of domains that have one of their own, by domain.
        deciders: why they decide, by domain.
        meter: what asking models took, and what it may cost.
        busy: held by whoever opens a stream, calls a tool or judges; rollouts of several threads wait for each other
            there, and ask their models at once.
        threads: rollouts that go on at once.
        readers: what reads a stream, where `survey` found that out; the others are asked for when they are opened.
    """

    policy: Policy
    domains: Mapping[str, Domain]
    cache: Cache
    sampling: Sampling = field(default_factory=Sampling)
    ocr: str = "rapidocr"
    show_task_text: bool = False
    min_total: float = 0.0
    chooser: Chooser = BY_RULES
    own: Mapping[str, Policy] = field(default_factory=dict[str, Policy])
    deciders: Mapping[str, PolicyChoice] = field(default_factory=dict[str, PolicyChoice])
    meter: Meter = field(default_factory=Meter)
    busy: RLock = field(default_factory=RLock, repr=False)
    threads: int = 1
    readers: dict[str, Reader | None] = field(default_factory=dict[str, "Reader | None"])
    _streams: OrderedDict[str, Stream] = field(default_factory=OrderedDict[str, Stream])
    _shops: dict[tuple[str, str, str], Session] = field(default_factory=dict[tuple[str, str, str], Session])

    def close(self) -> None:
        """Let go of the policies' models or connections."""
        for policy in {id(p): p for p in (self.policy, *self.own.values())}.values():
            policy.close()

    def policy_of(self, domain: str) -> Policy:
        """Who decides for a domain."""
        return self.own.get(domain, self.policy)

    def signature(self, domain: str) -> str:
        """Who decides for a domain, as samples name it: the policy, with its adapter (`embedded@gui`)."""
        decider, name = self.deciders.get(domain), self.policy_of(domain).name
        return f"{name}@{decider.adapter}" if decider and decider.adapter else name

    @property
    def loaders(self) -> tuple[Loader, ...]:
        """Readers of raw files that the domains bring."""
        return tuple(loader for domain in self.domains.values() for loader in domain.loaders)

    def stream(self, path: str) -> Stream:
        """The stream at `path`, opened once; the least recently used of several is let go.

        Raises:
            StreamError: it cannot be read.
        """
        with self.busy:
            if path not in self._streams:
                stream = open_stream(path, sampling=self.sampling, loaders=self.loaders, reader=self.readers.get(path))
                self._streams[path] = replace(stream, path=path)  # samples name it as the user did
                while len(self._streams) > OPEN_STREAMS + self.threads:
                    gone, _ = self._streams.popitem(last=False)
                    self._shops = {key: session for key, session in self._shops.items() if key[0] != gone}
            self._streams.move_to_end(path)
            return self._streams[path]

    def add(self, path: str, stream: Stream) -> None:
        """Use this stream for `path` (streams made in memory)."""
        self._streams[path] = stream

    def session(self, path: str, domain: str, task: str) -> Session:
        """The session of a stream and a task, made once."""
        key = (path, domain, task)
        with self.busy:
            if key not in self._shops:
                self._shops[key] = Session(
                    self.stream(path),
                    self.domains[domain].task(task),
                    self.cache,
                    ocr=self.ocr,
                    show_task_text=self.show_task_text,
                    min_total=self.min_total,
                    chooser=self.chooser,
                    busy=self.busy,
                )
            return self._shops[key]
