"""Policies that installed packages announce in the entry point group `dataclaw.policies`.

The value of an entry point is `(name, options) -> Policy`. It is asked for every model whose name, or whose part before
the colon, is the entry point's: `--model steady` and `--model steady:3` for `steady`.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from importlib.metadata import EntryPoint

from dataclaw.agent.policy.base import Policy, PolicyInput
from dataclaw.config import ModelOptions
from dataclaw.doors import entries_of, load_entry, package_of
from dataclaw.errors import PluginError
from dataclaw.types import Decision

GROUP = "dataclaw.policies"
log = logging.getLogger(__name__)


def policy_entry(name: str, options: ModelOptions) -> EntryPoint | None:
    """Who announces a policy of that name; nobody where a server is named with `base_url`."""
    return None if options.base_url else entries_of(GROUP).get(name.partition(":")[0])


class AnnouncedPolicy:
    """A third party's policy, kept to its word: one decision for each input, failures as decisions with `error`.

    Args:
        name: how it was asked for.
        options: how a model is asked.
        point: who announces it.

    Raises:
        PluginError: it cannot be made, or is no policy.
    """

    def __init__(self, name: str, options: ModelOptions, point: EntryPoint) -> None:
        self.name, self._package = name, package_of(point)
        try:
            self._policy: Policy = load_entry(point)(name, options)
        except PluginError:
            raise
        except Exception as error:
            message = f"policy {name!r} cannot be made: {type(error).__name__}: {error}."
            raise PluginError(message, place=self._package, remedy="Mend or uninstall the package.") from error
        if not callable(getattr(self._policy, "decide", None)) or not callable(getattr(self._policy, "close", None)):
            message = f"policy {name!r} is a {type(self._policy).__name__} without `decide` and `close`."
            raise PluginError(message, place=self._package, remedy="Keep to dataclaw.agent.policy.Policy.")

    def decide(self, inputs: Sequence[PolicyInput]) -> list[Decision]:
        """One decision an input, in order."""
        try:
            made = list(self._policy.decide(inputs))
            why = "" if len(made) == len(inputs) else f"gave {len(made)} decisions for {len(inputs)} inputs"
        except Exception as error:
            log.warning("policy %s failed", self.name, exc_info=True)
            made, why = [], f"failed: {type(error).__name__}: {error}"
        return [Decision("", error=f"policy {self.name} of {self._package} {why}.")] * len(inputs) if why else made

    def close(self) -> None:
        """Let go of what it holds."""
        self._policy.close()
