"""A tool that lets a program do it."""

from __future__ import annotations

import subprocess
import sys

from dataclaw.tools.base import ToolContext, ToolResult, tool


@tool("scan")
def scan(context: ToolContext) -> ToolResult:
    """Look the stream over."""
    subprocess.run([sys.executable, "-c", ""], check=True)
    return ToolResult("done")
