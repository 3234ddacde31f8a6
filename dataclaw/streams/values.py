"""Values of a stranger's JSON, each read as what it should be: anything else is read as nothing."""

from __future__ import annotations

from typing import cast

from dataclaw.types import Json

MOST, LEAST = 1e10, 1e-100
"""Furthest from 0 that a number which was measured or set lies, whatever its unit (counts of 32 bits fit), and nearest;
one that is nearer is 0, so that its square can be divided by."""


def object_of(value: Json) -> dict[str, Json]:
    """The object, {} for anything else."""
    return cast("dict[str, Json]", value) if isinstance(value, dict) else {}


def list_of(value: Json) -> list[Json]:
    """The list, [] for anything else."""
    return cast("list[Json]", value) if isinstance(value, list) else []


def objects_of(value: Json) -> list[dict[str, Json]]:
    """The objects in a list; entries of other kinds are left out."""
    return [cast("dict[str, Json]", entry) for entry in list_of(value) if isinstance(entry, dict)]


def text_of(value: Json, limit: int | None = None) -> str:
    """The text, cut to so many characters; "" for anything else."""
    return value[:limit] if isinstance(value, str) else ""


def number_of(value: Json, most: float) -> float | None:
    """The number from 0 up to (not including) `most`; None for anything else, true and false among it."""
    usable = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < most
    return float(value) if usable else None


def parse_number(text: str, most: float = 1e7) -> float | None:
    """The number from 0 up to (not including) `most` that a text spells; None where it spells none."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value < most else None
