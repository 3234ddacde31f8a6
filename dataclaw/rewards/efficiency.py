"""R_eff: reasoning neither much longer nor much shorter than the group's better half needs (paper, Rewards)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from dataclaw.rewards.base import NOT_APPLICABLE, Case, Score, rule, score_of
from dataclaw.rewards.similarity import decay
from dataclaw.types import Finding, Json

REASONING = "cot"


def reasoning_length(draft: Json) -> int:
    """Length of a draft's reasoning [characters]: all texts in its `cot`, citations not counted."""
    entries = cast("dict[str, Json]", draft) if isinstance(draft, dict) else {}
    length, waiting = 0, [entries.get(REASONING)]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            length += len(value)
        elif isinstance(value, dict):
            waiting.extend(v for k, v in cast("dict[str, Json]", value).items() if k != "cite")
        elif isinstance(value, list):
            waiting.extend(cast("list[Json]", value))
    return length


def reference_range(lengths: Sequence[int], totals: Sequence[float]) -> tuple[int, int]:
    """Shortest and longest reasoning among the rollouts whose total ranks in the group's top half.

    Of G rollouts the half are the ceil(G / 2) best; whoever ties with the last of them belongs to it.
    """
    bar = sorted(totals, reverse=True)[(len(totals) + 1) // 2 - 1]
    top = [length for length, total in zip(lengths, totals, strict=True) if total >= bar]
    return min(top), max(top)


@rule("group_length", needs=["group"])
def group_length(case: Case, *, slack: float = 0.10, tau: float = 0.5) -> Score:
    """1 when the reasoning's length lies in the range of the group's better half, decaying outside it.

    Range = shortest to longest reasoning of the rollouts whose total ranks in the top half. Outside, x = distance to
    the nearer end / that end; up to `slack` it costs nothing, beyond it the score is exp(-(x - slack) / tau). The paper
    names the range, "slightly rewarded when close" and "penalised when significantly longer or shorter"; the formula is
    ours. A group of fewer than two rollouts says nothing.

    Args:
        case: the draft, `group_lengths` and `group_totals` aligned.
        slack: relative distance that costs nothing.
        tau: relative distance beyond it that scores 1/e.
    """
    lengths, totals = case.group_lengths or (), case.group_totals or ()
    if len(lengths) < 2 or len(lengths) != len(totals):
        return NOT_APPLICABLE
    low, high = reference_range(lengths, totals)
    own = reasoning_length(case.draft)
    edge = min(max(own, low), high)
    off = abs(own - edge) / max(edge, 1)
    if off <= slack:
        return Score(1.0)
    value = decay(off - slack, tau)
    message = f"{own} characters of reasoning; the group's better half needs {low}-{high}"
    return score_of(value, [Finding(f"/{REASONING}", message, "group_length", value)])
