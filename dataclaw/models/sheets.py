"""Which pictures a model that is asked over a network sees beside a message, within so many tokens, and none twice.

Pictures that together fit are shown one by one, each under its name. More of them share contact sheets: nine cells with
a name above each, so that many small crops cost as much as one picture. What a sheet cannot show legibly is left out,
and the message says so.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from dataclaw.errors import StreamError
from dataclaw.models.image_tokens import LOW, SIDE, ImageRule
from dataclaw.models.pictures import image_of, missing, name_of, size_of
from dataclaw.types import Picture, Stream

if TYPE_CHECKING:
    from PIL.Image import Image

log = logging.getLogger(__name__)
CELLS = 9
"""Pictures on a sheet, at most."""
STRIP = 18
"""Height of the name above a cell [px]."""
LEGIBLE = 96
"""Shortest of the longest sides of a crop that is worth a look [px]; smaller ones are enlarged to it."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One image of a message.

    Attributes:
        label: what it shows, by the names that tools give frames.
        image: the image, RGB.
    """

    label: str
    image: Image


@dataclass
class Sight:
    """What one conversation has shown so far, and what it may show.

    Attributes:
        stream: where pictures are taken from.
        rule: how the model counts them.
        side: longest side of one picture [px].
        most: tokens of the pictures of one message, at most.
        seen: what was shown before, and is not shown again.
    """

    stream: Stream
    rule: ImageRule
    side: int = SIDE
    most: int = 3000
    seen: set[Picture] = field(default_factory=set[Picture])

    def show(self, pictures: Sequence[Picture]) -> tuple[list[Shown], str]:
        """The images of a message, and a line about those that are not shown ("" where all are)."""
        fresh = [one for one in dict.fromkeys(pictures) if not self._is_known(one)]
        images, lost = self._read(fresh)
        self.seen.update(one for one, _ in images)
        said = missing(lost, "not available").strip() if lost else ""
        if sum(self.rule.tokens(*image.size) for _, image in images) <= self.most:
            return [Shown(_label(one), image) for one, image in images], said
        return self._sheets(images), said

    def _is_known(self, picture: Picture) -> bool:
        """Whether it was shown, or lies in a frame that was shown as large as the crop would be."""
        whole = replace(picture, box=None)
        frames = self._size(picture)
        return picture in self.seen or (whole in self.seen and frames is not None and max(frames) <= self.side)

    def _size(self, picture: Picture) -> tuple[int, int] | None:
        source = self.stream.parts.get(picture.part) if picture.part else self.stream
        return source.frames.size if source and source.frames else None

    def _read(self, pictures: Sequence[Picture]) -> tuple[list[tuple[Picture, Image]], list[Picture]]:
        images: list[tuple[Picture, Image]] = []
        lost: list[Picture] = []
        for one in pictures:
            try:
                images.append((one, _legible(image_of(self.stream, one, self.side))))
            except StreamError as error:
                log.info("%s", error)
                lost.append(one)
        return images, lost

    def _sheets(self, images: Sequence[tuple[Picture, Image]]) -> list[Shown]:
        """Sheets of equal cells, as many as the tokens allow; where they do not hold all, pictures spread over time."""
        sheet = self.rule.tokens(self.side, self.side)
        count = max(1, self.most // sheet)
        held = images if len(images) <= count * CELLS else _spread(images, count * CELLS)
        rows = [held[start : start + CELLS] for start in range(0, len(held), CELLS)]
        return [Shown(f"a sheet of {', '.join(_label(one) for one, _ in row)}", _sheet(row, self.side)) for row in rows]


def side_of(detail: str) -> int:
    """Longest side of a picture of a detail, "low" or "high" [px]."""
    return LOW if detail == "low" else SIDE


def _label(picture: Picture) -> str:
    box = f" at {','.join(f'{edge:.0f}' for edge in picture.box)}" if picture.box else ""
    return name_of(picture) + box


def _legible(image: Image) -> Image:
    """A small crop enlarged: models see little in a few pixels, and pay the same for them."""
    from PIL import Image

    longest = max(image.size)
    if longest >= LEGIBLE:
        return image
    scale = LEGIBLE / longest
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.BICUBIC)


def _spread(images: Sequence[tuple[Picture, Image]], count: int) -> list[tuple[Picture, Image]]:
    if count == 1:
        return [images[0]]
    return [images[round(at * (len(images) - 1) / (count - 1))] for at in range(count)]


def _sheet(row: Sequence[tuple[Picture, Image]], side: int) -> Image:
    from PIL import Image, ImageDraw

    columns = 1 if len(row) == 1 else 2 if len(row) <= 4 else 3
    lines = -(-len(row) // columns)
    width = side // columns
    shapes = [size_of(image.size, None, width) for _, image in row]
    height = max(tall for _, tall in shapes) + STRIP
    sheet = Image.new("RGB", (columns * width, lines * height), "white")
    draw = ImageDraw.Draw(sheet)
    for at, ((one, image), shape) in enumerate(zip(row, shapes, strict=True)):
        left, top = at % columns * width, at // columns * height
        draw.text((left + 3, top + 3), _label(one), fill="black")
        sheet.paste(image.resize(shape, Image.Resampling.BICUBIC), (left, top + STRIP))
    return sheet
