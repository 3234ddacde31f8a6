"""Every reader that is fuzzed: of streams, traces, settings, folders that commands write, and answers of servers."""

from endurance.target import FuzzTarget
from endurance.targets import edits, lessons, traces, trajectories

TARGETS: tuple[FuzzTarget, ...] = (*traces.TARGETS, *edits.TARGETS, *lessons.TARGETS, *trajectories.TARGETS)
"""In the order of the table."""
