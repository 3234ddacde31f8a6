"""Worlds still make the streams of the pinned benchmark; who changes one freezes a new benchmark under a new name."""

from __future__ import annotations

import ctypes.util
from collections.abc import Mapping
from pathlib import Path

import pytest

from dataclaw.evals.benchmark import SCENES, sha256
from dataclaw.evals.pinned_benchmarks import PinnedBenchmark, pinned_benchmarks
from dataclaw.worlds import SceneSpec
from dataclaw.worlds.base import Scene
from dataclaw.worlds.maker import Maker
from dataclaw.worlds.versions import engine_versions

NEWEST = pinned_benchmarks()[-1]
NUMBERS = ".hdf5"
"""Files of a physics engine's numbers, whose last digits depend on the processor."""
NOISY = "arena"
"""A world whose videos the encoder writes otherwise on another processor, from the same truth."""


def specs(pinned: PinnedBenchmark) -> dict[str, Mapping[str, str]]:
    """One pinned lot a world, the first in order: its files with their hashes."""
    found: dict[str, dict[str, str]] = {}
    for name, digest in sorted(pinned.files.items()):
        if name.startswith(f"{SCENES}/"):
            _, spec, rest = name.split("/", 2)
            found.setdefault(spec, {})[rest] = digest
    first = {spec.split("-")[0]: spec for spec in sorted(found, reverse=True)}
    return {spec: found[spec] for spec in sorted(first.values())}


@pytest.mark.slow
@pytest.mark.parametrize("name", specs(NEWEST))
def test_a_pinned_lot_is_made_again_byte_for_byte(name: str, tmp_path: Path) -> None:
    world, split, difficulty, seed = name.split("-")
    if engine_versions() != NEWEST.manifest["engines"] or ctypes.util.find_library("EGL") is None:
        pytest.skip("other versions of the engines draw other pictures")
    maker = Maker(tmp_path)
    scene = maker.make(SceneSpec(world, int(seed), int(difficulty), split))
    maker.close()
    assert isinstance(scene, Scene), scene
    files = {str(path.relative_to(scene.folder)): sha256(path) for path in scene.folder.rglob("*") if path.is_file()}
    pinned = dict(specs(NEWEST)[name])
    assert files.keys() == pinned.keys()
    measured = {file for file in files if file.endswith(NUMBERS) or (world == NOISY and file.endswith(".mp4"))}
    assert {file: files[file] for file in files.keys() - measured} == {k: pinned[k] for k in pinned.keys() - measured}
