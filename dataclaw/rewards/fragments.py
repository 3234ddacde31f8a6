"""Fragments put back in order: labels that exist, none twice, distractors left out, the true order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from dataclaw.rewards.base import NOT_APPLICABLE, Case, Score, rule, score_of
from dataclaw.schema import select
from dataclaw.types import Finding, Json

PATH = "/ordered_fragment_labels"


@rule("fragments")
def fragments(case: Case, *, path: str = PATH) -> Score:
    """Validity of the ordered labels: share of them that exist and stand there once; with a reference also its order.

    With a reference: F1 of the set of labels (distractors and repetitions are false positives) times
    `(tau + 1) / 2`, tau = Kendall's over the labels that both name (1 for fewer than two).

    Args:
        case: the draft.
        path: where the list of labels stands.
    """
    labels = _labels(case.draft, path)
    if labels is None:
        return score_of(0.0, [Finding(path, "is missing or no list", "fragments", 0.0)])
    findings = _misfits(labels, case.labels, path)
    truth = _labels(case.reference, path)
    if truth:
        value = set_f1(labels, truth) * (kendall(labels, truth) + 1.0) / 2.0
        if value < 1.0 and not findings:
            message = (
                f"set F1 {set_f1(labels, truth):.2f}, Kendall tau {kendall(labels, truth):.2f} with the true order"
            )
            findings = [Finding(path, message, "fragments", value)]
        return score_of(value, findings)
    valid = len({label for label in labels if isinstance(label, str) and label in case.labels})
    return score_of(valid / len(labels) if labels else 0.0, findings)


@rule("fragments_exact", needs=["reference"])
def fragments_exact(case: Case, *, path: str = PATH) -> Score:
    """1 when the labels are exactly the true ones in the true order, else 0."""
    truth = _labels(case.reference, path)
    if truth is None:
        return NOT_APPLICABLE
    told = _labels(case.draft, path)
    if told == truth:
        return Score(1.0)
    message = f"{', '.join(map(str, told or ()))[:120] or 'nothing'} is not the true order"
    return score_of(0.0, [Finding(path, message, "fragments_exact", 0.0)])


def set_f1(labels: Sequence[Json], truth: Sequence[Json]) -> float:
    """F1 of a list of labels against the true ones; a label given twice counts as one right and one wrong."""
    right = sum(label in labels for label in truth)
    return 2.0 * right / (len(labels) + len(truth)) if labels or truth else 1.0


def kendall(labels: Sequence[Json], truth: Sequence[Json]) -> float:
    """Kendall's tau of the first occurrences of the labels that both lists name, -1..1; 1 for fewer than two."""
    ranks = [truth.index(label) for i, label in enumerate(labels) if label in truth and label not in labels[:i]]
    pairs = len(ranks) * (len(ranks) - 1) // 2
    inverted = sum(a > b for i, a in enumerate(ranks) for b in ranks[i + 1 :])
    return 1.0 - 2.0 * inverted / pairs if pairs else 1.0


def _labels(draft: Json, path: str) -> list[Json] | None:
    found = select(draft, path)
    return cast("list[Json]", found[0][1])[:200] if found and isinstance(found[0][1], list) else None


def _misfits(labels: Sequence[Json], known: Sequence[str], path: str) -> list[Finding]:
    findings: list[Finding] = []
    if not labels:
        findings.append(Finding(path, "names no fragment", "fragments", 0.0))
    for index, label in enumerate(labels):
        if not isinstance(label, str) or label not in known:
            message = f"{str(label)[:24]} is no label; there are {', '.join(known)}"
            findings.append(Finding(f"{path}/{index}", message, "fragments", 0.0))
        elif label in labels[:index]:
            findings.append(Finding(f"{path}/{index}", f"{label} stands here a second time", "fragments", 0.0))
    return findings
