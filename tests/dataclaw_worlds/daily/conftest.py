"""Scenes of the daily worlds, made once by a process of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest

from dataclaw.worlds.base import Scene, SceneSpec, Split
from dataclaw.worlds.maker import Failure, Maker

Make = Callable[..., Scene]


@pytest.fixture(scope="session")
def make(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Make]:
    """`make(world, seed, difficulty, split)` gives a scene."""
    with Maker(tmp_path_factory.mktemp("worlds")) as maker:

        def made(world: str, seed: int = 0, difficulty: int = 2, split: Split = "train") -> Scene:
            scene = maker.make(SceneSpec(world, seed, difficulty, split))
            assert not isinstance(scene, Failure), scene.reason
            return scene

        yield made


def facts(scene: Scene) -> dict[str, Any]:
    """The truth of a scene."""
    return cast("dict[str, Any]", scene.facts)
