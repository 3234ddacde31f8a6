"""A tool that keeps a list of what it saw."""

from __future__ import annotations

import tempfile
from pathlib import Path

from dataclaw.tools.base import ToolContext, ToolResult, tool


@tool("scan")
def scan(context: ToolContext) -> ToolResult:
    """Look the stream over."""
    Path(tempfile.gettempdir(), "dataclaw-shop-seen.txt").write_text(context.stream.name)
    return ToolResult("seen")
