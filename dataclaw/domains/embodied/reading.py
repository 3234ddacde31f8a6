"""How the rules read a draft that may hold anything: objects, numbers and cited anchors, or nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias, cast

from dataclaw.rewards.base import Case
from dataclaw.types import Anchor, Json

Entries: TypeAlias = Mapping[str, Json]


def entries(value: Json) -> Entries:
    """An object's fields; none of anything else."""
    return cast("dict[str, Json]", value) if isinstance(value, dict) else {}


def listed(value: Json) -> list[Entries]:
    """The objects of a list, other items as empty ones; none of anything else."""
    return [entries(item) for item in cast("list[Json]", value)] if isinstance(value, list) else []


def whole(value: Json) -> int | None:
    """A whole number, or None."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def number(value: Json) -> float | None:
    """A finite number, or None."""
    good = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12
    return float(cast("float", value)) if good else None


def cited(value: Json, case: Case) -> list[Anchor]:
    """The seen anchors that an object cites, each once."""
    ids = entries(value).get("cite")
    names = cast("list[Json]", ids) if isinstance(ids, list) else []
    return [case.anchors[i] for i in dict.fromkeys(i for i in names if isinstance(i, str)) if i in case.anchors]


def moving(anchors: Sequence[Anchor]) -> list[Anchor]:
    """Those that measured motion: segments and spans of motion."""
    return [a for a in anchors if a.kind in ("segment", "motion")]


def citing(value: Json, place: str = "") -> Iterator[tuple[str, Entries]]:
    """Every object of a draft that cites, with its pointer; what lies inside it too."""
    if isinstance(value, list):
        for at, item in enumerate(cast("list[Json]", value)):
            yield from citing(item, f"{place}/{at}")
    elif isinstance(value, dict):
        fields = cast("dict[str, Json]", value)
        if "cite" in fields:
            yield place, fields
        for key, item in fields.items():
            yield from citing(item, f"{place}/{key.replace('~', '~0').replace('/', '~1')}")


def frame_time(case: Case, frame: int | None) -> float | None:
    """Time of a frame [s], or None when there is no such frame."""
    return float(case.frame_times[frame]) if frame is not None and 0 <= frame < len(case.frame_times) else None
