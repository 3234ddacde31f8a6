"""The media of a sample: clips and pictures that a draft names, and the frames that it cites, written as files.

A draft names media in frames of the grid: `input_video` and `output_video` as `{start, end}` (with `freeze_frame` and
`freeze_repeat_count` where the picture shall stand still), `input_image` and `output_image` as a list of `{frame}`.
File names come from our ids, never from a stream.
"""

from __future__ import annotations

import hashlib
import io
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dataclaw.errors import StreamError
from dataclaw.files import TEMPORARY, write_atomic
from dataclaw.schema import fields_of, objects_of
from dataclaw.streams.clips import Cut, clip_rate, pictures_of, write_clip
from dataclaw.types import Anchor, Frames, Json, Stream

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

JPEG_QUALITY = 88
VIDEOS = ("input_video", "output_video")
IMAGES = ("input_image", "output_image")
MEDIA = frozenset({*VIDEOS, *IMAGES})
"""Keys of a draft that name media."""


def media_fields(body: Mapping[str, Json]) -> dict[str, Json]:
    """What a draft's media come to in a sample: `[start, end]` or null, lists of frames or null, and `freeze`.

    Any draft is taken, also one that the schema refuses: what it lacks is null.
    """
    found: dict[str, Json] = {}
    for key in VIDEOS:
        span = fields_of(body.get(key))
        found[key] = [span.get("start"), span.get("end")] if span else None
        if span.get("freeze_frame") is not None:
            found["freeze"] = {"frame": span["freeze_frame"], "repeat": span.get("freeze_repeat_count", 0)}
    for key in IMAGES:
        frames = [entry.get("frame") for entry in objects_of(body.get(key))]
        found[key] = frames or None
    return found


@dataclass(frozen=True, slots=True)
class Artifacts:
    """Writes media below `out/media/`; its records are the lines of `artifacts.jsonl`."""

    out: Path

    def write(
        self,
        sample: str,
        body: Mapping[str, Json],
        cited: Mapping[str, Anchor],
        stream: Stream,
        shown: Sequence[int] = (),
    ) -> Iterator[dict[str, Json]]:
        """Everything that a sample shows.

        Args:
            sample: id of the sample.
            body: its draft.
            cited: the anchors that it cites.
            stream: its stream.
            shown: cited frames that are shown with the question although the draft does not say so.

        Raises:
            StreamError: a frame cannot be read any more, or a clip cannot be cut.
        """
        for part, roles in sorted(_frames(body, cited, shown).items()):
            frames = stream.parts[part].frames if part else stream.frames
            if frames is None:
                continue
            order = sorted(roles)
            for frame, pixels in zip(order, frames.read(order), strict=True):
                yield self.picture(sample, part, frame, frames.times[frame], pixels) | {"role": roles[frame]}
        for role in VIDEOS:
            span = fields_of(body.get(role))
            if span and stream.frames is not None:
                yield self._clip(sample, role, span, stream.frames)

    def picture(self, sample: str, part: str, frame: int, t: float, pixels: NDArray[np.uint8]) -> dict[str, Json]:
        """Write one frame as JPEG; its record."""
        from PIL import Image

        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, format="JPEG", quality=JPEG_QUALITY)
        name = f"{part + '-' if part else ''}f{frame:05d}"
        relative = f"media/{sample}/{name}.jpg"
        write_atomic(self.out / relative, buffer.getvalue())
        record = _record(f"{sample}/{name}", sample, "image", relative, buffer.getvalue())
        size = [int(pixels.shape[1]), int(pixels.shape[0])]
        return record | {"frame": frame, "part": part, "t": round(t, 3), "size": size}

    def _clip(self, sample: str, role: str, span: Mapping[str, Json], frames: Frames) -> dict[str, Json]:
        freeze, repeat = span.get("freeze_frame"), int(span.get("freeze_repeat_count") or 0)
        try:
            cut = Cut(int(span["start"]), int(span["end"]), freeze, repeat if freeze is not None else 0)
        except ValueError as error:
            raise StreamError(
                f"{role} cannot be cut: {error}.", remedy="Give the task the rule media_ranges."
            ) from None
        rate = clip_rate(frames)
        relative = f"media/{sample}/{role}.mp4"
        count, data = _encode(frames, cut, rate, self.out / relative)
        times = [round(frames.times[cut.start], 3), round(frames.times[cut.end], 3)]
        frozen = {"freeze_frame": cut.freeze_frame, "freeze_repeat_count": cut.freeze_repeat_count}
        record = _record(f"{sample}/{role}", sample, "video", relative, data) | {"role": role, "span": times}
        return (
            record
            | {"start": cut.start, "end": cut.end, "frames": count, "rate": rate, "size": list(frames.size)}
            | (frozen if cut.freeze_frame is not None else {})
        )


def _encode(frames: Frames, cut: Cut, rate: float, target: Path) -> tuple[int, bytes]:
    """Encode into a file of its own and put that into place whole; the number of frames and the bytes."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", suffix=TEMPORARY) as half:
        count = write_clip(pictures_of(frames, cut), rate, Path(half.name))
        data = Path(half.name).read_bytes()
    write_atomic(target, data)
    return count, data


def _record(name: str, sample: str, kind: str, path: str, data: bytes) -> dict[str, Json]:
    return {"id": name, "sample": sample, "kind": kind, "path": path, "sha256": hashlib.sha256(data).hexdigest()}


def _frames(body: Mapping[str, Json], cited: Mapping[str, Anchor], shown: Sequence[int]) -> dict[str, dict[int, str]]:
    """Role by frame, by part: what the draft shows comes before what it only cites."""
    found: dict[str, dict[int, str]] = {}
    for role in reversed(IMAGES):
        found.setdefault("", {}).update({int(entry["frame"]): role for entry in objects_of(body.get(role))})
    for anchor in cited.values():
        if anchor.frame is not None:
            role = "input_image" if not anchor.part and anchor.frame in shown else "evidence"
            found.setdefault(anchor.part, {}).setdefault(anchor.frame, role)
    return found
