"""Lessons as streams: speech with its times, slides, exercises."""

from __future__ import annotations

from dataclaw.streams.lessons import captions, olx, timed_words
from dataclaw.streams.loader import Loader

LOADERS: tuple[Loader, ...] = (captions.LOADER, timed_words.LOADER, olx.LOADER)
