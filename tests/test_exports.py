"""The public face: small, pinned, and light to import."""

from __future__ import annotations

import subprocess
import sys

import pytest

import dataclaw

NAMES = [
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
HEAVY = ["torch", "langgraph", "pydantic_ai", "cv2", "numpy", "typer", "av", "onnxruntime", "pydantic", "jsonschema"]


def test_the_public_names_are_these():
    assert dataclaw.__all__ == NAMES
    assert len(NAMES) <= 30


@pytest.mark.parametrize("name", NAMES)
def test_every_public_name_resolves_and_is_documented(name: str):
    assert getattr(dataclaw, name).__doc__


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'tailro'"):
        dataclaw.tailro  # pyright: ignore[reportAttributeAccessIssue]


@pytest.mark.parametrize("module", ["dataclaw", "dataclaw.cli"])
def test_importing_loads_nothing_heavy(module: str):
    allowed = {"typer"} if module == "dataclaw.cli" else set()
    code = f"import sys, {module}; print(*[m for m in {HEAVY!r} if m in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(shown.stdout.split()) <= allowed
