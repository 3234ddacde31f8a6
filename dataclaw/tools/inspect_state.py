"""The recorded numbers themselves, a page at a time or at chosen moments, with their units."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated

import numpy as np
from pydantic import Field

from dataclaw.errors import ToolError
from dataclaw.tools.base import ToolContext, ToolResult, tool
from dataclaw.tools.scope import SLACK, Scope, clip, look, page_of
from dataclaw.tools.view import figure, plain, seconds
from dataclaw.types import Anchor, Json, Series

PAGE = 40
"""Rows a page."""
SHOWN = 8
"""Columns named in a row's content; `attrs["values"]` has all that were asked for."""
DIGITS = 4


@tool("inspect_state", kinds=("trajectory",))
def inspect_state(
    context: ToolContext,
    *,
    series: Annotated[str, Field(max_length=200, description="name of the series; empty lists them")] = "",
    columns: Annotated[list[str], Field(max_length=64, description="only these columns")] = [],  # noqa: B006 - read only
    t0: Annotated[float | None, Field(description="from this time [s]")] = None,
    t1: Annotated[float | None, Field(description="up to this time [s]")] = None,
    at: Annotated[list[float], Field(max_length=40, description="only the rows nearest to these times [s]")] = [],  # noqa: B006
    page: Annotated[int, Field(ge=1, description="page of 40 rows, from 1")] = 1,
    part: Annotated[str, Field(description="label of the part")] = "",
) -> ToolResult:
    """Read recorded numbers: the series there are, or the rows of one with their units, 40 a page or at given times.

    Anchors of kind "state", one a row: `attrs` {series, values: {column: number, null where there is none}, units:
    {column: unit}}. A list of series has one anchor for each over its whole time, with the range of each column.
    """
    scope = look(context, part, t0, t1)
    if not scope.stream.series:
        raise ToolError("this stream has no series of numbers.", remedy="Use list_events or sample_frames.")
    if not series:
        return _listing(scope, page)
    chosen = _series(scope, series)
    picked = _columns(chosen, columns)
    rows = _nearest(chosen, scope, at) if at else _inside(chosen, scope)
    shown, pages = page_of(rows, page, PAGE)
    anchors = tuple(_row(scope, chosen, picked, row) for row in shown)
    kept = f" One row in {chosen.every} of the source." if chosen.every > 1 else ""
    note = f"{plain(chosen.name)}: {len(rows)} rows of {len(picked)} columns, page {page} of {pages}.{kept}"
    data: dict[str, Json] = {"page": page, "pages": pages, "rows": len(rows)}
    return ToolResult(note, anchors, data=data | {"columns": [chosen.columns[k] for k in picked]})


def _listing(scope: Scope, page: int) -> ToolResult:
    every = list(scope.stream.series.values())
    shown, pages = page_of(every, page, PAGE)
    anchors = tuple(a for series in shown if (a := _summary(scope, series)) is not None)
    return ToolResult(f"{len(every)} series, page {page} of {pages}.", anchors, data={"page": page, "pages": pages})


def _series(scope: Scope, name: str) -> Series:
    found = scope.stream.series.get(name)
    if found is None:
        there = ", ".join(clip(n) for n in list(scope.stream.series)[:12])
        raise ToolError(f"no series {clip(name)!r}.", remedy=f"Series: {there}.")
    return found


def _columns(series: Series, wanted: Sequence[str]) -> list[int]:
    unknown = [name for name in wanted if name not in series.columns]
    if unknown:
        there = ", ".join(clip(n) for n in series.columns[:24])
        raise ToolError(f"no column {clip(unknown[0])!r} in {clip(series.name)}.", remedy=f"Columns: {there}.")
    return [series.columns.index(name) for name in dict.fromkeys(wanted)] or list(range(len(series.columns)))


def _inside(series: Series, scope: Scope) -> list[int]:
    low = np.searchsorted(series.times, scope.window[0] - SLACK)
    high = np.searchsorted(series.times, scope.window[1] + SLACK, side="right")
    return list(range(int(low), int(high)))


def _nearest(series: Series, scope: Scope, moments: Sequence[float]) -> list[int]:
    rows = _inside(series, scope)
    if not rows:
        return []
    times = series.times[rows]
    return sorted({rows[int(np.argmin(np.abs(times - moment)))] for moment in moments})


def _row(scope: Scope, series: Series, picked: Sequence[int], row: int) -> Anchor:
    t = float(series.times[row])
    values = {series.columns[k]: _number(float(series.values[row, k])) for k in picked}
    units = {series.columns[k]: series.units[k] for k in picked}
    named = [f"{plain(n, 32)} {_value_words(v, units[n])}" for n, v in list(values.items())[:SHOWN]]
    more = f", and {len(values) - SHOWN} more" if len(values) > SHOWN else ""
    when = f"at {seconds(t)} s" if scope.stream.clock == "seconds" else f"at step {seconds(t)}"
    attrs: dict[str, Json] = {"series": series.name, "values": values, "units": units}
    content = f"{plain(series.name, 40)} {when}: {', '.join(named)}{more}"
    return scope.anchor("state", content, (t, t), "inspect_state", attrs=attrs)


def _value_words(value: float | None, unit: str) -> str:
    return "none" if value is None else f"{figure(value, 6)} {unit}".rstrip()


def _summary(scope: Scope, series: Series) -> Anchor | None:
    rows = _inside(series, scope)
    if not rows:
        return None
    values = series.values[rows[0] : rows[-1] + 1]
    ranges: dict[str, Json] = {}
    for k, name in enumerate(series.columns):
        sound = values[np.isfinite(values[:, k]), k]
        ranges[name] = [_number(float(sound.min())), _number(float(sound.max()))] if len(sound) else None
    units = dict(zip(series.columns, series.units, strict=True))
    names = ", ".join(plain(n, 24) + (f" [{units[n]}]" if units[n] else "") for n in series.columns[:SHOWN])
    more = f", and {len(series.columns) - SHOWN} more" if len(series.columns) > SHOWN else ""
    content = f"{plain(series.name, 40)}: {len(rows)} rows of {len(series.columns)} columns: {names}{more}"
    attrs: dict[str, Json] = {"series": series.name, "ranges": ranges, "units": units, "rows": len(rows)}
    t0, t1 = float(series.times[rows[0]]), float(series.times[rows[-1]])
    return scope.anchor("state", content, (t0, t1), "inspect_state", attrs=attrs)


def _number(value: float) -> float | None:
    return round(value, DIGITS) + 0.0 if math.isfinite(value) else None  # no negative zero
