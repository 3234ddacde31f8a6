"""What the agent can call: one tool per file, each a deterministic function of a stream that gives anchors."""

from __future__ import annotations

from dataclaw.tools.base import Tool, ToolContext, ToolResult, tool

__all__ = ["Tool", "ToolContext", "ToolResult", "builtin", "tool"]


def builtin() -> dict[str, Tool]:
    """The tools that come with DataClaw, by name."""
    # Imported here so that `import dataclaw` does not load OpenCV.
    from dataclaw.tools.check_quality import check_quality
    from dataclaw.tools.compare_images import compare_images
    from dataclaw.tools.compare_parts import compare_parts
    from dataclaw.tools.crop import crop
    from dataclaw.tools.cut_clip import cut_clip
    from dataclaw.tools.detect_changes import detect_changes
    from dataclaw.tools.find_cuts import find_cuts
    from dataclaw.tools.find_slides import find_slides
    from dataclaw.tools.inspect_state import inspect_state
    from dataclaw.tools.list_events import list_events
    from dataclaw.tools.list_operations import list_operations
    from dataclaw.tools.overview import overview
    from dataclaw.tools.read_text import read_text
    from dataclaw.tools.read_transcript import read_transcript
    from dataclaw.tools.sample_frames import sample_frames
    from dataclaw.tools.search_anchors import search_anchors
    from dataclaw.tools.segment_actions import segment_actions
    from dataclaw.tools.segment_motion import segment_motion
    from dataclaw.tools.track_motion import track_motion
    from dataclaw.tools.validate import validate

    tools = (
        overview,
        list_events,
        list_operations,
        sample_frames,
        read_text,
        read_transcript,
        find_slides,
        detect_changes,
        find_cuts,
        check_quality,
        segment_actions,
        segment_motion,
        inspect_state,
        track_motion,
        search_anchors,
        crop,
        cut_clip,
        compare_images,
        compare_parts,
        validate,
    )
    return {t.name: t for t in tools}
