"""A recording as sampled frames: any container that libav opens, animated GIFs, or a folder of pictures.

Opening reads the packets and decodes a handful of frames: the first, for its size, and those at the end, because a
recorder that was killed leaves a tail that cannot be shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dataclaw.errors import StreamError
from dataclaw.streams.decoder import Decoder
from dataclaw.streams.frames import Still, StillFrames, VideoFrames
from dataclaw.streams.grid import Sampling, change_grid, event_grid, thin
from dataclaw.streams.packets import Packets, bursts, read_packets
from dataclaw.streams.pictures import PICTURE_SUFFIXES, content, picture_size
from dataclaw.types import Frames, Span, Stream

VIDEO_SUFFIXES = frozenset(
    {".mp4", ".mov", ".m4v", ".mkv", ".webm", ".avi", ".gif", ".flv", ".ts", ".mpg", ".mpeg", ".wmv", ".ogv", ".3gp"}
)
"""How names of video files end."""
_NAMED_SECONDS = re.compile(r"_(\d+(?:\.\d+)?)s$")


@dataclass(frozen=True, slots=True)
class Recording:
    """Frames with what is known about them.

    Attributes:
        frames: the sampled frames.
        duration: length [s], or number of pictures without times.
        timed: whether the times are seconds; otherwise they count pictures.
        problems: what was wrong and how it was handled.
    """

    frames: Frames
    duration: float
    timed: bool = True
    problems: tuple[str, ...] = ()


def open_recording(path: Path, sampling: Sampling, events: Sequence[Span] = ()) -> Recording:
    """Choose the frames of a video file.

    Args:
        path: the video file.
        sampling: how densely to look.
        events: start and end [s] of what happens in it; without any, changes of the picture are used.

    Raises:
        StreamError: the file cannot be opened, or no frame of it can be decoded.
    """
    packets = read_packets(path)
    listed = packets.times
    packets = _decodable(path, packets)
    times = packets.times
    problems = [f"{packets.problem}; what was read is used."] if packets.problem else []
    if len(times) < len(listed):
        problems.append(f"The last {listed[-1] - times[-1]:.2f} s cannot be decoded; left out.")
    chosen = event_grid(events, times, sampling) if events else change_grid(bursts(packets), times, sampling)
    size = packets.size or _first_size(path, packets)
    step = float(np.median(np.diff(times))) if len(times) > 1 else 0.0
    frames = VideoFrames(path, packets, chosen, size)
    return Recording(frames, float(times[-1]) + step, problems=tuple(problems))


def video_stream(path: Path, recording: Recording, form: str, stream_id: str) -> Stream:
    """The stream of a recording alone.

    Args:
        path: the video, or the folder of its pictures.
        recording: its frames.
        form: name of the format.
        stream_id: its id.
    """
    return Stream(
        id=stream_id,
        kind="video",
        name=path.name,
        path=str(path.absolute()),
        format=form,
        duration=recording.duration,
        clock="seconds" if recording.timed else "index",
        frames=recording.frames,
        meta={"screen_size": list(recording.frames.size), "windows": []},
        problems=recording.problems,
    )


def _first_size(path: Path, packets: Packets) -> tuple[int, int]:
    """Size of the first frame where that takes more than the first packets (a recording cut at no key frame)."""
    with closing(Decoder(path, packets)) as decoder:
        first = decoder.read([0]).get(0)
    if first is None:
        raise StreamError("its first frame cannot be decoded.", place=path, remedy="Cut the damaged start off.")
    return first.shape[1], first.shape[0]


def _decodable(path: Path, packets: Packets) -> Packets:
    """The frames up to the last one that decodes; all of them when the end looks sound, without decoding up to it.

    Raises:
        StreamError: no frame decodes.
    """
    if not packets.damaged:
        return packets
    keys = np.union1d([0], np.flatnonzero(packets.keys))
    ends = [*keys[1:], len(packets.pts)]
    with closing(Decoder(path, packets)) as decoder:
        for first, end in reversed(list(zip(keys, ends, strict=True))):
            found = _sound_run(decoder, int(first), int(end))
            if found:
                return packets.until(found)
    raise StreamError("no frame of it can be decoded.", place=path, remedy="Record it again.")


def _sound_run(decoder: Decoder, first: int, end: int) -> int:
    """Number of frames up to the first broken one of a group of pictures; 0 when its key frame is broken."""
    for start in range(first, end, 32):
        batch = range(start, min(start + 32, end))
        found = decoder.read(batch)
        broken = [index for index in batch if index not in found]
        if broken:
            return broken[0] if broken[0] > first else 0
    return end


def open_pictures(folder: Path, names: Sequence[str], sampling: Sampling) -> Recording:
    """Pictures in a folder as a recording; `..._<seconds>s.jpg` names their times, other names only their order.

    Raises:
        StreamError: no picture among the files.
    """
    stamped = _stamps(names)
    order = sorted(range(len(names)), key=lambda k: (stamped[k] if stamped else 0.0, natural(names[k])))
    kept = [order[k] for k in thin(len(order), sampling.max_frames)]
    stills = [Still(folder / names[k]) for k in kept]
    seen = read_headers(stills)
    sound = list(seen.sizes)
    times = [stamped[kept[k]] - min(stamped) for k in sound] if stamped else [float(k) for k in range(len(sound))]
    duration = times[-1] if stamped else float(len(times))
    frames = StillFrames(times, seen.size, [stills[k] for k in sound])
    return Recording(frames, duration, bool(stamped), seen.problems)


def _stamps(names: Sequence[str]) -> list[float]:
    """Seconds in each name; [] unless all have them and no two are equal."""
    found = [_NAMED_SECONDS.search(Path(name).stem) for name in names]
    stamps = [float(match.group(1)) for match in found if match]
    return stamps if len(stamps) == len(set(stamps)) == len(names) else []


@dataclass(frozen=True, slots=True)
class PictureHeaders:
    """What the headers of pictures say.

    Attributes:
        size: the most common size `(width, height)` [px].
        sizes: size of each picture that can be used, by index.
        problems: what is wrong with the others.
    """

    size: tuple[int, int]
    sizes: Mapping[int, tuple[int, int]]
    problems: tuple[str, ...] = ()


def read_headers(stills: Sequence[Still]) -> PictureHeaders:
    """Look at the headers of pictures, decoding none.

    Raises:
        StreamError: none can be used; the message is that of the first.
    """
    sizes: dict[int, tuple[int, int]] = {}
    errors: list[StreamError] = []
    for index, still in enumerate(stills):
        try:
            sizes[index] = picture_size(content(still.file, still.member), str(still))
        except StreamError as error:
            errors.append(error)
    if not sizes:
        raise errors[0]
    counts = list(sizes.values())
    common = max(dict.fromkeys(counts), key=counts.count)
    problems = [f"{error} The picture was left out." for error in errors]
    odd = sum(size != common for size in counts)
    if odd:
        problems.append(f"{odd} of {len(counts)} pictures are not {common[0]}x{common[1]} px; stretched to that.")
    return PictureHeaders(common, sizes, tuple(problems))


def picture_names(names: Sequence[str]) -> list[str]:
    """Those that name picture files."""
    return [name for name in names if Path(name).suffix.lower() in PICTURE_SUFFIXES]


def natural(name: str) -> tuple[tuple[int, int | str], ...]:
    """Sort key that puts `2.png` before `10.png`."""
    parts = re.split(r"(\d+)", name)
    return tuple((0, int(part)) if part.isdecimal() else (1, part) for part in parts if part)
