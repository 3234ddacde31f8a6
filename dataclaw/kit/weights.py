"""Do the weights of a task let its rules say anything? What can be known of them before any draft is judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dataclaw.config import RuleUse
from dataclaw.kit.manifest import MANIFEST, Declaration
from dataclaw.kit.report import Notes
from dataclaw.plugins.merge import KeyPath, merge_rules
from dataclaw.rewards.rubric import WORTH

FORM = ("json", "schema")
"""Rules that any draft of the right form passes, whatever it says."""
MOST_FORM = 0.6
"""Most of the total that the form alone may earn."""
LEAST_EFFECT = 0.01
"""A rule that holds nothing must be able to take this much of the total."""


def check_weights(declared: Declaration, notes: Notes, task: str) -> None:
    """Check the gates, terms and weights of one task."""
    if declared.spoilt or merge_rules(declared.manifest, task).problems:
        return
    rules = merge_rules(declared.manifest, task).rules
    for key, subject, message, remedy in _problems(declared, task, rules):
        line = declared.line(*key)
        notes.error("weights", message, remedy, file=MANIFEST, line=line, task=task, subject=subject)


def _problems(
    declared: Declaration, task: str, rules: Mapping[KeyPath, RuleUse]
) -> Iterator[tuple[KeyPath, str, str, str]]:
    place, terms = ("tasks", task), declared.manifest.terms
    if not any(use.rule == "schema" for use in rules.values()):
        yield place, "schema", "no gate checks the form: rules would judge drafts that are none.", _ADD
    for key, use in rules.items():
        if use.rule in FORM and not use.gate:
            yield key, use.rule, f'rule "{use.rule}" is no gate: a draft without the form earns the rest.', _GATE
    shares = {key: _share(use, rules, terms) for key, use in rules.items()}
    if not any(shares[key] for key, use in rules.items() if use.term != WORTH):
        yield place, "terms", "all weights are 0: no draft has a total.", "Give the terms and rules weights."
        return
    form = sum(shares[key] for key, use in rules.items() if use.rule in FORM)
    if form > MOST_FORM:
        yield (
            place, "form", f"the form alone earns {form:.0%} of the total, whatever a draft says.",
            f"Give rules of other terms more weight, so that it is {MOST_FORM:.0%} at most.",
        )  # fmt: skip
    for key, use in rules.items():
        if not use.gate and use.pass_at <= 0 and shares[key] < LEAST_EFFECT:
            yield (
                key, use.rule, f'rule "{use.rule}" does nothing: it holds no draft and moves the total by '
                f"{shares[key]:.1%} at most.", "Give it weight or a pass_at, or take it out.",
            )  # fmt: skip


_ADD = 'Add { rule = "schema", term = "format", gate = true }.'
_GATE = "Say gate = true."


def _share(use: RuleUse, rules: Mapping[KeyPath, RuleUse], terms: Mapping[str, float]) -> float:
    """How much of the total a rule can take, 0..1, where all rules of the task apply."""
    if use.term == WORTH:
        return use.weight * min(1.0, terms.get(WORTH, 1.0))
    used = {one.term for one in rules.values() if one.term != WORTH and one.weight > 0}
    whole = sum(terms.get(term, 0.0) for term in used)
    own = sum(one.weight for one in rules.values() if one.term == use.term)
    return terms.get(use.term, 0.0) / whole * use.weight / own if whole > 0 and own > 0 else 0.0
