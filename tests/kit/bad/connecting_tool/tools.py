"""A tool that asks a server."""

from __future__ import annotations

import socket

from dataclaw.tools.base import ToolContext, ToolResult, tool


@tool("scan")
def scan(context: ToolContext) -> ToolResult:
    """Look the stream over."""
    with socket.socket() as line:
        line.settimeout(0.1)
        line.connect_ex(("127.0.0.1", 9))
    return ToolResult("asked")
