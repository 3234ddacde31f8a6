"""Robot and camera trajectories as streams: one loader a format."""

from __future__ import annotations

from dataclaw.streams.loader import Loader

LOADERS: tuple[Loader, ...] = ()
