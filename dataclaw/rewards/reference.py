"""Against a gold draft: are its fields there, and do the values agree? For benchmarks and for training with truth."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import cast

from dataclaw.rewards.base import NOT_APPLICABLE, Case, Score, patterns, rule, score_of
from dataclaw.rewards.similarity import alike, decay, is_number
from dataclaw.schema import citations, join, select
from dataclaw.types import Finding, Json

EPS = 1e-9


def field_score(draft: Json, reference: Json) -> float:
    """`S_field = 0.7 C + 0.3 (1 - R)` (paper, Benchmark metrics), 0..1.

    C = share of the reference's fields present, R = min(1, |extra fields| / |predicted fields|); fields are the keys at
    the top, compared without case, spaces, underscores and hyphens. As the paper has it, an empty object gets 0.3 (its
    benchmark gates on the schema first); what is no object gets 0.
    """
    wanted, given = _keys(reference), _keys(draft)
    if not wanted or not isinstance(draft, dict):
        return 0.0
    present = len(wanted & given) / len(wanted)
    extra = min(1.0, len(given - wanted) / (len(given) + EPS))
    return 0.7 * present + 0.3 * (1.0 - extra)


@rule("field_recall", needs=["reference"])
def field_recall(case: Case) -> Score:
    """S_field of the benchmark: 0.7 of the reference's fields present + 0.3 of the draft's fields not extra."""
    if not _keys(case.reference):
        return NOT_APPLICABLE
    value = field_score(case.draft, case.reference)
    missing = sorted(_keys(case.reference) - _keys(case.draft))
    extra = sorted(_keys(case.draft) - _keys(case.reference))
    message = f"missing: {', '.join(missing) or 'none'}; extra: {', '.join(extra)[:120] or 'none'}"
    return score_of(value, [Finding("", message, "field_recall", value)] if value < 1 else [])


@rule("value_match", needs=["reference"])
def value_match(case: Case, *, paths: str | Sequence[str], tau: float = 1.0) -> Score:
    """Mean agreement of values with the reference's at the same places; a place that one side lacks scores 0.

    Texts: likeness max(0, 2 r - 1) of their characters; numbers: exp(-|difference| / tau); everything else: equal or
    not; arrays and objects: by what they hold.

    Args:
        case: the draft.
        paths: patterns of the values compared.
        tau: difference at which a number scores 1/e.
    """
    truth = dict(
        leaf for pattern in patterns(paths) for found in select(case.reference, pattern) for leaf in _leaves(*found)
    )
    given = dict(
        leaf for pattern in patterns(paths) for found in select(case.draft, pattern) for leaf in _leaves(*found)
    )
    if not truth:
        return NOT_APPLICABLE
    scores: list[float] = []
    findings: list[Finding] = []
    for place in dict.fromkeys([*truth, *given]):
        score = _agreement(given[place], truth[place], tau) if place in truth and place in given else 0.0
        scores.append(score)
        if score < 1:
            said = [repr(side[place])[:48] if place in side else "nothing" for side in (given, truth)]
            findings.append(Finding(place, f"{said[0]}, the reference has {said[1]}", "value_match", score))
    return score_of(sum(scores) / len(scores), findings)


ASIDE = ("cot", "left_out")
"""Fields at the top that cite what the answer does not keep."""


@rule("cited_facts", needs=["reference"])
def cited_facts(case: Case) -> Score:
    """F1 of the facts that the draft cites against those that the reference cites, reasoning and omissions aside.

    It says whether the right things were chosen, where no frame or time does. Ids are those of a rollout with the same
    tool calls; a fact that has another id counts as another.
    """
    wanted, given = _facts_cited(case.reference), _facts_cited(case.draft)
    if not wanted:
        return NOT_APPLICABLE
    value = 2 * len(wanted & given) / (len(wanted) + len(given))
    missing, extra = sorted(wanted - given), sorted(given - wanted)
    message = f"not cited: {', '.join(missing)[:120] or 'none'}; not wanted: {', '.join(extra)[:120] or 'none'}"
    return score_of(value, [Finding("", message, "cited_facts", value)] if value < 1 else [])


def _facts_cited(draft: Json) -> set[str]:
    entries = cast("dict[str, Json]", draft) if isinstance(draft, dict) else {}
    return {name for key, value in entries.items() if key not in ASIDE for name in citations(value)}


def _keys(draft: Json) -> set[str]:
    entries = cast("dict[str, Json]", draft) if isinstance(draft, dict) else {}
    return {re.sub(r"[\s_-]", "", key).casefold() for key in entries}


def _leaves(place: str, value: Json) -> list[tuple[str, Json]]:
    if isinstance(value, dict) and value:
        entries = cast("dict[str, Json]", value)
        return [leaf for key, entry in entries.items() for leaf in _leaves(join(place, key), entry)]
    if isinstance(value, list) and value:
        return [leaf for i, item in enumerate(cast("list[Json]", value)) for leaf in _leaves(join(place, i), item)]
    return [(place, value)]


def _agreement(given: Json, truth: Json, tau: float) -> float:
    if is_number(given) and is_number(truth):
        return decay(min(abs(given - truth), 1e9), tau)
    if isinstance(given, str) and isinstance(truth, str):
        return alike(given, truth) if given != truth else 1.0
    return float(type(given) is type(truth) and given == truth)
