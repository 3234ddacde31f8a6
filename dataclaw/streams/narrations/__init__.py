"""Narrated actions of long videos as streams: tables that people made, with or without the pixels."""

from __future__ import annotations

from dataclaw.streams.loader import Loader

LOADERS: tuple[Loader, ...] = ()
