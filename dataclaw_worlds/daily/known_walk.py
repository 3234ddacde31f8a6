"""The truth of a walk as the domain's plans are told it, and its answers at their choice points."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from typing import cast

from dataclaw.choosing import ChoicePoint, Chosen
from dataclaw.domains.daily.intents import parse_intent
from dataclaw.domains.daily.recording import CitedNarration, FromEvents, NarratedRecording, ReportedPlace, narration_of
from dataclaw.types import Anchor
from dataclaw.worlds.base import Request, Scene
from dataclaw_worlds.daily.known import choose_meant, count_meant, count_of, is_of_kind
from dataclaw_worlds.daily.walk_truth import MARGIN, PlaceEvent, WalkTruth, part_of, walk_truth_of

NEAR, A_STAY = 3.0, 2
"""Things farther off do not help to find the way [m]; so many are named between two rooms."""
SHORT = 0.8
"""A room that is reported for a shorter time is a mistake of the recogniser [s]."""


@dataclass(frozen=True, slots=True)
class WalkKnown(FromEvents):
    """What somebody knows of a walk, asked something about it."""

    truth: WalkTruth
    request: Request

    def narrate(self, events: Sequence[Anchor]) -> list[CitedNarration]:
        """Where each message says that one is, or what it says is seen, and whether that is so."""
        places = {place.id: place for place in self.truth.places}
        return [self._narration(anchor, places[anchor.id]) for anchor in events]

    def _narration(self, anchor: Anchor, place: PlaceEvent) -> CitedNarration:
        told = ReportedPlace(self._name(place), place.kind == "room", place.side, place.metres)
        return replace(narration_of(anchor), place=told, relevant=_is_right(place))

    def _name(self, place: PlaceEvent) -> str:
        return place.name or self.truth.names[place.room]

    def choose(self, point: ChoicePoint) -> Chosen:
        """What the request means."""
        if point.name == "daily.questions":
            return Chosen(choose_meant(point, self._is_meant, count_of(self.request)), "truth")
        if point.name == "daily.route":
            return Chosen([option.id for option in point.options if self._is_on_way(option)], "truth")
        if point.name == "daily.landmarks":
            return Chosen(self._landmarks({option.id for option in point.options}), "truth")
        wanted = {place.id for place in self.truth.places if self._is_wanted(place)}
        return Chosen([option.id for option in point.options if option.id in wanted], "truth")

    def _is_on_way(self, segment: Anchor) -> bool:
        """Whether a segment lies on the part of the way that is asked for, and on no detour."""
        part = part_of(self.truth, self.request.meaning)
        middle = (segment.t0 + segment.t1) / 2
        if part is None or not (part.t0 or 0.0) <= middle <= (self.truth.end if part.t1 is None else part.t1):
            return False
        return not any(low + MARGIN <= middle <= high - MARGIN for low, high in part.without)

    def _landmarks(self, near: Set[str]) -> list[str]:
        """The rooms that are entered, and the things between them that are passed closest, each once."""
        places = [p for p in self.truth.places if p.id in near and _is_right(p)]
        goal, best = self.request.meaning.get("thing"), {p.id for p in self.truth.things()}
        part = part_of(self.truth, self.request.meaning)
        room = part.start.room if part and part.start else -1
        found: list[PlaceEvent] = []
        stays: list[list[PlaceEvent]] = [[]]
        for place in places:
            if place.kind == "room" and place.room != room:
                found.append(place)
                stays.append([])
                room = place.room
            elif place.name == goal or (place.id in best and place.metres <= NEAR):
                stays[-1].append(place)
        for stay in stays:
            found += sorted(stay, key=lambda p: (p.name != goal, p.metres))[:A_STAY]
        return [place.id for place in places if place in found]

    def _is_wanted(self, place: PlaceEvent) -> bool:
        meaning, middle = self.request.meaning, (place.t0 + place.t1) / 2
        spans = [cast("list[float] | None", meaning.get(key)) for key in ("span", "between")]
        only, names = meaning.get("only"), cast("list[str] | None", meaning.get("names"))
        inside = all(span is None or span[0] <= middle <= span[1] for span in spans)
        named = names is None or self._name(place) in names
        return _is_right(place) and inside and named and only in (None, place.kind)

    def _is_meant(self, option: Anchor) -> bool:
        names = cast("list[str] | None", self.request.meaning.get("names"))
        cites = cast("list[str]", option.attrs["cites"])
        cited = sorted(self._name(place) for place in self.truth.places if place.id in cites)
        return is_of_kind(option, self.request) and (names is None or cited == sorted(names))

    def questions(self, window: tuple[float, float]) -> int:
        """How many questions the messages answer that are asked for; no more than that."""
        anchors = [
            Anchor(p.id, "event", p.text, p.t0, p.t1, attrs={"verb": "message", "text": p.text})
            for p in self.truth.places
        ]
        intent = parse_intent(self.request.intent, window).narrow_to(place.text for place in self.truth.places)
        dropped = {place.id: "irrelevant" for place in self.truth.places if not self._is_wanted(place)}
        narrations = tuple(self.narrate(anchors))
        recording = NarratedRecording(
            narrations, (), None, intent, 0, window, window[1], dropped, "truth", self.request.intent
        )
        return count_meant(recording, self.request, self._is_meant)


def know(scene: Scene, request: Request) -> WalkKnown:
    """What is known of a walk."""
    return WalkKnown(walk_truth_of(scene), request)


def _is_right(place: PlaceEvent) -> bool:
    """Whether what a message says is so, and said for long enough to be believed."""
    return place.right and (place.kind != "room" or place.t1 - place.t0 >= SHORT)
