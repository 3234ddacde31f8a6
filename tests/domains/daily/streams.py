"""Streams for the tests: narrations in a line each, poses of a walk."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from dataclaw.kit.fixture_form import DescribedStream, Fixture
from dataclaw.kit.fixtures import PlayedFixture, play
from dataclaw.plugins import load_domain

DOMAIN = load_domain("daily")


def narrated(
    *told: tuple[float, float, str] | tuple[float, float, str, dict[str, Any]], goal: str = ""
) -> DescribedStream:
    """A narration stream of `(start, end, text)` or `(start, end, text, attrs)`."""
    events = [
        {
            "kind": "narration",
            "t0": t[0],
            "t1": t[1],
            "text": t[2],
            "attrs": {"level": 0} | (t[3] if len(t) > 3 else {}),
        }
        for t in told
    ]
    meta = {"goal": goal} if goal else {}
    described = {"kind": "narration", "duration": max(t[1] for t in told) + 1, "events": events, "meta": meta}
    return DescribedStream.model_validate(described)


def walk(*legs: tuple[float, float], up: float = 0.0, step: float = 0.1) -> DescribedStream:
    """Poses of a walk of `(metres, direction in degrees)`; `up` metres up and down at every step."""
    points = [(0.0, 0.0, 0.0)]
    for metres, direction in legs:
        x, y, _ = points[-1]
        count = max(1, round(metres / step))
        for k in range(1, count + 1):
            along = metres * k / count
            away = (along * math.cos(math.radians(direction)), along * math.sin(math.radians(direction)))
            points.append((x + away[0], y + away[1], up * (k % 2)))
    series = {
        "columns": ["x", "y", "z"],
        "units": ["m"] * 3,
        "times": [0.2 * k for k in range(len(points))],
        "values": points,
    }
    described = {
        "kind": "trajectory",
        "duration": 0.2 * (len(points) - 1),
        "series": {"pose": series},
        "meta": {"roles": {"position": [["pose", ["x", "y", "z"]]]}},
    }
    return DescribedStream.model_validate(described)


def played(task: str, intent: str, stream: DescribedStream) -> PlayedFixture:
    """What the planner makes of a stream, through the agent."""
    return play(DOMAIN, Fixture(task=task, intent=intent, stream=stream, gold={}))


def draft_of(task: str, intent: str, stream: DescribedStream) -> dict[str, Any]:
    """The planner's accepted draft."""
    done = played(task, intent, stream)
    assert done.is_accepted, done.why
    return done.draft


def texts(entries: Sequence[dict[str, Any]]) -> list[str]:
    """What entries say."""
    return [entry["text"] for entry in entries]
