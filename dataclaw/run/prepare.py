"""What a run needs before its first stream, found once and passed down: domains, who decides for each, the runtime."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from dataclaw.agent.policy import is_remote, make_policy
from dataclaw.agent.runtime import Meter, Runtime
from dataclaw.choosing.learned import find_chooser
from dataclaw.config import Budget, RunConfig
from dataclaw.domain import Domain
from dataclaw.errors import ConfigError, PluginError, UsageError, did_you_mean
from dataclaw.models.adapter_index import PLANNER, PolicyChoice, explain_missed
from dataclaw.plugins import find_plugins, load_domain
from dataclaw.run.policy_selection import choose_policies, own_choosers
from dataclaw.streams import Sampling
from dataclaw.streams.loader import Loader
from dataclaw.strict import check
from dataclaw.tools.cache import Cache
from dataclaw.types import Usage

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Setup:
    """What a configuration asks for, found: every domain is loaded once, here.

    Attributes:
        config: what is asked for.
        registry: the `plugins.toml` in use, None for the default.
        domains: the domain that the run names, or all of them, by name.
        deciders: who decides for each domain.
        meter: what asking models takes, and what it may cost.
        warnings: which domains are broken and left out, and which better policies cannot run here; a sentence each.
    """

    config: RunConfig
    registry: Path | None
    domains: Mapping[str, Domain]
    deciders: Mapping[str, PolicyChoice]
    warnings: tuple[str, ...] = ()
    meter: Meter = field(default_factory=Meter)

    @property
    def loaders(self) -> tuple[Loader, ...]:
        """Readers of raw files that the domains bring."""
        return tuple(loader for domain in self.domains.values() for loader in domain.loaders)

    @property
    def domain(self) -> str | None:
        """Name of the domain that the run asks for, by its name or its folder; None when it asks for none."""
        return next(iter(self.domains)) if self.config.domain else None

    @property
    def remote(self) -> bool:
        """Whether a server decides: streams then wait, and many go on at once."""
        return any(is_remote(one.model, self.config) for one in self.deciders.values())

    def record(self) -> dict[str, dict[str, str]]:
        """Who decides and why, by domain, for the record of a run."""
        return {name: decider.record() for name, decider in self.deciders.items()}

    def warn(self) -> None:
        """Log the warnings."""
        for line in self.warnings:
            log.warning("%s", line)


def prepare(
    config: RunConfig, registry: Path | None = None, *, prices: Path | None = None, max_cost: float | None = None
) -> Setup:
    """Load the domains that a run needs and choose who decides for each.

    Args:
        config: what is asked for.
        registry: the `plugins.toml` to use instead of the default.
        prices: a file of prices that come before those of the providers (`models.prices`).
        max_cost: what the run may cost, in the currency of the prices.

    Raises:
        DataClawError: the named domain is missing or broken, or none is left; the task, the budget or a model is wrong.
    """
    domains, warnings = _load(config, registry)
    tasks = sorted({name for domain in domains.values() for name in domain.tasks})
    if config.task and config.task not in tasks:
        raise UsageError(f"no task {config.task!r}.", remedy=did_you_mean(config.task, tasks))
    check(Budget().model_dump() | config.budget, Budget, "budget")
    deciders = choose_policies(config.model, domains, registry)
    setup = Setup(config, registry, domains, deciders, (*warnings, *explain_missed(deciders)))
    return replace(setup, meter=_meter(setup, prices, max_cost)) if setup.remote else setup


def _meter(setup: Setup, prices: Path | None, max_cost: float | None) -> Meter:
    from dataclaw.models.prices import find_price

    config = setup.config
    models = {one.model for one in setup.deciders.values() if is_remote(one.model, config)}
    found = {model: find_price(model, prices, listed=not config.base_url) for model in models}
    unknown = sorted(model for model, price in found.items() if price is None)
    if max_cost is not None and unknown:
        raise UsageError(f"no price of {unknown[0]} is known.", place="--max-cost", remedy="Give one with --prices.")
    known = {model: price for model, price in found.items() if price}

    def cost_of(model: str, usage: Usage) -> float | None:
        return known[model].of_usage(usage) if model in known else None

    return Meter(cost_of, max_cost, {model: price.source for model, price in known.items()})


def make_runtime(setup: Setup, *, cache: Cache | None = None, at_once: int = 0, rehearse: bool = False) -> Runtime:
    """Make the policies of a run, and hold them with its domains.

    Args:
        setup: what the run needs.
        cache: results of tools.
        at_once: rollouts that policies are to decide about at once; 0: a few.
        rehearse: models are not asked, only what asking them would take is counted.

    Raises:
        DataClawError: a policy or an extra is missing or wrong.
    """
    config, deciders = setup.config, setup.deciders
    made = {
        model: make_policy(
            model,
            config,
            at_once=at_once,
            rehearse=rehearse,
            adapters={name: one.file for name, one in deciders.items() if one.file and one.model == model},
        )
        for model in dict.fromkeys(decider.model for decider in deciders.values())
    }
    default = made.get(PLANNER) or next(iter(made.values()))
    own = {name: made[one.model] for name, one in deciders.items() if made[one.model] is not default}
    sampling = Sampling(max_frames=config.max_frames)
    return Runtime(
        default,
        setup.domains,
        cache or Cache(),
        sampling,
        ocr=config.ocr,
        show_task_text=config.task_text,
        min_total=config.min_total,
        chooser=find_chooser(config.choose, own_choosers(setup.domains)),
        own=own,
        deciders=deciders,
        meter=setup.meter,
        threads=config.concurrency if setup.remote else 1,
    )


def _load(config: RunConfig, registry: Path | None) -> tuple[dict[str, Domain], list[str]]:
    """The domains by name, and a sentence for each of many that is broken."""
    if config.domain:
        found = load_domain(config.domain, registry=registry, code=config.plugin_code)
        return {found.name: found}, []
    domains: dict[str, Domain] = {}
    broken: list[str] = []
    for name in find_plugins(registry):
        try:
            domains[name] = load_domain(name, registry=registry, code=config.plugin_code)
        except (PluginError, ConfigError) as error:
            broken.append(f"domain {name} is left out: {error}")
    if not domains:
        raise UsageError("no domain is installed or enabled.", remedy="See: dataclaw domain list")
    return domains, broken
