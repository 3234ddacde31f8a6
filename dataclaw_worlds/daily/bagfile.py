"""A walk as robots record it: an MCAP file with odometry, pictures and words on topics, as ROS 2 writes it."""

from __future__ import annotations

import importlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dataclaw.errors import MissingExtraError

START = 1_700_000_000 * 10**9
"""When recordings begin [ns]: a clock of their own, not this machine's."""
QUALITY = 80
"""Quality of the pictures (JPEG)."""
EYE = 1.5
"""Height of the camera [m]."""


@dataclass(frozen=True, slots=True)
class TopicWord:
    """A message of words on a topic, at a time [s]."""

    t: float
    topic: str
    text: str


class BagFile:
    """Messages in order of time; `save` writes them.

    Raises:
        MissingExtraError: the libraries that write such files are not installed.
    """

    def __init__(self) -> None:
        self._types = _types()
        self._rows: list[tuple[float, int, str, str, Any]] = []

    def pose(self, t: float, x: float, y: float, heading: float) -> None:
        """Add a pose: position [m] and heading [rad]."""
        made = self._types.types
        place = made["geometry_msgs/msg/Point"](x, y, EYE)
        turn = made["geometry_msgs/msg/Quaternion"](0.0, 0.0, float(np.sin(heading / 2)), float(np.cos(heading / 2)))
        pose = made["geometry_msgs/msg/PoseStamped"](self._header(t), made["geometry_msgs/msg/Pose"](place, turn))
        self._add(t, "/pose", "geometry_msgs/msg/PoseStamped", pose)

    def picture(self, t: float, pixels: NDArray[np.uint8]) -> None:
        """Add a picture `(height, width, 3)`, RGB."""
        from PIL import Image

        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "JPEG", quality=QUALITY)
        octets = np.frombuffer(file.getvalue(), np.uint8)
        kind = "sensor_msgs/msg/CompressedImage"
        self._add(t, "/camera/compressed", kind, self._types.types[kind](self._header(t), "jpeg", octets))

    def words(self, words: Sequence[TopicWord]) -> None:
        """Add words on their topics."""
        for word in words:
            self._add(word.t, word.topic, "std_msgs/msg/String", self._types.types["std_msgs/msg/String"](word.text))

    def save(self, file: Path) -> None:
        """Write the file."""
        writer_of: Any = importlib.import_module("mcap.writer")
        with file.open("wb") as out:
            writer: Any = writer_of.Writer(out, compression=writer_of.CompressionType.NONE)
            writer.start(profile="ros2", library="house")
            channels: dict[str, int] = {}
            for number, (t, _, topic, kind, message) in enumerate(sorted(self._rows, key=lambda row: row[:2])):
                if topic not in channels:
                    text, _ = self._types.generate_msgdef(kind, ros_version=2)
                    schema = writer.register_schema(name=kind, encoding="ros2msg", data=text.encode())
                    channels[topic] = writer.register_channel(topic=topic, message_encoding="cdr", schema_id=schema)
                stamp = START + round(t * 1e9)
                data = bytes(self._types.serialize_cdr(message, kind))
                writer.add_message(channel_id=channels[topic], log_time=stamp, data=data, publish_time=stamp,
                                   sequence=number)  # fmt: skip
            writer.finish()

    def _header(self, t: float) -> Any:
        stamp = START + round(t * 1e9)
        time = self._types.types["builtin_interfaces/msg/Time"](stamp // 10**9, stamp % 10**9)
        return self._types.types["std_msgs/msg/Header"](time, "map")

    def _add(self, t: float, topic: str, kind: str, message: Any) -> None:
        self._rows.append((t, len(self._rows), topic, kind, message))


@cache
def _types() -> Any:
    try:
        importlib.import_module("mcap.writer")
        found: Any = importlib.import_module("rosbags.typesys")
    except ImportError as error:
        raise MissingExtraError(
            f"Recordings of robots cannot be written because {error}.",
            remedy='Run: pip install "dataclaw-tailor[worlds,embodied]"',
        ) from None
    return found.get_typestore(found.Stores.ROS2_HUMBLE)
