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
from dataclaw_worlds.gui.goals import CARRIERS, Sources, application, refill
from dataclaw_worlds.gui.kinds import KINDS
from dataclaw_worlds.gui.meaning import TrueChoice
from dataclaw_worlds.gui.pieces_expert import reconstruct
from dataclaw_worlds.gui.pieces_requests import requests_of
from dataclaw_worlds.gui.recorder import SessionRecorder
from dataclaw_worlds.gui.script import Habits
from dataclaw_worlds.gui.session import NAMELESS, PAUSES, SLIPS
from dataclaw_worlds.gui.stages import LongTask, TaskStage, long_task, play

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
class ShuffledFragment:
    """A stretch of a recording.

    Attributes:
        recorder: the recording.
        span: which part of it [s].
        stage: what is done in it.
        place: which one of the task it is, from 0; -1 for what does not belong.
    """

    recorder: SessionRecorder
    span: tuple[float, float]
    stage: TaskStage
    place: int


def make(spec: SceneSpec, folder: Path) -> Scene:
    """Record a long task and another one in the same applications, cut both up and shuffle the pieces."""
    sources = Sources(spec, spec.rng("cast"))
    apps = _apps(sources, spec.difficulty)
    task, true = _record(spec, sources, apps, "task", _things(sources, spec.difficulty))
    mine = _pieces(task, true)
    others: list[ShuffledFragment] = []
    low, high = DISTRACTORS[spec.difficulty - 1]
    wanted = min(sources.rng.randint(low, high), MOST - len(mine))
    if wanted:
        again = [refill(sources, app) for app in apps]
        other, false = _record(spec, sources, again, "other", sources.rng.randint(1, 2))
        pool = [replace(piece, place=-1) for piece in _pieces(other, false)]
        others = sources.rng.sample(pool, min(wanted, len(pool)))
    labels = _write(spec, folder / spec.name, [*mine, *others])
    return Scene(spec, folder, spec.name, sources.names(), _truth(task, labels))


def _apps(sources: Sources, difficulty: int) -> list[App]:
    carts = [name for name in SOURCES if KINDS[name].numbered]
    rest = [name for name in SOURCES if not KINDS[name].numbered]
    first = sources.rng.choice(carts if sources.rng.random() < CARTS else rest)
    carriers = [name for name in CARRIERS if name != first]
    tellers = ["mail", "chat"]  # a message names its reader before a note mentions them
    one = sources.rng.choice(tellers)
    more = sources.rng.sample([name for name in carriers if name != one], 1 if difficulty < 4 else 2)
    return [application(sources, KINDS[name]) for name in (first, one, *more[: 1 + (difficulty > 4)])]


def _things(sources: Sources, difficulty: int) -> int:
    return sources.rng.randint(1, 2) if difficulty < 3 else sources.rng.randint(2, 3)


def _record(
    spec: SceneSpec, sources: Sources, apps: Sequence[App], purpose: str, things: int
) -> tuple[LongTask, tuple[SessionRecorder, list[tuple[float, float]]]]:
    level = spec.difficulty - 1
    habits = Habits(spec.rng("habits", purpose), SLIPS[level], 0.0)
    task = long_task(sources, apps, habits, things)
    recorder = SessionRecorder(browser(), apps, spec.rng("hand", purpose), NAMELESS[level], PAUSES[level])
    recorder.begin()
    return task, (recorder, play(recorder, task, habits))


def _pieces(task: LongTask, recorded: tuple[SessionRecorder, list[tuple[float, float]]]) -> list[ShuffledFragment]:
    recorder, spans = recorded
    return [
        ShuffledFragment(recorder, span, stage, n)
        for n, (span, stage) in enumerate(zip(spans, task.stages, strict=True))
    ]


def _write(spec: SceneSpec, folder: Path, pieces: Sequence[ShuffledFragment]) -> list[tuple[str, ShuffledFragment]]:
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


def _truth(task: LongTask, labels: Sequence[tuple[str, ShuffledFragment]]) -> dict[str, Json]:
    mine = sorted((f.place, label) for label, f in labels if f.place >= 0)
    stages = {
        label: {"text": f.stage.text, "why": f.stage.why, "cues": list(f.stage.cues), "mine": f.place >= 0}
        for label, f in labels
    }
    return {"order": [label for _, label in mine], "task": task.title, "stages": stages}


def requests(scene: Scene, count: int) -> Sequence[Request]:
    """At most `count` requests for the fragments."""
    return requests_of(scene, count)


WORLD = World(
    name="pieces",
    domain="gui",
    summary="Shuffled fragments of long tasks at a desktop of made-up applications in headless Chromium.",
    make=make,
    requests=requests,
    experts={TASK: reconstruct},
    chooser=TrueChoice,
    seconds=90.0,
    turn=1,
)
