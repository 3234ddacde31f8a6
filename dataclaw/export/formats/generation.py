"""DiffSynth-Studio: clips and pictures with prompts, as its training scripts for video and picture models read them."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

from dataclaw.export.asking import output_pictures
from dataclaw.export.example import Example, LeftOutExample, Medium
from dataclaw.export.formats.base import ExportTarget, Format
from dataclaw.schema import fields_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BLOCK = 4
"""Video models see a first frame and then blocks of so many, so clips have 4n+1 frames."""


class DiffSynth(Format):
    """`metadata_train_video.csv`, `metadata_train_image.csv` and the files they name.

    Clips are cut to 4n+1 frames at their end. A table holds one kind of row, since the reader opens every file column
    of a row, and takes an empty one for a broken path.
    """

    name = "diffsynth"
    summary = "DiffSynth-Studio: metadata of clips (4n+1 frames) or of pictures, with prompts"
    whole = True

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
            clip = cut_to_blocks(example.files.clips[0], self.target)
            return {"video": clip.relative_to(self.target.root).as_posix()} if clip else {}
        shown = [medium for medium in example.media if medium.kind == "image"]
        if len(pictures) == 1 and shown:
            return {"image": store.add(pictures[0]), "edit_image": store.add(shown[0])}
        return {}


def cut_to_blocks(clip: Medium, target: ExportTarget) -> Path | None:
    """The clip with its last frames left out until it has 4n+1, beside the other media; None for one of no frame.

    Raises:
        StreamError: it cannot be encoded.
    """
    from dataclaw.streams.clips import write_clip

    frames = (clip.frames - 1) // BLOCK * BLOCK + 1
    if clip.frames < 1:
        return None
    file = target.store.file(clip)
    if frames == clip.frames:
        return file
    cut = file.with_name(f"{file.stem}-{frames}{file.suffix}")
    if not cut.exists():
        write_clip(_first(file, frames), clip.rate, cut)
    return cut


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
