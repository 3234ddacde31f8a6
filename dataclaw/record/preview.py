"""A picture that shows what was recorded, made by reading the folder as every other program reads it."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from dataclaw.errors import StreamError
from dataclaw.record.inbox import MASK
from dataclaw.streams import open_stream
from dataclaw.types import Event

NAME = "preview.jpg"
TILE, COLUMNS, ROWS = 480, 3, 4
CAPTION = 26
GAP = 12
INK, PAPER, MARK = "#1b1b1f", "#f4f3ef", "#e8400c"


def write_preview(folder: Path) -> tuple[Path, int]:
    """Draw the moments of up to twelve actions, spread evenly, each marked where it went.

    Returns:
        The picture in the folder, and how many actions there are.

    Raises:
        StreamError: the folder cannot be read, or its video shows none of the actions.
        OSError: the picture cannot be written.
    """
    stream = open_stream(folder)
    shown = [event for event in stream.events if event.frame is not None]
    if stream.frames is None or not shown:
        raise StreamError("its video shows none of its actions.", place=folder, remedy="Record it again.")
    count = min(len(shown), COLUMNS * ROWS)
    chosen = [shown[round(k * (len(shown) - 1) / max(count - 1, 1))] for k in range(count)]
    pictures = stream.frames.read([event.frame or 0 for event in chosen])
    height = round(TILE * stream.frames.size[1] / stream.frames.size[0])
    rows = -(-count // COLUMNS)
    columns = min(count, COLUMNS)
    sheet = Image.new("RGB", (columns * (TILE + GAP) + GAP, rows * (height + CAPTION + GAP) + GAP), PAPER)
    for k, (event, pixels) in enumerate(zip(chosen, pictures, strict=True)):
        left, top = GAP + k % COLUMNS * (TILE + GAP), GAP + k // COLUMNS * (height + CAPTION + GAP)
        sheet.paste(Image.fromarray(pixels).resize((TILE, height)), (left, top + CAPTION))
        _mark(ImageDraw.Draw(sheet), event, (left, top), TILE / stream.frames.size[0])
    sheet.save(folder / NAME, quality=85)
    return folder / NAME, len(stream.events)


def _mark(draw: ImageDraw.ImageDraw, event: Event, corner: tuple[int, int], scale: float) -> None:
    left, top = corner
    told = event.target or event.text or " + ".join(event.keys)
    words = f"{event.t0:.1f} s  {event.kind.replace('_', ' ')} {told}"
    draw.text((left, top + 3), words.replace(MASK, "*")[:58], INK, ImageFont.load_default(16))
    for point, radius in ((event.point, 11), (event.end_point, 6)):
        if point is not None:
            x, y = left + point[0] * scale, top + CAPTION + point[1] * scale
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), outline=MARK, width=3)
