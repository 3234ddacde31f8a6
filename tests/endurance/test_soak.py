"""A soak: what grows is found, what does not is not, and a server under load finishes what it accepted."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from endurance.footprints import footprint, tree, trend
from endurance.soak import report, soak

TIMES = [5.0 * at for at in range(720)]
"""An hour, every five seconds [s]."""


def test_what_grows_is_found_and_noise_is_not() -> None:
    chance = random.Random(1)
    flat = [100 + chance.gauss(0, 3) for _ in TIMES]
    growing = [value + at / 3600 * 6 for value, at in zip(flat, TIMES, strict=True)]
    warm = [value + min(20.0, at / 60) for value, at in zip(flat, TIMES, strict=True)]
    assert not trend(TIMES, flat, 2.0).grows
    assert not trend(TIMES, warm, 2.0).grows, "what rises at the start and then stays does not grow"
    found = trend(TIMES, growing, 2.0)
    assert found.grows
    assert found.low < 6 < found.high
    assert not trend(TIMES, [value + at / 3600 for value, at in zip(flat, TIMES, strict=True)], 2.0).grows
    assert not trend([0.0, 1.0], [1.0, 1.0], 2.0).grows


def test_a_process_is_measured_with_those_that_it_began() -> None:
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'print(1, flush=True); input()'])"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert len(tree(process.pid)) == 1
        found = footprint(process.pid, 3.0)
        assert (found.at, found.processes, found.helper) == (3.0, 2, 0.0)
        assert found.memory > 1
        assert found.descriptors >= 3
        process.communicate(b"\n")
    assert tree(process.pid) == []
    assert footprint(os.getpid(), 0.0).threads >= 1


@pytest.mark.slow
def test_a_server_under_load_finishes_every_job(tmp_path: Path) -> None:
    soaked = soak(tmp_path, 0.25, every=0.5)
    assert soaked.wrong == []
    assert sum(soaked.states.values()) > 2
    assert set(soaked.states) <= {"done", "cancelled"}
    assert "0 wrong in 0.25 minutes" in report(soaked)
