"""What a process holds while it runs agents: open streams, loaded domains, the policy, the cache.

States are plain data and can be checkpointed; everything that cannot lives here and is found again by key.
"""

from __future__ import annotations

import hashlib
import logging
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from dataclaw.agent.policy import make_policy
from dataclaw.agent.policy.base import Policy
from dataclaw.agent.workshop import Workshop
from dataclaw.config import Budget, RunConfig, check
from dataclaw.errors import ConfigError, PluginError, UsageError
from dataclaw.plugins import Domain, did_you_mean, find_plugins, load_domain, read_registry
from dataclaw.streams import Sampling, open_stream
from dataclaw.streams.loader import Loader
from dataclaw.tools.cache import Cache
from dataclaw.types import Stream

log = logging.getLogger(__name__)
OPEN_STREAMS = 8
DEFAULT = "planner"
"""Who decides where neither the run nor `plugins.toml` names a model."""
EMBEDDED, HF = "embedded", "hf:"
"""Models that wear a domain's adapter: the embedded one (GGUF), and models of transformers (folders of peft)."""


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
    """

    policy: Policy
    domains: Mapping[str, Domain]
    cache: Cache
    sampling: Sampling = field(default_factory=Sampling)
    ocr: str = "rapidocr"
    show_task_text: bool = False
    own: Mapping[str, Policy] = field(default_factory=dict[str, Policy])
    _streams: OrderedDict[str, Stream] = field(default_factory=OrderedDict[str, Stream])
    _shops: dict[tuple[str, str, str], Workshop] = field(default_factory=dict[tuple[str, str, str], Workshop])

    def close(self) -> None:
        """Let go of the policies' models or connections."""
        for policy in {id(p): p for p in (self.policy, *self.own.values())}.values():
            policy.close()

    def policy_of(self, domain: str) -> Policy:
        """Who decides for a domain."""
        return self.own.get(domain, self.policy)

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
    models = _models(config, domains)
    adapters = _adapters(models, domains, registry)
    made = {
        model: make_policy(
            model,
            base_url=config.base_url,
            images=config.images,
            constrained=config.constrained,
            adapters={name: file for name, file in adapters.items() if models[name] == model},
            at_once=at_once,
        )
        for model in dict.fromkeys(models.values())
    }
    default = made.get(DEFAULT) or next(iter(made.values()))
    own = {name: made[model] for name, model in models.items() if made[model] is not default}
    sampling = Sampling(max_frames=config.max_frames)
    return Studio(default, domains, cache or Cache(), sampling, config.ocr, config.task_text, own)


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


def deciders(config: RunConfig, domains: Mapping[str, Domain], registry: Path | None) -> dict[str, str]:
    """Who decides for each domain, as a record says it: `MODEL`, or `MODEL + ADAPTER (hash of its numbers)`.

    Raises:
        ConfigError: an adapter is not there.
    """
    models = _models(config, domains)
    adapters = _adapters(models, domains, registry)
    worn = {name: f" + {domains[name].entry.adapter} ({_fingerprint(path)})" for name, path in adapters.items()}
    return {name: model + worn.get(name, "") for name, model in models.items()}


def _fingerprint(adapter: Path) -> str:
    """Hash of an adapter's numbers (12 hex digits): of its file, or of the one in its folder."""
    file = adapter / "adapter_model.safetensors" if adapter.is_dir() else adapter
    try:
        with file.open("rb") as data:
            return hashlib.file_digest(data, "sha256").hexdigest()[:12]
    except OSError as error:
        remedy = "Name a trained one with adapter = ... in plugins.toml."
        raise ConfigError(f"the adapter cannot be read: {error}.", place=str(adapter), remedy=remedy) from None


def _models(config: RunConfig, domains: Mapping[str, Domain]) -> dict[str, str]:
    return {name: config.model or domain.entry.model or DEFAULT for name, domain in domains.items()}


def _adapters(models: Mapping[str, str], domains: Mapping[str, Domain], registry: Path | None) -> dict[str, Path]:
    """Adapters of the domains that a model decides for which wears them; for another model they mean nothing."""
    named = {name: domain.entry.adapter for name, domain in domains.items() if domain.entry.adapter}
    _, base = read_registry(registry) if named else (None, Path())
    return {name: base / adapter for name, adapter in named.items() if _wears(models[name])}


def _wears(model: str) -> bool:
    return model == EMBEDDED or (model.startswith(HF) and "@" not in model)


def _check_task(config: RunConfig, domains: Mapping[str, Domain]) -> None:
    known = sorted({name for domain in domains.values() for name in domain.tasks})
    if config.task and config.task not in known:
        raise UsageError(f"no task {config.task!r}.", remedy=did_you_mean(config.task, known))
