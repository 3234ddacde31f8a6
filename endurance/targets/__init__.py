"""Every reader that is fuzzed: of streams, traces, settings, folders that commands write, and answers of servers."""

from endurance.target import FuzzTarget
from endurance.targets import answers, edits, lessons, packs, runs, settings, traces, trained, trajectories

TARGETS: tuple[FuzzTarget, ...] = tuple(
    target
    for part in (traces, edits, lessons, trajectories, settings, runs, packs, trained, answers)
    for target in part.TARGETS
)
"""In the order of the table."""
