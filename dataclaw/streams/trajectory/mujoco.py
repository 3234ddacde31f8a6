"""Names of the columns of a MuJoCo state `[time, positions, velocities]`, read off the model that was simulated.

Positions come in the order in which the model's bodies name their joints: one number for a hinge or slide, four for a
ball, seven for a free body; velocities likewise with one, three and six.
Source: MuJoCo documentation, "Computation", general framework, coordinates.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from dataclaw.streams.trajectory.numbers import MAX_COLUMNS

MAX_MODEL_BYTES = 16 * 2**20
_FREE = ("x", "y", "z", "qw", "qx", "qy", "qz")
_FREE_UNITS = ("m", "m", "m", "1", "1", "1", "1")
_RATES = ("vx", "vy", "vz", "wx", "wy", "wz")
_RATE_UNITS = ("m/s", "m/s", "m/s", "rad/s", "rad/s", "rad/s")


def state_columns(model: str, count: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """`(columns, units)` of a state of so many numbers, the time included; numbered where the model does not fit."""
    positions: list[tuple[str, str]] = []
    rates: list[tuple[str, str]] = []
    for name, kind in _joints(model):
        if kind == "free":
            positions += [(f"{name}_{axis}", unit) for axis, unit in zip(_FREE, _FREE_UNITS, strict=True)]
            rates += [(f"{name}_{axis}", unit) for axis, unit in zip(_RATES, _RATE_UNITS, strict=True)]
        elif kind == "ball":
            positions += [(f"{name}_{axis}", "1") for axis in _FREE[3:]]
            rates += [(f"{name}_{axis}", "rad/s") for axis in _RATES[3:]]
        else:
            unit = "m" if kind == "slide" else "rad"
            positions.append((name, unit))
            rates.append((f"{name}_rate", f"{unit}/s"))
    named = [("time", "s"), *positions, *rates]
    columns = tuple(name for name, _ in named)
    if len(named) != count or len(set(columns)) != count:
        return ("time", *(str(k) for k in range(1, count))), ("s", *[""] * (count - 1))
    return columns, tuple(unit for _, unit in named)


def _joints(model: str) -> list[tuple[str, str]]:
    """Name and kind of each joint, in the order of the state; [] for a text that is no model."""
    if not model or len(model) > MAX_MODEL_BYTES:
        return []
    try:
        root: Any = ElementTree.fromstring(model)
    except (ElementTree.ParseError, DefusedXmlException, ValueError, RecursionError):
        return []
    world = root.find("worldbody")
    found = [] if world is None else list(_walk(world))
    return [(name or f"joint_{k}", kind) for k, (name, kind) in enumerate(found[:MAX_COLUMNS])]


def _walk(world: Any) -> Iterator[tuple[str, str]]:
    """Joints of a body come before those of the bodies in it."""
    waiting = [world]
    while waiting:
        body = waiting.pop()
        for child in body:
            if child.tag == "freejoint":
                yield child.get("name", ""), "free"
            elif child.tag == "joint":
                yield child.get("name", ""), child.get("type", "hinge")
        waiting += [child for child in reversed(list(body)) if child.tag == "body"]


def read_model(path: Path) -> str:
    """The text of a model file of the data set; "" when there is none that can be read."""
    try:
        if not path.is_file() or path.stat().st_size > MAX_MODEL_BYTES:
            return ""
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
