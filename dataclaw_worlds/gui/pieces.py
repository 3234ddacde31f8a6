"""The world `pieces`: shuffled fragments of one long task at the desktop, and some of other tasks among them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from string import ascii_uppercase

from dataclaw.types import Json
from dataclaw.worlds.base import Request, Scene, SceneSpec, World
from dataclaw_worlds.gui.app import App
from dataclaw_worlds.gui.browser import browser
from dataclaw_worlds.gui.goals import CARRIERS, Cast, application, refill
from dataclaw_worlds.gui.kinds import KINDS
from dataclaw_worlds.gui.pieces_expert import reconstruct
from dataclaw_worlds.gui.pieces_requests import asks_of
from dataclaw_worlds.gui.recorder import Recorder
from dataclaw_worlds.gui.script import Habits
from dataclaw_worlds.gui.session import NAMELESS, PAUSES, SLIPS
from dataclaw_worlds.gui.stages import Stage, Task, long_task, play

SOURCES = ("shop", "tickets", "library", "food", "calendar", "contacts", "files", "settings", "maps", "todo", "notes")
"""Kinds of applications that a long task may begin in."""
CARTS = 0.6
"""Share of tasks that begin with a cart."""
DISTRACTORS = ((0, 1), (1, 2), (1, 2), (2, 3), (2, 3))
"""By difficulty: fewest and most fragments of other tasks."""
MOST = 8
"""Most fragments of one stream."""
TASK = "long_horizon_reconstruction"


@dataclass(frozen=True, slots=True)
class Fragment:
    """A stretch of a recording.

    Attributes:
        recorder: the recording.
        span: which part of it [s].
        stage: what is done in it.
        place: which one of the task it is, from 0; -1 for what does not belong.
    """

    recorder: Recorder
    span: tuple[float, float]
    stage: Stage
    place: int


def make(spec: SceneSpec, folder: Path) -> Scene:
    """Record a long task and others in the same applications, cut them up and shuffle the pieces."""
    cast = Cast(spec, spec.rng("cast"))
    apps = _apps(cast, spec.difficulty)
    task, true = _record(spec, cast, apps, "task", _things(cast, spec.difficulty))
    mine = _pieces(task, true)
    others: list[Fragment] = []
    low, high = DISTRACTORS[spec.difficulty - 1]
    wanted = min(cast.rng.randint(low, high), MOST - len(mine))
    if wanted:
        again = [refill(cast, app) for app in apps]
        other, false = _record(spec, cast, again, "other", cast.rng.randint(1, 2))
        pool = [replace(piece, place=-1) for piece in _pieces(other, false)]
        others = cast.rng.sample(pool, min(wanted, len(pool)))
    labels = _write(spec, folder / spec.name, [*mine, *others])
    return Scene(spec, folder, spec.name, {k: sorted(v) for k, v in cast.used.items()}, _truth(task, labels))


def _apps(cast: Cast, difficulty: int) -> list[App]:
    carts = [name for name in SOURCES if KINDS[name].numbered]
    rest = [name for name in SOURCES if not KINDS[name].numbered]
    first = cast.rng.choice(carts if cast.rng.random() < CARTS else rest)
    carriers = [name for name in CARRIERS if name != first]
    tellers = ["mail", "chat"]  # who was told has to be named before it is noted that they were
    one = cast.rng.choice(tellers)
    more = cast.rng.sample([name for name in carriers if name != one], 1 if difficulty < 4 else 2)
    return [application(cast, KINDS[name]) for name in (first, one, *more[: 1 + (difficulty > 4)])]


def _things(cast: Cast, difficulty: int) -> int:
    return cast.rng.randint(1, 2) if difficulty < 3 else cast.rng.randint(2, 3)


def _record(
    spec: SceneSpec, cast: Cast, apps: Sequence[App], purpose: str, things: int
) -> tuple[Task, tuple[Recorder, list[tuple[float, float]]]]:
    level = spec.difficulty - 1
    habits = Habits(spec.rng("habits", purpose), SLIPS[level], 0.0)
    task = long_task(cast, apps, habits, things)
    recorder = Recorder(browser(), apps, spec.rng("hand", purpose), NAMELESS[level], PAUSES[level])
    recorder.begin()
    return task, (recorder, play(recorder, task, habits))


def _pieces(task: Task, recorded: tuple[Recorder, list[tuple[float, float]]]) -> list[Fragment]:
    recorder, spans = recorded
    return [Fragment(recorder, span, stage, n) for n, (span, stage) in enumerate(zip(spans, task.stages, strict=True))]


def _write(spec: SceneSpec, folder: Path, pieces: Sequence[Fragment]) -> list[tuple[str, Fragment]]:
    """Write the fragments under shuffled labels."""
    labels = list(ascii_uppercase[: len(pieces)])
    spec.rng("labels").shuffle(labels)
    found = sorted(zip(labels, pieces, strict=True), key=lambda pair: pair[0])
    folder.mkdir(parents=True)
    for label, piece in found:
        piece.recorder.save(folder / label.lower(), piece.span)
    manifest = {"fragments": {label: label.lower() for label, _ in found}}
    (folder / "fragments.json").write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    return found


def _truth(task: Task, labels: Sequence[tuple[str, Fragment]]) -> dict[str, Json]:
    mine = sorted((f.place, label) for label, f in labels if f.place >= 0)
    stages = {
        label: {"text": f.stage.text, "why": f.stage.why, "cues": list(f.stage.cues), "mine": f.place >= 0}
        for label, f in labels
    }
    return {"order": [label for _, label in mine], "task": task.title, "stages": stages}


def asks(scene: Scene, count: int) -> Sequence[Request]:
    """What can be asked of the fragments."""
    return asks_of(scene, count)


WORLD = World(
    name="pieces",
    domain="gui",
    summary="Shuffled fragments of long tasks at a desktop of made-up applications in headless Chromium.",
    make=make,
    requests=asks,
    experts={TASK: reconstruct},
    seconds=90.0,
    turn=1,
)
