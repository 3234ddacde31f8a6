"""The one renderer: what every language model reads after a tool call.

Few tokens (columns that no row needs are left out, no padding), one line per fact, and safe: text read off a screen or
out of a trace cannot start a new line, hide characters or spell a chat template's control tokens.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from decimal import Decimal

from dataclaw.types import Anchor

CONTENT = 120
"""Longest content of a row [characters]."""

COLUMNS = ("id", "t", "frame", "place", "content")

_JOINERS = frozenset("\u200c\u200d")  # part of the spelling of Persian, of Indic scripts and of emoji


def render(note: str, anchors: Sequence[Anchor]) -> str:
    """A note and its anchors as text: the note's lines, a head line and one line per anchor, cells divided by `|`.

    `t` is seconds (steps where the stream has no clock), a span as `t0-t1`; `place` is a box `x0,y0,x1,y1` or a point
    `x,y` in pixels of the frame; a confidence below 0.8 follows the content as `~0.62`.
    """
    lines = [plain(line, 2000) for line in note.split("\n")]
    rows = [_cells(a) for a in anchors]
    used = [i for i in range(len(COLUMNS)) if any(row[i] for row in rows)]
    if rows:
        lines.append("|".join(COLUMNS[i] for i in used))
        # A cell that ends in `<` would make a control token with the divider after it.
        lines.extend("|".join(row[i] for i in used).replace("<|", "< |") for row in rows)
    return "\n".join(lines)


def plain(text: str, limit: int = CONTENT) -> str:
    r"""Untrusted text as one harmless line of at most `limit` characters.

    Line breaks and tabs become `\n` and `\t`, other control, format, private and unassigned characters their code
    point, and `<|`, with which chat templates begin a control token, is split.
    """
    cut = text if len(text) <= limit else text[: max(0, limit - 3)] + "..."
    safe = (cut if cut.isprintable() else "".join(_escape(c) for c in cut)).replace("<|", "< |")
    return safe if len(safe) <= limit else safe[: max(0, limit - 3)] + "..."


def seconds(t: float) -> str:
    """A time to a tenth, below ten to a hundredth, without needless zeros: `12.3`, `5`, `0.35`."""
    return (f"{t:.2f}" if abs(t) < 9.995 else f"{t:.1f}").rstrip("0").rstrip(".")


def figure(value: float, digits: int, largest: float = 0.0) -> str:
    """A number to so many significant digits, never with an exponent; what is noise of computing is `0`.

    Args:
        value: the number.
        digits: how many digits.
        largest: absolute value of the largest number that it stands beside, where it stands beside any.
    """
    places = _EXACT - math.floor(math.log10(max(largest, _SMALL)))
    said = f"{round(value, places) + 0.0:.{digits}g}"
    return format(Decimal(said), "f") if "e" in said else said


_EXACT = 9
"""Digits of the largest number below which a smaller one is noise."""
_SMALL = 1e-3
"""Numbers that are all smaller are noise from as many digits of this one on."""


def percent(share: float) -> str:
    """A share, 0..1, in whole percent: `12%`, `under 1%`, `0%`."""
    return f"{share:.0%}" if share >= 0.01 else "under 1%" if share else "0%"


def _escape(char: str) -> str:
    if char.isprintable() or char in _JOINERS:
        return char
    if unicodedata.category(char) == "Zs":
        return " "
    if char in "\n\t\r":
        return {"\n": "\\n", "\t": "\\t", "\r": "\\r"}[char]
    return f"\\x{ord(char):02x}" if ord(char) < 256 else f"\\u{ord(char):04x}"


def _cells(anchor: Anchor) -> tuple[str, str, str, str, str]:
    frame = "" if anchor.frame is None or anchor.kind == "frame" else f"f{anchor.frame}"
    sure = "" if anchor.confidence >= 0.8 else f" ~{anchor.confidence:.2f}"
    return (
        plain(anchor.id, 40),
        _span(anchor),
        f"{plain(anchor.part, 20)}.{frame}" if frame and anchor.part else frame,
        _place(anchor),
        plain(anchor.content) + sure,
    )


def _span(anchor: Anchor) -> str:
    start, end = seconds(anchor.t0), seconds(anchor.t1)
    # A click lasts a tenth of a second: only spans that say something are worth their tokens.
    return start if start == end or (anchor.kind == "event" and anchor.t1 - anchor.t0 < 1.0) else f"{start}-{end}"


def _place(anchor: Anchor) -> str:
    if anchor.box is not None:
        return ",".join(f"{v:.0f}" for v in anchor.box)
    if anchor.point is None or anchor.kind == "event":  # an event's content already says where
        return ""
    return ",".join(f"{v:.0f}" for v in anchor.point)
