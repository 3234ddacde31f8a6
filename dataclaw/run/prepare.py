"""What a run needs before its first stream: its domains, who decides for each, and the runtime that holds them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path

from dataclaw.agent.policy import make_policy
from dataclaw.agent.runtime import Runtime
from dataclaw.config import Budget, RunConfig, check
from dataclaw.domain import Domain
from dataclaw.errors import ConfigError, PluginError, UsageError, did_you_mean
from dataclaw.models.shipped import PLANNER
from dataclaw.plugins import find_plugins, load_domain
from dataclaw.run.policy_selection import deciders_of
from dataclaw.streams import Sampling
from dataclaw.tools.cache import Cache

log = logging.getLogger(__name__)


def make_runtime(
    config: RunConfig, *, registry: Path | None = None, cache: Cache | None = None, at_once: int = 0
) -> Runtime:
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
    return Runtime(default, domains, cache or Cache(), sampling, config.ocr, config.task_text, own, deciders)


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
