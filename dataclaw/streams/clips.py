"""Clips cut out of a recording: every recorded frame of a span, in order, none repeated and none dropped.

Frames are decoded one at a time and piped to ffmpeg, the system's when there is one and else the binary that
imageio-ffmpeg carries. The clip plays at the recording's median rate: a recording with an uneven clock keeps its
frames and loses its unevenness. What a clip is good for is not decided here.
"""

from __future__ import annotations

import contextlib
import importlib
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
from numpy.typing import NDArray

from dataclaw.errors import MissingExtraError, StreamError
from dataclaw.streams.frames import footage, rate_of
from dataclaw.types import Footage, Frames

CRF = 18
"""Quality of x264: visually lossless, a fraction of the size of lossless."""
MAX_CLIP_FRAMES = 9000
"""Most frames of one clip: five minutes at 30 frames per second."""


@dataclass(frozen=True, slots=True)
class Cut:
    """What is cut.

    Attributes:
        start: index of the sampled frame it begins with.
        end: index of the sampled frame it ends with, `end >= start`.
        freeze_frame: sampled frame at which the picture stands still, or None.
        freeze_repeat_count: how many times that frame is shown once more.
    """

    start: int
    end: int
    freeze_frame: int | None = None
    freeze_repeat_count: int = 0

    def __post_init__(self) -> None:
        freeze = self.start if self.freeze_frame is None else self.freeze_frame
        if not 0 <= self.start <= freeze <= self.end or self.freeze_repeat_count < 0:
            raise ValueError(f"not a cut: {self}; need 0 <= start <= freeze_frame <= end and freeze_repeat_count >= 0")


def clip_rate(frames: Frames) -> float:
    """Recorded frames per second [1/s]; the sampled ones where no more is known."""
    return frames.rate if isinstance(frames, Footage) else rate_of(frames.times)


def pictures_of(frames: Frames, cut: Cut) -> Iterator[NDArray[np.uint8]]:
    """The clip's pictures `(height, width, 3)` RGB in order, the frozen one repeated.

    Raises:
        StreamError: a frame cannot be decoded, or the span has more than `MAX_CLIP_FRAMES`.
    """
    frozen = None if cut.freeze_frame is None else frames.times[cut.freeze_frame]
    pending = cut.freeze_repeat_count if frozen is not None else 0
    for count, (time, picture) in enumerate(footage(frames, frames.times[cut.start], frames.times[cut.end])):
        if count + cut.freeze_repeat_count >= MAX_CLIP_FRAMES:
            remedy = "Cut a shorter span, or raise --samples."
            raise StreamError(f"a clip of more than {MAX_CLIP_FRAMES} frames.", remedy=remedy)
        yield picture
        if frozen is not None and pending and time >= frozen - 1e-6:
            for _ in range(pending):
                yield picture
            pending = 0


def write_clip(pictures: Iterable[NDArray[np.uint8]], rate: float, path: Path) -> int:
    """Encode pictures as H.264 in MP4 (4:2:0, odd sides padded by one pixel); the number of frames written.

    Args:
        pictures: `(height, width, 3)` RGB, all of one size.
        rate: frames per second [1/s], above 0.
        path: file to write; its folder exists.

    Raises:
        StreamError: there is no picture, or ffmpeg fails; the message is ffmpeg's.
        MissingExtraError: there is no ffmpeg.
    """
    process: subprocess.Popen[bytes] | None = None
    count = 0
    try:
        for picture in pictures:
            process = process or _encoder(picture.shape[1], picture.shape[0], rate, path)
            cast("IO[bytes]", process.stdin).write(np.ascontiguousarray(picture).data)
            count += 1
    except BrokenPipeError:
        raise StreamError(f"ffmpeg stopped: {_last_words(process)}.", place=path, remedy="Report it.") from None
    finally:
        code, words = _finish(process)
    if process is None:
        raise StreamError("a clip without a frame.", place=path, remedy="Name a span with frames.")
    if code:
        raise StreamError(f"ffmpeg failed: {words}.", place=path, remedy="Check the disk, or report it.")
    return count


def _encoder(width: int, height: int, rate: float, path: Path) -> subprocess.Popen[bytes]:
    ffmpeg: Any = importlib.import_module("ffmpeg")  # which has no types
    pipe: Any = ffmpeg.input(
        "pipe:", format="rawvideo", pix_fmt="rgb24", s=f"{width}x{height}",
        framerate=str(Fraction(rate).limit_denominator(1001)),
    )  # fmt: skip
    if width % 2 or height % 2:
        pipe = pipe.filter("pad", "ceil(iw/2)*2", "ceil(ih/2)*2")
    out: Any = pipe.output(
        str(path), format="mp4", vcodec="libx264", pix_fmt="yuv420p", crf=CRF, preset="veryfast", threads=1,
        movflags="+faststart", fflags="+bitexact", map_metadata=-1,
    )  # fmt: skip
    command: list[str] = out.global_args("-loglevel", "error").overwrite_output().compile(cmd=ffmpeg_program())
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def _finish(process: subprocess.Popen[bytes] | None) -> tuple[int, str]:
    if process is None:
        return 0, ""
    words = _last_words(process)
    return process.wait(), words


def _last_words(process: subprocess.Popen[bytes] | None) -> str:
    if process is None or process.stdin is None or process.stderr is None or process.stderr.closed:
        return ""
    with contextlib.suppress(BrokenPipeError):  # it has stopped, and says why
        process.stdin.close()
    with process.stderr:
        return process.stderr.read().decode(errors="replace").strip()[-300:]


@cache
def ffmpeg_program() -> str:
    """The ffmpeg to run.

    Raises:
        MissingExtraError: neither the system nor imageio-ffmpeg has one.
    """
    system = shutil.which("ffmpeg")
    if system:
        return system
    import imageio_ffmpeg

    try:
        return imageio_ffmpeg.get_ffmpeg_exe()
    except RuntimeError:
        raise MissingExtraError(
            "no ffmpeg on this machine.", remedy="Install ffmpeg with the system's packages."
        ) from None
