"""The media of an export: each file once, named by its content, in a folder that can be carried away."""

from __future__ import annotations

import hashlib
import io
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from dataclaw.errors import UsageError
from dataclaw.export.example import Attached, Example, ExampleTurn, Fragment, Medium, Spoken, join_text

FOLDER = "media"
ENDINGS = {"image": ".jpg", "video": ".mp4"}
QUALITY = 92
"""Of JPEGs that are taken out of clips."""


@dataclass
class MediaStore:
    """Puts files below `media/` of an export.

    Attributes:
        root: folder of the export.
        change: makes another file of one that is to be written (blurred, say); None writes it as it is.
    """

    root: Path
    change: Callable[[Medium, Path], None] | None = None
    _there: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def folder(self) -> Path:
        """Where the files lie."""
        return self.root / FOLDER

    def add(self, medium: Medium) -> str:
        """Path of the file, relative to the export, which is written when it is not there yet.

        Raises:
            OSError: disk full, or the file is gone.
        """
        if medium.sha256 not in self._there:
            relative = f"{FOLDER}/{medium.sha256[:24]}{ENDINGS[medium.kind]}"
            target = self.root / relative
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                (self.change or _copy)(medium, target)
            self._there[medium.sha256] = relative
        return self._there[medium.sha256]

    def file(self, medium: Medium) -> Path:
        """The written file."""
        return self.root / self.add(medium)

    def pictures(self, clip: Medium, count: int) -> list[Medium]:
        """Up to `count` pictures of a clip, evenly over it, first and last included; files of the export themselves.

        Raises:
            UsageError: the clip cannot be read.
        """
        number = min(count, clip.frames)
        wanted = sorted({round(i * (clip.frames - 1) / max(number - 1, 1)) for i in range(number)})
        return [self._picture(clip, index, data) for index, data in _decode(self.file(clip), wanted)]

    def _picture(self, clip: Medium, index: int, data: bytes) -> Medium:
        digest = hashlib.sha256(data).hexdigest()
        relative = f"{FOLDER}/{digest[:24]}{ENDINGS['image']}"
        (self.root / relative).write_bytes(data)
        self._there[digest] = relative
        t = clip.span[0] + index / clip.rate
        return replace(clip, path=self.root / relative, kind="image", sha256=digest, span=(t, t), rate=0.0, frames=1)


def with_pictures(example: Example, store: MediaStore, count: int) -> Example:
    """An example whose clips have become pictures with their times, for consumers that read no video."""

    def fragments(turn: ExampleTurn) -> Iterator[Fragment]:
        for part in turn.fragments:
            if isinstance(part, Attached) and part.medium.kind == "video":
                for picture in store.pictures(part.medium, count):
                    yield Spoken(f"{picture.span[0]:.2f} s:\n")
                    yield Attached(picture)
                    yield Spoken("\n")
            else:
                yield part

    return example.with_turns(ExampleTurn(turn.role, join_text(fragments(turn))) for turn in example.turns)


def _copy(medium: Medium, target: Path) -> None:
    shutil.copyfile(medium.path, target)


def _decode(file: Path, wanted: list[int]) -> Iterator[tuple[int, bytes]]:
    """Frames of a clip by their index, as JPEG."""
    import av
    from av.error import FFmpegError

    last = wanted[-1]
    try:
        with av.open(str(file)) as container:
            for index, frame in enumerate(container.decode(video=0)):
                if index in wanted:
                    buffer = io.BytesIO()
                    frame.to_image().save(buffer, format="JPEG", quality=QUALITY)
                    yield index, buffer.getvalue()
                if index >= last:
                    return
    except FFmpegError as error:
        raise UsageError(
            f"a clip cannot be read: {error}.", place=str(file), remedy="Run dataclaw run again."
        ) from None
