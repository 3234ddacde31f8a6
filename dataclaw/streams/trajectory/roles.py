"""What the columns of a trajectory are for, as far as their names say: state, action, gripper, position, rotation.

Names are the source's own, so this is reading, not guessing: a column without a telling name gets no role.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from dataclaw.types import Json, Series

_GRIPPER = re.compile(r"gripper|finger|jaw|claw|thumb|pinky|hand(?!le|ed|_?eye)", re.IGNORECASE)
_RATE = re.compile(r"_rate$|vel|speed|effort|torque|force|current|temp", re.IGNORECASE)
"""Columns of a gripper that do not say how far it is open."""
_PLACE = re.compile(r"(.*(pos|position|translation|eef|tcp|ee|pose))?[_.\- /]?", re.IGNORECASE)
_AXES = (("x", "y", "z"),)
_TURNS = (("qx", "qy", "qz", "qw"), ("roll", "pitch", "yaw"), ("rx", "ry", "rz"))
_ARM = re.compile(r"eef|ee_|tcp|robot|gripper|base|pose", re.IGNORECASE)
_THING = re.compile(r"_(pos|quat)$", re.IGNORECASE)
_CAMERAS = ("head", "high", "front", "agentview", "exterior", "top", "image_0", "image")


def roles_of(
    series: Mapping[str, Series], *, action: Iterable[str], state: Iterable[str] | None = None
) -> dict[str, Json]:
    """Roles for `meta["roles"]`.

    Args:
        series: the numbers of the stream.
        action: names of the series that were commanded.
        state: names of those that were measured; all others, unless they are given.

    Returns:
        `state`, `action`: names of series; `gripper`: `[series, column]` pairs; `position` [x, y, z columns] and
        `rotation` (quaternion `qx qy qz qw`, or roll, pitch, yaw [rad]) of the robot or camera, and `objects` (the
        positions of other things): `[series, [columns]]` pairs, measured ones alone.
    """
    commanded = [name for name in action if name in series]
    others = [name for name in series if name not in commanded]
    measured = others if state is None else [name for name in state if name in series]
    grippers = [
        [name, column]
        for name in [*measured, *commanded]
        for column, unit in zip(series[name].columns, series[name].units, strict=True)
        if _GRIPPER.search(f"{name} {column}") and not _RATE.search(f"{name} {column}") and "/" not in unit
    ]
    moving = [name for name in measured if len(series[name].times) > 1]  # not a fixed transform, which is sent once
    places = [(name, group, own) for name in moving for group, own in _groups(series[name], _AXES, "m")]
    turns = [(name, group, own) for name in moving for group, own in _groups(series[name], _TURNS, "")]
    return {
        "state": measured,
        "action": commanded,
        "gripper": grippers,
        "position": [[name, group] for name, group, own in places if own],
        "rotation": [[name, group] for name, group, own in turns if own],
        "objects": [[name, group] for name, group, own in places if not own],
    }


def _groups(series: Series, endings: Sequence[tuple[str, ...]], unit: str) -> list[tuple[list[str], bool]]:
    """Columns that share a prefix and have all of the endings, and whether they are of the robot or camera itself."""
    columns = {name.lower(): name for name in series.columns}
    units = dict(zip(series.columns, series.units, strict=True))
    own = not _THING.search(series.name) or bool(_ARM.search(series.name))
    found: list[tuple[list[str], bool]] = []
    for ending in endings:
        for low in columns:
            prefix = low.removesuffix(ending[0])
            group = [columns[prefix + axis] for axis in ending if prefix + axis in columns]
            if low.endswith(ending[0]) and len(group) == len(ending) and _PLACE.fullmatch(prefix) is not None:
                found.append((group, own))
            elif low.endswith(ending[0]) and len(group) == len(ending) and unit and prefix.endswith("_"):
                found.append((group, False))
    return [(group, own) for group, own in found if not unit or units[group[0]] in {"", unit}]


def main_camera(names: Sequence[str]) -> str:
    """The camera to look through: one that is named as an overview of the scene, otherwise the first."""
    for word in _CAMERAS:
        for name in names:
            if word in name.lower() and "wrist" not in name.lower():
                return name
    return names[0]


_POSE = ("x", "y", "z", "roll", "pitch", "yaw", "gripper")
_STEP = ("dx", "dy", "dz", "droll", "dpitch", "dyaw", "gripper")
_UNITS = ("m", "m", "m", "rad", "rad", "rad", "1")

# BridgeData V2: pose of the end effector in the robot's frame, then the gripper (1 open, 0 closed); actions are the
# steps of that pose. Source: Walke et al., "BridgeData V2" (2023), and Octo's configuration of it (POS_EULER, EEF_POS).
_BRIDGE = {"observation/state": (_POSE, _UNITS), "action": (_STEP, _UNITS)}
_KNOWN = {"bridge": _BRIDGE, "bridge_dataset": _BRIDGE, "bridge_orig": _BRIDGE}


def layout(dataset: str, series: str, count: int) -> tuple[Sequence[str], Sequence[str]]:
    """`(columns, units)` of a series of a data set; numbered and without units where they are not known."""
    columns, units = _KNOWN.get(dataset, {}).get(series, ((), ()))
    if len(columns) == count:
        return columns, units
    return tuple(str(k) for k in range(count)), ("",) * count
