"""A world of another domain."""

from __future__ import annotations

from dataclaw.worlds import World


def make(spec, folder):
    """Nothing yet."""
    raise NotImplementedError


WORLD = World("mall", "gui", "A shopping mall.", make, lambda scene, count: [], {"list_moments": make})
