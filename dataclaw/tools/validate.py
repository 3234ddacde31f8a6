"""Schema check of a draft before it is handed in: the verifier's own judgement of form, asked early."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from dataclaw.errors import ToolError
from dataclaw.schema import problems
from dataclaw.tools.base import ToolContext, ToolResult, tool
from dataclaw.tools.view import plain

SHOWN = 12
"""Problems written into the note; `data` has all of them."""


@tool("validate", cached=False)
def validate(
    context: ToolContext, *, draft: Annotated[dict[str, Any], Field(description="the draft, a JSON object")]
) -> ToolResult:
    """Check a draft against the task's schema without handing it in."""
    if context.schema is None:
        raise ToolError("there is no schema to check against.", remedy="Hand the draft in with submit.")
    found = problems(draft, context.schema)
    data = {"problems": [{"path": path, "message": message} for path, message in found]}
    if not found:
        return ToolResult("The draft fits the schema.", data=data)
    # Keys and values of a draft may hold text off a screen.
    shown = "\n".join(f"{plain(path) or '(whole draft)'}: {plain(message, 200)}" for path, message in found[:SHOWN])
    more = f"\n... and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return ToolResult(f"{len(found)} problem(s):\n{shown}{more}", data=data)
