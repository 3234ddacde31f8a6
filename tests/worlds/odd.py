"""A world that goes wrong by seed: 1 hangs, 2 dies, 3 raises, 4 lacks its engine, 5 writes half; others are fine."""

from __future__ import annotations

import os
import time
from pathlib import Path

from dataclaw.errors import MissingExtraError
from dataclaw.worlds import Scene, SceneSpec, World


def make(spec: SceneSpec, folder: Path) -> Scene:
    (folder / f"{spec.name}.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\nA cell is small.\n", encoding="utf-8")
    if spec.seed == 1:
        time.sleep(600)
    if spec.seed == 2:
        os._exit(7)
    if spec.seed in (3, 5):
        raise RuntimeError("the engine is on fire")
    if spec.seed == 4:
        raise MissingExtraError("No engine.", remedy="Run: pip install engine")
    return Scene(spec, folder, f"{spec.name}.srt", {"pid": [str(os.getpid())]}, {"seed": spec.seed})


WORLD = World("odd", "education", "Goes wrong by seed.", make, lambda scene, count: [], {}, seconds=60)
