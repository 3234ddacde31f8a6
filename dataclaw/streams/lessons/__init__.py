"""Lessons as streams: speech with its times, slides, exercises."""

from __future__ import annotations

from dataclaw.streams.lessons import (
    captions,
    lecture_frames,
    lecture_tables,
    olx,
    paella,
    slides_pdf,
    timed_words,
)
from dataclaw.streams.loader import Loader

LOADERS: tuple[Loader, ...] = (
    captions.LOADER,
    timed_words.LOADER,
    olx.LOADER,
    paella.LOADER,
    slides_pdf.LOADER,
    lecture_tables.LOADER,
    lecture_frames.LOADER,
)
