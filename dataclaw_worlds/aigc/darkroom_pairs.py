"""Pictures before and after an edit: what was changed, where, and by which instruction."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image, ImageEnhance, ImageFilter

from dataclaw.types import Json
from dataclaw.worlds.base import SceneSpec
from dataclaw_worlds.aigc import darkroom_pictures as pictures
from dataclaw_worlds.aigc.darkroom_pictures import COLOUR_ZH, COLOURS, THING_ZH, DrawnPicture, DrawnThing
from dataclaw_worlds.words import words

Box = tuple[int, int, int, int]
_WORDS = words("aigc/darkroom.toml")
TONES = _WORDS.table("tones")
"""Changes of the whole picture as orders, in English and Chinese."""
KINDS = ("exact", "exact", "exact", "partial", "chinese", "vague", "wrong", "missing")


@dataclass(frozen=True, slots=True)
class PictureEdit:
    """A change between the two pictures.

    Attributes:
        kind: "recolour", "remove", "add", "swap", "text", "blur"; for the whole picture "brighter", "darker",
            "warmer", "cooler", "grey", "contrast", "vivid".
        box: its place [px], None for the whole picture.
        thing: name of the thing, "" for none.
        old: colour or text before, "" for none.
        new: colour, text or thing after, "" for none.
    """

    kind: str
    box: Box | None
    thing: str = ""
    old: str = ""
    new: str = ""


def _a(noun: str) -> str:
    return f"{'an' if noun[:1] in tuple('aeiou') else 'a'} {noun}"


def order(edit: PictureEdit) -> str:
    """The edit as an order in English."""
    if edit.kind in TONES:
        return TONES[edit.kind][0]
    template = _WORDS["orders"].text(edit.kind)
    return template.format(thing=edit.thing, old=edit.old, new=edit.new, a_new=_a(edit.new))


def order_zh(edit: PictureEdit) -> str:
    """The edit as an order in Chinese."""
    if edit.kind in TONES:
        return TONES[edit.kind][1]
    template = _WORDS["orders_zh"].text(edit.kind)
    return template.format(
        thing=THING_ZH.get(edit.thing, ""),
        old=COLOUR_ZH.get(edit.old, ""),
        new=COLOUR_ZH.get(edit.new, ""),
        new_thing=THING_ZH.get(edit.new, ""),
        old_text=edit.old,
        new_text=edit.new,
    )


@dataclass(frozen=True, slots=True)
class PicturePair:
    """What was done between two pictures, and the instruction for it.

    Attributes:
        edits: the edits: local ones first, then the tone.
        instruction: the instruction, "" for none.
        kind: how the instruction fits: "exact", "partial", "chinese", "vague", "wrong", "missing".
        sources: the names it was made from, by kind.
    """

    edits: Sequence[PictureEdit]
    instruction: str
    kind: str
    sources: dict[str, list[str]]


def invent_pair(spec: SceneSpec, folder: Path) -> PicturePair:
    """Invent the pair of a spec and write it into a new folder."""
    rng = spec.rng("pair")
    before, after, edits = _make_edits(spec, pictures.invent_picture(spec), rng)
    image = pictures.draw_picture(after)
    for edit in edits:
        if edit.kind == "blur" and edit.box:
            image.paste(image.crop(edit.box).filter(ImageFilter.GaussianBlur(9)), edit.box[:2])
    tone = next((e.kind for e in edits if e.kind in TONES), "")
    folder.mkdir()
    pictures.draw_picture(before).save(folder / "before.png")
    _change_tone(image, tone).save(folder / "after.png")
    kind = rng.choice(KINDS)
    instruction = _instruction(kind, edits, rng)
    if instruction:
        (folder / "instruction.txt").write_text(instruction + "\n", encoding="utf-8")
    used = {*(t.name for t in before.things), *(t.name for t in after.things)}
    sources = {"thing": sorted(used), "ground": [before.ground], "text": sorted({before.text, after.text} - {""})}
    return PicturePair(edits, instruction, kind, sources)


def _make_edits(
    spec: SceneSpec, picture: DrawnPicture, rng: random.Random
) -> tuple[DrawnPicture, DrawnPicture, list[PictureEdit]]:
    """Before, after, and the edits: some local ones of different things, and perhaps a change of tone."""
    edits: list[PictureEdit] = []
    before = picture
    free = list(picture.things)
    for _ in range(rng.randint(1, 1 + (spec.difficulty + 1) // 2)):
        kind = rng.choice(("recolour", "recolour", "remove", "swap", "text", "blur", "add"))
        if kind == "text":
            if picture.text and not any(e.kind == "text" for e in edits):
                new = rng.choice([t for t in spec.pool(pictures.TEXTS, "text") if t != picture.text])
                edits.append(PictureEdit("text", picture.plate, "sign", picture.text, new))
                picture = replace(picture, text=new)
        elif free:
            thing = free.pop(rng.randrange(len(free)))
            if kind == "add":
                before = pictures.with_thing(before, before.things.index(thing), None)
                edits.append(PictureEdit("add", thing.box, thing.name, "", thing.colour))
            else:
                picture, edit = _change_thing(spec, picture, thing, kind, rng)
                edits.append(edit)
    if not edits or rng.random() < 0.35:
        edits.append(PictureEdit(rng.choice(sorted(TONES)), None))
    return before, picture, edits


def _change_thing(
    spec: SceneSpec, picture: DrawnPicture, thing: DrawnThing, kind: str, rng: random.Random
) -> tuple[DrawnPicture, PictureEdit]:
    at = picture.things.index(thing)
    if kind == "recolour":
        new = rng.choice([c for c in sorted(COLOURS) if c != thing.colour and {c, thing.colour} != {"brown", "black"}])
        return pictures.with_thing(picture, at, replace(thing, colour=new)), PictureEdit(
            kind, thing.box, thing.name, thing.colour, new
        )
    if kind == "swap":
        other = rng.choice([n for n in spec.pool(sorted(pictures.SHAPES), "thing") if n != thing.name])
        return pictures.with_thing(picture, at, replace(thing, name=other)), PictureEdit(
            kind, thing.box, thing.name, thing.colour, other
        )
    if kind == "blur":
        return picture, PictureEdit("blur", thing.box, thing.name, thing.colour)
    return pictures.with_thing(picture, at, None), PictureEdit("remove", thing.box, thing.name, thing.colour)


def _change_tone(image: Image.Image, tone: str) -> Image.Image:
    """The picture with its tone changed."""
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


def _instruction(kind: str, edits: Sequence[PictureEdit], rng: random.Random) -> str:
    if kind == "missing":
        return ""
    if kind == "vague":
        return rng.choice(_WORDS.phrases("vague"))
    if kind == "chinese":
        return ",".join(map(order_zh, edits)) + "。"
    named = list(edits)
    if kind == "partial" and len(named) > 1:
        named.pop(rng.randrange(len(named)))
    if kind == "wrong":
        named = [_wrong(named[0], rng), *named[1:]]
    lead = rng.choice(_WORDS.phrases("leads"))
    text = " and ".join(map(order, named))
    return f"{lead}{text}{'?' if lead.startswith('Could') else '.'}" if lead else f"{text[0].upper()}{text[1:]}."


def _wrong(edit: PictureEdit, rng: random.Random) -> PictureEdit:
    """An edit that an instruction might name instead of the one that was made."""
    opposite = {"brighter": "darker", "darker": "brighter", "warmer": "cooler", "cooler": "warmer"}
    if edit.kind in TONES:
        return replace(edit, kind=opposite.get(edit.kind, "brighter"))
    if edit.kind == "recolour":
        return replace(edit, new=rng.choice([c for c in sorted(COLOURS) if c not in (edit.old, edit.new)]))
    return replace(edit, kind="recolour", old=edit.old or "white", new=rng.choice(sorted(COLOURS)))


def facts(pair: PicturePair) -> dict[str, Json]:
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
    return {"form": "pair", "edits": edits, "words": pair.instruction, "said": pair.kind}
