"""A stream without pictures as text: its log, its transcript, its list of operations or its recorded numbers.

A sample about such a stream shows this text to the model that is trained on it. Operations are given by their fields,
as the file has them, and not in the words in which `list_operations` tells them: those are an answer.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dataclaw.tools.facts import SPOKEN, describe
from dataclaw.tools.operations import fields_text
from dataclaw.tools.view import figure
from dataclaw.types import Event, Series, Span, Stream

LONGEST = 24_000
"""Most characters of a stream's text."""
ROWS, SERIES, COLUMNS = 24, 3, 16
"""Most moments of recorded numbers, most series, and most columns of each."""
MADE = frozenset({"clip", "transition", "marker", "node", "operation"})
"""Kinds of events of which a cut, a graph or a history is made: pictures do not show them."""
Line = tuple[float, str]
"""`(time [s], text)`: when what the line says ends or is over."""


def stream_lines(stream: Stream, window: Span) -> tuple[Line, ...]:
    """The lines of a stream inside a window, in order of time.

    Times are written as `12.5 s`, steps of a stream without a clock as `step 3`. What exceeds 24,000 characters is cut
    at the end, and the last line says how many lines are left out.

    Args:
        stream: the stream.
        window: `(t0, t1)` [s] that a sample is about.
    """
    lines = list(_lines(stream, window))
    kept: list[Line] = []
    left = LONGEST
    for number, (t, text) in enumerate(lines):
        left -= len(text) + 1
        if left < 0:
            return (*kept, (t, f"({len(lines) - number} more lines are left out)"))
        kept.append((t, text))
    return tuple(kept)


def _lines(stream: Stream, window: Span) -> Iterator[Line]:
    events = [event for event in stream.events if window[0] <= event.t0 <= window[1]]
    if stream.kind in ("timeline", "edit") and events:
        events = [event for event in events if event.kind in MADE] or events
        yield from ((event.t0, f"{event.place or _when(event, stream)}: {fields_text(event)}") for event in events)
        return
    yield from ((event.t0, f"{_when(event, stream)} {_words(event)}") for event in events)
    for series in list(stream.series.values())[:SERIES]:
        yield from _rows(series, window)


def _when(event: Event, stream: Stream) -> str:
    return f"{event.t0:.2f} s" if stream.clock == "seconds" else f"step {event.t0:.0f}"


def _words(event: Event) -> str:
    if event.kind not in SPOKEN:
        return describe(event)
    choices = [str(choice) for choice in event.attrs.get("choices") or ()]
    return f"{event.text} ({'; '.join(choices)})" if choices else event.text


def _rows(series: Series, window: Span) -> Iterator[Line]:
    inside = np.flatnonzero((series.times >= window[0]) & (series.times <= window[1]))
    if not inside.size:
        return
    largest = np.nanmax(np.abs(series.values[inside]), axis=0, initial=0.0)
    for row in np.unique(inside[np.linspace(0, inside.size - 1, min(ROWS, inside.size)).astype(int)]):
        time = float(series.times[row])
        columns = zip(series.columns, series.units, series.values[row], largest, strict=True)
        told = ", ".join(
            f"{name} {figure(float(value), 4, float(most))} {'' if unit == '1' else unit}".rstrip()
            for name, unit, value, most in list(columns)[:COLUMNS]
            if np.isfinite(value)
        )
        yield time, f"{time:.2f} s {series.name}: {told or 'not recorded'}"
