"""The world `desk`: a desktop of small applications in a real browser, in which somebody pursues one to three goals."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dataclaw.types import Json
from dataclaw.worlds.base import Request, Scene, SceneSpec, World
from dataclaw_worlds.gui.experts import EXPERTS
from dataclaw_worlds.gui.meaning import TrueChoice
from dataclaw_worlds.gui.recorder import SessionRecorder
from dataclaw_worlds.gui.requests import requests_of
from dataclaw_worlds.gui.session import SessionPlan, perform, plan_session
from pyautogui_trace_parsers.formats import agentnet_raw


def make(spec: SceneSpec, folder: Path) -> Scene:
    """Record a session."""
    plan = plan_session(spec)
    recorder = perform(spec, plan)
    recorder.save(folder / spec.name)
    return Scene(spec, folder, spec.name, plan.sources.names(), truth(plan, recorder, folder / spec.name))


def truth(plan: SessionPlan, recorder: SessionRecorder, recording: Path) -> dict[str, Json]:
    """The truth: the goals, and what each event of the stream was to them."""
    trace = agentnet_raw.parse(recording)
    goals = [goal.facts(plan.apps[goal.at].brand) for goal in plan.goals]
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
                "telling": act.telling, "app": plan.apps[done.app].brand, "key": act.key, "text": act.text,
                "before": done.before, "after": done.after, "name": done.name, "last": last,
            }
        )  # fmt: skip
    return {
        "goals": goals, "relation": plan.relation, "mixed": plan.mixed, "events": events,
        "apps": [{"brand": app.brand, "kind": app.kind.name} for app in plan.apps],
    }  # fmt: skip


def requests(scene: Scene, count: int) -> Sequence[Request]:
    """At most `count` requests for a session."""
    return requests_of(scene, tuple(EXPERTS), count)


WORLD = World(
    name="desk",
    domain="gui",
    summary="People at a desktop of made-up applications, driven by real input in headless Chromium.",
    make=make,
    requests=requests,
    experts=EXPERTS,
    chooser=TrueChoice,
    seconds=60.0,
    turn=0,
)
