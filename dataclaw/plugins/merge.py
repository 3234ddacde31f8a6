"""The rules of a task: the domain's, as the task changes them, and the task's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from dataclaw.config import DomainManifest, OwnLookCall, RuleUse, TaskRule
from dataclaw.errors import did_you_mean

KeyPath: TypeAlias = tuple[str | int, ...]
"""A key of a manifest: names of tables, and numbers of entries from 0."""


@dataclass(frozen=True, slots=True)
class MergedRules:
    """The rules of one task.

    Attributes:
        rules: the rules in the rubric's order, by the key that declares or last changes each.
        problems: `(key, what is wrong about it, remedy)`.
    """

    rules: Mapping[KeyPath, RuleUse]
    problems: tuple[tuple[KeyPath, str, str], ...] = ()


def merge_rules(manifest: DomainManifest, task: str) -> MergedRules:
    """Merge a task's rules into its domain's.

    A task has the domain's rules in the domain's order, but for those in `without`. An entry of the task's `rules`
    changes the keys that it names of the domain's rule of the same name; another name, or one that stands there
    already, adds a rule. `TaskRule.after` says where it stands.

    Args:
        manifest: the domain's declaration.
        task: name of one of its tasks.
    """
    declared, place = manifest.tasks[task], ("tasks", task)
    shared = {use.rule for use in manifest.rules}
    problems: list[tuple[KeyPath, str, str]] = [
        ((*place, "without", index), f"the domain has no rule {name!r} to leave out.", did_you_mean(name, shared))
        for index, name in enumerate(declared.without)
        if name not in shared
    ]
    rules: list[tuple[KeyPath, RuleUse]] = [
        (("rules", index), use) for index, use in enumerate(manifest.rules) if use.rule not in declared.without
    ]
    last: KeyPath | None = None
    for index, change in enumerate(declared.rules):
        key = (*place, "rules", index)
        base = next((entry for entry in rules if entry[0][0] == "rules" and entry[1].rule == change.rule), None)
        entry = (key, _merge(base[1] if base else None, change))
        if base and not change.after:
            rules[rules.index(base)] = entry
            continue
        if base:
            rules.remove(base)
        names = [use.rule for _, use in rules]
        if change.after and change.after not in names:
            message = f"rule {change.rule!r} stands after {change.after!r}, a rule that the task has not."
            problems.append((key, message, did_you_mean(change.after, names)))
        after = names.index(change.after) if change.after in names else len(rules) - 1
        if last and not change.after:
            after = [path for path, _ in rules].index(last)
        rules.insert(after + 1, entry)
        last = key
    if not rules:
        problems.append((place, "the task has no rules.", "Declare some for the domain or for the task."))
    return MergedRules(dict(rules), tuple(problems))


def look_of(manifest: DomainManifest, task: str) -> list[OwnLookCall]:
    """What the verifier looks at itself for a task: as the task declares, else the domain."""
    own = manifest.tasks[task].look
    return manifest.look if own is None else own


def used_rules(manifest: DomainManifest) -> set[str]:
    """Names of the rules that any task uses."""
    return {use.rule for task in manifest.tasks for use in merge_rules(manifest, task).rules.values()}


def borrowed_names(manifest: DomainManifest) -> list[str]:
    """Full names of the rules of other domains that any task uses."""
    return sorted(name for name in used_rules(manifest) if "." in name and name.split(".")[0] != manifest.name)


def _merge(shared: RuleUse | None, change: TaskRule) -> RuleUse:
    """The domain's rule with the keys that a task names; a term that neither names stays empty."""
    base = shared or RuleUse.model_construct(rule=change.rule, term="")
    return base.model_copy(update={name: getattr(change, name) for name in change.model_fields_set - {"after"}})
