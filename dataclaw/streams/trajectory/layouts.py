"""Names of columns that published data sets are known by, where their files say only how many numbers there are.

Nothing is guessed: a data set has to bear the name, and the numbers the width.
"""

from __future__ import annotations

from collections.abc import Sequence

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
