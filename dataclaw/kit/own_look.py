"""Is the look that a manifest declares for the verifier one that can be taken, and that a policy could take, too?"""

from __future__ import annotations

from collections.abc import Mapping

from dataclaw.config import TaskManifest
from dataclaw.errors import ToolError, did_you_mean
from dataclaw.kit.manifest import MANIFEST, Declaration
from dataclaw.kit.report import Notes
from dataclaw.plugins.merge import look_of
from dataclaw.tools.base import Tool
from dataclaw.types import Json


def check_look(
    declared: Declaration, tools: Mapping[str, Tool], notes: Notes, name: str, task: TaskManifest, *, loaded: bool
) -> None:
    """Check what a task's verifier looks at itself.

    Args:
        declared: the manifest.
        tools: every tool by name.
        notes: where problems go.
        name: name of the task.
        task: the task.
        loaded: False when tools of the plugin's own are not known.
    """
    own = task.look is not None
    allowed = task.tools or declared.manifest.tools
    for index, call in enumerate(look_of(declared.manifest, name)):
        path = ("tasks", name, "look", index) if own else ("look", index)
        place: dict[str, Json] = {"file": MANIFEST, "line": declared.line(*path), "task": name if own else ""}
        tool = tools.get(call.tool)
        if declared.is_spoilt(*path) or (tool is None and not loaded):
            continue
        if tool is None:
            notes.error("look", f"the look names no tool: {call.tool!r}.", did_you_mean(call.tool, tools), **place)
            continue
        if call.tool not in allowed:
            message = f"the look calls {call.tool!r}, which policies may not call: nobody could cite what it finds."
            notes.error("look", message, f"Add it to the tools of {name}.", **(place | {"task": name}))
        try:
            tool.check(call.args)
        except ToolError as error:
            notes.error("look", f"the look cannot be taken: {error.message}", error.remedy, **place)
