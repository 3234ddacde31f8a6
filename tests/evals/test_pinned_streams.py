"""Worlds still make the streams of the pinned benchmark; who changes one freezes a new benchmark under a new name."""

from __future__ import annotations

import ctypes.util
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from dataclaw.agent.batch import run_batch
from dataclaw.agent.policy.planner import Planner
from dataclaw.agent.runtime import Runtime
from dataclaw.agent.session import Session
from dataclaw.agent.steps import State
from dataclaw.evals.benchmark import SCENES, read_bench, sha256
from dataclaw.evals.pinned_benchmarks import PinnedBenchmark, pinned_benchmarks
from dataclaw.plugins import load_domain
from dataclaw.streams import open_stream
from dataclaw.tools.cache import Cache
from dataclaw.types import Intent
from dataclaw.worlds import SceneSpec
from dataclaw.worlds.base import Scene
from dataclaw.worlds.maker import Maker
from dataclaw.worlds.versions import engine_versions

NEWEST = pinned_benchmarks()[-1]
NUMBERS = ".hdf5"
"""Files of a physics engine's numbers, whose last digits depend on the processor."""
NOISY = "arena"
"""A world whose videos the encoder writes otherwise on another processor; what is measured in them is compared."""
NUMBER = re.compile(r"\d+(?:\.\d+)?")
PACK = Path(__file__).parents[2] / "packs/open-2"


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
    if world == NOISY:
        assert_same_measurements(scene, name, tmp_path)


def assert_same_measurements(scene: Scene, name: str, folder: Path) -> None:
    """The planner reads of a scene what the pack recorded of it, numbers to 5 %, and comes to the same end."""
    bench, domain = read_bench(PACK), load_domain("aigc")
    runtime = Runtime(Planner(), {"aigc": domain}, Cache(folder / "pack.sqlite"))
    items = [item for item in bench.items() if item.scene == name]
    assert items
    for item in items:
        task = domain.task(item.task)
        packed = bench.session(item, bench.open(item, domain), task, runtime)
        made = Session(open_stream(scene.path), task, Cache(folder / "made.sqlite"))
        state = State(item.id, "aigc", item.task, Intent(item.intent), item.window, budget=task.budget)
        kept, now = (run_batch([(state, session)], Planner())[0] for session in (packed, made))
        assert len(kept.turns) == len(now.turns) > 4
        for old, new in zip(kept.turns, now.turns, strict=True):
            assert NUMBER.sub("#", old.text) == NUMBER.sub("#", new.text)
            assert [*map(float, NUMBER.findall(new.text))] == pytest.approx(
                [*map(float, NUMBER.findall(old.text))], rel=0.05, abs=0.02
            )
        assert now.stop == kept.stop
