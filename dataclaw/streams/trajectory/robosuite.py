"""What robosuite, robomimic and LIBERO mean by the names in their HDF5 files: columns, units, times, settings.

Sources: robosuite's `collect_human_demonstrations.py` and its documentation of observations, robomimic's documentation
of data sets, LIBERO's `create_dataset.py`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from dataclaw.streams.trajectory.numbers import rate_of
from dataclaw.streams.values import list_of, object_of, text_of
from dataclaw.types import Json

_XYZ = ("x", "y", "z")
_QUAT = ("qx", "qy", "qz", "qw")
_TURN = ("rx", "ry", "rz")
_KNOWN: tuple[tuple[str, tuple[str, ...], str], ...] = (
    (r"(left|right)_dpos", ("dx", "dy", "dz"), "m"),
    (r"(left|right)_dquat", ("dqx", "dqy", "dqz", "dqw"), "1"),
    (r"obs/(.*_)?(pos|to_eef_pos)", _XYZ, "m"),
    (r"obs/(.*_)?quat(_site)?", _QUAT, "1"),
    (r"obs/ee_ori", _TURN, "rad"),
    (r"gripper_actuations", ("gripper",), "1"),
)
_NUMBERED = (
    (r"joint_velocities|obs/.*joint_vel", "joint", "rad/s"),
    (r"joint_torques", "joint", "N m"),
    (r"obs/(.*joint_pos|joint_states)", "joint", "rad"),
    (r"obs/.*joint_pos_(cos|sin)", "joint", "1"),
    (r"obs/(.*gripper_qpos|gripper_states)", "finger", "m"),
    (r"obs/.*gripper_qvel", "finger", "m/s"),
)
_STEP = ("dx", "dy", "dz", "drx", "dry", "drz", "gripper")
ACTIONS = ("actions", "joint_velocities", "joint_torques", "gripper_actuations",
           "left_dpos", "left_dquat", "right_dpos", "right_dquat")  # fmt: skip
OUTCOMES = ("rewards", "dones")


def known_columns(series: str, count: int, controller: str) -> tuple[Sequence[str], Sequence[str] | str]:
    """`(columns, units)` of a series; numbered and without units where its name says nothing.

    Args:
        series: its name, "actions" or "obs/robot0_eef_pos".
        count: number of its columns.
        controller: type of the controller ("OSC_POSE"), "" when unknown; its inputs are -1..1, not metres.
    """
    if series == "actions" and controller == "OSC_POSE" and count in {6, 7}:
        return _STEP[:count], "1"
    for pattern, columns, unit in _KNOWN:
        if len(columns) == count and re.fullmatch(pattern, series):
            return columns, unit
    for pattern, stem, unit in _NUMBERED:
        if re.fullmatch(pattern, series):
            return [f"{stem}_{k + 1}" for k in range(count)], unit
    return [str(k) for k in range(count)], ""


def declared_columns(attributes: Mapping[str, Json], count: int) -> tuple[Sequence[str], Sequence[str]] | None:
    """`(columns, units)` that a data set's own attributes say, or None.

    Args:
        attributes: of the data set: `columns` and, optionally, `units`, each one text with commas between the names.
        count: number of its columns; names that are not so many, or not different from each other, say nothing.
    """
    columns = [part.strip()[:120] for part in _text(attributes.get("columns")).split(",")]
    units = [part.strip()[:16] for part in _text(attributes.get("units")).split(",")]
    if len(columns) != count or len(set(columns)) != count or not all(columns):
        return None
    return columns, units if len(units) == count else [""] * count


def settings(attributes: Mapping[str, Json]) -> dict[str, Json]:
    """What the attributes of `/data` say: `environment`, `robot`, `controller`, `rate` [1/s], `instruction`, `timed`.

    `timed`: whether the first column of the states is the simulation's time.
    """
    inner = [_parse_object(attributes.get(key)) for key in ("env_info", "env_args", "problem_info")]
    info, args, problem = inner
    merged: dict[str, Json] = {**info, **object_of(args.get("env_kwargs"))}
    robots, words = merged.get("robots"), problem.get("language_instruction")
    return {
        "environment": _text(attributes.get("env") or args.get("env_name") or info.get("env_name")),
        "robot": ", ".join(map(_text, list_of(robots))) or _text(robots),
        "controller": _controller(merged.get("controller_configs")),
        "rate": rate_of(merged.get("control_freq")),
        "instruction": "".join(map(_text, list_of(words))) or _text(words),
        "timed": "repository_version" in attributes or args.get("type") == 1,
    }


def instruction(attributes: Mapping[str, Json]) -> str:
    """The instruction that a demonstration's own attributes hold, or ""."""
    return _text(_parse_object(attributes.get("ep_meta")).get("lang") or attributes.get("language_instruction"))


def _parse_object(value: Json) -> dict[str, Json]:
    try:
        return object_of(json.loads(value)) if isinstance(value, str) and len(value) < 2**20 else {}
    except (ValueError, RecursionError):
        return {}


def _controller(value: Json) -> str:
    only = list_of(value)[0] if len(list_of(value)) == 1 else value
    return _text(object_of(only).get("type"))


def _text(value: Json) -> str:
    return text_of(value, 2000)
