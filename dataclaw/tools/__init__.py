"""What the agent can call: one tool per file, each a deterministic function of a stream that gives anchors."""

from __future__ import annotations

from importlib import import_module

from dataclaw.tools.base import Tool, ToolContext, ToolResult, tool

__all__ = ["NAMES", "Tool", "ToolContext", "ToolResult", "builtin", "tool"]

NAMES: tuple[str, ...] = (
    "overview", "list_events", "list_operations", "sample_frames", "read_text", "read_transcript", "find_slides",
    "detect_changes", "find_cuts", "check_quality", "segment_actions", "segment_motion", "inspect_state",
    "read_poses", "track_motion", "search_anchors", "crop", "cut_clip", "compare_images", "compare_parts", "validate",
)  # fmt: skip
"""Tools that come with DataClaw; each is the function of its name in the module of its name."""


def builtin() -> dict[str, Tool]:
    """The tools that come with DataClaw, by name."""
    # Imported here so that `import dataclaw` does not load OpenCV.
    return {name: getattr(import_module(f"{__name__}.{name}"), name) for name in NAMES}
