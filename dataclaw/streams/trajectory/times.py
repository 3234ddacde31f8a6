"""Times that a table of numbers may hold: which column they are in, and what unit they count."""

from __future__ import annotations

import re

_NAMES = re.compile(r"#?\s*(t|time|times|timestamp|timestamps|stamp|time_?stamp|secs?|seconds)[_ ]?(s|ms|us|ns)?",
                    re.IGNORECASE)  # fmt: skip
_UNITS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
# stamps between the years 1980 and 2100 tell their unit by their size
_EPOCH = (3e8, 4.2e9)


def is_time(name: str) -> bool:
    """Whether a column of this name holds times."""
    return _NAMES.fullmatch(name.strip()) is not None


def scale(name: str, unit: str, first: float) -> float:
    """Seconds per unit of a time column.

    Args:
        name: its name, which may end in the unit ("time_ns").
        unit: its unit where the source says it, or "".
        first: its first value; a date tells whether it counts seconds, or thousandths, ... of them.
    """
    match = _NAMES.fullmatch(name.strip())
    said = unit or (match[2] if match and match[2] else "")
    if said.lower() in _UNITS:
        return _UNITS[said.lower()]
    for factor in _UNITS.values():
        if _EPOCH[0] <= first * factor <= _EPOCH[1]:
            return factor
    return 1.0
