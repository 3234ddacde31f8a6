"""Pictures of a monitor, and the video that is made of them."""

from __future__ import annotations

import sys
from contextlib import closing, suppress
from fractions import Fraction
from pathlib import Path
from typing import TypeAlias

import av
import mss
import numpy as np
from numpy.typing import NDArray

from dataclaw.errors import DataClawError, UsageError, count_of
from dataclaw.record.growing import GrowingFile

Pixels: TypeAlias = NDArray[np.uint8]
KEY_SECONDS = 4
"""A key frame at least so often [s]."""
FRAGMENT_SECONDS = 1
"""So much of the video [s] is lost at most when the process is killed."""
TICKS = 1000
"""Times in the video are whole milliseconds."""


class Screen:
    """One monitor, photographed with its pointer.

    Attributes:
        box: `left`, `top`, `width`, `height` of the monitor in the pointer's coordinates.
        monitors: how many there are.

    Args:
        number: the monitor, from 1; 0 is all of them as one picture.

    Raises:
        UsageError: there is no such monitor.
        DataClawError: the screen cannot be seen.
    """

    def __init__(self, number: int) -> None:
        try:
            self._camera = mss.MSS(with_cursor=True) if sys.platform == "linux" else mss.MSS()
            found = self._camera.monitors
        except mss.ScreenShotError as error:
            remedy = "Check that this program may record the screen."
            raise DataClawError(f"the screen cannot be seen: {error}.", remedy=remedy) from None
        self.monitors = len(found) - 1
        if number > self.monitors:
            remedy = f"There {'is' if self.monitors == 1 else 'are'} {count_of(self.monitors, 'monitor')}; 0 means all."
            raise UsageError(f"no monitor {number}.", place="--monitor", remedy=remedy)
        self._monitor = found[number]
        self.box = {side: int(self._monitor[side]) for side in ("left", "top", "width", "height")}

    def picture(self) -> Pixels:
        """The monitor now, `(height, width, 4)` BGRA; on displays of high density larger than `box`.

        Raises:
            DataClawError: the screen cannot be seen any more.
        """
        try:
            shot = self._camera.grab(self._monitor)
        except (mss.ScreenShotError, OSError, AssertionError):  # the last is what a lost connection is to mss
            raise DataClawError("the screen cannot be seen any more: the display went away.") from None
        return np.frombuffer(shot.raw, np.uint8).reshape(shot.height, shot.width, 4)

    def close(self) -> None:
        """Let the display go, where it is still there."""
        with suppress(mss.ScreenShotError):
            self._camera.close()


class ScreenFilm:
    """An H.264 video whose pictures carry the time they were taken, playable up to its last second at any moment.

    Attributes:
        file: what is written into.

    Args:
        path: the new file.
        first: the picture at 0 s.
        fps: how many come in a second, at most.
        longest: pictures are made smaller where a side is longer than this [px].

    Raises:
        OSError: the file cannot be made.
    """

    def __init__(self, path: Path, first: Pixels, fps: float, longest: int) -> None:
        height, width = first.shape[:2]
        scale = min(1.0, longest / max(width, height))
        self._size = (int(width * scale) // 2 * 2, int(height * scale) // 2 * 2)
        self.file, self._last = GrowingFile(path), -1
        fragments = {"frag_duration": str(FRAGMENT_SECONDS * 1_000_000), "flush_packets": "1"}
        fragments["movflags"] = "empty_moov+default_base_moof+frag_keyframe"
        self._container = av.open(self.file, "w", format="mp4", options=fragments)
        self._stream = self._container.add_stream("libx264", rate=Fraction(fps).limit_denominator(TICKS))
        self._stream.width, self._stream.height, self._stream.pix_fmt = *self._size, "yuv420p"
        self._stream.gop_size = round(KEY_SECONDS * fps)
        self._stream.codec_context.time_base = Fraction(1, TICKS)
        # no look-ahead: each picture is on its way to the disk before the next one is taken
        self._stream.options = {"crf": "24", "preset": "veryfast", "tune": "zerolatency"}
        self.add(first, 0.0)

    def add(self, picture: Pixels, seconds: float) -> None:
        """Append a picture that was taken at a time of the video [s].

        Raises:
            OSError: it cannot be written.
        """
        frame = av.VideoFrame.from_ndarray(picture, format="bgra").reformat(*self._size, "yuv420p")
        self._last = max(self._last + 1, round(seconds * TICKS))
        frame.pts, frame.time_base = self._last, Fraction(1, TICKS)
        self._container.mux(self._stream.encode(frame))

    def close(self) -> None:
        """Write what is still in the encoder.

        Raises:
            OSError: it cannot be written.
        """
        with closing(self.file), closing(self._container):
            self._container.mux(self._stream.encode(None))
