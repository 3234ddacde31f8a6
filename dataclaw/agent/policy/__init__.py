"""Who decides: planner, embedded model, providers, scripts."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

from dataclaw.agent.policy.base import Policy, PolicyInput
from dataclaw.errors import UsageError

__all__ = ["Policy", "PolicyInput", "make_policy"]


def make_policy(
    name: str,
    *,
    base_url: str | None = None,
    api_key: str | None = None,
    images: bool = True,
    constrained: bool = True,
    adapters: Mapping[str, Path] | None = None,
    at_once: int = 0,
) -> Policy:
    """The policy of that name; heavy libraries are imported only when asked for.

    Args:
        name: "planner", "embedded", `hf:PATH[@ADAPTER]` (PATH may be "embedded"), or `provider:model`.
        base_url: an OpenAI-compatible server for `provider:model`.
        api_key: key for that server.
        images: show frames to models that see.
        constrained: decode under the action schema where the runtime can.
        adapters: LoRA adapters of the embedded model (GGUF) or of `hf:PATH` (folders of peft), by domain.
        at_once: rollouts that it is to decide about at once; `hf:` keeps keys and values of so many. 0: a few.

    Raises:
        UsageError: no policy is named so.
        ConfigError: its base or adapter is missing, damaged, or of another model.
        PolicyError: it cannot be made (weights or keys missing).
        MissingExtraError: its runtime is not installed.
    """
    if name == "planner":
        from dataclaw.agent.policy.planner import Planner

        return Planner()
    if name == "embedded":
        from dataclaw.agent.policy.embedded import Embedded

        return Embedded(constrained=constrained, adapters=adapters or {})
    if name.startswith("hf:") and not base_url:
        from dataclaw.agent.policy.hf import load
        from dataclaw.models.load import SLOTS, Manner

        manner = Manner(constrained=constrained, slots=at_once or SLOTS, images=images)
        return load(name, manner, adapters or {})
    if ":" in name or base_url:
        from dataclaw.agent.policy.provider import Provider

        return Provider(name, base_url=base_url, api_key=api_key, sees=images, constrained=constrained)
    near = get_close_matches(name, ["planner", "embedded"], 1)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    raise UsageError(
        f"no model {name!r}.", remedy=f"{hint}Use planner, embedded, or provider:model (dataclaw models list)."
    )
