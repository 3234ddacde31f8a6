"""What the tests of these worlds share: making a scene twice, answering its requests, comparing its sources."""

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
from dataclaw.worlds.experts import answer, expert_of
from dataclaw.worlds.maker import Failure, Maker


def scene_and_stream(maker: Maker, spec: SceneSpec) -> tuple[Scene, Stream]:
    """The scene of a spec and its stream."""
    scene = maker.make(spec)
    assert not isinstance(scene, Failure), scene
    return scene, open_stream(scene.path)


def check_same_twice(maker: Maker, specs: Iterable[SceneSpec], again: Path) -> None:
    """Equal specs give equal truths and equal streams; the scenes are made again in the folder `again`."""
    with Maker(again) as other:
        for spec in specs:
            (one, stream), (two, second) = scene_and_stream(maker, spec), scene_and_stream(other, spec)
            assert (one.folder / TRUTH).read_bytes() == (two.folder / TRUTH).read_bytes(), spec
            assert stream.id == second.id, spec


def rollouts(maker: Maker, specs: Iterable[SceneSpec], count: int) -> list[tuple[Request, State]]:
    """The experts' rollouts of the first requests of each spec."""
    found: list[tuple[Request, State]] = []
    for spec in specs:
        scene, stream = scene_and_stream(maker, spec)
        world, domain, cache = find_world(spec.world), aigc(), Cache()
        for request in world.requests(scene, count):
            state, _ = answer(domain, stream, request, cache, expert_of(world, scene, request))
            found.append((request, state))
    return found


def aigc() -> Domain:
    """The domain that these worlds serve."""
    return load_domain("aigc")


def accepted_rollouts(found: Iterable[tuple[Request, State]]) -> list[tuple[Request, State]]:
    """The rollouts that handed in a draft; each passed every rule in at most twenty calls."""
    kept = [(request, state) for request, state in found if state.stop is StopReason.SUBMITTED]
    for request, state in kept:
        assert state.drafts[-1].verdict.passed, request
        assert state.spent.tool_calls <= 20, request
    return kept


def draft_of(state: State) -> dict[str, object]:
    """The draft that a rollout handed in."""
    draft = state.drafts[-1].draft
    assert isinstance(draft, dict)
    return json.loads(json.dumps(draft))


def check_disjoint(train: Iterable[Scene], held: Iterable[Scene], but: Iterable[str] = ()) -> None:
    """Check that no source of a kind is in both splits."""
    sides: list[dict[str, set[str]]] = [{}, {}]
    for side, scenes in zip(sides, (train, held), strict=True):
        for scene in scenes:
            for key, names in scene.sources.items():
                side.setdefault(key, set()).update(names)
    for key in {*sides[0], *sides[1]} - set(but):
        assert not sides[0].get(key, set()) & sides[1].get(key, set()), key
