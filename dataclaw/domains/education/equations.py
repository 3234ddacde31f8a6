"""How one line of a derivation follows from the one before: what is done on both sides, checked by exact arithmetic."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Literal, TypeAlias

Deed: TypeAlias = Literal["add", "subtract", "divide", "multiply", "compute"]

_TERM = re.compile(r"\s*([-+])?\s*(?:(\d+(?:\.\d+)?)\s*(?:[*×]\s*)?)?([a-z])?°?", re.IGNORECASE)
_ARITHMETIC = re.compile(r"[\d.\s+\-*×/÷()°]+")
_FACTOR = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class LineStep:
    """What leads from a line to the next.

    Attributes:
        deed: what is done; "compute" works a side out.
        amount: by how much, as written; of "compute" the side that is worked out.
    """

    deed: Deed
    amount: str


@dataclass(frozen=True, slots=True)
class LinearSide:
    """A side of an equation, `slope * letter + rest`."""

    slope: Fraction
    rest: Fraction
    letter: str


def step_between(before: str, after: str) -> LineStep | None:
    """What leads from one equation to another; None where no single deed on both sides does, or one cannot be read."""
    one, other = _equation(before), _equation(after)
    if one and other and one != other and len({side.letter for side in (*one, *other)} - {""}) == 1:
        return _on_both_sides(one, other)
    return None


def worked_out(after: str) -> LineStep | None:
    """The arithmetic that a line works out ("= 180 - 104 = 76"); None where it does none, or the result is wrong."""
    parts = [part.strip() for part in after.split("=")]
    for left, right in pairwise(parts):
        value, result = _value(left), _value(right)
        if value is not None and value == result and re.search(r"\d\s*[-+*×/÷]\s*\d", left):
            return LineStep("compute", left)
    return None


def _on_both_sides(one: tuple[LinearSide, LinearSide], other: tuple[LinearSide, LinearSide]) -> LineStep | None:
    (a, b), (c, d) = one, other
    if (a.slope, b.slope) == (c.slope, d.slope) and a.rest - c.rest == b.rest - d.rest:
        change = c.rest - a.rest
        return LineStep("add" if change > 0 else "subtract", _number_text(abs(change)))
    letter = next((side.letter for side in (a, b) if side.letter), "")
    if (a.rest, b.rest) == (c.rest, d.rest) and a.slope - c.slope == b.slope - d.slope:
        change = c.slope - a.slope
        amount = _number_text(abs(change)) if abs(change) != 1 else ""
        return LineStep("add" if change > 0 else "subtract", f"{amount}{letter}")
    pairs = [(a.slope, c.slope), (a.rest, c.rest), (b.slope, d.slope), (b.rest, d.rest)]
    factors = {new / old for old, new in pairs if old} | {Fraction(0) for old, new in pairs if not old and new}
    if len(factors) != 1 or not (factor := factors.pop()):
        return None
    if factor.numerator == 1:
        return LineStep("divide", _number_text(1 / factor))
    return LineStep("multiply", _number_text(factor)) if factor.denominator == 1 else None


def _equation(text: str) -> tuple[LinearSide, LinearSide] | None:
    left, mark, right = text.partition("=")
    sides = (_linear(left), _linear(right)) if mark and "=" not in right else (None, None)
    return (sides[0], sides[1]) if sides[0] and sides[1] else None


def _linear(text: str) -> LinearSide | None:
    """A side with at most one letter, to the first power, without brackets."""
    slope, rest, letters, at = Fraction(0), Fraction(0), set[str](), 0
    text = text.strip()
    while at < len(text):
        match = _TERM.match(text, at)
        if match is None or match.end() == at or not (match[2] or match[3]) or (at and not match[1]):
            return None
        amount = Fraction(match[2] or 1) * (-1 if match[1] == "-" else 1)
        if match[3]:
            slope, letters = slope + amount, letters | {match[3]}
        else:
            rest += amount
        at = match.end()
    return LinearSide(slope, rest, "".join(letters)) if text and len(letters) <= 1 else None


def _value(text: str) -> Fraction | None:
    """Value of sums of products of numbers; None for anything else."""
    if not text or not _ARITHMETIC.fullmatch(text) or "(" in text:
        return None
    total = Fraction(0)
    for sign, term in re.findall(r"([-+]?)\s*([^-+]+)", text.replace("°", "")):
        factors = re.split(r"\s*([*×/÷])\s*", term.strip())
        if not all(_FACTOR.fullmatch(factor) for factor in factors[::2]):
            return None
        product = Fraction(factors[0])
        for mark, factor in zip(factors[1::2], factors[2::2], strict=True):
            number = Fraction(factor)
            if mark in "/÷" and not number:
                return None
            product = product / number if mark in "/÷" else product * number
        total += -product if sign == "-" else product
    return total


def _number_text(amount: Fraction) -> str:
    return str(amount.numerator) if amount.denominator == 1 else f"{amount.numerator}/{amount.denominator}"
