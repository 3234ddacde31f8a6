"""Agentic multimodal data tailoring: raw streams and an intent in, verified training samples out."""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

from dataclaw.version import __version__ as __version__

if TYPE_CHECKING:
    from dataclaw.agent.graph import build_graph
    from dataclaw.agent.nodes import TailorInput, TailorOutput
    from dataclaw.agent.policy import make_policy
    from dataclaw.domain import Domain
    from dataclaw.errors import DataClawError
    from dataclaw.plugins import find_plugins, load_domain
    from dataclaw.rewards import Rubric, Verdict
    from dataclaw.rewards.base import Case, Rule, Score, rule
    from dataclaw.run.api import tailor
    from dataclaw.streams import open_stream
    from dataclaw.tools.base import Tool, ToolContext, ToolResult, tool
    from dataclaw.types import Action, Anchor, Brief, Event, Finding, Intent, Observation, Picture, StopReason, Stream

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # onnxruntime 1.32 tells its maker of each use, and asks nobody

_HOMES = {
    "dataclaw.run.api": ["tailor"],
    "dataclaw.agent.graph": ["build_graph"],
    "dataclaw.agent.nodes": ["TailorInput", "TailorOutput"],
    "dataclaw.agent.policy": ["make_policy"],
    "dataclaw.errors": ["DataClawError"],
    "dataclaw.domain": ["Domain"],
    "dataclaw.plugins": ["find_plugins", "load_domain"],
    "dataclaw.rewards": ["Rubric", "Verdict"],
    "dataclaw.rewards.base": ["Case", "Rule", "Score", "rule"],
    "dataclaw.streams": ["open_stream"],
    "dataclaw.tools.base": ["Tool", "ToolContext", "ToolResult", "tool"],
    "dataclaw.types": [
        "Action",
        "Anchor",
        "Brief",
        "Event",
        "Finding",
        "Intent",
        "Observation",
        "Picture",
        "StopReason",
        "Stream",
    ],
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "Action",
    "Anchor",
    "Brief",
    "Case",
    "DataClawError",
    "Domain",
    "Event",
    "Finding",
    "Intent",
    "Observation",
    "Picture",
    "Rubric",
    "Rule",
    "Score",
    "StopReason",
    "Stream",
    "TailorInput",
    "TailorOutput",
    "Tool",
    "ToolContext",
    "ToolResult",
    "Verdict",
    "build_graph",
    "find_plugins",
    "load_domain",
    "make_policy",
    "open_stream",
    "rule",
    "tailor",
    "tool",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: `import dataclaw` itself loads nothing heavy."""
    if name not in _HOME:
        raise AttributeError(f"module 'dataclaw' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOME[name]), name)
