"""Changes between two pictures in words: by the names that an instruction gives, otherwise by place and colour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dataclaw.domains.aigc.wording import capital, place, quote
from dataclaw.planning import said
from dataclaw.types import Anchor, Json
from dataclaw.worlds.base import ExpertBrief
from dataclaw_worlds.aigc import darkroom_phrases as phrases
from dataclaw_worlds.aigc.darkroom_pictures import COLOUR_ZH, HEIGHT, THING_ZH, WIDTH
from dataclaw_worlds.aigc.frames import phrase

Fact = Mapping[str, Json]
SIZE = (WIDTH, HEIGHT)
MARGIN = 12.0
"""How far around the changed letters of a sign its text is read [px]."""
PLACES_ZH = {
    "in the upper left": "左上方",
    "in the upper right": "右上方",
    "in the lower left": "左下方",
    "in the lower right": "右下方",
    "on the left": "左边",
    "on the right": "右边",
    "in the upper part": "上方",
    "in the lower part": "下方",
    "in the middle": "中间",
    "over most of the picture": "画面大部分",
    "somewhere in the picture": "画面里",
}
TONES_ZH = {"gray": "灰色", "light gray": "浅灰色", "dark gray": "深灰色", "beige": "米色", "cyan": "青色"}
MEASURES = (
    ("brightness", 0.02, ("brighter", "darker"), ("变亮", "变暗")),
    ("contrast", 0.02, ("more contrasty", "less contrasty"), ("对比度变高", "对比度变低")),
    ("saturation", 0.03, ("more colourful", "less colourful"), ("更鲜艳", "更灰")),
)
"""Measures of a change, from which size on they are told, and the words for more and for less."""
TONED = {
    "brighter": "became brighter",
    "darker": "became darker",
    "warmer": "got a warmer tone",
    "cooler": "got a cooler tone",
    "grey": "turned black and white",
    "contrast": "got more contrast",
    "vivid": "got stronger colours",
}
TONED_ZH = {
    "brighter": "变亮了",
    "darker": "变暗了",
    "warmer": "色调变暖了",
    "cooler": "色调变冷了",
    "grey": "变成了黑白",
    "contrast": "对比度提高了",
    "vivid": "颜色更鲜艳了",
}


class Changes:
    """The changes that are asked for.

    Args:
        order: what is asked, and the truth.
        found: what was measured.
    """

    def __init__(self, order: ExpertBrief, found: Sequence[Anchor]) -> None:
        self.zh, self._by = order.request.language == "zh", order
        self._words, self._said = str(order.scene.facts["words"]), str(order.scene.facts["said"])
        edits: Sequence[Fact] = order.scene.facts["edits"]
        pairs = [(change, _edit_of(change, edits)) for change in found if change.kind == "change"]
        self._pairs = [(c, e) for c, e in pairs if _fits(order.request.meaning, c, e, edits)]
        self.kept = [change for change, _ in self._pairs]
        self.others = [change for change, _ in pairs if change not in self.kept]
        self._read: tuple[Anchor, Anchor] | None = None

    @property
    def sign(self) -> Anchor | None:
        """The first of the changes in which a line of text became another."""
        return next((c for c, e in self._pairs if _is_text(e)), None)

    def sign_box(self) -> list[float]:
        """What holds all changes of the line of text, with a margin, inside the picture [px]."""
        boxes = [c.box for c, e in self._pairs if _is_text(e) and c.box is not None]
        x0, y0 = min(b[0] for b in boxes), min(b[1] for b in boxes)
        x1, y1 = max(b[2] for b in boxes), max(b[3] for b in boxes)
        return [max(x0 - MARGIN, 0.0), max(y0 - MARGIN, 0.0), min(x1 + MARGIN, WIDTH), min(y1 + MARGIN, HEIGHT)]

    def read(self, before: Anchor, after: Anchor) -> None:
        """What the line said before and after."""
        self._read = (before, after)

    @property
    def lines(self) -> list[Anchor]:
        """The lines of text that were read."""
        return list(self._read or ())

    def named(self, edit: Fact | None) -> bool:
        """Whether the instruction says this very edit."""
        return edit is not None and (
            str(edit["en"]) in self._words or capital(str(edit["en"])) in self._words or str(edit["zh"]) in self._words
        )

    def question(self) -> str:
        """The order that leads from the one picture to the other, as a person would give it."""
        orders = list(dict.fromkeys(self._order(change, edit) for change, edit in self._pairs))
        told = (",再" if self.zh else ", then ").join(orders)
        return phrase(self._by, "order", phrases.ORDER).format(o=told, O=capital(told))

    def answer(self, asked: Sequence[Anchor]) -> list[Json]:
        """One line about each change; a second one of the same edit is told as part of it."""
        told: list[Json] = []
        known: set[str] = set()
        for change, edit in self._pairs:
            text = self._line(change, edit)
            line = self._same(change) if text in known else text
            known.add(text)
            told.append(said(line, self._proof(change, edit, asked), 600))
        return told

    def _same(self, change: Anchor) -> str:
        where = self._where(change)
        return f"{where}还有一处属于同一修改。" if self.zh else f"Another piece {where} belongs to the same change."

    def _proof(self, change: Anchor, edit: Fact | None, asked: Sequence[Anchor]) -> list[str]:
        cites = [change.id, *(a.id for a in asked[:1])] if self.named(edit) else [change.id]
        return [*cites, *(a.id for a in self._read)] if self._read and _is_text(edit) else cites

    def thoughts(self, asked: Sequence[Anchor], frames: Sequence[Anchor]) -> list[Json]:
        """What the instruction is worth, and what was measured."""
        told = [said(self._worth(asked), [a.id for a in asked[:1]] or [frames[0].id], 320)]
        return [*told, *(said(self._measured(change), [change.id], 320) for change in self.kept[:3])]

    def _measured(self, change: Anchor) -> str:
        if not self.zh:
            return f"Measured: {change.content}."
        if change.attrs.get("kind") != "local":
            return "测得:整张图的色调变了。"
        before, after = self._colours(change)
        return f"测得:{self._where(change)}由{before}变为{after}。"

    def _worth(self, asked: Sequence[Anchor]) -> str:
        if not asked:
            return (
                "没有修改指令,只能对比两张图。" if self.zh else "No instruction came along; only the two pictures tell."
            )
        text = quote(str(asked[0].attrs["text"]), 160)
        known = sum(self.named(edit) for _, edit in self._pairs)
        if known == len(self._pairs):
            return f"指令{text}与测量一致。" if self.zh else f"The instruction {text} fits what was measured."
        if known:
            return f"指令{text}只有一部分与测量一致。" if self.zh else f"The instruction {text} fits only in part."
        if self._said == "partial":
            return f"指令{text}没有提到这一处。" if self.zh else f"The instruction {text} does not mention this change."
        if self._said == "vague":
            return (
                f"指令{text}没有说明要改什么。" if self.zh else f"The instruction {text} does not say what to change."
            )
        return f"指令{text}与测量不符。" if self.zh else f"The instruction {text} does not fit what was measured."

    def _where(self, change: Anchor) -> str:
        where = place(change.box, SIZE)
        return PLACES_ZH[where] if self.zh else where

    def _colours(self, change: Anchor) -> tuple[str, str]:
        sides = [list(change.attrs[key])[:2] for key in ("colour_before", "colour_after")]
        join = "和" if self.zh else " and "
        return join.join(self._colour(c) for c in sides[0]), join.join(self._colour(c) for c in sides[1])

    def _colour(self, name: Json) -> str:
        return {**COLOUR_ZH, **TONES_ZH}.get(str(name), str(name)) if self.zh else str(name)

    def _order(self, change: Anchor, edit: Fact | None) -> str:
        if edit is not None and self.named(edit):
            text = str(edit["zh"] if self.zh else edit["en"])
            return text.replace('"', "'")
        if change.attrs.get("kind") != "local":
            return self._toned(change, order=True)
        if self._read and _is_text(edit):
            texts = [f"'{a.content}'" for a in self._read]
            where = self._where(self.sign or change)
            if self.zh:
                return f"把{where}的文字{texts[0]}改成{texts[1]}"
            return f"change the text {where} from {texts[0]} to {texts[1]}"
        before, after = self._colours(change)
        where = self._where(change)
        if before == after:
            return f"修改{where}的{before}部分" if self.zh else f"alter the {before} part {where}"
        return self._turned("turn", phrases.TURN, change)

    def _turned(self, key: str, pool: Mapping[str, Sequence[str]], change: Anchor) -> str:
        """A change of colour, in one of many ways."""
        before, after = self._colours(change)
        where = self._where(change)
        text = phrase(self._by, f"{key} {change.id}", pool)
        return text.format(before=before, after=after, where=where, Where=capital(where), After=capital(after))

    def _line(self, change: Anchor, edit: Fact | None) -> str:
        if self._read and _is_text(edit):
            texts = [quote(a.content) for a in self._read]
            where = self._where(self.sign or change)
            if self.zh:
                return f"{where}的文字由{texts[0]}改成了{texts[1]}。"
            return f"The sign {where} now says {texts[1]}, no longer {texts[0]}."
        if edit is not None and self.named(edit):
            return self._named_line(change, edit)
        if change.attrs.get("kind") != "local":
            return self._toned(change, order=False)
        before, after = self._colours(change)
        where = self._where(change)
        if before == after:
            return f"{where}的{before}部分变了。" if self.zh else f"{capital(where)} something {before} changed."
        return self._turned("turned", phrases.TURNED, change)

    def _named_line(self, change: Anchor, edit: Fact) -> str:
        kind, where = str(edit["kind"]), self._where(change)
        thing, old, new = str(edit["thing"]), str(edit["old"]), str(edit["new"])
        if kind in TONED:
            return f"整张图{TONED_ZH[kind]}。" if self.zh else f"The whole picture {TONED[kind]}."
        if self.zh:
            called = THING_ZH.get(thing, "牌子")
            return {
                "recolour": f"{where}的{called}由{COLOUR_ZH.get(old)}变成了{COLOUR_ZH.get(new)}。",
                "remove": f"{where}的{called}被去掉了。",
                "add": f"{where}多了一个{COLOUR_ZH.get(new)}的{called}。",
                "swap": f"{where}的{called}换成了{THING_ZH.get(new)}。",
                "text": f"{where}牌子上的文字改成了{quote(new)}。",
                "blur": f"{where}的{called}被模糊了。",
            }[kind]
        return {
            "recolour": f"The {thing} {where} turned from {old} to {new}.",
            "remove": f"The {old} {thing} {where} is gone.",
            "add": f"A {new} {thing} was added {where}.",
            "swap": f"The {thing} {where} became a {new}.",
            "text": f"The sign {where} now says {quote(new)}, no longer {quote(old)}.",
            "blur": f"The {old} {thing} {where} is blurred.",
        }[kind]

    def _toned(self, change: Anchor, *, order: bool) -> str:
        """A change of the whole picture by its measures."""
        said_en: list[str] = []
        said_zh: list[str] = []
        for name, least, en, zh in MEASURES:
            value = change.attrs.get(name)
            if isinstance(value, int | float) and abs(value) >= least:
                said_en.append(en[0 if value > 0 else 1])
                said_zh.append(zh[0 if value > 0 else 1])
        if self.zh:
            words = "、".join(said_zh) or "色调改变"
            return f"让整张图{words}" if order else f"整张图{words}了。"
        words = " and ".join(said_en) or "another colour cast"
        return f"make the whole picture {words}" if order else f"The whole picture became {words}."


def _edit_of(change: Anchor, edits: Sequence[Fact]) -> Fact | None:
    """The edit that a measured change shows."""
    tones = [e for e in edits if e["box"] is None]
    if change.attrs.get("kind") != "local" or change.box is None:
        return tones[0] if tones else None
    best = max((e for e in edits if e["box"]), key=lambda e: _shared(change, e), default=None)
    return best if best is not None and _shared(change, best) > 0.3 else None


def _shared(change: Anchor, edit: Fact) -> float:
    """Share of the change's box that lies in the edit's."""
    x0, y0, x1, y1 = change.box or (0.0, 0.0, 1.0, 1.0)
    a, b, c, d = (float(v) for v in edit["box"])
    width, height = min(x1, c) - max(x0, a), min(y1, d) - max(y0, b)
    return max(width, 0.0) * max(height, 0.0) / max((x1 - x0) * (y1 - y0), 1.0)


def _is_text(edit: Fact | None) -> bool:
    return edit is not None and edit["kind"] == "text"


def place_of(edit: Fact) -> str:
    """Where a local edit lies, in words; "" for one of the whole picture."""
    if not edit["box"]:
        return ""
    x0, y0, x1, y1 = (float(value) for value in edit["box"])
    return place((x0, y0, x1, y1), SIZE)


def _fits(wish: Fact, change: Anchor, edit: Fact | None, edits: Sequence[Fact]) -> bool:
    """Whether a change is one of those that are meant."""
    part, local = str(wish["key"]), change.attrs.get("kind") == "local"
    if part in ("all", "whole"):
        return True
    if part in ("local", "tone"):
        return local == (part == "local")
    where = place_of(edit) if edit is not None and local else ""
    if part == "but":
        return where != wish["place"]
    if edit is None or not local:
        return False
    if part == "place":
        return where == wish["place"] == place(change.box, SIZE)
    return edit["kind"] == "text" if part == "text" else edit == edits[int(wish["edit"])]
