"""What a process holds while it runs agents: open streams, loaded domains, the policy, the cache.

States are plain data and can be checkpointed; everything that cannot lives here and is found again by key.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from dataclaw.agent.policy.base import Policy
from dataclaw.agent.session import Session
from dataclaw.choosing import BY_RULES, Chooser
from dataclaw.domain import Domain
from dataclaw.models.adapter_index import PolicyChoice
from dataclaw.streams import Sampling, open_stream
from dataclaw.streams.loader import Loader, Reader
from dataclaw.tools.cache import Cache
from dataclaw.types import Stream

OPEN_STREAMS = 8


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
        if path not in self._streams:
            stream = open_stream(path, sampling=self.sampling, loaders=self.loaders, reader=self.readers.get(path))
            self._streams[path] = replace(stream, path=path)  # samples name it as the user did
            while len(self._streams) > OPEN_STREAMS:
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
        if key not in self._shops:
            self._shops[key] = Session(
                self.stream(path),
                self.domains[domain].task(task),
                self.cache,
                ocr=self.ocr,
                show_task_text=self.show_task_text,
                min_total=self.min_total,
                chooser=self.chooser,
            )
        return self._shops[key]
