"""The world `desk`: a desktop of small applications in a real browser, in which somebody pursues one to three goals."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dataclaw.types import Json
from dataclaw.worlds.base import Request, Scene, SceneSpec, World
from dataclaw_worlds.gui.experts import EXPERTS
from dataclaw_worlds.gui.recorder import Recorder
from dataclaw_worlds.gui.requests import asks_of
from dataclaw_worlds.gui.session import Plan, perform, plan
from pyautogui_trace_parsers.formats import agentnet_raw


def make(spec: SceneSpec, folder: Path) -> Scene:
    """Record a session."""
    what = plan(spec)
    recorder = perform(spec, what)
    recorder.save(folder / spec.name)
    facts = truth(what, recorder, folder / spec.name)
    return Scene(spec, folder, spec.name, sources(what), facts)


def sources(what: Plan) -> dict[str, list[str]]:
    """What a session was made of."""
    return {key: sorted(used) for key, used in what.cast.used.items()}


def truth(what: Plan, recorder: Recorder, recording: Path) -> dict[str, Json]:
    """What happened: the goals, and of every event of the stream what it was to them."""
    trace = agentnet_raw.parse(recording)
    goals = [goal.facts(what.apps[goal.at].brand) for goal in what.goals]
    events: list[dict[str, Json]] = []
    for event in trace.events:
        t = event.t0 or 0.0
        done = next(d for d in reversed(recorder.done) if d.t0 - 0.01 <= t)
        act = done.act
        last = done is recorder.done[-1]
        events.append(
            {
                "verb": event.verb, "t0": round(t, 3), "goal": done.goal, "tag": act.tag, "why": act.why,
                "seen": act.seen,
                "telling": act.telling, "app": what.apps[done.app].brand, "key": act.key, "text": act.text,
                "before": done.before, "after": done.after, "name": done.name, "last": last,
            }
        )  # fmt: skip
    return {
        "goals": goals, "relation": what.relation, "mixed": what.mixed, "events": events,
        "apps": [{"brand": app.brand, "kind": app.kind.name} for app in what.apps],
    }  # fmt: skip


def asks(scene: Scene, count: int) -> Sequence[Request]:
    """What can be asked of a session."""
    return asks_of(scene, tuple(EXPERTS), count)


WORLD = World(
    name="desk",
    domain="gui",
    summary="People at a desktop of made-up applications, driven by real input in headless Chromium.",
    make=make,
    requests=asks,
    experts=EXPERTS,
    seconds=60.0,
    turn=0,
)
