"""The faults that are put into an episode, and the controller: the scripted policy with a hand that disturbs it.

Faults act on the controller alone; what comes of them is the engine's doing. Every step is labelled with what the
controller was at, which is truth and is written nowhere a stream shows.
"""

from __future__ import annotations

import random
from collections.abc import Generator, Iterator
from dataclasses import dataclass

import numpy as np

from dataclaw_worlds.embodied.engine import Measurement, Numbers, RobotTable
from dataclaw_worlds.embodied.skills import Skill

MOST = 250
"""Most steps of an episode; the tools do not look at every picture of a longer one."""
GIVE_UP = 210
"""Most steps of the policy itself; the episode then ends without success."""
MOVED = 0.006
"""A thing has moved when it is at least so far from where it was [m]."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of an episode.

    Attributes:
        kind: "late" (it starts late), "stall", "hesitate", "slow", "miss", "drop", "pause".
        share: how much of the way to the thing is left when it comes, or how far it has been carried [m] for "drop"
            and "pause".
        steps: how long it lasts.
        size: of a miss [m], and of the swings of a hesitation [steps].
    """

    kind: str
    share: float = 0.5
    steps: int = 12
    size: float = 0.05


@dataclass(frozen=True, slots=True)
class EpisodeScript:
    """How an episode goes.

    Attributes:
        speed: share of the longest step that is taken.
        faults: in no order; each comes once.
        hold: steps that it stays still when it is done.
        release: whether it lets go then.
        retreat: steps that it draws back then.
        rest: steps that it stays still at the very end.
    """

    speed: float
    faults: tuple[Fault, ...]
    hold: int
    release: bool
    retreat: int
    rest: int


MILD = ("late", "stall", "hesitate", "slow", "pause")
GRASPING = ("late", "stall", "hesitate", "pause", "miss", "drop", "miss", "drop")
"""Faults of a grasp; a slow hand would close before it arrives."""


def plain_script() -> EpisodeScript:
    """The script of an episode without faults."""
    return EpisodeScript(1.0, (), 2, release=False, retreat=9, rest=0)


def draw_script(rng: random.Random, skill: Skill, difficulty: int) -> EpisodeScript:
    """Draw the script of an episode."""
    kinds: list[str] = list(GRASPING if skill.style == "grasp" else (*MILD, "stall", "hesitate"))
    count = (rng.choice((0, 1)), 1, rng.choice((1, 2)), rng.choice((2, 3)), rng.choice((3, 3, 4)))[difficulty - 1]
    picked: list[str] = []
    while len(picked) < count and kinds:
        kind = rng.choice(kinds)
        kinds = [k for k in kinds if k != kind and {k, kind} != {"miss", "drop"}]
        picked.append(kind)
    delicate = skill.name in {"assembly", "basketball", "peg-insert-side", "shelf-place", "stick-push", "sweep-into",
                              "soccer", "hand-insert", "stick-pull", "hammer"}  # fmt: skip
    return EpisodeScript(
        speed=1.0 if delicate else round(rng.uniform(0.85 if skill.style == "grasp" else 0.6, 1.0), 2),
        faults=tuple(_fault(rng, kind) for kind in picked),
        hold=rng.choice((2, 4, 9)),
        release=skill.style == "grasp" and rng.random() < 0.75,
        retreat=rng.choice((0, 9, 13, 16)),
        rest=rng.choice((0, 0, 8, 14)),
    )


def _fault(rng: random.Random, kind: str) -> Fault:
    steps = {"late": (11, 22), "stall": (12, 24), "hesitate": (3, 5), "slow": (14, 26), "miss": (5, 8), "drop": (9, 12),
             "pause": (12, 20)}[kind]  # fmt: skip
    share = {"drop": (0.03, 0.08), "pause": (0.03, 0.06), "slow": (0.5, 0.8)}.get(kind, (0.35, 0.75))
    size = rng.choice((3, 4, 5)) if kind == "hesitate" else rng.uniform(0.045, 0.065)
    return Fault(kind, rng.uniform(*share), rng.randint(*steps), size)


@dataclass(frozen=True, slots=True)
class EpisodeRow:
    """One step: what was commanded, what was measured, and what the controller was doing.

    Attributes:
        action: `(dx, dy, dz, grip)`, -1..1, in the axes of the robot's base.
        seen: measured after it.
        label: "policy", "late", "stall", "hesitate", "slow", "pause", "miss", "drop", "hold", "release", "retreat" or
            "rest".
    """

    action: Numbers
    measured: Measurement
    label: str


Acting = Generator[tuple[Numbers, str], Measurement, None]


def drive(table: RobotTable, skill: Skill, script: EpisodeScript, rng: random.Random) -> Iterator[EpisodeRow]:
    """The rows of an episode; the first one comes before any action."""
    measured = table.measure()
    yield EpisodeRow(np.zeros(4), measured, "policy")
    acting = _episode(table, measured, skill, script, rng)
    action, label = next(acting)
    for _ in range(MOST):
        measured = table.step(action)
        yield EpisodeRow(_to_base(action), measured, label)
        try:
            action, label = acting.send(measured)
        except StopIteration:
            return


def _episode(
    table: RobotTable, measured: Measurement, skill: Skill, script: EpisodeScript, rng: random.Random
) -> Acting:
    grip = -1.0
    waiting = list(script.faults)
    start, thing0 = float(np.linalg.norm(measured.hand - measured.thing)), measured.thing.copy()
    angle = rng.uniform(0, 2 * np.pi)
    shift = (0.0, 0.0, 0.0)
    miss = next((f for f in waiting if f.kind == "miss"), None)
    if miss:
        waiting.remove(miss)
        shift = (miss.size * float(np.cos(angle)), miss.size * float(np.sin(angle)), 0.0)
    closing = touched = slow = done = 0
    for _ in range(GIVE_UP):
        touched = touched or int(measured.touch)
        left = float(np.linalg.norm(measured.hand - measured.thing)) / max(start, 1e-6)
        carried = float(np.linalg.norm(measured.thing - thing0))
        fault = next((f for f in waiting if _due(f, left, carried, bool(touched), measured, bool(closing))), None)
        if fault:
            waiting.remove(fault)
            if fault.kind == "slow":
                slow = fault.steps
            else:
                measured = yield from _act(fault, grip, measured)
                if fault.kind == "drop":
                    touched = 0
                continue
        action = table.advice(shift)
        action[:3] *= script.speed * (0.22 if slow > 0 else 1.0)
        label = "slow" if slow > 0 else "policy"
        slow -= 1
        grip = float(action[3])
        measured = yield action, label
        closing = closing + 1 if miss and grip > 0 and (measured.opening < 0.055 or measured.touch) else 0
        if miss and closing >= miss.steps:
            measured = yield from _recover(measured)
            miss, shift, grip, touched = None, (0.0, 0.0, 0.0), -1.0, 0
            thing0 = measured.thing.copy()
        done = done + 1 if measured.success else 0
        if done >= (5 if skill.style == "hook" else 2) and not miss:
            break
    yield from _ending(script, grip, skill)


def _due(fault: Fault, left: float, carried: float, touched: bool, measured: Measurement, closing: bool) -> bool:
    if fault.kind == "late":
        return True
    if fault.kind in ("drop", "pause"):
        return touched and carried > fault.share and (fault.kind == "pause" or measured.touch)
    return not touched and left < fault.share and not closing


def _act(fault: Fault, grip: float, measured: Measurement) -> Generator[tuple[Numbers, str], Measurement, Measurement]:
    if fault.kind == "hesitate":
        away = _to_world(measured.hand - measured.thing)
        away[2] = abs(away[2])
        away /= max(float(np.abs(away).max()), 1e-6)
        for k in range(2 * fault.steps):
            for _ in range(int(fault.size)):
                measured = yield np.array([*(away * (1.0 if k % 2 == 0 else -1.0)), grip]), "hesitate"
        return measured
    opens = fault.kind == "drop"
    for _ in range(fault.steps):
        measured = yield np.array([0.0, 0.0, 0.0, -1.0 if opens else grip]), fault.kind
    return measured


def _recover(measured: Measurement) -> Generator[tuple[Numbers, str], Measurement, Measurement]:
    for k in range(12):
        measured = yield np.array([0.0, 0.0, 0.0 if k < 4 else 0.9, -1.0]), "miss"
    return measured


def _ending(script: EpisodeScript, grip: float, skill: Skill) -> Acting:
    for _ in range(script.hold):
        yield np.array([0.0, 0.0, 0.0, grip]), "hold"
    if script.release:
        grip = -1.0
        for _ in range(9):
            yield np.array([0.0, 0.0, 0.0, grip]), "release"
    back = np.array([0.0, -0.55, 0.75]) if skill.style == "hook" else np.array([0.0, -0.2, 0.95])
    for _ in range(script.retreat if script.release or skill.style == "hook" else 0):
        yield np.array([*back, grip]), "retreat"
    for _ in range(script.rest):
        yield np.array([0.0, 0.0, 0.0, grip]), "rest"


def _to_base(action: Numbers) -> Numbers:
    return np.array([action[1], -action[0], action[2], action[3]])


def _to_world(base: Numbers) -> Numbers:
    return np.array([-base[1], base[0], base[2]])
