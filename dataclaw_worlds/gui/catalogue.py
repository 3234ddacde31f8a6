"""Every kind of application there is."""

from __future__ import annotations

from dataclaw_worlds.gui.buying import BUYING
from dataclaw_worlds.gui.keeping import KEEPING
from dataclaw_worlds.gui.kinds import Kind

KINDS: dict[str, Kind] = {kind.name: kind for kind in (*BUYING, *KEEPING)}
"""Kinds by name."""
