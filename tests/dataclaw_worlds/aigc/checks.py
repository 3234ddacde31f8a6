"""What the tests of these worlds share: making a scene twice, answering its asks, comparing with the planner."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from dataclaw.agent.steps import State
from dataclaw.domain import Domain
from dataclaw.plugins import load_domain
from dataclaw.streams import open_stream
from dataclaw.tools.cache import Cache
from dataclaw.types import StopReason, Stream
from dataclaw.worlds import Request, Scene, SceneSpec, find_world
from dataclaw.worlds.base import TRUTH
from dataclaw.worlds.experts import answer, as_plan
from dataclaw.worlds.maker import Failure, Maker


def made(maker: Maker, spec: SceneSpec) -> tuple[Scene, Stream]:
    """The scene of a lot and its stream."""
    scene = maker.make(spec)
    assert not isinstance(scene, Failure), scene
    return scene, open_stream(scene.path)


def same_twice(maker: Maker, specs: Iterable[SceneSpec], again: Path) -> None:
    """Equal lots give equal truths and equal streams; `again` is the folder that they are made in once more."""
    with Maker(again) as other:
        for spec in specs:
            (one, stream), (two, second) = made(maker, spec), made(other, spec)
            assert (one.folder / TRUTH).read_bytes() == (two.folder / TRUTH).read_bytes(), spec
            assert stream.id == second.id, spec


def rollouts(maker: Maker, specs: Iterable[SceneSpec], count: int) -> list[tuple[Request, State]]:
    """What the experts make of the asks of lots."""
    found: list[tuple[Request, State]] = []
    for spec in specs:
        scene, stream = made(maker, spec)
        world, domain, cache = find_world(spec.world), aigc(), Cache()
        for ask in world.requests(scene, count):
            state, _ = answer(domain, stream, ask, cache, as_plan(world, scene, ask))
            found.append((ask, state))
    return found


def aigc() -> Domain:
    """The domain."""
    return load_domain("aigc")


def accepted(found: Iterable[tuple[Request, State]]) -> list[tuple[Request, State]]:
    """Those whose draft passed every rule, in few calls."""
    kept = [(ask, state) for ask, state in found if state.stop is StopReason.SUBMITTED]
    for ask, state in kept:
        assert state.drafts[-1].verdict.passed, ask
        assert state.spent.tool_calls <= 10, ask
    return kept


def draft_of(state: State) -> dict[str, object]:
    """The draft that a rollout handed in."""
    draft = state.drafts[-1].draft
    assert isinstance(draft, dict)
    return json.loads(json.dumps(draft))


def disjoint(train: Iterable[Scene], held: Iterable[Scene], but: Iterable[str] = ()) -> None:
    """No source of a kind is in both halves."""
    sides: list[dict[str, set[str]]] = [{}, {}]
    for side, scenes in zip(sides, (train, held), strict=True):
        for scene in scenes:
            for key, names in scene.sources.items():
                side.setdefault(key, set()).update(names)
    for key in {*sides[0], *sides[1]} - set(but):
        assert not sides[0].get(key, set()) & sides[1].get(key, set()), key
