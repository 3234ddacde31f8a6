"""Drawn pictures in which every part is known: things of simple shapes on a ground, with a line of text."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from dataclaw.worlds.base import SceneSpec
from dataclaw_worlds.words import words

WIDTH, HEIGHT = 480, 360
Colour: TypeAlias = tuple[int, int, int]
_WORDS = words("aigc/darkroom.toml")
COLOURS: dict[str, Colour] = {name: (r, g, b) for name, (r, g, b, _) in _WORDS["colours"].items()}
COLOUR_ZH: dict[str, str] = {name: zh for name, (*_, zh) in _WORDS["colours"].items()}
SHAPES = {name: shape for name, (_, shape) in _WORDS.table("things").items()}
"""The parts of each thing; `darkroom.toml` explains their notation."""
THING_ZH = {name: zh for name, (zh, _) in _WORDS.table("things").items()}
TEXTS = _WORDS.phrases("texts")
GROUNDS: Mapping[str, Sequence[tuple[float, Colour, Colour]]] = _WORDS["grounds"]


@dataclass(frozen=True, slots=True)
class DrawnThing:
    """A thing in the picture: its name, colour and box [px]."""

    name: str
    colour: str
    box: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class DrawnPicture:
    """The content of a picture.

    Attributes:
        ground: name of the ground.
        seed: seed of the ground's noise.
        things: the things on it.
        text: the line on its sign, "" for no sign.
        plate: the sign's box [px].
    """

    ground: str
    seed: int
    things: tuple[DrawnThing, ...]
    text: str = ""
    plate: tuple[int, int, int, int] = (0, 0, 0, 0)


def invent_picture(spec: SceneSpec) -> DrawnPicture:
    """Invent the picture of a spec."""
    rng = spec.rng("picture")
    names = spec.pool(sorted(SHAPES), "thing")
    ground = rng.choice(spec.pool(sorted(GROUNDS), "ground"))
    cells = [(column, row) for row in range(2) for column in range(3)]
    rng.shuffle(cells)
    count = min(2 + spec.difficulty // 2 + rng.randint(0, 1), 5)
    things = [_place(rng, name, cell) for name, cell in zip(rng.sample(names, count), cells, strict=False)]
    text, plate = "", (0, 0, 0, 0)
    if rng.random() < 0.6:
        column, row = cells[count]
        x, y = 10 + column * 160, 40 + row * 180 + rng.randint(0, 60)
        text, plate = rng.choice(spec.pool(TEXTS, "text")), (x, y, x + 144, y + 46)
    return DrawnPicture(ground, rng.randrange(1 << 30), tuple(things), text, plate)


def _place(rng: random.Random, name: str, cell: tuple[int, int]) -> DrawnThing:
    size = rng.randint(84, 124)
    x = 14 + cell[0] * 156 + rng.randint(0, 136 - size + 10)
    y = 20 + cell[1] * 170 + rng.randint(0, 150 - size + 10)
    return DrawnThing(name, rng.choice(sorted(COLOURS)), (x, y, x + size, y + size))


def draw_picture(picture: DrawnPicture) -> Image.Image:
    """Draw a picture, 480x360 RGB."""
    image = Image.fromarray(_ground(picture))
    for thing in picture.things:
        _draw(image, thing)
    if picture.text:
        draw = ImageDraw.Draw(image)
        draw.rectangle(picture.plate, fill=(250, 246, 230), outline=(60, 50, 40), width=3)
        font = ImageFont.load_default(22 if len(picture.text) < 9 else 17)
        box = draw.textbbox((0, 0), picture.text, font=font)
        x = (picture.plate[0] + picture.plate[2] - box[2]) / 2
        y = (picture.plate[1] + picture.plate[3] - box[3] - box[1]) / 2
        draw.text((x, y), picture.text, fill=(20, 20, 25), font=font)
    return image.filter(ImageFilter.GaussianBlur(0.6))


def _draw(image: Image.Image, thing: DrawnThing) -> None:
    draw = ImageDraw.Draw(image)
    x0, y0, x1, y1 = thing.box
    main = COLOURS[thing.colour]
    for number, part in enumerate(SHAPES[thing.name].split(";")):
        kind, *numbers = part.split()
        points = [
            (x0 + float(a) * (x1 - x0), y0 + float(b) * (y1 - y0))
            for a, b in zip(numbers[::2], numbers[1::2], strict=True)
        ]
        shade = _shade(main, 1.0 if kind != "d" else 0.35, number)
        if kind == "e":
            draw.ellipse(points, fill=shade)
        elif kind == "p" or len(points) > 2:
            draw.polygon(points, fill=shade)
        else:
            draw.rectangle(points, fill=shade)


def _shade(colour: Colour, light: float, number: int) -> Colour:
    scale = light * (1.0 - 0.08 * (number % 3))
    return (int(colour[0] * scale), int(colour[1] * scale), int(colour[2] * scale))


def _noise(picture: DrawnPicture, cells: int, strength: float) -> NDArray[np.float64]:
    """Soft noise, `(360, 480)`."""
    made = np.random.default_rng(picture.seed).normal(0.0, 255.0, (cells, cells * 4 // 3))
    image = Image.fromarray(np.clip(made / 4 + 128, 0, 255).astype(np.uint8)).resize(
        (WIDTH, HEIGHT), Image.Resampling.BICUBIC
    )
    return (np.asarray(image, dtype=np.float64) - 128.0) * strength / 64.0


def _paint(bands: Sequence[tuple[float, Colour, Colour]]) -> NDArray[np.float64]:
    """Bands from top to bottom: where each one ends (0..1), and the colours at its top and bottom."""
    made = np.zeros((HEIGHT, WIDTH, 3))
    start = 0
    for end, top, bottom in bands:
        last = round(end * HEIGHT)
        share = np.linspace(0.0, 1.0, max(1, last - start))[:, None, None]
        made[start:last] = np.array(top) * (1 - share) + np.array(bottom) * share
        start = last
    return made


def _ground(picture: DrawnPicture) -> NDArray[np.uint8]:
    made = _paint(GROUNDS[picture.ground]) + (_noise(picture, 9, 10.0) + _noise(picture, 60, 5.0))[:, :, None]
    return np.clip(made, 0, 255).astype(np.uint8)


def with_thing(picture: DrawnPicture, number: int, thing: DrawnThing | None) -> DrawnPicture:
    """The picture with one of its things replaced, or removed if `thing` is None."""
    things: Sequence[DrawnThing] = [
        *picture.things[:number],
        *([thing] if thing else []),
        *picture.things[number + 1 :],
    ]
    return replace(picture, things=tuple(things))
