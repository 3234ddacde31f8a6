"""Picking lists: `#picked`, then lines of seconds, a bar and words."""

from __future__ import annotations

from pathlib import Path

from dataclaw.errors import StreamError
from dataclaw.streams.grid import Sampling
from dataclaw.streams.identity import content_id
from dataclaw.streams.loader import Loader
from dataclaw.types import Event, Stream


def claims(path: Path) -> bool:
    """Whether it is named and begins like one."""
    return path.suffix == ".picked" and path.is_file() and path.read_bytes()[:7] == b"#picked"


def open_list(path: Path, index: int, sampling: Sampling) -> Stream:
    """The list of a file."""
    del index, sampling
    events: list[Event] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()[1:], 2):
        time, bar, words = line.partition("|")
        try:
            at = float(time)
        except ValueError:
            raise StreamError("no time.", place=f"{path}:{number}", remedy="Write seconds, a bar, words.") from None
        if bar:
            events.append(Event(len(events), "picked", at, at, text=words.strip(), place=f"{path.name}:{number}"))
    duration = events[-1].t1 + 1.0 if events else 0.0
    return Stream(content_id([path]), "harvest", path.name, str(path), "picked", duration, events=tuple(events))


PICKED = Loader("picked", "harvest", claims, open_list)
