"""Drawn pictures whose every part is known: things of simple shapes on grounds, with a line of text."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from dataclaw.worlds.base import SceneSpec

WIDTH, HEIGHT = 480, 360
Colour: TypeAlias = tuple[int, int, int]
COLOURS: dict[str, Colour] = {
    "red": (205, 40, 40), "green": (45, 140, 60), "blue": (40, 80, 200), "yellow": (235, 205, 50),
    "orange": (235, 130, 30), "purple": (130, 60, 165), "pink": (240, 140, 180), "white": (240, 240, 240),
    "black": (28, 28, 30), "brown": (120, 75, 40),
}  # fmt: skip
_ZH = "红色 绿色 蓝色 黄色 橙色 紫色 粉色 白色 黑色 棕色"
COLOUR_ZH = dict(zip(COLOURS, _ZH.split(), strict=True))
_THINGS = """
boat|船|p .0 .6 1 .6 .8 1 .2 1;r .46 .1 .52 .6;p .54 .1 .54 .55 .9 .55
house|房子|r .1 .45 .9 1;p .0 .45 .5 .05 1 .45;d .4 .65 .6 1
lighthouse|灯塔|p .35 .2 .65 .2 .75 1 .25 1;r .32 .08 .68 .2;d .4 .5 .6 .62
balloon|气球|e .1 .0 .9 .75;p .4 .72 .6 .72 .5 .82;r .48 .8 .52 1
car|汽车|r .0 .45 1 .8;p .2 .45 .35 .15 .7 .15 .85 .45;d .12 .68 .34 .98;d .66 .68 .88 .98
mug|杯子|r .1 .2 .7 1;e .6 .35 .98 .8;r .1 .2 .7 1
bottle|瓶子|r .3 .35 .7 1;r .42 .0 .58 .4
apple|苹果|e .05 .2 .95 1;d .47 .02 .53 .28
vase|花瓶|p .3 .0 .7 .0 .6 .25 .95 .7 .7 1 .3 1 .05 .7 .4 .25
tent|帐篷|p .0 1 .5 .05 1 1;p .4 1 .5 .45 .6 1;d .42 1 .5 .5 .58 1
kite|风筝|p .5 .0 .95 .4 .5 .95 .05 .4;r .47 .9 .53 1
umbrella|雨伞|p .0 .5 .15 .15 .5 .0 .85 .15 1 .5;r .47 .5 .53 .98
flag|旗子|r .05 .0 .13 1;p .13 .05 .98 .1 .85 .3 .98 .5 .13 .55
lamp|台灯|p .25 .0 .75 .0 1 .45 .0 .45;r .46 .45 .54 .9;r .25 .9 .75 1
bus|公交车|r .0 .1 1 .8;d .1 .65 .3 .95;d .7 .65 .9 .95;r .05 .1 .95 .2
mushroom|蘑菇|p .0 .5 .2 .12 .5 .0 .8 .12 1 .5;r .36 .5 .64 1
fish|鱼|e .0 .2 .75 .85;p .68 .5 1 .15 1 .9;d .12 .42 .2 .52
star|星星|p .5 .0 .62 .36 1 .38 .69 .6 .81 .97 .5 .75 .19 .97 .31 .6 .0 .38 .38 .36
crown|王冠|p .0 .2 .25 .55 .5 .05 .75 .55 1 .2 .9 1 .1 1
book|书|p .0 .15 .48 .05 .48 .95 .0 .85;p .52 .05 1 .15 1 .85 .52 .95
chair|椅子|r .1 .0 .25 1;r .1 .5 .9 .65;r .75 .5 .9 1
hat|帽子|r .25 .1 .75 .7;r .0 .7 1 .9
bell|铃铛|p .35 .1 .65 .1 .85 .75 1 .85 .0 .85 .15 .75;e .4 .8 .6 1
key|钥匙|e .0 .25 .42 .75;r .4 .43 1 .57;r .75 .5 .83 .8;r .9 .5 .98 .75
shirt|衬衫|p .25 .05 .75 .05 1 .3 .85 .45 .75 .35 .75 1 .25 1 .25 .35 .15 .45 .0 .3
guitar|吉他|e .0 .45 .5 1;e .15 .3 .55 .7;p .4 .5 .95 .0 1 .06 .5 .6
rocket|火箭|p .3 .3 .5 .0 .7 .3 .7 .8 .3 .8;p .3 .6 .1 .95 .3 .85;p .7 .6 .9 .95 .7 .85;d .42 .35 .58 .5
cactus|仙人掌|r .4 .0 .6 1;r .1 .3 .25 .65;r .1 .52 .5 .65;r .75 .2 .9 .55;r .5 .42 .9 .55
heart|心形|e .0 .0 .55 .6;e .45 .0 1 .6;p .05 .4 .95 .4 .5 1
cube|方块|p .5 .0 1 .25 .5 .5 .0 .25;p .0 .25 .5 .5 .5 1 .0 .75;p .5 .5 1 .25 1 .75 .5 1
gift box|礼盒|r .0 .3 1 1;r .0 .2 1 .35;d .44 .2 .56 1
clock|时钟|e .0 .0 1 1;d .48 .2 .53 .52;d .5 .47 .8 .53
mailbox|邮箱|r .1 .0 .9 .5;r .44 .5 .56 1;d .2 .15 .8 .2
pear|梨|e .2 .0 .75 .6;e .05 .35 .95 1;d .46 .0 .52 .1
"""
SHAPES = {row.split("|")[0]: row.split("|")[2] for row in _THINGS.strip().splitlines()}
THING_ZH = {row.split("|")[0]: row.split("|")[1] for row in _THINGS.strip().splitlines()}
TEXTS = tuple(
    """
OPEN DAILY;FRESH BREAD;EXIT ONLY;NO PARKING;GRAND SALE;COFFEE 2 GO;PLATFORM 9;CITY MARKET;WET PAINT;SPRING FAIR;
LIBRARY;SOLD OUT;TICKETS HERE;JAZZ NIGHT;BUS STOP;MUSEUM;KEEP LEFT;HAPPY HOUR;NEW MENU;ROOM 204;BOOK CLUB;FARM EGGS;
LOST CAT;YOGA CLASS;ICE CREAM;CLOSED;BAKERY;WELCOME;SUMMER 24;TOY SHOP;MIND THE STEP;FREE ENTRY;REPAIRS;TEA ROOM;
PHARMACY;LAST CHANCE;QUIET ZONE;GARDEN TOUR;NIGHT SHIFT;OLD TOWN
""".replace("\n", "")
    .strip(";")
    .split(";")
)


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing in the picture: its name, colour and box [px]; `angle` in degrees."""

    name: str
    colour: str
    box: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Picture:
    """What is drawn.

    Attributes:
        ground: name of the ground.
        seed: what the ground is drawn from.
        things: things on it.
        text: a line on a plate, "" for none.
        plate: the plate's box [px].
    """

    ground: str
    seed: int
    things: tuple[Thing, ...]
    text: str = ""
    plate: tuple[int, int, int, int] = (0, 0, 0, 0)


def invented(spec: SceneSpec) -> Picture:
    """The picture of a lot."""
    rng = spec.rng("picture")
    names = spec.pool(sorted(SHAPES), "thing")
    ground = rng.choice(spec.pool(sorted(GROUNDS), "ground"))
    cells = [(column, row) for row in range(2) for column in range(3)]
    rng.shuffle(cells)
    count = min(2 + spec.difficulty // 2 + rng.randint(0, 1), 5)
    things = [_placed(rng, name, cell) for name, cell in zip(rng.sample(names, count), cells, strict=False)]
    text, plate = "", (0, 0, 0, 0)
    if rng.random() < 0.6:
        column, row = cells[count]
        x, y = 10 + column * 160, 40 + row * 180 + rng.randint(0, 60)
        text, plate = rng.choice(spec.pool(TEXTS, "text")), (x, y, x + 144, y + 46)
    return Picture(ground, rng.randrange(1 << 30), tuple(things), text, plate)


def _placed(rng: random.Random, name: str, cell: tuple[int, int]) -> Thing:
    size = rng.randint(84, 124)
    x = 14 + cell[0] * 156 + rng.randint(0, 136 - size + 10)
    y = 20 + cell[1] * 170 + rng.randint(0, 150 - size + 10)
    return Thing(name, rng.choice(sorted(COLOURS)), (x, y, x + size, y + size))


def drawn(picture: Picture) -> Image.Image:
    """The picture as pixels, 480x360 RGB."""
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


def _draw(image: Image.Image, thing: Thing) -> None:
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


def _noise(picture: Picture, cells: int, strength: float) -> NDArray[np.float64]:
    """Soft clouds of noise `(360, 480)`."""
    made = np.random.default_rng(picture.seed).normal(0.0, 255.0, (cells, cells * 4 // 3))
    image = Image.fromarray(np.clip(made / 4 + 128, 0, 255).astype(np.uint8)).resize(
        (WIDTH, HEIGHT), Image.Resampling.BICUBIC
    )
    return (np.asarray(image, dtype=np.float64) - 128.0) * strength / 64.0


def _bands(*bands: tuple[float, Colour, Colour]) -> Callable[[], NDArray[np.float64]]:
    """Bands from top to bottom, each fading from one colour to another; the number is where it ends."""

    def paint() -> NDArray[np.float64]:
        made = np.zeros((HEIGHT, WIDTH, 3))
        start = 0
        for end, top, bottom in bands:
            last = round(end * HEIGHT)
            share = np.linspace(0.0, 1.0, max(1, last - start))[:, None, None]
            made[start:last] = np.array(top) * (1 - share) + np.array(bottom) * share
            start = last
        return made

    return paint


GROUNDS: dict[str, Callable[[], NDArray[np.float64]]] = {
    "sea": _bands((0.5, (150, 190, 230), (215, 225, 235)), (1.0, (50, 110, 150), (25, 70, 110))),
    "meadow": _bands((0.45, (120, 180, 240), (210, 230, 245)), (1.0, (110, 165, 80), (70, 120, 50))),
    "desert": _bands((0.5, (240, 190, 130), (250, 225, 180)), (1.0, (215, 170, 110), (180, 130, 80))),
    "night": _bands((0.7, (12, 16, 45), (45, 45, 95)), (1.0, (25, 30, 40), (15, 18, 25))),
    "snow": _bands((0.4, (170, 185, 205), (215, 225, 235)), (1.0, (235, 240, 245), (210, 220, 232))),
    "room": _bands((0.65, (200, 190, 165), (185, 172, 150)), (1.0, (130, 95, 65), (105, 75, 50))),
    "street": _bands((0.55, (160, 165, 172), (145, 148, 152)), (1.0, (90, 92, 96), (70, 72, 76))),
    "sunset": _bands((0.6, (90, 60, 120), (245, 150, 90)), (1.0, (60, 45, 60), (35, 28, 40))),
    "studio": _bands((1.0, (225, 225, 228), (190, 190, 196))),
    "wall": _bands((1.0, (165, 120, 100), (150, 105, 88))),
    "table": _bands((0.3, (90, 105, 120), (80, 92, 108)), (1.0, (170, 125, 80), (140, 100, 60))),
    "shelf": _bands(
        (0.48, (205, 200, 190), (190, 184, 174)),
        (0.53, (110, 80, 55), (90, 64, 44)),
        (1.0, (205, 200, 190), (180, 174, 164)),
    ),
    "lawn": _bands((1.0, (95, 150, 70), (65, 115, 48))),
    "fog": _bands((1.0, (185, 190, 192), (150, 156, 160))),
    "blackboard": _bands((0.9, (38, 62, 52), (30, 52, 44)), (1.0, (110, 80, 50), (95, 66, 40))),
    "carpet": _bands((1.0, (120, 50, 60), (95, 38, 48))),
    "lake": _bands(
        (0.4, (190, 205, 215), (220, 226, 228)),
        (0.5, (80, 105, 85), (60, 85, 70)),
        (1.0, (95, 135, 150), (60, 95, 115)),
    ),
    "concrete": _bands((1.0, (150, 150, 146), (125, 125, 122))),
    "cardboard": _bands((1.0, (190, 155, 110), (170, 135, 92))),
    "dawn": _bands((0.65, (160, 175, 215), (250, 205, 190)), (1.0, (85, 100, 90), (60, 75, 65))),
}


def _ground(picture: Picture) -> NDArray[np.uint8]:
    made = GROUNDS[picture.ground]() + (_noise(picture, 9, 10.0) + _noise(picture, 60, 5.0))[:, :, None]
    return np.clip(made, 0, 255).astype(np.uint8)


def with_thing(picture: Picture, number: int, thing: Thing | None) -> Picture:
    """The picture with one of its things replaced, or without it."""
    things: Sequence[Thing] = [
        *picture.things[:number],
        *([thing] if thing else []),
        *picture.things[number + 1 :],
    ]
    return replace(picture, things=tuple(things))
