"""Slides of a lecture: a title, a few lines, sometimes a figure, in many layouts and colours."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from dataclaw.errors import MissingExtraError

if TYPE_CHECKING:
    from PIL.Image import Image as Picture
    from PIL.ImageDraw import ImageDraw as Pen
    from PIL.ImageFont import FreeTypeFont

SIZE = (480, 270)
FONTS = ("DejaVu Sans", "DejaVu Serif", "STIXGeneral")
FACES = ("left", "centred", "banner", "sidebar", "card", "ruled", "footer", "corner")
"""The layout of title and lines."""
COLOURS = {
    "white": ("#ffffff", "#1c1c1c", "#2b5fa8"),
    "paper": ("#f7f2e6", "#2d2418", "#8a3b12"),
    "night": ("#141a26", "#e9edf5", "#7fc4ff"),
    "slate": ("#2f3640", "#f1f1ee", "#ffd166"),
    "mint": ("#eaf6f0", "#12352a", "#0b7a55"),
    "rose": ("#fbeff1", "#3a1a22", "#b0254b"),
    "sand": ("#efe6d2", "#30271a", "#7a5a12"),
    "sky": ("#e8f1fb", "#10233d", "#14539a"),
    "forest": ("#17301f", "#eef5ea", "#bfe29b"),
    "plum": ("#2b1b33", "#f4ecf7", "#e3a6ff"),
}
"""Colours of the ground, the text and the title."""


@dataclass(frozen=True, slots=True)
class SlideLook:
    """The look of the slides of a lecture.

    Attributes:
        face: one of `FACES`.
        colours: key of `COLOURS`.
        font: one of `FONTS`.
    """

    face: str
    colours: str
    font: str

    @property
    def name(self) -> str:
        """Its name among the sources."""
        return f"{self.face} {self.colours}"


def looks() -> list[str]:
    """Names of all looks."""
    return [f"{face} {colours}" for face in FACES for colours in COLOURS]


@dataclass(frozen=True, slots=True)
class Slide:
    """A slide.

    Attributes:
        title: its heading.
        lines: what stands on it.
        figure: "", or what is drawn beside the lines: "bars", "circle", "photo", "arrows".
        seed: what the figure is drawn from.
    """

    title: str
    lines: tuple[str, ...] = ()
    figure: str = ""
    seed: int = 0


def draw(page: Slide, look: SlideLook, number: int, footer: str = "") -> Picture:
    """The picture of a slide, `SIZE` [px].

    Args:
        page: its content.
        look: its look.
        number: of the slide, printed at its foot.
        footer: printed at its foot, "" for none.
    """
    image, pen = canvas(COLOURS[look.colours][0])
    _, text, accent = COLOURS[look.colours]
    left, top = _place(pen, look)
    width = SIZE[0] - left - 20
    heading = fit_font(look.font, page.title, width, 24, 15)
    x = left + max(0, (width - heading.getlength(page.title)) / 2) if look.face == "centred" else left
    pen.text((x, top), page.title, font=heading, fill=accent)
    y = top + 46
    room = width - (120 if page.figure else 0)
    for line in page.lines:
        body = font(look.font, 16)
        for part in wrap_text(line, body, room):
            pen.text((left + 12, y), part, font=body, fill=text)
            y += 22
        y += 9
    if page.figure:
        _figure(pen, page, (SIZE[0] - 126, top + 56), (text, accent))
    if footer:
        pen.text((left, SIZE[1] - 34), footer, font=font(look.font, 12), fill=text)
    pen.text((SIZE[0] - 30, SIZE[1] - 22), str(number), font=font(look.font, 11), fill=accent)
    return image


def canvas(colour: str, size: tuple[int, int] = SIZE) -> tuple[Picture, Pen]:
    """An empty picture and its pen.

    Raises:
        MissingExtraError: Pillow is not installed.
    """
    try:
        from PIL import Image, ImageDraw
    except ImportError:
        raise MissingExtraError(
            "Slides cannot be drawn because Pillow is not installed.",
            remedy='Run: pip install "dataclaw-tailor[worlds]"',
        ) from None
    image = Image.new("RGB", size, colour)
    return image, ImageDraw.Draw(image)


@cache
def font(family: str, size: int) -> FreeTypeFont:
    """A font that matplotlib carries, so that it is the same everywhere.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    try:
        from matplotlib import font_manager
    except ImportError:
        raise MissingExtraError(
            "Slides cannot be drawn because matplotlib, whose fonts they use, is not installed.",
            remedy='Run: pip install "dataclaw-tailor[worlds]"',
        ) from None
    from PIL import ImageFont

    return ImageFont.truetype(str(font_manager.findfont(family)), size)


def fit_font(family: str, text: str, width: float, largest: int, smallest: int) -> FreeTypeFont:
    """The largest font in which a text is no wider than `width` [px]."""
    for size in range(largest, smallest, -1):
        if font(family, size).getlength(text) <= width:
            return font(family, size)
    return font(family, smallest)


def wrap_text(text: str, face: FreeTypeFont, width: float) -> list[str]:
    """A text in lines no wider than `width` [px]."""
    lines: list[str] = []
    for word in text.split():
        if lines and face.getlength(f"{lines[-1]} {word}") <= width:
            lines[-1] = f"{lines[-1]} {word}"
        else:
            lines.append(word)
    return lines


def _place(pen: Pen, look: SlideLook) -> tuple[int, int]:
    """Draw the faint shapes of a face; returns where the title begins [px]."""
    width, height = SIZE
    ground, text, _ = COLOURS[look.colours]
    faint = blend(ground, text, 0.055)
    if look.face == "banner":
        pen.rectangle((0, 0, width, 48), fill=faint)
        return 20, 12
    if look.face == "sidebar":
        pen.rectangle((0, 0, 20, height), fill=faint)
        return 36, 18
    if look.face == "card":
        pen.rectangle((8, 8, width - 8, height - 8), fill=faint)
        return 26, 20
    if look.face == "ruled":
        pen.line((20, 48, width - 20, 48), fill=faint, width=3)
        return 20, 14
    if look.face == "footer":
        pen.rectangle((0, height - 26, width, height), fill=faint)
        return 24, 16
    if look.face == "corner":
        pen.polygon(((width - 90, 0), (width, 0), (width, 90)), fill=faint)
        return 20, 30
    return (24, 16) if look.face == "left" else (30, 24)


def blend(ground: str, ink: str, share: float) -> str:
    """A colour between two."""
    pairs = ((int(ground[k : k + 2], 16), int(ink[k : k + 2], 16)) for k in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _figure(pen: Pen, page: Slide, at: tuple[int, int], ink: tuple[str, str]) -> None:
    rng = random.Random(page.seed)
    x, y = at
    if page.figure == "bars":
        heights = [rng.randrange(20, 90) for _ in range(4)]
        for k, height in enumerate(heights):
            pen.rectangle((x + k * 24, y + 95 - height, x + k * 24 + 16, y + 95), fill=ink[k % 2])
    elif page.figure == "circle":
        start = rng.randrange(0, 360)
        pen.pieslice((x, y, x + 96, y + 96), start, start + rng.randrange(60, 200), fill=ink[1])
        pen.ellipse((x, y, x + 96, y + 96), outline=ink[0], width=2)
    elif page.figure == "arrows":
        _arrows(pen, (x, y), ink, rng.randrange(2, 4))
    else:
        _photo(pen, (x, y), rng)


def _arrows(pen: Pen, at: tuple[int, int], ink: tuple[str, str], count: int) -> None:
    x, y = at
    for k in range(count):
        top = y + k * 40
        pen.rectangle((x + 20, top, x + 80, top + 22), outline=ink[1], width=2)
        if k + 1 < count:
            pen.line((x + 50, top + 22, x + 50, top + 40), fill=ink[0], width=2)


def _photo(pen: Pen, at: tuple[int, int], rng: random.Random) -> None:
    """A landscape with a sun, like a holiday picture."""
    x, y = at
    pen.rectangle((x - 10, y, x + 106, y + 96), fill=(120 + rng.randrange(60), 170, 220))
    peaks: Sequence[tuple[int, int]] = [(x - 10 + k * 29, y + rng.randrange(30, 80)) for k in range(5)]
    pen.polygon((*peaks, (x + 106, y + 96), (x - 10, y + 96)), fill=(60, 110 + rng.randrange(50), 70))
    pen.ellipse((x + 70, y + 8, x + 90, y + 28), fill=(250, 220, 90))
