"""Episodes for the tests: a made pick-and-place, as numbers, as drawn pictures, or both; and plans run on them."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from dataclaw.kit.fixtures import FixtureSession, PlayedFixture, fixture_of, play
from dataclaw.plugins import load_domain

DOMAIN = load_domain("embodied")
T = np.round(np.arange(0, 8.01, 0.1), 1)


def ramp(t0: float, t1: float, size: float) -> np.ndarray:
    """A smooth rise from 0 to `size` between two times."""
    way = np.clip((T - t0) / (t1 - t0), 0, 1)
    return size * (3 * way**2 - 2 * way**3)


def episode(
    *, pictures: bool = True, numbers: bool = True, gripper: bool = True, instruction: str = "", **said: Any
) -> dict[str, Any]:
    """A stream in words: 0.25 m down, closes at 3.2 s, 0.2 m up, 0.25 m left, opens at 7.2 s; rests before 0.8 s."""
    y = ramp(5.2, 6.6, 0.25)
    z = 0.40 - ramp(0.8, 2.6, 0.25) + ramp(3.9, 5.0, 0.20)
    grip = 1 - ramp(2.9, 3.5, 0.9) + ramp(6.9, 7.4, 0.9)
    stream: dict[str, Any] = {
        "kind": "trajectory" if numbers else "video",
        "clock": "seconds",
        "duration": 8.0,
        "name": "pick",
    }
    if instruction:
        stream["events"] = [{"kind": "instruction", "t0": 0.0, "t1": 8.0, "text": instruction}]
    if numbers:
        values = np.stack([np.full_like(T, 0.3), y, z, grip], axis=1).round(4)
        stream["series"] = {
            "state": {
                "columns": ["x", "y", "z", "gripper"],
                "units": ["m", "m", "m", "1"],
                "times": T.tolist(),
                "values": values.tolist(),
            }
        }
        roles = {"state": ["state"], "position": [["state", ["x", "y", "z"]]], "gripper_open": "high"}
        stream["meta"] = {"robot": "arm", "roles": roles | ({"gripper": [["state", "gripper"]]} if gripper else {})}
    if pictures:
        frames = [drawn(k, y, z, grip) for k in range(0, len(T), 2)]
        stream["pictures"] = {"size": [240, 160], "rate": 10, "frames": frames}
    return stream | said


def missed(**said: Any) -> dict[str, Any]:
    """The same with two tries: closes on nothing at 2.4 s, opens, goes down, closes on something at 4.6 s, goes up."""
    z = 0.40 - ramp(0.8, 2.0, 0.22) - ramp(3.7, 4.2, 0.03) + ramp(5.2, 6.4, 0.20)
    grip = 1 - ramp(2.2, 2.6, 1.0) + ramp(3.2, 3.6, 1.0) - ramp(4.4, 4.9, 0.6)
    stream, y = episode(**said), np.zeros_like(T)
    stream["series"]["state"]["values"] = np.stack([np.full_like(T, 0.3), y, z, grip], axis=1).round(4).tolist()
    stream["pictures"]["frames"] = [drawn(k, y, z, grip) for k in range(0, len(T), 2)]
    return stream


def hesitating(**said: Any) -> dict[str, Any]:
    """The same with a hand that goes 4 cm back and forth from 2.2 to 4.2 s before it closes at 4.5 s."""
    inside = (T >= 2.2) & (T <= 4.2)
    y = np.where(inside, 0.02 * np.sin(2 * np.pi * (T - 2.2)), 0.0) + ramp(6.0, 7.2, 0.25)
    z = 0.40 - ramp(0.8, 2.0, 0.25) + ramp(4.9, 5.8, 0.20)
    grip = 1 - ramp(4.3, 4.8, 0.7)
    stream = episode(**said)
    stream["series"]["state"]["values"] = np.stack([np.full_like(T, 0.3), y, z, grip], axis=1).round(4).tolist()
    stream["pictures"]["frames"] = [drawn(k, y, z, grip) for k in range(0, len(T), 2)]
    return stream


def drawn(k: int, y: np.ndarray, z: np.ndarray, grip: np.ndarray) -> dict[str, Any]:
    """A frame: a table with marks, an arm, two fingers."""
    left, top, wide = int(60 + 400 * y[k]), int(30 + 400 * (0.4 - z[k])), 10 if grip[k] > 0.5 else 4
    marks = [{"box": [x, 140, x + 10, 150], "color": "#305070"} for x in (8, 30, 61, 79, 118, 141, 177, 190, 222)]
    arm = {"box": [left, top, left + 26, top + 18], "color": "#404858"}
    fingers = {"box": [left - wide, top + 18, left + 26 + wide, top + 28], "color": "#b04030"}
    return {"t": float(T[k]), "fill": "#d8d8d0", "shapes": [*marks, arm, fingers]}


def planned(task: str, intent: str, stream: dict[str, Any]) -> PlayedFixture:
    """What the planner makes of it, through the agent's own steps."""
    return play(DOMAIN, fixture_of(json.dumps({"task": task, "intent": intent, "stream": stream, "gold": {}})))


def draft_of(task: str, intent: str, stream: dict[str, Any]) -> dict[str, Any]:
    """The accepted draft of the planner."""
    played = planned(task, intent, stream)
    assert played.is_accepted, played.why
    return played.draft


def bench(task: str, intent: str, stream: dict[str, Any]) -> tuple[FixtureSession, dict[str, Any]]:
    """A bench on which the planner's tool calls were made, and the planner's draft."""
    played = planned(task, intent, stream)
    assert played.is_accepted, played.why
    calls = [t.action for t in played.state.turns[::2] if t.action and t.action.tool != "submit"]
    row = {"task": task, "intent": intent, "stream": stream, "gold": played.draft,
           "look": [{"tool": c.tool, "args": dict(c.args)} for c in calls]}  # fmt: skip
    return FixtureSession(DOMAIN.task(task), fixture_of(json.dumps(row))), played.draft
