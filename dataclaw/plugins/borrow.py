"""Rules of other domains, used by their full name: `rule = "gui.whole_steps"` in the manifest of another domain.

Only the other domain's `rules.py` is imported, never its manifest's rules in turn: two domains may use each other's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dataclaw.config import DomainManifest
from dataclaw.errors import DataClawError, PluginError, did_you_mean
from dataclaw.plugins.code import rules_of
from dataclaw.plugins.find import Plugin, find_plugins
from dataclaw.plugins.merge import borrowed_names
from dataclaw.rewards.base import Case, Rule, Score
from dataclaw.types import Json


@dataclass(frozen=True, slots=True)
class BorrowedRules:
    """What became of the rules of other domains that a domain uses.

    Attributes:
        rules: those that were found, by full name.
        failed: why the others were not, by full name.
    """

    rules: Mapping[str, Rule] = field(default_factory=dict[str, Rule])
    failed: Mapping[str, DataClawError] = field(default_factory=dict[str, DataClawError])


def borrow_rules(plugin: Plugin, manifest: DomainManifest, *, code: bool = True) -> BorrowedRules:
    """Find the rules of other domains that a domain uses.

    Args:
        plugin: the domain that uses them; its `plugins.toml` says which others there are.
        manifest: its declaration.
        code: False imports nothing: each rule of a domain that is installed gets a stand-in that counts as missing.
    """
    names = borrowed_names(manifest)
    others = find_plugins(plugin.registry) if names else {}
    rules: dict[str, Rule] = {}
    failed: dict[str, DataClawError] = {}
    for name in names:
        try:
            rules[name] = _borrow(name, others, code=code)
        except DataClawError as error:
            failed[name] = error
    return BorrowedRules(rules, failed)


def _borrow(name: str, others: Mapping[str, Plugin], *, code: bool) -> Rule:
    owner = name.split(".")[0]
    if owner not in others:
        message = f"rule {name!r} is of domain {owner!r}, which is not installed."
        remedy = f"Install its package, or name its folder in plugins.toml. {did_you_mean(owner, others)}"
        raise PluginError(message, place=owner, remedy=remedy)
    if not code:
        return rule_not_loaded(name)
    rules = rules_of(others[owner], owner)
    if name not in rules:
        raise PluginError(f"domain {owner} brings no rule {name!r}.", place=owner, remedy=did_you_mean(name, rules))
    return rules[name]


def rule_not_loaded(name: str) -> Rule:
    """A stand-in for a rule whose code was not loaded: it counts as missing, by name."""

    def judge(case: Case, **params: Json) -> Score:
        del case, params
        raise PluginError("its code was not loaded.", place=name, remedy="Leave out --no-plugin-code.")

    return Rule(name, "Not loaded.", judge)
