"""Editing sequences as streams: pictures before and after, generation graphs, timelines."""

from __future__ import annotations

from dataclaw.streams.loader import Loader

LOADERS: tuple[Loader, ...] = ()
