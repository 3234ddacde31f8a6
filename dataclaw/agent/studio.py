"""What a process holds while it runs agents: open streams, loaded domains, the policy, the cache.

States are plain data and can be checkpointed; everything that cannot lives here and is found again by key.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from dataclaw.agent.deciders import Decider, deciders_of, missed_by
from dataclaw.agent.policy import make_policy
from dataclaw.agent.policy.base import Policy
from dataclaw.agent.shipped import PLANNER
from dataclaw.agent.workshop import Workshop
from dataclaw.config import Budget, RunConfig, check
from dataclaw.errors import ConfigError, PluginError, UsageError
from dataclaw.plugins import Domain, did_you_mean, find_plugins, load_domain
from dataclaw.streams import Sampling, open_stream
from dataclaw.streams.loader import Loader
from dataclaw.tools.cache import Cache
from dataclaw.types import Stream

log = logging.getLogger(__name__)
OPEN_STREAMS = 8


@dataclass
class Studio:
    """Streams, domains, policy and cache of one process.

    Attributes:
        policy: who decides, unless a domain has a policy of its own.
        domains: loaded domains by name.
        cache: tool results by content.
        sampling: how streams are sampled.
        ocr: OCR engine.
        show_task_text: show policies the task text that came with a stream.
        own: policies of domains that have one of their own, by domain.
        deciders: why they decide, by domain.
    """

    policy: Policy
    domains: Mapping[str, Domain]
    cache: Cache
    sampling: Sampling = field(default_factory=Sampling)
    ocr: str = "rapidocr"
    show_task_text: bool = False
    own: Mapping[str, Policy] = field(default_factory=dict[str, Policy])
    deciders: Mapping[str, Decider] = field(default_factory=dict[str, Decider])
    _streams: OrderedDict[str, Stream] = field(default_factory=OrderedDict[str, Stream])
    _shops: dict[tuple[str, str, str], Workshop] = field(default_factory=dict[tuple[str, str, str], Workshop])

    def close(self) -> None:
        """Let go of the policies' models or connections."""
        for policy in {id(p): p for p in (self.policy, *self.own.values())}.values():
            policy.close()

    def policy_of(self, domain: str) -> Policy:
        """Who decides for a domain."""
        return self.own.get(domain, self.policy)

    def signed(self, domain: str) -> str:
        """Who decides for a domain, as samples name it: the policy, with its adapter (`embedded@gui`)."""
        decider, name = self.deciders.get(domain), self.policy_of(domain).name
        return f"{name}@{decider.adapter}" if decider and decider.adapter else name

    def record(self) -> dict[str, dict[str, str]]:
        """Who decides and why, by domain, for the record of a run."""
        return {name: decider.record() for name, decider in self.deciders.items()}

    def warn(self) -> None:
        """Log which adapters that measured better cannot decide here."""
        for line in missed_by(self.deciders):
            log.warning(line)

    def named(self, config: RunConfig) -> str | None:
        """Name of the domain that a run asks for, by its name or its folder; None when it asks for none."""
        return next(iter(self.domains)) if config.domain else None

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
            stream = open_stream(path, sampling=self.sampling, loaders=self.loaders)
            self._streams[path] = replace(stream, path=path)  # samples name it as the user did
            while len(self._streams) > OPEN_STREAMS:
                gone, _ = self._streams.popitem(last=False)
                self._shops = {key: shop for key, shop in self._shops.items() if key[0] != gone}
        self._streams.move_to_end(path)
        return self._streams[path]

    def add(self, path: str, stream: Stream) -> None:
        """Use this stream for `path` (streams made in memory)."""
        self._streams[path] = stream

    def workshop(self, path: str, domain: str, task: str) -> Workshop:
        """The workshop of a stream and a task, made once."""
        key = (path, domain, task)
        if key not in self._shops:
            self._shops[key] = Workshop(
                self.stream(path),
                self.domains[domain].task(task),
                self.cache,
                ocr=self.ocr,
                show_task_text=self.show_task_text,
            )
        return self._shops[key]


def make_studio(
    config: RunConfig, *, registry: Path | None = None, cache: Cache | None = None, at_once: int = 0
) -> Studio:
    """Domains, policies and cache as a configuration asks for them.

    Args:
        config: what is asked for.
        registry: the `plugins.toml` to use instead of the default.
        cache: results of tools.
        at_once: rollouts that policies are to decide about at once; 0: a few.

    Raises:
        DataClawError: a domain, a policy or an extra is missing or wrong.
    """
    domains = domains_of(config, registry)
    _check_task(config, domains)
    check(Budget().model_dump() | config.budget, Budget, "budget")
    deciders = deciders_of(config.model, domains, registry)
    made = {
        model: make_policy(
            model,
            base_url=config.base_url,
            images=config.images,
            constrained=config.constrained,
            at_once=at_once,
            adapters={name: one.file for name, one in deciders.items() if one.file and one.model == model},
        )
        for model in dict.fromkeys(decider.model for decider in deciders.values())
    }
    default = made.get(PLANNER) or next(iter(made.values()))
    own = {name: made[one.model] for name, one in deciders.items() if made[one.model] is not default}
    sampling = Sampling(max_frames=config.max_frames)
    return Studio(default, domains, cache or Cache(), sampling, config.ocr, config.task_text, own, deciders)


def domains_of(config: RunConfig, registry: Path | None) -> dict[str, Domain]:
    """The domain that a run names, or all of them; one of many that is broken is left out with a warning.

    Raises:
        DataClawError: the named domain is missing or broken, or none is left.
    """
    if config.domain:
        found = load_domain(config.domain, registry=registry, code=config.plugin_code)
        return {found.name: found}
    domains: dict[str, Domain] = {}
    for name in find_plugins(registry):
        try:
            domains[name] = load_domain(name, registry=registry, code=config.plugin_code)
        except (PluginError, ConfigError) as error:
            log.warning("domain %s is left out: %s", name, error)
    if not domains:
        raise UsageError("no domain is installed or enabled.", remedy="See: dataclaw domain list")
    return domains


def _check_task(config: RunConfig, domains: Mapping[str, Domain]) -> None:
    known = sorted({name for domain in domains.values() for name in domain.tasks})
    if config.task and config.task not in known:
        raise UsageError(f"no task {config.task!r}.", remedy=did_you_mean(config.task, known))
