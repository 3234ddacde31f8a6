"""Small data sets of every format, written by hand, to be read and to be broken."""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from mcap.writer import Writer
from PIL import Image
from rosbags.rosbag1 import Writer as Bag1Writer
from rosbags.rosbag2 import StoragePlugin
from rosbags.rosbag2 import Writer as Bag2Writer
from rosbags.typesys import Stores, get_typestore

from dataclaw.streams.trajectory.tfrecord import masked_crc

FPS = 10
SIZE = (64, 48)


def video(path: Path, shades: Sequence[int]) -> Path:
    """A video of plain grey pictures, FPS a second."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        track = container.add_stream("mpeg4", rate=FPS)
        track.width, track.height = SIZE
        track.pix_fmt = "yuv420p"
        track.codec_context.gop_size, track.bit_rate = 4, 8_000_000
        for k, shade in enumerate(shades):
            frame = av.VideoFrame.from_ndarray(np.full((SIZE[1], SIZE[0], 3), shade % 256, np.uint8), format="rgb24")
            frame.pts, frame.time_base = k, Fraction(1, FPS)
            container.mux(track.encode(frame))
        container.mux(track.encode(None))
    return path


FEATURES: dict[str, Any] = {
    "observation.state": {"dtype": "float32", "shape": [3], "names": {"motors": ["joint", "wrist", "gripper"]}},
    "action": {"dtype": "float32", "shape": [3], "names": [["joint", "wrist", "gripper"]]},
    "observation.images.wrist": {"dtype": "video", "shape": [48, 64, 3], "names": ["height", "width", "channel"]},
    "observation.images.front": {"dtype": "video", "shape": [48, 64, 3], "names": ["height", "width", "channel"]},
    "next.reward": {"dtype": "float32", "shape": [1], "names": None},
    **{name: {"dtype": "int64", "shape": [1], "names": None}
       for name in ("timestamp", "frame_index", "episode_index", "index", "task_index")},
}  # fmt: skip


def rows(number: int, count: int, tasks: Sequence[int] | None = None) -> dict[str, list[Any]]:
    """Columns of one episode; the joint counts rows."""
    return {
        "observation.state": [[float(k), float(number), 0.5] for k in range(count)],
        "action": [[float(k + 1), float(number), 1.0] for k in range(count)],
        "next.reward": [float(k == count - 1) for k in range(count)],
        "timestamp": [k / FPS for k in range(count)],
        "frame_index": list(range(count)),
        "episode_index": [number] * count,
        "task_index": list(tasks) if tasks else [0] * count,
    }


def table(path: Path, columns: Mapping[str, Any], **options: Any) -> Path:
    """A parquet file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(dict(columns)), path, **options)
    return path


def info(root: Path, version: str, **more: Any) -> dict[str, Any]:
    """Write meta/info.json."""
    found = {"codebase_version": version, "robot_type": "arm", "fps": FPS, "features": FEATURES, **more}
    (root / "meta").mkdir(parents=True, exist_ok=True)
    (root / "meta" / "info.json").write_text(json.dumps(found))
    return found


V2_PATHS = {
    "data_path": "data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet",
    "video_path": "videos/chunk-{episode_chunk:03d}/{video_key}/episode_{episode_index:06d}.mp4",
    "chunks_size": 1000,
}


def lerobot_v2(root: Path, lengths: Sequence[int] = (12, 8), **more: Any) -> Path:
    """A v2.1 data set with two cameras; the first task is "reach", the second "grasp"."""
    info(root, "v2.1", **{**V2_PATHS, **more})
    lines = [{"episode_index": k, "tasks": ["reach"], "length": n} for k, n in enumerate(lengths)]
    (root / "meta" / "episodes.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    tasks = [{"task_index": 0, "task": "reach"}, {"task_index": 1, "task": "grasp"}]
    (root / "meta" / "tasks.jsonl").write_text("".join(json.dumps(line) + "\n" for line in tasks))
    for k, count in enumerate(lengths):
        table(root / f"data/chunk-000/episode_{k:06d}.parquet", rows(k, count))
        for camera in ("wrist", "front"):
            shades = [20 * k + 10 * n for n in range(count)]
            video(root / f"videos/chunk-000/observation.images.{camera}/episode_{k:06d}.mp4", shades)
    return root


def lerobot_v3(root: Path, lengths: Sequence[int] = (12, 8, 6)) -> Path:
    """A v3.0 data set: all episodes in one table and one video; the shade of a frame tells its place in the file."""
    info(root, "v3.0")
    starts = [sum(lengths[:k]) for k in range(len(lengths))]
    columns: dict[str, list[Any]] = {}
    for k, count in enumerate(lengths):
        for name, values in rows(k, count, [k % 2] * count).items():
            columns.setdefault(name, []).extend(values)
    table(root / "data/chunk-000/file-000.parquet", columns, row_group_size=5)
    video(root / "videos/observation.images.front/chunk-000/file-000.mp4", [8 * n for n in range(sum(lengths))])
    front = "videos/observation.images.front"
    count = len(lengths)
    table(root / "meta/episodes/chunk-000/file-000.parquet", {
        "episode_index": list(range(count)),
        "tasks": [[("reach", "grasp")[k % 2]] for k in range(count)],
        "length": list(lengths),
        "data/chunk_index": [0] * count,
        "data/file_index": [0] * count,
        "dataset_from_index": starts,
        "dataset_to_index": [s + n for s, n in zip(starts, lengths, strict=True)],
        f"{front}/chunk_index": [0] * count,
        f"{front}/file_index": [0] * count,
        f"{front}/from_timestamp": [s / FPS for s in starts],
        f"{front}/to_timestamp": [(s + n) / FPS for s, n in zip(starts, lengths, strict=True)],
    })  # fmt: skip
    table(root / "meta/tasks.parquet", {"task_index": [0, 1], "__index_level_0__": ["reach", "grasp"]})
    return root


def varint(value: int) -> bytes:
    """A protobuf varint."""
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    return bytes([*found, value])


def message(number: int, body: bytes) -> bytes:
    """A length-delimited field."""
    return varint(number << 3 | 2) + varint(len(body)) + body


def feature(values: Sequence[bytes] | Sequence[int] | Sequence[float]) -> bytes:
    """A tf.train.Feature."""
    if values and isinstance(values[0], bytes):
        return message(1, b"".join(message(1, value) for value in values))  # type: ignore[arg-type]
    if values and isinstance(values[0], float):
        return message(2, message(1, struct.pack(f"<{len(values)}f", *values)))
    return message(3, message(1, b"".join(varint(int(value) & (2**64 - 1)) for value in values)))


def example(features: Mapping[str, Sequence[Any]]) -> bytes:
    """A tf.train.Example."""
    entries = [message(1, message(1, name.encode()) + message(2, feature(values))) for name, values in features.items()]
    return message(1, b"".join(entries))


def record(body: bytes) -> bytes:
    """A TFRecord."""
    head = struct.pack("<Q", len(body))
    return head + struct.pack("<I", masked_crc(head)) + body + struct.pack("<I", masked_crc(body))


def jpeg(shade: int, size: tuple[int, int] = SIZE) -> bytes:
    """A plain grey picture."""
    buffer = io.BytesIO()
    Image.new("RGB", size, (shade, shade, shade)).save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


def steps(count: int = 4, **more: Sequence[Any]) -> dict[str, Sequence[Any]]:
    """Features of an episode."""
    return {
        "steps/action": [float(k) for k in range(2 * count)],
        "steps/observation/state": [float(k) for k in range(3 * count)],
        "steps/observation/image_0": [jpeg(40 * k) for k in range(count)],
        "steps/language_instruction": [b"open the drawer"] * (count - 1) + [b"close it"],
        "steps/reward": [0.0] * (count - 1) + [1.0],
        "steps/is_first": [1] + [0] * (count - 1),
        **more,
    }


def _tensor(*dims: int, dtype: str = "float32") -> dict[str, Any]:
    return {"tensor": {"shape": {"dimensions": [str(d) for d in dims]}, "dtype": dtype, "encoding": "none"}}


def rlds(root: Path, bodies: Sequence[bytes], shards: int = 1) -> Path:
    """A data set of TFRecords, with its features.json."""
    root.mkdir(parents=True, exist_ok=True)
    observation = {"state": _tensor(3), "image_0": {"image": {"shape": {"dimensions": ["48", "64", "3"]}}}}
    step = {
        "action": _tensor(2),
        "observation": {"featuresDict": {"features": observation}},
        "language_instruction": {"text": {}},
        "reward": _tensor(),
        "is_first": _tensor(dtype="bool"),
    }
    inner = {"sequence": {"feature": {"featuresDict": {"features": step}}, "length": "-1"}}
    (root / "features.json").write_text(json.dumps({"featuresDict": {"features": {"steps": inner}}}))
    (root / "dataset_info.json").write_text(json.dumps({"name": "drawers"}))
    for shard in range(shards):
        part = bodies[shard::shards]
        (root / f"drawers-train.tfrecord-{shard:05d}-of-{shards:05d}").write_bytes(b"".join(map(record, part)))
    return root


STORE = get_typestore(Stores.ROS2_HUMBLE)
T = STORE.types


def _header() -> Any:
    return T["std_msgs/msg/Header"](T["builtin_interfaces/msg/Time"](0, 0), "odom")


def odometry(x: float) -> Any:
    """An Odometry message."""
    point, turn, vector = (T[f"geometry_msgs/msg/{name}"] for name in ("Point", "Quaternion", "Vector3"))
    pose = T["geometry_msgs/msg/PoseWithCovariance"](
        T["geometry_msgs/msg/Pose"](point(x, 0.0, 0.0), turn(0.0, 0.0, 0.0, 1.0)), np.zeros(36)
    )
    twist = T["geometry_msgs/msg/TwistWithCovariance"](
        T["geometry_msgs/msg/Twist"](vector(1.0, 0.0, 0.0), vector(0.0, 0.0, 0.0)), np.zeros(36)
    )
    return T["nav_msgs/msg/Odometry"](_header(), "base", pose, twist)


def joints(value: float) -> Any:
    """A JointState message."""
    position, none = np.array([value, 0.1]), np.zeros(0)
    return T["sensor_msgs/msg/JointState"](_header(), ["elbow", "gripper"], position, none, none)


def image(shade: int) -> Any:
    """An Image message, BGR with a blue channel of `shade`."""
    pixels = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)
    pixels[..., 0] = shade % 256
    return T["sensor_msgs/msg/Image"](_header(), SIZE[1], SIZE[0], "bgr8", 0, SIZE[0] * 3, pixels.reshape(-1))


def packed(shade: int) -> Any:
    """A CompressedImage message."""
    return T["sensor_msgs/msg/CompressedImage"](_header(), "jpeg", np.frombuffer(jpeg(shade), np.uint8))


def text(words: str) -> Any:
    """A String message."""
    return T["std_msgs/msg/String"](words)


def colour() -> Any:
    """A message of a type that is not read."""
    return T["std_msgs/msg/ColorRGBA"](1.0, 0.0, 0.0, 1.0)


def talk(count: int = 10) -> list[tuple[str, str, int, Any]]:
    """Topic, type, time [ns] and message: odometry, joints, two cameras, words, colours."""
    found: list[tuple[str, str, int, Any]] = []
    for k in range(count):
        time = 10**18 + k * 10**8
        found += [
            ("/odom", "nav_msgs/msg/Odometry", time, odometry(k / 10)),
            ("/joints", "sensor_msgs/msg/JointState", time, joints(k / 10)),
            ("/camera/front", "sensor_msgs/msg/Image", time, image(20 * k)),
            ("/camera/wrist/compressed", "sensor_msgs/msg/CompressedImage", time, packed(20 * k % 256)),
            ("/words", "std_msgs/msg/String", time, text("hello" if k < 5 else f"number  {k}")),
            ("/colour", "std_msgs/msg/ColorRGBA", time, colour()),
        ]
    return found


def mcap(path: Path, messages: Sequence[tuple[str, str, int, Any]], **options: Any) -> Path:
    """An MCAP file as ROS 2 writes it."""
    with path.open("wb") as file:
        writer = Writer(file, chunk_size=8192, **options)
        writer.start("ros2", "test")
        channels: dict[str, int] = {}
        for topic, kind, time, content in messages:
            if topic not in channels:
                text_, _ = STORE.generate_msgdef(kind, ros_version=2)
                schema = writer.register_schema(name=kind, encoding="ros2msg", data=text_.encode())
                channels[topic] = writer.register_channel(topic=topic, message_encoding="cdr", schema_id=schema)
            data = bytes(STORE.serialize_cdr(content, kind))
            writer.add_message(channels[topic], log_time=time, publish_time=time, data=data)
        writer.finish()
    return path


def bag2(path: Path, messages: Sequence[tuple[str, str, int, Any]], plugin: str = "SQLITE3") -> Path:
    """A ROS 2 bag."""
    with Bag2Writer(path, version=9, storage_plugin=StoragePlugin[plugin]) as writer:
        connections: dict[str, Any] = {}
        for topic, kind, time, content in messages:
            if topic not in connections:
                connections[topic] = writer.add_connection(topic, kind, typestore=STORE)
            writer.write(connections[topic], time, STORE.serialize_cdr(content, kind))
    return path


def bag1(path: Path, count: int = 10) -> Path:
    """A ROS 1 bag of odometry, chunks packed with bz2."""
    store = get_typestore(Stores.ROS1_NOETIC)
    writer = Bag1Writer(path)
    writer.set_compression(Bag1Writer.CompressionFormat.BZ2)
    with writer:
        kind = "geometry_msgs/msg/PointStamped"
        connection = writer.add_connection("/point", kind, typestore=store)
        for k in range(count):
            header = store.types["std_msgs/msg/Header"](k, store.types["builtin_interfaces/msg/Time"](0, 0), "map")
            point = store.types[kind](header, store.types["geometry_msgs/msg/Point"](float(k), 0.0, 0.0))
            writer.write(connection, 10**18 + k * 10**8, store.serialize_ros1(point, kind))
    return path
