"""Narrated actions of long videos as streams: tables that people made, with or without the pixels."""

from __future__ import annotations

from dataclaw.streams.loader import Loader
from dataclaw.streams.narrations import captioned, epic_kitchens, goal_step, narrated

LOADERS: tuple[Loader, ...] = (epic_kitchens.LOADER, goal_step.LOADER, captioned.LOADER, narrated.LOADER)
