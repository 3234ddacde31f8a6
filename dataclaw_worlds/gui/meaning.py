"""What a request means: which events are kept, and why each other one is left out; what is right at a choice point."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from dataclaw.choosing import ChoicePoint, Chosen
from dataclaw.domains.gui.intents import CLICKS, TYPING
from dataclaw.types import Json
from dataclaw.worlds.base import Request, Scene

Facts = Mapping[str, Json]
VERBS = {"clicks": CLICKS, "typing": TYPING}


@dataclass(frozen=True, slots=True)
class EventSelection:
    """Which events of a session a request wants; what is empty restricts nothing.

    Attributes:
        goals: only what serves these goals.
        app: only what happens in the window of this application.
        span: only what begins in this time [s].
        verbs: only clicks, or only typing.
        clean: without mistakes, detours and noise.
        without: tags that are left out though all else stays ("noise", "undone", "detour").
        aside: an application that is left out.
    """

    goals: tuple[int, ...] | None = None
    app: str = ""
    span: tuple[float, float] | None = None
    verbs: str = ""
    clean: bool = False
    without: tuple[str, ...] = ()
    aside: str = ""

    def data(self) -> dict[str, Json]:
        """The selection as `Request.meaning` holds it."""
        everything: dict[str, Json] = {
            "goals": self.goals and list(self.goals),
            "app": self.app,
            "span": self.span and list(self.span),
            "verbs": self.verbs,
            "clean": self.clean,
            "without": list(self.without),
            "aside": self.aside,
        }
        return {name: value for name, value in everything.items() if value}


def selection_of(data: Mapping[str, Json]) -> EventSelection:
    """The selection that `Request.meaning` holds."""
    goals, span = data.get("goals"), data.get("span")
    return EventSelection(
        goals=None if goals is None else tuple(int(g) for g in goals),
        app=str(data.get("app", "")),
        span=None if span is None else (float(span[0]), float(span[1])),
        verbs=str(data.get("verbs", "")),
        clean=bool(data.get("clean", False)),
        without=tuple(str(tag) for tag in data.get("without", ())),
        aside=str(data.get("aside", "")),
    )


def events_of(facts: Facts) -> list[dict[str, Json]]:
    """The truth about each event of the stream."""
    return cast("list[dict[str, Json]]", facts["events"])


def goals_of(facts: Facts) -> list[dict[str, Json]]:
    """The goals of the session."""
    return cast("list[dict[str, Json]]", facts["goals"])


def select_events(facts: Facts, selection: EventSelection) -> tuple[list[int], dict[int, str]]:
    """Indices of the events that a selection keeps, and the reason why each other one is left out."""
    kept: list[int] = []
    dropped: dict[int, str] = {}
    for index, event in enumerate(events_of(facts)):
        why = _refusal(event, selection)
        if why:
            dropped[index] = why
        else:
            kept.append(index)
    return kept, dropped


def _refusal(event: Mapping[str, Json], selection: EventSelection) -> str:
    if (selection.app and event["app"] != selection.app) or (selection.aside and event["app"] == selection.aside):
        return "other_window"
    if selection.span and not selection.span[0] <= float(event["t0"]) <= selection.span[1]:
        return "not_asked"
    if selection.goals is not None and event["goal"] not in selection.goals:
        return "not_asked"
    if selection.verbs and event["verb"] not in VERBS[selection.verbs]:
        return "not_asked"
    if selection.app and selection.clean and str(event["key"]).startswith("task:"):
        return "detour"  # it leads away from that application
    if event["tag"] != "need" and (selection.clean or event["tag"] in selection.without):
        return str(event["tag"])
    return ""


def stretches(facts: Facts) -> list[tuple[int, int, int]]:
    """Runs of events for one goal: `(goal, first event, last event)`, in order."""
    runs: list[tuple[int, int, int]] = []
    for index, event in enumerate(events_of(facts)):
        goal = int(event["goal"])
        if runs and runs[-1][0] == goal:
            runs[-1] = (goal, runs[-1][1], index)
        else:
            runs.append((goal, index, index))
    return runs


@dataclass(frozen=True, slots=True)
class TrueChoice:
    """Answers at the choice points of the domain's plans what the truth of a scene and a request say."""

    scene: Scene
    request: Request

    def choose(self, point: ChoicePoint) -> Chosen:
        """The right answer."""
        facts = self.scene.facts
        match point.name:
            case "gui.fragments":
                return Chosen(cast("list[str]", facts["order"]), "truth")
            case "gui.relation":
                return Chosen([str(facts["relation"])], "truth")
            case "gui.goals":
                wanted = {first for _, first, _ in stretches(facts)}
            case _:
                wanted = set(select_events(facts, selection_of(self.request.meaning))[0])
        return Chosen([o.id for o in point.options if int(o.id.rpartition("e")[2]) in wanted], "truth")
