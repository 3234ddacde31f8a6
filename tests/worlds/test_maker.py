"""Scenes are made in a process of their own, whole or not at all; what an engine does wrong is told with its lot."""

from __future__ import annotations

from pathlib import Path

import pytest

from dataclaw.errors import MissingExtraError, StreamError
from dataclaw.streams import open_stream
from dataclaw.worlds import Scene, SceneSpec, load_scene, register
from dataclaw.worlds.maker import Failure, Maker

register("odd", "tests.worlds.odd:WORLD")


def spec(seed: int) -> SceneSpec:
    return SceneSpec("odd", seed, 1)


def test_one_process_makes_many_scenes_and_none_twice(tmp_path: Path):
    with Maker(tmp_path) as maker:
        first, second = maker.make(spec(10)), maker.make(spec(11))
        assert isinstance(first, Scene)
        assert isinstance(second, Scene)
        assert first.sources == second.sources
        assert open_stream(first.path).kind == "lesson"
    with Maker(tmp_path) as maker:
        assert maker.make(spec(10)) == first


def test_a_world_that_hangs_is_stopped_and_its_seed_told(tmp_path: Path):
    with Maker(tmp_path) as maker:
        before = maker.make(spec(10))
        failed = maker.make(spec(1), seconds=0.5)
        after = maker.make(spec(11))
    assert failed == Failure(spec(1), "took more than 0.5 s.", "Raise the time limit, or leave the seed out.")
    assert isinstance(before, Scene)
    assert isinstance(after, Scene)
    assert before.sources != after.sources
    assert sorted(p.name for p in tmp_path.iterdir() if p.name[0] != ".") == [spec(10).name, spec(11).name]


def test_an_engine_that_dies_or_raises_takes_nothing_along(tmp_path: Path):
    with Maker(tmp_path) as maker:
        died, raised, fine = (maker.make(spec(seed)) for seed in (2, 3, 12))
    assert isinstance(died, Failure)
    assert "exit code 7" in died.reason
    assert raised == Failure(spec(3), "RuntimeError: the engine is on fire")
    assert isinstance(fine, Scene)
    assert not (tmp_path / spec(3).name).exists()


def test_a_missing_engine_is_an_error_with_its_remedy(tmp_path: Path):
    with Maker(tmp_path) as maker, pytest.raises(MissingExtraError, match="pip install engine"):
        maker.make(spec(4))


def test_damaged_truth_is_told(tmp_path: Path):
    with Maker(tmp_path) as maker:
        scene = maker.make(spec(10))
    assert isinstance(scene, Scene)
    assert load_scene(scene.folder) == scene
    (scene.folder / "truth.json").write_text("{}", encoding="utf-8")
    with pytest.raises(StreamError, match="Make it anew"):
        load_scene(scene.folder)
