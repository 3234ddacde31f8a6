"""What numbers and pictures ROS messages hold, by type: rows for series out of decoded messages.

Messages are objects (ROS) or mappings (JSON); both are read by path. Units are those that ROS lays down (REP 103 and
the comments of the message definitions). A laser scan is summed up: its nearest return, the
bearing of that, the median, and the share of rays that came back.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dataclaw.streams.values import object_of

Row = tuple[str, tuple[str, ...], tuple[str, ...], list[float]]
"""Name within the topic ("" for the topic itself), columns, units, numbers."""

_Spec = tuple[tuple[str, str, str], ...]
"""Path in the message, column, unit."""


def _xyz(path: str, names: Sequence[str], unit: str) -> _Spec:
    return tuple((f"{path}{axis}", name, unit) for axis, name in zip("xyz", names, strict=True))


def _turn(path: str) -> _Spec:
    return tuple((f"{path}{axis}", f"q{axis}", "1") for axis in "xyzw")


def _pose(path: str) -> _Spec:
    return (*_xyz(f"{path}position.", "xyz", "m"), *_turn(f"{path}orientation."))


def _twist(path: str) -> _Spec:
    return (*_xyz(f"{path}linear.", ("vx", "vy", "vz"), "m/s"), *_xyz(f"{path}angular.", ("wx", "wy", "wz"), "rad/s"))


def _wrench(path: str) -> _Spec:
    return (*_xyz(f"{path}force.", ("fx", "fy", "fz"), "N"), *_xyz(f"{path}torque.", ("tx", "ty", "tz"), "N m"))


_SPECS: Mapping[str, _Spec] = {
    "geometry_msgs/msg/Pose": _pose(""),
    "geometry_msgs/msg/PoseStamped": _pose("pose."),
    "geometry_msgs/msg/PoseWithCovarianceStamped": _pose("pose.pose."),
    "geometry_msgs/msg/PointStamped": _xyz("point.", "xyz", "m"),
    "geometry_msgs/msg/TransformStamped": (
        *_xyz("transform.translation.", "xyz", "m"), *_turn("transform.rotation."),
    ),
    "geometry_msgs/msg/Twist": _twist(""),
    "geometry_msgs/msg/TwistStamped": _twist("twist."),
    "geometry_msgs/msg/TwistWithCovarianceStamped": _twist("twist.twist."),
    "geometry_msgs/msg/Vector3Stamped": _xyz("vector.", "xyz", "1"),
    "geometry_msgs/msg/WrenchStamped": _wrench("wrench."),
    "nav_msgs/msg/Odometry": (*_pose("pose.pose."), *_twist("twist.twist.")),
    "sensor_msgs/msg/Imu": (
        *_turn("orientation."),
        *_xyz("angular_velocity.", ("wx", "wy", "wz"), "rad/s"),
        *_xyz("linear_acceleration.", ("ax", "ay", "az"), "m/s^2"),
    ),
    "sensor_msgs/msg/MagneticField": _xyz("magnetic_field.", "xyz", "T"),
    "sensor_msgs/msg/NavSatFix": (
        ("latitude", "latitude", "deg"), ("longitude", "longitude", "deg"), ("altitude", "altitude", "m"),
    ),
    "sensor_msgs/msg/Range": (("range", "range", "m"),),
    "sensor_msgs/msg/Temperature": (("temperature", "temperature", "degC"),),
    **{f"std_msgs/msg/{name}": (("data", "data", ""),)
       for name in ("Bool", "Float32", "Float64", "Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32")},
}  # fmt: skip
_TRANSFORMS = frozenset({"tf2_msgs/msg/TFMessage", "tf/msg/tfMessage"})
_JOINTS = "sensor_msgs/msg/JointState"
_SCAN = "sensor_msgs/msg/LaserScan"
PICTURES = frozenset({"sensor_msgs/msg/Image", "sensor_msgs/msg/CompressedImage"})
_TEXTS: Mapping[str, str] = {
    "std_msgs/msg/String": "data",
    "rcl_interfaces/msg/Log": "msg",
    "rosgraph_msgs/msg/Log": "msg",
}
"""Where messages of words have them."""
MAX_TEXT = 2_000
"""Most characters kept of a message's words."""
_ENCODINGS = {"rgb8": (3, (0, 1, 2)), "bgr8": (3, (2, 1, 0)), "rgba8": (4, (0, 1, 2)), "bgra8": (4, (2, 1, 0)),
              "mono8": (1, (0, 0, 0)), "8UC1": (1, (0, 0, 0)), "8UC3": (3, (2, 1, 0))}  # fmt: skip
_MAX_NAME = 200


class MessageError(ValueError):
    """A message does not hold what its type says."""


def canonical(kind: str) -> str:
    """A type's name with its middle part: "geometry_msgs/Pose" is "geometry_msgs/msg/Pose"."""
    package, _, name = kind.rpartition("/")
    return f"{package}/msg/{name}" if package and "/" not in package else kind


def is_numeric(kind: str) -> bool:
    """Whether rows can be made of messages of this type."""
    return kind in _SPECS or kind in _TRANSFORMS or kind in {_JOINTS, _SCAN}


def is_text(kind: str) -> bool:
    """Whether messages of this type are words."""
    return kind in _TEXTS


def text(kind: str, message: Any) -> str:
    """The words of a message of a type that `is_text`, as one line.

    Raises:
        MessageError: it does not hold what its type says.
    """
    return " ".join(str(_get(message, _TEXTS[kind]))[:MAX_TEXT].split())


def rows(kind: str, message: Any) -> Iterator[Row]:
    """The numbers of a message of a type that `is_numeric`.

    Raises:
        MessageError: it does not hold what its type says.
    """
    if kind in _TRANSFORMS:
        spec = _SPECS["geometry_msgs/msg/TransformStamped"]
        for transform in _get(message, "transforms"):
            frames = f"{_get(transform, 'header.frame_id')}.{_get(transform, 'child_frame_id')}"[:_MAX_NAME]
            yield _row(frames, spec, transform)
    elif kind == _JOINTS:
        yield from _joints(message)
    elif kind == _SCAN:
        yield _scan(message)
    else:
        yield _row("", _SPECS[kind], message)


def _row(name: str, spec: _Spec, message: Any) -> Row:
    values = [_number(_get(message, path)) for path, _, _ in spec]
    return name, tuple(column for _, column, _ in spec), tuple(unit for _, _, unit in spec), values


def _joints(message: Any) -> Iterator[Row]:
    names = tuple(str(name)[:_MAX_NAME] for name in _get(message, "name"))
    if len(set(names)) != len(names):
        raise MessageError("it names a joint twice")
    for part in ("position", "velocity", "effort"):
        values = [_number(value) for value in _get(message, part)]
        if values and len(values) == len(names):
            yield part, names, ("",) * len(names), values  # rad or m, as the joint is; the message does not say


def _scan(message: Any) -> Row:
    ranges = np.asarray(_get(message, "ranges"), dtype=np.float64)
    low, high = _number(_get(message, "range_min")), _number(_get(message, "range_max"))
    seen = np.isfinite(ranges) & (ranges >= low) & (ranges <= high)
    columns, units = ("nearest", "bearing", "median", "returns"), ("m", "rad", "m", "1")
    if not seen.any():
        return "", columns, units, [math.nan, math.nan, math.nan, 0.0]
    nearest = int(np.argmin(np.where(seen, ranges, np.inf)))
    bearing = _number(_get(message, "angle_min")) + nearest * _number(_get(message, "angle_increment"))
    return "", columns, units, [float(ranges[nearest]), bearing, float(np.median(ranges[seen])), float(seen.mean())]


def _get(message: Any, path: str) -> Any:
    """The value at a path "a.b.c" of attributes or keys."""
    found = message
    for key in path.split("."):
        found = object_of(found).get(key) if isinstance(found, dict) else getattr(found, key, None)
        if found is None:
            raise MessageError(f"it has no {key!r}")
    return found


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise MessageError("a value is no number") from None


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture in a message: encoded as a file of pictures is (`encoding` ""), or plain pixels.

    Attributes:
        data: its bytes.
        encoding: how pixels are laid out ("rgb8", "bgr8", "mono8", ...), "" for JPEG or PNG.
        size: `(width, height)` [px]; `(0, 0)` for JPEG or PNG.
        step: bytes from one line to the next.
    """

    data: bytes
    encoding: str = ""
    size: tuple[int, int] = (0, 0)
    step: int = 0


def photo(kind: str, message: Any) -> Photo:
    """The picture of an Image or CompressedImage, not yet decoded.

    Raises:
        MessageError: it holds no picture that can be shown.
    """
    data = _get(message, "data")
    octets = bytes(data) if isinstance(data, bytes) else np.asarray(data, np.uint8).tobytes()
    if kind.endswith("CompressedImage"):
        return Photo(octets)
    encoding, width, height = str(_get(message, "encoding")), _get(message, "width"), _get(message, "height")
    step = int(_get(message, "step"))
    if encoding not in _ENCODINGS:
        raise MessageError(f"its pixels are encoded as {encoding[:40]!r}; {', '.join(_ENCODINGS)} can be read")
    if step < int(width) * _ENCODINGS[encoding][0] or len(octets) < step * int(height):
        raise MessageError("it has fewer bytes than pixels")
    return Photo(octets, encoding, (int(width), int(height)), step)


def pixels(picture: Photo) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """`(height, width, 3)` RGB of plain pixels."""
    (width, height), (depth, order) = picture.size, _ENCODINGS[picture.encoding]
    lines = np.frombuffer(picture.data, dtype=np.uint8)[: picture.step * height].reshape(height, picture.step)
    return np.ascontiguousarray(lines[:, : width * depth].reshape(height, width, depth)[:, :, list(order)])
