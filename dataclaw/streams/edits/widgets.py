"""Names of the values that ComfyUI's editor stores by position alone.

An editor graph lists a node's values as `widgets_values: [237514639057514, "randomize", 20, ...]`. Newer editors name
them in the node's inputs; for older ones `widgets.toml` has the names of the usual nodes.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

CONTROL = "control_after_generate"
"""What the editor does with a seed after each run; no input of the node."""

EDITOR_ONLY = frozenset({CONTROL, "upload", "choose file to upload"})
"""Values that belong to the editor and not to the picture."""


@cache
def widgets() -> Mapping[str, tuple[str, ...]]:
    """Names of a node's values in their order, by the kind of node."""
    table = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return {kind: tuple(names) for kind, names in table.items()}
