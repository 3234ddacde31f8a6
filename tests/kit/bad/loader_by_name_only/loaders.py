"""A loader that takes every JSON file."""

from __future__ import annotations

from pathlib import Path

from dataclaw.streams.grid import Sampling
from dataclaw.streams.identity import content_id
from dataclaw.streams.loader import Loader
from dataclaw.types import Event, Stream


def claims(path: Path) -> bool:
    """Whether it is named .json."""
    return path.suffix == ".json"


def open_page(path: Path, index: int, sampling: Sampling) -> Stream:
    """A page, each line an event."""
    del sampling
    lines = path.read_text(encoding="utf-8").splitlines()
    events = tuple(Event(k, "click", float(k), float(k), target=line) for k, line in enumerate(lines))
    return Stream(content_id([path], index), "gui", path.name, str(path), "page", float(len(lines)), events=events)


LOADER = Loader("page", "gui", claims, open_page)
