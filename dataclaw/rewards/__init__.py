"""Rules and rubrics: the same judgement verifies a draft, rewards a rollout and scores the benchmark."""

from dataclaw.rewards import (
    asking,
    complete,
    completeness,
    efficiency,
    evidence,
    foreign,
    foresight,
    fragments,
    motion_truth,
    place,
    prose,
    reference,
    substance,
    temporal,
    texts,
)
from dataclaw.rewards.base import (
    NOT_APPLICABLE,
    Case,
    Rule,
    Score,
    anchors_around,
    anchors_of,
    nothing_to_judge,
    rule,
    score_of,
)
from dataclaw.rewards.completeness import covered_events
from dataclaw.rewards.rubric import Failures, Rubric, Verdict, breakage, render

__all__ = [
    "NOT_APPLICABLE",
    "Case",
    "Failures",
    "Rubric",
    "Rule",
    "Score",
    "Verdict",
    "anchors_around",
    "anchors_of",
    "breakage",
    "covered_events",
    "library",
    "nothing_to_judge",
    "render",
    "rule",
    "score_of",
]

_FAMILIES = (
    evidence, place, temporal, fragments, prose, efficiency, reference,
    asking, substance, foreign, texts, foresight, completeness, complete, motion_truth,
)  # fmt: skip


def library() -> dict[str, Rule]:
    """Every rule that ships, by the name a manifest refers to it."""
    rules = [value for family in _FAMILIES for value in vars(family).values() if isinstance(value, Rule)]
    return {known.name: known for known in rules}
