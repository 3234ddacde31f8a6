"""A tool that ends the process."""

from __future__ import annotations

import os

from dataclaw.tools.base import ToolContext, ToolResult, tool


@tool("scan")
def scan(context: ToolContext) -> ToolResult:
    """Look the stream over."""
    os._exit(3)
    return ToolResult(context.stream.name)
