"""Pictures of a board: lines one below the other, wrong ones wiped off, a figure beside them; in several hands."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from dataclaw_worlds.education.blackboard import BoardMark
from dataclaw_worlds.education.slides import canvas, fit_font, font

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

SIZE = (400, 240)
HANDS = ("DejaVu Sans", "DejaVu Serif", "STIXGeneral", "DejaVu Sans Mono", "DejaVu Sans:italic", "DejaVu Serif:bold")
GROUNDS = {
    "green": ("#1e3f2e", "#f2f2ea", "#ffe08a"),
    "black": ("#17181a", "#f5f5f5", "#9ad0ff"),
    "blue": ("#1b2d4a", "#f0f4fa", "#ffd27a"),
    "white": ("#fdfdfd", "#1a1a1a", "#b01e1e"),
    "marker": ("#f8f9fb", "#14338a", "#107a3a"),
    "paper": ("#f6efdf", "#2a2118", "#8a2c12"),
    "grey": ("#e6e8ea", "#20242a", "#7a1fa2"),
    "brown": ("#33261d", "#f6ecdd", "#a8e0a0"),
}
"""Colours of the ground, the chalk and the figures."""
PLACES = ("left", "indented", "wide", "narrow")
"""How lines are placed."""
Shot: TypeAlias = "tuple[float, Image]"


@dataclass(frozen=True, slots=True)
class Hand:
    """The look of a board.

    Attributes:
        ground: key of `GROUNDS`.
        place: one of `PLACES`.
        family: one of `HANDS`.
    """

    ground: str
    place: str
    family: str

    @property
    def name(self) -> str:
        """Its name among the sources."""
        return f"{self.ground} {self.place} {self.family}"


def hands() -> list[str]:
    """Names of all hands."""
    return [f"{ground} {place} {family}" for ground in GROUNDS for place in PLACES for family in HANDS]


def hand_of(name: str) -> Hand:
    """The hand of a name."""
    ground, place, family = name.split(" ", 2)
    return Hand(ground, place, family)


def shots_of(timed: Sequence[tuple[float, BoardMark]], hand: Hand, figures: Sequence[str], seed: int) -> list[Shot]:
    """The pictures of a board, each with its start [s]; a line appears in two strokes.

    Args:
        timed: `(time [s], mark)` in order of time.
        hand: how it is written.
        figures: the figure of each problem.
        seed: of the unevenness of the lines.
    """
    rng = random.Random(seed)
    shots: list[Shot] = [(0.0, _picture([], hand, "", "", set()))]
    lines: list[tuple[str, int]] = []
    figure, note = "", ""
    boxed: set[int] = set()
    for time, mark in timed:
        if mark.deed == "wipe":
            lines, figure, note = [], "", ""
            boxed.clear()
        elif mark.deed == "erase":
            lines.pop()
        elif mark.deed == "box":
            boxed.add(len(lines) - 1)
        elif mark.deed == "note":
            note = mark.text
        else:
            half = mark.text[: max(1, len(mark.text) // 2)]
            offset = rng.randrange(-2, 3)
            shots.append((time - 0.5, _picture([*lines, (half, offset)], hand, figure, note, boxed)))
            lines.append((mark.text, offset))
            figure = figures[mark.problem] if mark.step == -1 else figure
        shots.append((time, _picture(lines, hand, figure, note, boxed)))
    return shots


def _picture(lines: Sequence[tuple[str, int]], hand: Hand, figure: str, note: str, boxed: set[int]) -> Image:
    ground, chalk, colour = GROUNDS[hand.ground]
    image, pen = canvas(ground, SIZE)
    height = {"wide": 33, "narrow": 27}.get(hand.place, 30)
    left = {"indented": 40, "wide": 26}.get(hand.place, 18)
    room = SIZE[0] - left - (120 if figure else 16)
    family, _, style = hand.family.partition(":")
    for k, (text, offset) in enumerate(lines):
        face = fit_font(_font_name(family, style), text, room, 19, 13)
        x, y = left + (0 if k == 0 or hand.place != "indented" else 14) + offset, 10 + k * height
        pen.text((x, y), text, font=face, fill=chalk)
        if k in boxed:
            pen.rectangle((x - 5, y - 3, x + face.getlength(text) + 5, y + 24), outline=colour, width=2)
    if figure:
        _figure(pen, figure, (chalk, colour))
    if note:
        pen.text((SIZE[0] - 108, SIZE[1] - 24), note, font=font(_font_name(family, style), 14), fill=colour)
    return image


def _font_name(family: str, style: str) -> str:
    return f"{family}:{style}" if style else family


def _figure(pen: ImageDraw, figure: str, ink: tuple[str, str]) -> None:
    sort, *numbers = figure.split()
    a, b = (float(number) for number in numbers)
    draw = {"triangle": _triangle, "plot": _plot}[sort]
    draw(pen, (a, b), ink)


def _triangle(pen: ImageDraw, angles: tuple[float, float], ink: tuple[str, str]) -> None:
    """A triangle with the given angles at its base [degrees]."""
    chalk, colour = ink
    a, b = (math.radians(angle) for angle in angles)
    width = 84.0
    height = width * math.sin(a) * math.sin(b) / math.sin(a + b)
    top = width * math.sin(b) * math.cos(a) / math.sin(a + b)
    scale = min(1.0, 92.0 / height)
    x, y = 296.0, 152.0
    corners = [(x, y), (x + width * scale, y), (x + top * scale, y - height * scale)]
    pen.polygon(corners, outline=colour, width=2)
    for name, (cx, cy), dx, dy in zip("ABC", corners, (-14, 4, -4), (0, 0, -18), strict=True):
        pen.text((cx + dx, cy + dy), name, font=font("DejaVu Sans", 13), fill=chalk)


def _plot(pen: ImageDraw, roots: tuple[float, float], ink: tuple[str, str]) -> None:
    """A parabola with its two roots, and axes through zero."""
    chalk, colour = ink
    low, high = min(roots[0], 0.0) - 1.0, max(roots[1], 0.0) + 1.0
    left, width, axis = 288.0, 102.0, 110.0

    def across(x: float) -> float:
        return left + (x - low) / (high - low) * width

    deep = ((roots[1] - roots[0]) / 2) ** 2
    steps = [low + (high - low) * k / 48 for k in range(49)]
    points = [(across(x), axis - (x - roots[0]) * (x - roots[1]) / deep * 46.0) for x in steps]
    pen.line((left, axis, left + width, axis), fill=chalk, width=1)
    pen.line((across(0.0), 56, across(0.0), 172), fill=chalk, width=1)
    pen.line([(x, y) for x, y in points if 56.0 <= y <= 172.0], fill=colour, width=2)
