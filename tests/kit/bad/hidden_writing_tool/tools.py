"""A tool that writes by way of a library."""

from __future__ import annotations

import logging
import os

from dataclaw.tools.base import ToolContext, ToolResult, tool


@tool("scan")
def scan(context: ToolContext) -> ToolResult:
    """Look the stream over."""
    logging.FileHandler(os.devnull).close()
    return ToolResult("seen")
