"""Does what is told reach what the task asks for? A tutorial that ends at the grasp puts nothing on a plate."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import cast

from dataclaw.domains.embodied.intents import parse_intent
from dataclaw.rewards import NOT_APPLICABLE, Case, Score, anchors_of, rule, score_of
from dataclaw.schema import citing_objects, fields_of, number_of
from dataclaw.types import Finding
from dataclaw.words import words_beside

AFTER = frozenset({"transport", "lift", "move", "lower", "place", "push", "turn"})
"""Phases in which something that is held or touched moves."""
STILL = 0.005
"""A phase that moves less than this does not move [m or rad]."""
_ASKS: Mapping[str, re.Pattern[str]] = words_beside(__file__).patterns


@rule("embodied.finished")
def reaches_goal(case: Case) -> Score:
    """Share of the phases that the task asks for that the draft's parts have, in their order.

    "Put", "place" and the like ask for a grasp, motion with it, and a release; "pick up" for a grasp and motion with
    it; "turn", "open", "push" for motion after the hand is there. Does not apply without a task, to other verbs, or
    where the intent asks for some phases or a span of time alone.
    """
    intent = parse_intent(case.intent, case.window)
    if intent.only or intent.span != case.window:
        return NOT_APPLICABLE
    task = next((event.text for event in case.events if event.kind == "instruction"), "")
    asks = next((name for name, pattern in _ASKS.items() if pattern.search(task)), "")
    phases = _phases(case)
    if not asks or not phases:
        return NOT_APPLICABLE
    grasp = next((at for at, (phase, _) in enumerate(phases) if phase == "grasp"), None)
    after = phases[grasp + 1 :] if grasp is not None else []
    moved = any(phase in AFTER and distance >= STILL for phase, distance in after)
    released = moved and any(phase == "release" for phase, _ in after)
    needed = {"put": (grasp is not None, moved, released), "pick": (grasp is not None, moved), "turn": (moved,)}[asks]
    score = sum(needed) / len(needed)
    message = f'"{task[:60]}" asks for more than {", ".join(phase for phase, _ in phases)}'
    return score_of(score, [Finding("", message, "embodied.finished", score)] if score < 1.0 else [])


def _phases(case: Case) -> list[tuple[str, float]]:
    """`(phase, how far it moves [m or rad])` of the draft's parts in order; unknown distances count as motion."""
    found: list[tuple[str, float]] = []
    for place, item in citing_objects(case.draft):
        if "phase" in item and not place.startswith(("/cot", "/left_out")):
            moved = number_of(item.get("moved"))
            measured = [number_of(anchor.attrs.get("moved")) for anchor in anchors_of(item, case)]
            known = [number for number in (moved, *measured) if number is not None]
            found.append((str(fields_of(cast("object", item)).get("phase")), max(known, default=1.0)))
    return found
