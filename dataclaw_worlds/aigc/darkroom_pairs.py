"""Pictures before and after: what was edited, where, and what somebody had asked for."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image, ImageEnhance, ImageFilter

from dataclaw.types import Json
from dataclaw.worlds.base import SceneSpec
from dataclaw_worlds.aigc import darkroom_pictures as pictures
from dataclaw_worlds.aigc.darkroom_pictures import COLOUR_ZH, COLOURS, THING_ZH, Picture, Thing

Box = tuple[int, int, int, int]
VAGUE = (
    "make it better",
    "can you fix this picture?",
    "please improve",
    "do your magic",
    "edit as we discussed",
    "something is off here, change it",
    "the client did not like it",
    "needs a little love",
    "please touch it up",
    "把这张图改好看一点",
    "请按要求修改",
    "帮我修一下这张图",
)
LEADS = ("", "Please ", "Could you ", "I want you to ", "Now ", "Edit: ", "For the flyer, ", "Quick one: ")
KINDS = ("exact", "exact", "exact", "partial", "chinese", "vague", "wrong", "missing")


@dataclass(frozen=True, slots=True)
class Edit:
    """Something that was done.

    Attributes:
        kind: "recolour", "remove", "add", "swap", "text", "blur", or of all of it "brighter", "darker", "warmer",
            "cooler", "grey", "contrast", "vivid".
        box: where [px], None for the whole picture.
        thing: name of the thing, "" for none.
        old: colour or text before, "" for none.
        new: colour, text or thing after, "" for none.
    """

    kind: str
    box: Box | None
    thing: str = ""
    old: str = ""
    new: str = ""


TONES = {
    "brighter": ("make the whole picture brighter", "把整张图调亮"),
    "darker": ("make the whole picture darker", "把整张图调暗"),
    "warmer": ("give the whole picture a warmer tone", "让整张图色调变暖"),
    "cooler": ("give the whole picture a cooler tone", "让整张图色调变冷"),
    "grey": ("turn the whole picture black and white", "把整张图变成黑白"),
    "contrast": ("raise the contrast of the whole picture", "提高整张图的对比度"),
    "vivid": ("make the colours of the whole picture stronger", "让整张图的颜色更鲜艳"),
}


def _a(noun: str) -> str:
    return f"{'an' if noun[:1] in tuple('aeiou') else 'a'} {noun}"


def order(edit: Edit) -> str:
    """The edit as an order in English."""
    if edit.kind in TONES:
        return TONES[edit.kind][0]
    return {
        "recolour": f"turn the {edit.old} {edit.thing} {edit.new}",
        "remove": f"remove the {edit.old} {edit.thing}",
        "add": f"add {_a(edit.new)} {edit.thing}",
        "swap": f"replace the {edit.old} {edit.thing} by {_a(edit.new)}",
        "text": f'change the text on the sign from "{edit.old}" to "{edit.new}"',
        "blur": f"blur the {edit.old} {edit.thing}",
    }[edit.kind]


def order_zh(edit: Edit) -> str:
    """The edit as an order in Chinese."""
    if edit.kind in TONES:
        return TONES[edit.kind][1]
    thing, old, new = THING_ZH.get(edit.thing, ""), COLOUR_ZH.get(edit.old, ""), COLOUR_ZH.get(edit.new, "")
    return {
        "recolour": f"把{old}的{thing}改成{new}",
        "remove": f"去掉{old}的{thing}",
        "add": f"加一个{new}的{thing}",
        "swap": f"把{old}的{thing}换成{THING_ZH.get(edit.new, '')}",
        "text": f'把牌子上的文字从"{edit.old}"改成"{edit.new}"',
        "blur": f"把{old}的{thing}模糊掉",
    }[edit.kind]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two pictures, what was done, what was asked for and how.

    Attributes:
        edits: what was done: local edits first, then the tone.
        words: the instruction, "" for none.
        kind: how it was said: "exact", "partial", "chinese", "vague", "wrong", "missing".
        sources: what it is made of.
    """

    edits: Sequence[Edit]
    words: str
    kind: str
    sources: dict[str, list[str]]


def invented(spec: SceneSpec, folder: Path) -> Pair:
    """Write the pair of a lot into a folder."""
    rng = spec.rng("pair")
    before, after, edits = _edited(spec, pictures.invented(spec), rng)
    image = pictures.drawn(after)
    for edit in edits:
        if edit.kind == "blur" and edit.box:
            image.paste(image.crop(edit.box).filter(ImageFilter.GaussianBlur(9)), edit.box[:2])
    tone = next((e.kind for e in edits if e.kind in TONES), "")
    folder.mkdir()
    pictures.drawn(before).save(folder / "before.png")
    _toned(image, tone).save(folder / "after.png")
    kind = rng.choice(KINDS)
    words = _words(kind, edits, rng)
    if words:
        (folder / "instruction.txt").write_text(words + "\n", encoding="utf-8")
    used = {*(t.name for t in before.things), *(t.name for t in after.things)}
    sources = {"thing": sorted(used), "ground": [before.ground], "text": sorted({before.text, after.text} - {""})}
    return Pair(edits, words, kind, sources)


def _edited(spec: SceneSpec, picture: Picture, rng: random.Random) -> tuple[Picture, Picture, list[Edit]]:
    """Before, after, and one to three local edits of different things, and perhaps a change of tone."""
    edits: list[Edit] = []
    before = picture
    free = list(picture.things)
    for _ in range(rng.randint(1, 1 + (spec.difficulty + 1) // 2)):
        kind = rng.choice(("recolour", "recolour", "remove", "swap", "text", "blur", "add"))
        if kind == "text":
            if picture.text and not any(e.kind == "text" for e in edits):
                new = rng.choice([t for t in spec.pool(pictures.TEXTS, "text") if t != picture.text])
                edits.append(Edit("text", picture.plate, "sign", picture.text, new))
                picture = replace(picture, text=new)
        elif free:
            thing = free.pop(rng.randrange(len(free)))
            if kind == "add":
                before = pictures.with_thing(before, before.things.index(thing), None)
                edits.append(Edit("add", thing.box, thing.name, "", thing.colour))
            else:
                picture, edit = _changed(spec, picture, thing, kind, rng)
                edits.append(edit)
    if not edits or rng.random() < 0.35:
        edits.append(Edit(rng.choice(sorted(TONES)), None))
    return before, picture, edits


def _changed(spec: SceneSpec, picture: Picture, thing: Thing, kind: str, rng: random.Random) -> tuple[Picture, Edit]:
    at = picture.things.index(thing)
    if kind == "recolour":
        new = rng.choice([c for c in sorted(COLOURS) if c != thing.colour and {c, thing.colour} != {"brown", "black"}])
        return pictures.with_thing(picture, at, replace(thing, colour=new)), Edit(
            kind, thing.box, thing.name, thing.colour, new
        )
    if kind == "swap":
        other = rng.choice([n for n in spec.pool(sorted(pictures.SHAPES), "thing") if n != thing.name])
        return pictures.with_thing(picture, at, replace(thing, name=other)), Edit(
            kind, thing.box, thing.name, thing.colour, other
        )
    if kind == "blur":
        return picture, Edit("blur", thing.box, thing.name, thing.colour)
    return pictures.with_thing(picture, at, None), Edit("remove", thing.box, thing.name, thing.colour)


def _toned(image: Image.Image, tone: str) -> Image.Image:
    """The picture with another tone."""
    if tone in ("brighter", "darker"):
        return ImageEnhance.Brightness(image).enhance(1.3 if tone == "brighter" else 0.68)
    if tone == "contrast":
        return ImageEnhance.Contrast(image).enhance(1.5)
    if tone in ("vivid", "grey"):
        return ImageEnhance.Color(image).enhance(1.8 if tone == "vivid" else 0.0)
    if tone in ("warmer", "cooler"):
        red, blue = (1.16, 0.8) if tone == "warmer" else (0.82, 1.16)
        bands = image.split()
        scaled = [
            band.point([min(255, round(v * k)) for v in range(256)])
            for band, k in zip(bands, (red, 1.0, blue), strict=True)
        ]
        return Image.merge("RGB", scaled)
    return image


def _words(kind: str, edits: Sequence[Edit], rng: random.Random) -> str:
    if kind == "missing":
        return ""
    if kind == "vague":
        return rng.choice(VAGUE)
    if kind == "chinese":
        return ",".join(map(order_zh, edits)) + "。"
    told = list(edits)
    if kind == "partial" and len(told) > 1:
        told.pop(rng.randrange(len(told)))
    if kind == "wrong":
        told = [_wrong(told[0], rng), *told[1:]]
    lead = rng.choice(LEADS)
    text = " and ".join(map(order, told))
    return f"{lead}{text}{'?' if lead.startswith('Could') else '.'}" if lead else f"{text[0].upper()}{text[1:]}."


def _wrong(edit: Edit, rng: random.Random) -> Edit:
    """What somebody might have asked for instead, and did not get."""
    opposite = {"brighter": "darker", "darker": "brighter", "warmer": "cooler", "cooler": "warmer"}
    if edit.kind in TONES:
        return replace(edit, kind=opposite.get(edit.kind, "brighter"))
    if edit.kind == "recolour":
        return replace(edit, new=rng.choice([c for c in sorted(COLOURS) if c not in (edit.old, edit.new)]))
    return replace(edit, kind="recolour", old=edit.old or "white", new=rng.choice(sorted(COLOURS)))


def facts(pair: Pair) -> dict[str, Json]:
    """The truth as plain JSON."""
    edits = [
        {
            "kind": e.kind,
            "box": list(e.box) if e.box else None,
            "thing": e.thing,
            "old": e.old,
            "new": e.new,
            "en": order(e),
            "zh": order_zh(e),
        }
        for e in pair.edits
    ]
    return {"form": "pair", "edits": edits, "words": pair.words, "said": pair.kind}
