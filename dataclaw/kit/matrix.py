"""What a check tried, as a matrix: a row for each kind of attack, a column for each task."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from dataclaw.kit.report import TriedDraft

_FAMILY = re.compile(r" (?:added to|in place of|with) |: ")
_OWN = re.compile(r"^(wrong|policy|canary): ")


@dataclass
class MatrixCell:
    """What came of one kind of attack on one task.

    Attributes:
        held: drafts that were sent back.
        accepted: drafts that passed.
        rules: how often each rule held one.
    """

    held: int = 0
    accepted: int = 0
    rules: Counter[str] = field(default_factory=Counter[str])

    @property
    def mark(self) -> str:
        """The cell in short: `·` not tried, `✓12` all held, `✗3/12` so many of them passed."""
        count = self.held + self.accepted
        if not count:
            return "·"
        return f"✗{self.accepted}/{count}" if self.accepted else f"✓{count}"


Matrix = dict[str, dict[str, MatrixCell]]
"""The cells by kind of attack and task."""


def family_of(draft: str) -> str:
    """The kind of attack that a draft is: "foreign words" of "foreign words added to /steps/*/expect"."""
    own = _OWN.match(draft)
    return {"wrong": "wrong answers", "canary": "canaries"}.get(own[1], draft) if own else _FAMILY.split(draft)[0]


def matrix_of(tried: Sequence[TriedDraft]) -> Matrix:
    """What was tried, by kind of attack in the order of the drafts, and by task."""
    found: Matrix = {}
    for draft in tried:
        if draft.draft not in ("gold", "plan"):
            cell = found.setdefault(family_of(draft.draft), {}).setdefault(draft.task, MatrixCell())
            cell.held += not draft.accepted
            cell.accepted += draft.accepted
            cell.rules.update(draft.held if not draft.accepted else ())
    return found


def held_by(cells: Sequence[MatrixCell], most: int = 2) -> str:
    """The rules that held most of the drafts, most often first."""
    rules = sum((cell.rules for cell in cells), Counter[str]())
    return ", ".join(name for name, _ in rules.most_common(most)) + (", ..." if len(rules) > most else "")
