"""Worked problems: what a problem is, and helpers for writing families of problems."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Step:
    """A line of a derivation.

    Attributes:
        line: what is written on the board.
        move: what is done, as it follows "we" ("subtract 6 from both sides").
        reason: why, as it follows "because".
        sort: the sort of move, a key of `hints` in board_requests.toml.
        slip: a line that is wrong in a typical way, "" for none.
    """

    line: str
    move: str
    reason: str
    sort: str
    slip: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem with its solution.

    Attributes:
        kind: what sort of problem it is, with its article ("a linear equation with brackets").
        statement: the first line on the board.
        goal: what a student is doing, as it follows "I am" ("solving 3(x + 2) = 18 for x").
        steps: the derivation.
        figure: "" or what is drawn beside it: "triangle 50 60" (angles [degrees]),
            "plot -3 4" (a parabola with these roots).
    """

    kind: str
    statement: str
    goal: str
    steps: tuple[Step, ...]
    figure: str = ""


Family: TypeAlias = Callable[[random.Random], Problem]
"""Problems of one sort with other numbers each time."""


def plus(number: int) -> str:
    """A summand as it follows another: " + 3", " - 3"."""
    return f" + {number}" if number >= 0 else f" - {-number}"


def times(number: int, name: str) -> str:
    """A multiple: "3x", "x" of 1, "-x" of -1."""
    return {1: name, -1: f"-{name}"}.get(number, f"{number}{name}")


def shift(number: int) -> str:
    """The move that removes a summand: "subtract 3 from" both sides, or "add 3 to" them."""
    return f"subtract {number} from" if number >= 0 else f"add {-number} to"


def merge_families(*groups: Mapping[str, Family]) -> dict[str, Family]:
    """Families of several modules by name."""
    found: dict[str, Family] = {}
    for group in groups:
        found |= group
    return found


def listing(numbers: Sequence[int]) -> str:
    """Numbers in a row: "3, 8, 5"."""
    return ", ".join(map(str, numbers))
