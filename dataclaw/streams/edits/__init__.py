"""Editing sequences as streams: pictures before and after, generation graphs, timelines, histories of operations."""

from __future__ import annotations

from dataclaw.streams.edits.comfy import COMFY_JSON, COMFY_PNG
from dataclaw.streams.edits.darktable import DARKTABLE
from dataclaw.streams.edits.edl import EDL
from dataclaw.streams.edits.fcp7 import FCP7
from dataclaw.streams.edits.otio import OTIO
from dataclaw.streams.edits.pairs import BEFORE_AFTER, STEP1X
from dataclaw.streams.loader import Loader

LOADERS: tuple[Loader, ...] = (STEP1X, BEFORE_AFTER, COMFY_PNG, COMFY_JSON, OTIO, EDL, FCP7, DARKTABLE)
