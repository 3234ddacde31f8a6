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
from dataclaw.worlds import Ask, Lot, Scene, find_world
from dataclaw.worlds.base import TRUTH
from dataclaw.worlds.experts import answer, as_plan
from dataclaw.worlds.maker import Failure, Maker


def made(maker: Maker, lot: Lot) -> tuple[Scene, Stream]:
    """The scene of a lot and its stream."""
    scene = maker.make(lot)
    assert not isinstance(scene, Failure), scene
    return scene, open_stream(scene.path)


def same_twice(maker: Maker, lots: Iterable[Lot], again: Path) -> None:
    """Equal lots give equal truths and equal streams; `again` is the folder that they are made in once more."""
    with Maker(again) as other:
        for lot in lots:
            (one, stream), (two, second) = made(maker, lot), made(other, lot)
            assert (one.folder / TRUTH).read_bytes() == (two.folder / TRUTH).read_bytes(), lot
            assert stream.id == second.id, lot


def rollouts(maker: Maker, lots: Iterable[Lot], count: int) -> list[tuple[Ask, State]]:
    """What the experts make of the asks of lots."""
    found: list[tuple[Ask, State]] = []
    for lot in lots:
        scene, stream = made(maker, lot)
        world, domain, cache = find_world(lot.world), aigc(), Cache()
        for ask in world.asks(scene, count):
            state, _ = answer(domain, stream, ask, cache, as_plan(world, scene, ask))
            found.append((ask, state))
    return found


def aigc() -> Domain:
    """The domain."""
    return load_domain("aigc")


def accepted(found: Iterable[tuple[Ask, State]]) -> list[tuple[Ask, State]]:
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
