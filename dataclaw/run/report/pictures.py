"""Screenshots small enough to travel inside one page.

A page with hundreds of screenshots must still open at once and be sent by mail, so pictures are scaled down and there
is a limit to what they take together. What did not fit is counted and said on the page.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

WIDTH = 1000
"""Widest picture in the page [px]; on-screen text stays readable."""

HEIGHT = 2000
"""Highest picture in the page [px]."""

QUALITY = 60
MAX_PIXELS = 64_000_000
MAX_BYTES = 40_000_000
MAX_CLIP_BYTES = 6_000_000
"""Largest clip that travels inside the page; larger ones stay beside it."""

AHEAD = 8
"""Pictures that are shrunk before their turn."""

Fate = Literal["shown", "missing", "unreadable", "left out"]


class Small(NamedTuple):
    """A picture small enough for the page.

    Attributes:
        fate: what becomes of it as far as it is known.
        data: JPEG, b"" where there is none.
        digest: sha256 of its file; equal files are kept once.
    """

    fate: Fate
    data: bytes = b""
    digest: str = ""


@dataclass(slots=True)
class PageAlbum:
    """The pictures of a page; equal files are kept once.

    Attributes:
        budget: what they may take together, as Base64 [characters].
        pictures: data by picture id, in the order added.
        fates: how many pictures were shown, missing, unreadable, or left out for lack of room.
    """

    budget: int
    pictures: dict[str, str] = field(default_factory=dict[str, str])
    fates: Counter[Fate] = field(default_factory=Counter[Fate])
    _ids: dict[str, str] = field(default_factory=dict[str, str])

    def add(self, small: Small) -> tuple[str, Fate]:
        """Take a picture in: its id ("" when it is not shown) and what became of it."""
        name, fate = self._add(small)
        self.fates[fate] += 1
        return name, fate

    def add_clip(self, file: Path | None) -> tuple[str, Fate]:
        """Take an MP4 clip in as it is: its id ("" when it is not shown) and what became of it."""
        if file is None:
            return "", "missing"
        raw = file.read_bytes() if file.stat().st_size <= MAX_CLIP_BYTES else b""
        text = base64.b64encode(raw).decode("ascii")
        if not raw or len(text) > self.budget:
            return "", "left out"
        if raw[4:8] != b"ftyp":
            return "", "unreadable"
        self.budget -= len(text)
        name = f"v{len(self.pictures)}"
        self.pictures[name] = text
        return name, "shown"

    def _add(self, small: Small) -> tuple[str, Fate]:
        if small.digest in self._ids:
            return self._ids[small.digest], "shown"
        if not small.data:
            return "", small.fate
        text = base64.b64encode(small.data).decode("ascii")
        self.budget -= len(text)
        if self.budget < 0:
            return "", "left out"
        name = f"p{len(self.pictures)}"
        self._ids[small.digest] = name
        self.pictures[name] = text
        return name, "shown"


def shrink_all(files: Iterable[Path | None], album: PageAlbum) -> Iterator[Small]:
    """The pictures of files in order, several of them shrunk at a time; none any more once the album is full."""
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        waiting: deque[Future[Small]] = deque()
        for file in files:
            waiting.append(pool.submit(_small, file if album.budget > 0 else None, album.budget > 0))
            if len(waiting) > AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _small(file: Path | None, room: bool) -> Small:
    if not room:
        return Small("left out")
    if file is None:
        return Small("missing")
    raw = file.read_bytes() if file.stat().st_size <= MAX_BYTES else b""
    data = shrink(raw)
    return Small("shown", data, hashlib.sha256(raw).hexdigest()) if data else Small("unreadable")


def shrink(raw: bytes) -> bytes | None:
    """A picture as JPEG of at most 1000 x 2000 px; None when it is no picture, or one of more than 64 megapixels."""
    from PIL import Image
    from PIL.JpegImagePlugin import JpegImageFile
    from PIL.PngImagePlugin import PngImageFile
    from PIL.WebPImagePlugin import WebPImageFile

    kinds = {b"\xff\xd8": JpegImageFile, b"\x89P": PngImageFile, b"RI": WebPImageFile}
    kind = kinds.get(raw[:2])
    if kind is None:
        return None
    try:
        picture = kind(io.BytesIO(raw))
        if picture.width * picture.height > MAX_PIXELS:
            return None
        picture.thumbnail((WIDTH, HEIGHT), Image.Resampling.HAMMING, reducing_gap=2.0)
        rgb = picture.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    buffer = io.BytesIO()
    rgb.save(buffer, format="JPEG", quality=QUALITY)
    return buffer.getvalue()
