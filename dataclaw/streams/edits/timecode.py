"""Time codes `HH:MM:SS:FF` and what rate they were counted at, which an edit decision list does not say.

Drop-frame counting leaves out frame numbers 0 and 1 of every minute but each tenth (SMPTE ST 12-1), so that the count
follows the clock at 29.97 frames a second.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

RATES = (24, 25, 30, 50, 60)
"""Frames per second that a list may be counted at, the likelier of two equals first."""

_CODE = re.compile(r"(\d{1,2}):(\d{2}):(\d{2})[:;.](\d{2,3})")


@dataclass(frozen=True, slots=True)
class TimeCode:
    """A time code as written.

    Attributes:
        seconds: hours, minutes and seconds as seconds.
        frames: frames beyond them.
    """

    seconds: int
    frames: int

    def count(self, base: int, *, drop: bool = False) -> int:
        """Frames since 00:00:00:00 at `base` frames a second as counted."""
        minutes = self.seconds // 60
        dropped = 2 * (base // 30) * (minutes - minutes // 10) if drop else 0
        return self.seconds * base + self.frames - dropped


def parse_code(text: str) -> TimeCode | None:
    """The time code that a text spells; None when it spells none."""
    match = _CODE.fullmatch(text)
    if not match:
        return None
    hours, minutes, seconds, frames = (int(part) for part in match.groups())
    return TimeCode(hours * 3600 + minutes * 60 + seconds, frames) if minutes < 60 and seconds < 60 else None


@dataclass(frozen=True, slots=True)
class Counting:
    """How time codes are counted.

    Attributes:
        base: frames a second as counted.
        drop: whether it is drop-frame.
        note: how this was found out, "" when nothing else is possible.
    """

    base: int
    drop: bool = False
    note: str = ""

    @property
    def rate(self) -> float:
        """Frames per second of the clock [1/s]."""
        return self.base * 1000 / 1001 if self.drop else float(self.base)

    def seconds(self, code: TimeCode) -> float:
        """Time of a code [s]."""
        return code.count(self.base, drop=self.drop) / self.rate


def find_counting(most: int, disagreement: Callable[[int], int], *, drop: bool) -> Counting:
    """The rate at which the time codes of a list agree with one another.

    Args:
        most: largest number of frames in any code.
        disagreement: at a rate, the number of events whose source is not as long as their record.
        drop: whether the list says DROP FRAME.

    Raises:
        ValueError: no rate has so many frames in a second.
    """
    if drop:
        if most >= 60:
            raise ValueError(f"a time code has frame {most}")
        return Counting(30 if most < 30 else 60, drop=True)
    possible = [base for base in RATES if base > most]
    if not possible:
        raise ValueError(f"a time code has frame {most}, and no rate up to {RATES[-1]} frames a second has that")
    wrong = {base: disagreement(base) for base in possible}
    least = min(wrong.values())
    best = [base for base in possible if wrong[base] == least]
    return Counting(best[0], note=_note(best, most, wrong))


def _note(best: Sequence[int], most: int, wrong: dict[int, int]) -> str:
    if len(best) > 1:
        others = ", ".join(str(base) for base in best[1:])
        return f"The list says no rate; {best[0]} frames/s is assumed, and {others} would fit as well."
    why = f"its frames go up to {most}" if len(wrong) == 1 else "only at that are its sources as long as their records"
    if wrong[best[0]]:
        why = f"at that the fewest of its sources ({wrong[best[0]]}) differ from their records"
    return f"The list says no rate; {best[0]} frames/s is inferred: {why}."
