"""Scoring answers to underspecified requests, which have no single right answer: by a stated rubric of rules.

    total = valid * (0.5 grounded + 0.5 useful)

- valid: the gate of the benchmark: JSON, and of the schema of the task that the request was given to.
- grounded: the mean of the rules that hold a draft to its evidence (`GROUNDS`), those that judged it.
- useful: half for a form that fits the stream's kind (1 where the task reads such streams first of all, 0.5 where it
  reads them too, else 0), half for the share of all other rules that the draft is up to the mark of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dataclaw.domain import Task

GROUNDS = frozenset({"evidence", "quotes", "figures", "order", "media_ranges"})
"""Rules of the library that hold a draft to its evidence; a domain's own rules judge what is useful."""
GATES = frozenset({"json", "schema"})


def judge(
    rules: Mapping[str, float], held: Sequence[str], task: Task | None, kind: str, *, gate: bool
) -> dict[str, float]:
    """The scores of one answer, 0..1 each.

    Args:
        rules: score of each rule that judged its draft.
        held: rules that it is below the mark of.
        task: the task that the request was given to, None where there is none.
        kind: the stream's kind.
        gate: whether the draft is valid.
    """
    if not gate or task is None:
        return {"total": 0.0, "gate": 0.0, "grounded": 0.0, "useful": 0.0}
    grounds = [value for name, value in rules.items() if _plain(name) in GROUNDS]
    others = [name for name in rules if _plain(name) not in GROUNDS | GATES]
    grounded = sum(grounds) / len(grounds) if grounds else 0.0
    marks = sum(name not in held for name in others) / len(others) if others else 1.0
    fits = 1.0 if task.reads[0] == kind else 0.5 if kind in task.reads else 0.0
    useful = 0.5 * fits + 0.5 * marks
    return {"total": 0.5 * grounded + 0.5 * useful, "gate": 1.0, "grounded": grounded, "useful": useful}


def _plain(name: str) -> str:
    """A rule's name without the number of its use."""
    return name.partition("#")[0]
