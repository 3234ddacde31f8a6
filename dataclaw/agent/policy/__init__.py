"""Who decides: planner, embedded model, providers, scripts."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

from dataclaw.agent.policy.announced import AnnouncedPolicy, policy_entry
from dataclaw.agent.policy.base import Policy, PolicyInput
from dataclaw.config import ModelOptions
from dataclaw.errors import UsageError

__all__ = ["Policy", "PolicyInput", "is_remote", "make_policy"]


PLAIN = ModelOptions()
"""A model as it is asked where nobody says how."""


def is_remote(name: str, options: ModelOptions) -> bool:
    """Whether a policy of that name asks a server that we know of; what another package brings is its own affair."""
    if name in {"planner", "embedded"} or policy_entry(name, options):
        return False
    return bool(options.base_url) or (":" in name and not name.startswith("hf:"))


def make_policy(
    name: str,
    options: ModelOptions = PLAIN,
    *,
    api_key: str | None = None,
    adapters: Mapping[str, Path] | None = None,
    at_once: int = 0,
    rehearse: bool = False,
) -> Policy:
    """The policy of that name; heavy libraries are imported only when asked for.

    Args:
        name: "planner", "embedded", `hf:PATH[@ADAPTER]` (PATH may be "embedded"), what an installed package announces
            (`announced`), or `provider:model`.
        options: how a model is asked.
        api_key: key for the server at a `base_url`.
        adapters: LoRA adapters of the embedded model (GGUF) or of `hf:PATH` (folders of peft), by domain.
        at_once: rollouts that it is to decide about at once; `hf:` keeps keys and values of so many. 0: a few.
        rehearse: a model is not asked; what asking it would take is counted.

    Raises:
        UsageError: no policy is named so.
        ConfigError: its base or adapter is missing, damaged, or of another model.
        PluginError: another package brings it, and it cannot be made.
        PolicyError: it cannot be made (weights or keys missing).
        MissingExtraError: its runtime is not installed.
    """
    if name == "planner":
        from dataclaw.agent.policy.planner import Planner

        return Planner()
    point = None if name == "embedded" or name.startswith("hf:") else policy_entry(name, options)
    if point:
        return AnnouncedPolicy(name, options, point)
    if rehearse and (":" in name or name == "embedded" or options.base_url):
        from dataclaw.agent.policy.rehearsal import Rehearsal

        return _in_mode(Rehearsal(name, options), options)
    if name == "embedded":
        from dataclaw.agent.policy.embedded import Embedded

        return Embedded(constrained=options.constrained, adapters=adapters or {})
    if name.startswith("hf:") and not options.base_url:
        from dataclaw.models.libraries import library

        library("torch")  # what comes next begins with it
        from dataclaw.agent.policy.hf import load
        from dataclaw.models.load import SLOTS, Manner

        manner = Manner(constrained=options.constrained, slots=at_once or SLOTS, images=options.images)
        return load(name, manner, adapters or {})
    if is_remote(name, options):
        from dataclaw.agent.policy.provider import Provider

        return _in_mode(Provider(name, options, api_key=api_key), options)
    near = get_close_matches(name, ["planner", "embedded"], 1)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    raise UsageError(
        f"no model {name!r}.", remedy=f"{hint}Use planner, embedded, or provider:model (dataclaw models list)."
    )


def _in_mode(model: Policy, options: ModelOptions) -> Policy:
    if options.mode == "look":
        return model
    from dataclaw.agent.policy.worded import Worded

    return Worded(model)
