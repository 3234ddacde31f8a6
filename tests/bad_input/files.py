"""Files as they come from broken recorders and hostile hands, written by this code; nothing is copied from anywhere."""

from __future__ import annotations

import gzip
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image, ImageDraw

CLICK = "pyautogui.click(x=0.5, y=0.5)"
GOOD_CODES = (CLICK, "pyautogui.write('blue mug')")


def agentnet(codes: Sequence[str] = GOOD_CODES, **more: Any) -> str:
    steps = [{"index": i, "image": f"{i}.png", "value": {"code": code}} for i, code in enumerate(codes)]
    return json.dumps({"task_id": "t", "instruction": "buy a mug", "traj": steps, **more}) + "\n"


def picture(text: str = "Add to cart", size: tuple[int, int] = (320, 200)) -> bytes:
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).text((100, 90), text, fill="black", font_size=24)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def announced(width: int, height: int) -> bytes:
    """A PNG that says it has this size and holds nothing of it."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IEND", b"")]
    chunks = (struct.pack(">I", len(b)) + n + b + struct.pack(">I", zlib.crc32(n + b)) for n, b in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def arrays(**named: np.ndarray) -> bytes:
    """A NumPy archive; the same bytes each time, since names of tests hold them."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, array in named.items():
            inner = io.BytesIO()
            np.save(inner, array)
            file.writestr(zipfile.ZipInfo(f"{name}.npy", (2020, 1, 1, 0, 0, 0)), inner.getvalue())
    return buffer.getvalue()


def video(path: Path, frames: int = 30) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        for index in range(frames):
            pixels = np.full((120, 160, 3), 8 * (index % 30), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())
    return path


def raw_recording(folder: Path, *, events: str | None = None, stamp: str = "101.0", x: float = 80) -> Path:
    """An AgentNet raw recording: two clicks and a word, with a video of three seconds."""
    folder.mkdir(parents=True)
    video(folder / "screen.mp4")
    meta = {"screen_width": 160, "screen_height": 120, "video_start_timestamp": 100.0, "system": "Linux"}
    (folder / "metadata.json").write_text(json.dumps(meta))
    lines = [
        f'{{"time_stamp": {t}, "action": "click", "x": {x}, "y": 60, "button": "left", "pressed": {pressed}}}'
        for t, pressed in (("100.5", "true"), ("100.6", "false"), (stamp, "true"), ("101.1", "false"))
    ]
    (folder / "events.jsonl").write_text("\n".join(lines) + "\n" if events is None else events)
    return folder


def archive(path: Path, members: Mapping[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path


def playwright(*methods: str) -> str:
    rows: list[dict[str, Any]] = [{"type": "context-options", "version": 8, "browserName": "chromium"}]
    for number, method in enumerate(methods):
        call = {"type": "before", "callId": str(number), "startTime": 10 * number, "class": "Frame"}
        rows.append({**call, "method": method, "apiName": f"locator.{method}", "params": {"selector": "a"}})
        rows.append({"type": "after", "callId": str(number), "endTime": 10 * number + 5})
    return "\n".join(map(json.dumps, rows))


def packed(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)  # test names hold it, and must be equal in every worker
