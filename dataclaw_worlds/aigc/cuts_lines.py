"""One line about each operation of a cut, as a person who watched it would say it; in English or Chinese."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from dataclaw.domains.aigc.wording import quote
from dataclaw.types import Anchor, Json
from dataclaw_worlds.aigc.phrasing import NUMBERS, Sentences
from dataclaw_worlds.words import words

Fact = Mapping[str, Json]
PHRASES = words("aigc/cuts_phrases.toml")
NAME = 48
"""Longest name that a thought quotes [characters]."""


class CutLines:
    """Describes each event of a cut.

    Args:
        facts: the truth of each event, by the event's id.
        language: "en" or "zh".
    """

    def __init__(self, facts: Mapping[str, Fact], language: Literal["en", "zh"]) -> None:
        self._facts = facts
        self.zh = language == "zh"
        self.sentence = Sentences(PHRASES["sentences"], self.zh)
        self._by_name = {str(f["name"]): f for f in facts.values() if f["kind"] == "clip" and f["strand"] != "sound"}

    def line(self, event: Anchor) -> str:
        """The line about an event."""
        fact = self._facts[event.id]
        kind, t, length = fact["kind"], event.t0, event.t1 - event.t0
        if kind == "marker":
            note = PHRASES["notes"][str(fact["strand"])][self.zh]
            return self.sentence("marker", t=t, note=note, text=quote(str(fact["name"])))
        if kind == "transition":
            sides = (self._by_name.get(str(fact[key])) for key in ("who", "what"))
            before, after = (self._shot(side) if side else "" if self.zh else "nothing" for side in sides)
            return self.sentence(str(fact["strand"]), t=t, before=before, after=after, length=length)
        if kind == "gap":
            return self.sentence("gap", t=t, length=length)
        comma = "," if self.zh else ", "
        more = "".join(comma + word for word in self._conditions(fact))
        return self.sentence("clip", t=t, what=self._shot(fact), length=length, more=more)

    def _shot(self, fact: Fact) -> str:
        """What a clip shows, with its camera and take."""
        template = PHRASES["shots_zh" if self.zh else "shots"].text(str(fact["strand"]))
        base = template.format(who=fact["who"], of=fact["what"] or fact["place"], role=fact["role"])
        if not fact["camera"]:
            return base
        if self.zh:
            return f"{base}({fact['camera']}机位)"
        take = f", take {fact['take']}" if fact["take"] else ""
        return f"{base} (camera {fact['camera']}{take})"

    def _conditions(self, fact: Fact) -> list[str]:
        """What is unusual about a clip: its speed, or that it is switched off."""
        speed = float(fact["speed"])
        found: list[str] = []
        if speed < 0:
            found.append(self.sentence("backwards"))
        elif speed != 1:
            found.append(self.sentence("slow" if speed < 1 else "fast", speed=speed))
        if not fact["enabled"]:
            found.append(self.sentence("off"))
        return found


def name_list(events: Sequence[Anchor], total: int, zh: bool) -> str:
    """`"INT Mara 01", "DRN quay" and four more`: the events' names in a sentence, each once.

    Args:
        events: those that are named.
        total: how many there are in all.
        zh: whether the sentence is Chinese.
    """
    names = list(dict.fromkeys(quote(str(e.attrs.get("text") or e.attrs.get("verb")), NAME) for e in events))
    return and_more(("、" if zh else ", ").join(names), total - len(events), zh)


def and_more(names: str, more: int, zh: bool = False) -> str:
    """Names followed by how many others there are: `a, b and four more`."""
    if more <= 0:
        return names
    return f"{names}等" if zh else f"{names} and {NUMBERS.get(more, 'several')} more"
