"""A world of an expert of no task."""

from __future__ import annotations

from dataclaw.worlds import World


def make(spec, folder):
    """Nothing yet."""
    raise NotImplementedError


WORLD = World("mall", "shop", "A shopping mall.", make, lambda scene, count: [], {"list_shops": make})
