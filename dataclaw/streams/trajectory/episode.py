"""What every loader of episodes does at the end: instructions as events, labels as annotations."""

from __future__ import annotations

from collections.abc import Sequence

from dataclaw.types import Event, Json

MAX_TEXT = 2_000
"""Most characters kept of an instruction."""


class TextRuns:
    """What was said or labelled, step by step: equal texts that follow each other are one span."""

    def __init__(self) -> None:
        self._runs: list[tuple[str, float, float]] = []

    def add(self, time: float, text: str) -> None:
        """The text in force at a time [s], "" for none."""
        text = text.strip()[:MAX_TEXT]
        if self._runs and self._runs[-1][0] == text:
            self._runs[-1] = (text, self._runs[-1][1], time)
        elif len(self._runs) < 10_000:
            self._runs.append((text, time, time))

    def spans(self) -> list[tuple[str, float, float]]:
        """`(text, t0, t1)` [s] of each run with a text."""
        return [run for run in self._runs if run[0]]

    def events(self, place: str) -> tuple[Event, ...]:
        """The runs as instructions."""
        return tuple(
            Event(index, "instruction", t0, t1, text=text, place=place)
            for index, (text, t0, t1) in enumerate(self.spans())
        )

    def labels(self) -> list[Json]:
        """The runs as labelled spans `{t0, t1, text}`."""
        return [{"t0": t0, "t1": t1, "text": text} for text, t0, t1 in self.spans()]


def task_of(events: Sequence[Event]) -> str:
    """The instructions as one text."""
    return "; ".join(dict.fromkeys(event.text for event in events))
