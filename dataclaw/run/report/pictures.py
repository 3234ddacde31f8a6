"""Screenshots small enough to travel inside one page.

A page with hundreds of screenshots must still open at once and be sent by mail, so pictures are scaled down and there
is a limit to what they take together. What did not fit is counted and said on the page.
"""

from __future__ import annotations

import base64
import hashlib
import io
import warnings
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

WIDTH = 1000
"""Widest picture in the page [px]; on-screen text stays readable."""

HEIGHT = 2000
"""Highest picture in the page [px]."""

QUALITY = 72
MAX_PIXELS = 64_000_000
MAX_BYTES = 40_000_000
MAX_CLIP_BYTES = 6_000_000
"""Largest clip that travels inside the page; larger ones stay beside it."""

Fate = Literal["shown", "missing", "unreadable", "left out"]


@dataclass(slots=True)
class Album:
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

    def add(self, file: Path | None) -> tuple[str, Fate]:
        """Take a picture in: its id ("" when it is not shown) and what became of it."""
        name, fate = self._add(file)
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

    def _add(self, file: Path | None) -> tuple[str, Fate]:
        if file is None:
            return "", "missing"
        if self.budget <= 0:
            return "", "left out"
        if file.stat().st_size > MAX_BYTES:
            return "", "unreadable"
        raw = file.read_bytes()
        digest = hashlib.sha256(raw).hexdigest()
        if digest in self._ids:
            return self._ids[digest], "shown"
        small = shrink(raw)
        if small is None:
            return "", "unreadable"
        text = base64.b64encode(small).decode("ascii")
        self.budget -= len(text)
        if self.budget < 0:
            return "", "left out"
        name = f"p{len(self.pictures)}"
        self._ids[digest] = name
        self.pictures[name] = text
        return name, "shown"


def shrink(raw: bytes) -> bytes | None:
    """A picture as WebP of at most 1000 x 2000 px; None when it is no picture, or one of more than 64 megapixels."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the limit below is stricter
            picture = Image.open(io.BytesIO(raw), formats=("JPEG", "PNG", "WEBP"))
            if picture.width * picture.height > MAX_PIXELS:
                return None
            picture.thumbnail((WIDTH, HEIGHT), Image.Resampling.HAMMING, reducing_gap=2.0)
            picture = picture.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    buffer = io.BytesIO()
    picture.save(buffer, format="WEBP", quality=QUALITY, method=2)
    return buffer.getvalue()
