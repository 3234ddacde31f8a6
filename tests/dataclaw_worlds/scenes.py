"""Scenes for the tests of worlds: made in a process of their own, and made again to see that they are the same."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dataclaw.streams import open_stream
from dataclaw.worlds.base import TRUTH, Scene, SceneSpec
from dataclaw.worlds.maker import Maker


def make_scenes(folder: Path, specs: Sequence[SceneSpec]) -> list[Scene]:
    """The scenes of the specs, below a folder."""
    with Maker(folder) as maker:
        made = [maker.make(spec) for spec in specs]
    scenes = [scene for scene in made if isinstance(scene, Scene)]
    assert len(scenes) == len(specs), made
    return scenes


def assert_same_again(scene: Scene, folder: Path) -> Scene:
    """Make a scene once more, below an empty folder, and compare its truth and its stream; the new one."""
    (again,) = make_scenes(folder, [scene.spec])
    assert (again.folder / TRUTH).read_bytes() == (scene.folder / TRUTH).read_bytes()
    assert open_stream(again.path).id == open_stream(scene.path).id
    return again
