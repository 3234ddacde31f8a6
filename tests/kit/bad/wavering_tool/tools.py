"""A tool that counts its calls."""

from __future__ import annotations

from itertools import count

from dataclaw.tools.base import ToolContext, ToolResult, tool

CALLS = count()


@tool("scan")
def scan(context: ToolContext) -> ToolResult:
    """Look the stream over."""
    return ToolResult(f"call {next(CALLS)}")
