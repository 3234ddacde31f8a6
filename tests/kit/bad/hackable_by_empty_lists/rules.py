"""A rule that pays for saying nothing wrong, and so for saying nothing."""

from __future__ import annotations

from dataclaw import Case, Score, rule


@rule("shop.complete")
def complete(case: Case) -> Score:
    """Share of moments that cite something that was seen."""
    moments = case.draft["moments"]
    right = [moment for moment in moments if set(moment["cite"]) <= set(case.anchors)]
    return Score(len(right) / len(moments) if moments else None)
