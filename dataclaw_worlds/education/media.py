"""Videos of pictures, each shown for some time, written by the system's ffmpeg."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dataclaw.errors import StreamError
from dataclaw.streams.clips import ffmpeg_program

if TYPE_CHECKING:
    from PIL.Image import Image

QUALITY = "20"
"""Constant rate factor of x264, at which letters stay clean."""


def write_video(file: Path, shots: Sequence[tuple[float, Image]], end: float, fps: float) -> None:
    """Write a video without sound.

    Args:
        file: the mp4 file.
        shots: `(start [s], picture)` in order of time, the first at 0, all of one size with even sides.
        end: length [s].
        fps: frames per second [1/s].

    Raises:
        StreamError: ffmpeg failed.
    """
    width, height = shots[0][1].size
    command = [ffmpeg_program(), "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24"]
    command += ["-s", f"{width}x{height}", "-r", f"{fps:g}", "-i", "-", "-an", "-c:v", "libx264"]
    command += ["-preset", "veryfast", "-crf", QUALITY, "-pix_fmt", "yuv420p", "-threads", "1", "-g", "50"]
    command += ["-fflags", "+bitexact", "-flags:v", "+bitexact", "-map_metadata", "-1", str(file)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdin is not None
    starts = [start for start, _ in shots]
    at, data = 0, shots[0][1].tobytes()
    for k in range(max(2, round(end * fps))):
        time = (k + 0.5) / fps
        while at + 1 < len(shots) and starts[at + 1] <= time:
            at += 1
            data = shots[at][1].tobytes()
        process.stdin.write(data)
    _, said = process.communicate()
    if process.returncode:
        reason = said.decode(errors="replace")[-200:]
        raise StreamError(
            f"The video was not written because ffmpeg failed: {reason}.",
            place=str(file),
            remedy="Install ffmpeg with libx264.",
        )
