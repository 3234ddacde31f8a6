"""Changes between two pictures in words: by the names in the instruction, otherwise by place and colour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dataclaw.domains.aigc.wording import place, quote
from dataclaw.planning import capitalise, statement
from dataclaw.types import Anchor, Json
from dataclaw.worlds.base import ExpertBrief
from dataclaw_worlds.aigc.darkroom_pictures import COLOUR_ZH, HEIGHT, THING_ZH, WIDTH
from dataclaw_worlds.aigc.phrasing import Sentences, choose_phrase
from dataclaw_worlds.words import words

Fact = Mapping[str, Json]
SIZE = (WIDTH, HEIGHT)
PHRASES = words("aigc/darkroom_phrases.toml")
PLACES_ZH: Mapping[str, str] = PHRASES["places_zh"]
MARGIN = 12.0
"""Margin around the changed letters of a sign within which its text is read [px]."""
LEAST = {"brightness": 0.02, "contrast": 0.02, "saturation": 0.03}
"""Measures of a change, and the size from which on they are mentioned."""
SHARED = 0.3
"""Share of a measured change that must lie in an edit's box if the change shows that edit."""


class RequestedChanges:
    """The measured changes that a request means, and sentences about them.

    Args:
        brief: the request, and the truth.
        found: what was measured.
    """

    def __init__(self, brief: ExpertBrief, found: Sequence[Anchor]) -> None:
        self.zh, self._brief = brief.request.language == "zh", brief
        self._instruction, self._kind = str(brief.scene.facts["words"]), str(brief.scene.facts["said"])
        self._sentence = Sentences(PHRASES["sentences"], self.zh)
        edits: Sequence[Fact] = brief.scene.facts["edits"]
        pairs = [(change, _edit_of(change, edits)) for change in found if change.kind == "change"]
        self._pairs = [(c, e) for c, e in pairs if _is_meant(brief.request.meaning, c, e, edits)]
        self.kept = [change for change, _ in self._pairs]
        self.others = [change for change, _ in pairs if change not in self.kept]
        self._read: tuple[Anchor, Anchor] | None = None

    @property
    def sign(self) -> Anchor | None:
        """The first of the changes of a line of text."""
        return next((c for c, e in self._pairs if _is_text(e)), None)

    def sign_box(self) -> list[float]:
        """The box around all changes of the line of text, with a margin, inside the picture [px]."""
        boxes = [c.box for c, e in self._pairs if _is_text(e) and c.box is not None]
        x0, y0 = min(b[0] for b in boxes), min(b[1] for b in boxes)
        x1, y1 = max(b[2] for b in boxes), max(b[3] for b in boxes)
        return [max(x0 - MARGIN, 0.0), max(y0 - MARGIN, 0.0), min(x1 + MARGIN, WIDTH), min(y1 + MARGIN, HEIGHT)]

    def set_sign(self, before: Anchor, after: Anchor) -> None:
        """Set the lines of text that were read on the sign before and after the edit."""
        self._read = (before, after)

    @property
    def lines(self) -> list[Anchor]:
        """The lines of text that were read."""
        return list(self._read or ())

    def is_named(self, edit: Fact | None) -> bool:
        """Whether the instruction names this edit."""
        return edit is not None and any(
            order in self._instruction for order in (str(edit["en"]), capitalise(str(edit["en"])), str(edit["zh"]))
        )

    def question(self) -> str:
        """The order that leads from one picture to the other, as a person would give it."""
        orders = list(dict.fromkeys(self._order(change, edit) for change, edit in self._pairs))
        text = (",再" if self.zh else ", then ").join(orders)
        return choose_phrase(self._brief, "order", PHRASES.table("order")).format(o=text, O=capitalise(text))

    def answer(self, listed: Sequence[Anchor]) -> list[Json]:
        """One line about each change; a second change of the same edit is described as part of it."""
        lines: list[Json] = []
        known: set[str] = set()
        for change, edit in self._pairs:
            text = self._line(change, edit)
            line = self._sentence("same", where=self._where(change)) if text in known else text
            known.add(text)
            lines.append(statement(line, self._proof(change, edit, listed), 600))
        return lines

    def _proof(self, change: Anchor, edit: Fact | None, listed: Sequence[Anchor]) -> list[str]:
        cites = [change.id, *(a.id for a in listed[:1])] if self.is_named(edit) else [change.id]
        return [*cites, *(a.id for a in self._read)] if self._read and _is_text(edit) else cites

    def thoughts(self, listed: Sequence[Anchor], frames: Sequence[Anchor]) -> list[Json]:
        """How well the instruction fits, and what was measured."""
        fit = statement(self._instruction_fit(listed), [a.id for a in listed[:1]] or [frames[0].id], 320)
        return [fit, *(statement(self._measurement(change), [change.id], 320) for change in self.kept[:3])]

    def _measurement(self, change: Anchor) -> str:
        if change.attrs.get("kind") != "local":
            return self._sentence("measured_tone", content=change.content)
        before, after = self._colours(change)
        where = self._where(change)
        return self._sentence("measured", content=change.content, where=where, before=before, after=after)

    def _instruction_fit(self, listed: Sequence[Anchor]) -> str:
        if not listed:
            return self._sentence("no_instruction")
        known = sum(self.is_named(edit) for _, edit in self._pairs)
        unknown = self._kind if self._kind in ("partial", "vague") else "wrong"
        key = "fits" if known == len(self._pairs) else "fits_in_part" if known else unknown
        return self._sentence(key, text=quote(str(listed[0].attrs["text"]), 160))

    def _where(self, change: Anchor) -> str:
        where = place(change.box, SIZE)
        return PLACES_ZH[where] if self.zh else where

    def _colours(self, change: Anchor) -> tuple[str, str]:
        """The colours before and after a local change."""
        join = "和" if self.zh else " and "
        names = {**COLOUR_ZH, **PHRASES["tones_zh"]} if self.zh else {}
        before, after = (
            join.join(names.get(str(c), str(c)) for c in list(change.attrs[key])[:2])
            for key in ("colour_before", "colour_after")
        )
        return before, after

    def _order(self, change: Anchor, edit: Fact | None) -> str:
        if edit is not None and self.is_named(edit):
            text = str(edit["zh"] if self.zh else edit["en"])
            return text.replace('"', "'")
        if change.attrs.get("kind") != "local":
            return self._sentence("order_tone", words=self._tone(change))
        if self._read and _is_text(edit):
            old, new = (a.content for a in self._read)
            return self._sentence("order_text", where=self._where(self.sign or change), old=old, new=new)
        before, after = self._colours(change)
        if before == after:
            return self._sentence("order_part", where=self._where(change), before=before)
        return self._change_of_colour("turn", change)

    def _change_of_colour(self, table: str, change: Anchor) -> str:
        """A change of colour, in one of many ways."""
        before, after = self._colours(change)
        where = self._where(change)
        text = choose_phrase(self._brief, f"{table} {change.id}", PHRASES.table(table))
        return text.format(before=before, after=after, where=where, Where=capitalise(where), After=capitalise(after))

    def _line(self, change: Anchor, edit: Fact | None) -> str:
        if self._read and _is_text(edit):
            old, new = (quote(a.content) for a in self._read)
            return self._sentence("sign", where=self._where(self.sign or change), old=old, new=new)
        if edit is not None and self.is_named(edit):
            return self._named_line(change, edit)
        if change.attrs.get("kind") != "local":
            return self._sentence("tone", words=self._tone(change))
        before, after = self._colours(change)
        if before == after:
            where = self._where(change)
            return self._sentence("part", where=where, Where=capitalise(where), before=before)
        return self._change_of_colour("turned", change)

    def _named_line(self, change: Anchor, edit: Fact) -> str:
        """What an edit did, in the names of the instruction."""
        kind, thing, old, new = (str(edit[key]) for key in ("kind", "thing", "old", "new"))
        if kind in PHRASES["toned"]:
            return self._sentence("toned", words=PHRASES["toned"][kind][self.zh])
        template = PHRASES["done_zh" if self.zh else "done"].text(kind)
        return template.format(
            where=self._where(change),
            thing=THING_ZH.get(thing, "牌子") if self.zh else thing,
            old=COLOUR_ZH.get(old) if self.zh else old,
            new=COLOUR_ZH.get(new) if self.zh else new,
            new_thing=THING_ZH.get(new),
            old_text=quote(old),
            new_text=quote(new),
        )

    def _tone(self, change: Anchor) -> str:
        """What a change of the whole picture did, by its measures: "brighter and more colourful"."""
        found: list[str] = []
        for name, least in LEAST.items():
            value = change.attrs.get(name)
            if isinstance(value, int | float) and abs(value) >= least:
                found.append(PHRASES["measures"][name][2 * self.zh + (value <= 0)])
        return ("、" if self.zh else " and ").join(found) or self._sentence("another_tone")


def _edit_of(change: Anchor, edits: Sequence[Fact]) -> Fact | None:
    """The edit that a measured change shows."""
    tones = [e for e in edits if e["box"] is None]
    if change.attrs.get("kind") != "local" or change.box is None:
        return tones[0] if tones else None
    best = max((e for e in edits if e["box"]), key=lambda e: _overlap(change, e), default=None)
    return best if best is not None and _overlap(change, best) > SHARED else None


def _overlap(change: Anchor, edit: Fact) -> float:
    """Share of the change's box that lies in the edit's, 0..1."""
    x0, y0, x1, y1 = change.box or (0.0, 0.0, 1.0, 1.0)
    a, b, c, d = (float(v) for v in edit["box"])
    width, height = min(x1, c) - max(x0, a), min(y1, d) - max(y0, b)
    return max(width, 0.0) * max(height, 0.0) / max((x1 - x0) * (y1 - y0), 1.0)


def _is_text(edit: Fact | None) -> bool:
    return edit is not None and edit["kind"] == "text"


def place_of(edit: Fact) -> str:
    """Where a local edit lies, in words; "" for an edit of the whole picture."""
    if not edit["box"]:
        return ""
    x0, y0, x1, y1 = (float(value) for value in edit["box"])
    return place((x0, y0, x1, y1), SIZE)


def _is_meant(meaning: Fact, change: Anchor, edit: Fact | None, edits: Sequence[Fact]) -> bool:
    """Whether a change is one of those that a request means."""
    part, local = str(meaning["key"]), change.attrs.get("kind") == "local"
    if part in ("all", "whole"):
        return True
    if part in ("local", "tone"):
        return local == (part == "local")
    where = place_of(edit) if edit is not None and local else ""
    if part == "but":
        return where != meaning["place"]
    if edit is None or not local:
        return False
    if part == "place":
        return where == meaning["place"] == place(change.box, SIZE)
    return edit["kind"] == "text" if part == "text" else edit == edits[int(meaning["edit"])]
