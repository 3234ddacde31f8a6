"""Contact sheets: what a stream shows, at a glance; for looking at worlds with one's own eyes."""

from __future__ import annotations

from pathlib import Path

from dataclaw.errors import StreamError
from dataclaw.types import Stream

CELL = (240, 180)
COLUMNS = 6


def contact_sheet(stream: Stream, file: Path, count: int = 24) -> None:
    """Write a PNG of at most `count` frames, evenly spread, each with number and time; parts come one after another.

    Raises:
        StreamError: the stream has no pictures.
    """
    from PIL import Image, ImageDraw

    shown = [(label, part) for label, part in stream.parts.items() if part.frames] or [("", stream)]
    cells: list[tuple[str, object]] = []
    for label, part in shown:
        if part.frames is None:
            raise StreamError("has no pictures.", place=stream.name, remedy="Look at its events instead.")
        total = len(part.frames.times)
        wanted = min(max(count // len(shown), 1), total)
        picked = sorted({round(i * (total - 1) / max(wanted - 1, 1)) for i in range(wanted)})
        for index, pixels in zip(picked, part.frames.read(picked), strict=True):
            cells.append((f"{label} f{index} {part.frames.times[index]:.1f} s".strip(), pixels))
    rows = -(-len(cells) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * CELL[0], rows * (CELL[1] + 16)), "white")
    draw = ImageDraw.Draw(sheet)
    for at, (text, pixels) in enumerate(cells):
        picture = Image.fromarray(pixels)  # pyright: ignore[reportArgumentType]
        picture.thumbnail(CELL)
        x, y = at % COLUMNS * CELL[0], at // COLUMNS * (CELL[1] + 16)
        sheet.paste(picture, (x, y + 16))
        draw.text((x + 4, y + 2), text, fill="black")
    file.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(file)
