"""The expert of cuts: the plan of the domain, told which operations a request means and what each of them shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dataclaw.choosing import BY_RULES, ChoicePoint, Chooser, Chosen
from dataclaw.domains.aigc import timelines
from dataclaw.domains.aigc.telling import ToldOfEdit
from dataclaw.planning import Asking
from dataclaw.types import Anchor, Json
from dataclaw.worlds.base import ExpertBrief, Request, Scene
from dataclaw_worlds.words import words

PHRASES = words("aigc/cuts_phrases.toml")


def edit_plan(brief: ExpertBrief) -> Asking[None]:
    """The reference of `edit_plan` for a cut."""
    yield from timelines.edit_plan(brief.brief, KnownCut(brief))


@dataclass(frozen=True, slots=True)
class MeantEvents:
    """Keeps the events that a request means; where it means all of them, those that the rules keep.

    Attributes:
        request: the request.
    """

    request: Request

    def choose(self, point: ChoicePoint) -> Chosen:
        """The events that are meant."""
        meaning = self.request.meaning
        if meaning["key"] == "whole":
            return BY_RULES.choose(point)
        meant = {f"e{number}" for number in meaning["events"]}
        return Chosen([option.id for option in point.options if option.id in meant], "truth")


def chooser(scene: Scene, request: Request) -> Chooser:
    """Who decides at the choice points of a cut."""
    del scene
    return MeantEvents(request)


class KnownRequest(ToldOfEdit):
    """What a request for some operations asks for.

    Args:
        brief: the request.
    """

    def __init__(self, brief: ExpertBrief) -> None:
        self.zh = brief.request.language == "zh"
        self.meaning = brief.request.meaning
        self.asked = str(self.meaning.get("np_zh" if self.zh else "np", ""))


class KnownCut(KnownRequest):
    """What a cut shows.

    Args:
        brief: the request, and the truth.
    """

    def __init__(self, brief: ExpertBrief) -> None:
        super().__init__(brief)
        key = str(self.meaning["key"])
        if self.asked:
            self.by = "length" if "longer" in key else str(PHRASES["basis"].get(key.partition(":")[0], "names"))
        self._facts: Mapping[str, Mapping[str, Json]] = {
            f"e{fact['event']}": fact for fact in brief.scene.facts["events"]
        }

    def why(self, there: Mapping[str, Anchor]) -> tuple[str, Sequence[str]]:
        """The sentence of the request's group, proved by its events."""
        proof = [f"e{number}" for number in self.meaning.get("proof", ()) if f"e{number}" in there]
        why = self.meaning.get("why_zh" if self.zh else "why", "")
        return f"{why}{'。' if self.zh else '.'}", proof

    def does(self, operation: Anchor) -> str:
        """What a clip shows, with its camera and take; what a marker is about."""
        fact = self._facts[operation.id]
        strand = str(fact["strand"])
        if fact["kind"] == "marker":
            return str(PHRASES["notes"][strand][self.zh])
        if fact["kind"] != "clip":
            return ""
        template = PHRASES["shots_zh" if self.zh else "shots"].text(strand)
        shot = template.format(who=fact["who"], of=fact["what"] or fact["place"], role=fact["role"])
        if self.zh or not fact["camera"]:
            return f"{shot}({fact['camera']}机位)" if fact["camera"] else shot
        take = f", take {fact['take']}" if fact["take"] else ""
        return f"{shot} (camera {fact['camera']}{take})"
