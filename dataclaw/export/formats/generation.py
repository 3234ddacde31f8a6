"""DiffSynth-Studio: clips and pictures with prompts, as its training scripts for video and picture models read them."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from dataclaw.export.asking import output_pictures
from dataclaw.export.example import Example, LeftOutExample, Medium
from dataclaw.export.formats.base import ExportTarget, Format
from dataclaw.schema import fields_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BLOCK = 4
"""Video models see a first frame and then blocks of so many, so clips have 4n+1 frames."""


@dataclass(frozen=True, slots=True)
class ClipShape:
    """What a model takes of a clip.

    Attributes:
        size: `(width, height)` [px] that pictures fill, cut at two sides alike; None for their own.
        most: most frames; None for all.
    """

    size: tuple[int, int] | None = None
    most: int | None = None

    def frames(self, count: int) -> int:
        """How many frames of a clip of so many are kept: the first 4n+1."""
        return (min(count, self.most or count) - 1) // BLOCK * BLOCK + 1


class DiffSynth(Format):
    """`metadata_train_video.csv`, `metadata_train_image.csv` and the files they name.

    Clips are cut to 4n+1 frames at their end. A table holds one kind of row, since the reader opens every file column
    of a row, and takes an empty one for a broken path.
    """

    name = "diffsynth"
    summary = "DiffSynth-Studio: metadata of clips (4n+1 frames) or of pictures, with prompts"
    whole = True
    clip_shape: ClassVar[ClipShape] = ClipShape()

    def __init__(self, target: ExportTarget) -> None:
        super().__init__(target)
        self._rows: dict[tuple[str, str], list[dict[str, str]]] = {}

    def add(self, side: str, example: Example) -> LeftOutExample | None:
        """Take the answer's clip, or its picture, as what is to be made."""
        row = self._files(example)
        prompt = _prompt(example)
        if not row or not prompt:
            what = "no prompt" if row else "no clip and no picture to be made"
            return LeftOutExample(example.id, f"its answer has {what}")
        kind = "video" if "video" in row else "image"
        self._rows.setdefault((side, kind), []).append({"id": example.id, **row, "prompt": prompt})
        return None

    def close(self) -> None:
        """Write the metadata, a table a side and kind."""
        for (side, kind), rows in self._rows.items():
            with (self.target.root / f"metadata_{side}_{kind}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, [*rows[0]])
                writer.writeheader()
                writer.writerows(rows)

    def _files(self, example: Example) -> dict[str, str]:
        store = self.target.store
        pictures = output_pictures(example.sample, example.files)
        if example.files.clips:
            clip = cut_to_blocks(example.files.clips[0], self.target, self.clip_shape)
            return {"video": clip.relative_to(self.target.root).as_posix()} if clip else {}
        shown = [medium for medium in example.media if medium.kind == "image"]
        if len(pictures) == 1 and shown:
            return {"image": store.add(pictures[0]), "edit_image": store.add(shown[0])}
        return {}


class Wan(DiffSynth):
    """The same for Wan 2.2 at 480 x 832: clips alone, of up to 81 frames, scaled and cut as its reader would do it.

    The reader takes frames as they come, whatever the rate, so a clip keeps its own.
    """

    name = "wan"
    summary = "Wan 2.2 by DiffSynth-Studio: metadata of clips of 832 x 480 and 4n+1 frames up to 81, with prompts"
    clip_shape = ClipShape((832, 480), 81)

    def _files(self, example: Example) -> dict[str, str]:
        return super()._files(example) if example.files.clips else {}


def cut_to_blocks(clip: Medium, target: ExportTarget, shape: ClipShape) -> Path | None:
    """The clip in a model's shape, its last frames left out until it has 4n+1; None for one of no frame.

    The file stands beside the other media; it is the clip itself where that has the shape already.

    Raises:
        StreamError: it cannot be encoded.
    """
    from dataclaw.streams.clips import write_clip

    if clip.frames < 1:
        return None
    file, frames = target.store.file(clip), shape.frames(clip.frames)
    if frames == clip.frames and shape.size in (None, clip.size):
        return file
    cut = file.with_name("-".join([file.stem, str(frames), *map(str, shape.size or ())]) + file.suffix)
    if not cut.exists():
        write_clip((_fill(picture, shape.size) for picture in _first(file, frames)), clip.rate, cut)
    return cut


def _fill(picture: NDArray[np.uint8], size: tuple[int, int] | None) -> NDArray[np.uint8]:
    """A picture scaled until it fills a size, and cut at both ends of its longer side."""
    import numpy as np
    from PIL import Image, ImageOps

    return picture if size is None else np.asarray(ImageOps.fit(Image.fromarray(picture), size))


def _first(file: Path, count: int) -> Iterator[NDArray[np.uint8]]:
    import av

    with av.open(str(file)) as container:
        for index, frame in enumerate(container.decode(video=0)):
            if index >= count:
                return
            yield cast("NDArray[np.uint8]", frame.to_ndarray(format="rgb24"))


def _prompt(example: Example) -> str:
    """The prompt that the sample declares, without the quotes of a caption in it; else its answer in words."""
    declared = fields_of(fields_of(example.sample.data).get("prompt")).get("text")
    if isinstance(declared, str):
        return _sentence(re.sub(r'\.?"', "", declared))
    answer = example.sample.answer
    return _sentence(re.sub(r"\s*<(?:image_recall|video_gen)>", "", answer)) if isinstance(answer, str) else ""


def _sentence(text: str) -> str:
    """A text on one line, with a full stop."""
    flat = " ".join(text.split())
    return flat if not flat or flat[-1] in ".!?。" else f"{flat}."
