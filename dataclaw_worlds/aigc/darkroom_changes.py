"""What the truth knows of a pair: which changes a request means, and what they are by the instruction's names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dataclaw.choosing import ChoicePoint, Chosen
from dataclaw.domains.aigc.requests import language_of, places_in
from dataclaw.domains.aigc.telling import ToldOfEdit
from dataclaw.domains.aigc.wording import place, quote
from dataclaw.planning import capitalise
from dataclaw.types import Anchor, Json
from dataclaw.worlds.base import ExpertBrief, Request, Scene
from dataclaw_worlds.aigc.darkroom_pictures import COLOUR_ZH, HEIGHT, THING_ZH, WIDTH
from dataclaw_worlds.aigc.phrasing import Sentences
from dataclaw_worlds.words import words

Fact = Mapping[str, Json]
SIZE = (WIDTH, HEIGHT)
PHRASES = words("aigc/darkroom_phrases.toml")
PLACES_ZH: Mapping[str, str] = PHRASES["places_zh"]
SHARED = 0.3
"""Share of a measured change that must lie in an edit's box if the change shows that edit."""
PARTS = words("aigc/darkroom_requests.toml")["parts"]


@dataclass(frozen=True, slots=True)
class MeantChanges:
    """Keeps the measured changes that a request means.

    Attributes:
        scene: the scene, with its truth.
        request: the request.
    """

    scene: Scene
    request: Request

    def choose(self, point: ChoicePoint) -> Chosen:
        """The changes that are meant."""
        edits: Sequence[Fact] = self.scene.facts["edits"]
        pairs = [(change, _edit_of(change, edits)) for change in point.options]
        return Chosen([c.id for c, e in pairs if _is_meant(self.request.meaning, c, e, edits)], "truth")


class KnownPair(ToldOfEdit):
    """What was done between two pictures, as far as the instruction has names for it.

    Args:
        brief: the request, and the truth.
    """

    def __init__(self, brief: ExpertBrief) -> None:
        self._instruction, self._kind = str(brief.scene.facts["words"]), str(brief.scene.facts["said"])
        self._language = language_of(self._instruction) if self._instruction else brief.request.language
        self.zh = self._language == "zh"
        self._sentence = Sentences(PHRASES["sentences"], self.zh)
        self._edits: Sequence[Fact] = brief.scene.facts["edits"]
        meaning = brief.request.meaning
        if meaning["key"] not in ("all", "whole"):
            name = PARTS[str(meaning["key"])].phrases("zh" if self.zh else "en")[-1]
            self.asked = name.format(x=meaning.get("en", ""), y=meaning.get("zh", ""))

    def fits(self, words: str, changes: Sequence[Anchor]) -> str:
        """How well the instruction fits the changes."""
        named = sum(map(self._is_named, self._edits_of(changes)))
        unknown = self._kind if self._kind in ("partial", "vague") else "wrong"
        key = "fits" if named == len(changes) else "fits_in_part" if named else unknown
        return self._sentence(key, text=quote(words, 160))

    def order(self, changes: Sequence[Anchor]) -> str | None:
        """The orders of the instruction that were followed in these changes; itself where they are all of it."""
        shown = self._edits_of(changes)
        if not all(map(self._is_named, shown)):
            return ""
        if all(edit in shown for edit in self._edits):
            return None
        orders = dict.fromkeys(str(edit["zh" if self.zh else "en"]).replace('"', "'") for edit in shown if edit)
        return f"{',再'.join(orders)}。" if self.zh else f"{capitalise(', then '.join(orders))}."

    def became(self, change: Anchor, read: tuple[Anchor, Anchor] | None) -> str:
        """What an edit did, in the names of the instruction; "" where it does not name it."""
        (edit,) = self._edits_of([change])
        if edit is None or not self._is_named(edit):
            return ""
        kind, thing, old, new = (str(edit[key]) for key in ("kind", "thing", "old", "new"))
        if kind in PHRASES["toned"]:
            return self._sentence("toned", words=PHRASES["toned"][kind][self.zh])
        if kind == "text" and read:
            old, new = (line.content for line in read)
        return (
            PHRASES["done_zh" if self.zh else "done"]
            .text(kind)
            .format(
                where=places_in([change], SIZE, self._language),
                thing=THING_ZH.get(thing, "牌子") if self.zh else thing,
                old=COLOUR_ZH.get(old) if self.zh else old,
                new=COLOUR_ZH.get(new) if self.zh else new,
                new_thing=THING_ZH.get(new),
                old_text=quote(old),
                new_text=quote(new),
            )
        )

    def _edits_of(self, changes: Sequence[Anchor]) -> list[Fact | None]:
        return [_edit_of(change, self._edits) for change in changes]

    def _is_named(self, edit: Fact | None) -> bool:
        """Whether the instruction names this edit."""
        return edit is not None and any(
            order in self._instruction for order in (str(edit["en"]), capitalise(str(edit["en"])), str(edit["zh"]))
        )


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
