"""Findings in their smallest form: what is left of a mutant while the same goes wrong."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from endurance.reader import FuzzFinding, damage, problem
from endurance.target import FuzzTarget, seed_of, seeds_of

PATIENCE = 20.0
"""How long a finding is made smaller [s]."""


def keep_finding(target: FuzzTarget, finding: FuzzFinding, state: Path) -> Path:
    """Keep the seed of a finding with its file damaged, as small as it gets; the place.

    It is made smaller in a process of its own, for it may die; then it is kept as it was found. So is one
    that takes too long, since each trial would.
    """
    place = state / "findings" / target.name.replace(" ", "_") / str(finding.number)
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    folder = state / "seeds" / target.name
    seed = seed_of(seeds_of(target, folder), finding.number)
    root = place / seed.root.name
    if seed.root.is_dir():
        shutil.copytree(seed.root, root)
    file = root / seed.file.relative_to(seed.root) if seed.root.is_dir() else root
    data = damage(target, seed.file.read_bytes(), finding.number)
    file.write_bytes(data)
    (place / "finding.txt").write_text(f"{target.name} #{finding.number}, {file.name}: {finding.what}\n")
    if finding.what.startswith("takes longer"):
        return place
    child = os.fork()
    if child == 0:
        try:
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, 1)
            os.dup2(null, 2)
            with tempfile.TemporaryDirectory() as work:
                _make_smaller(target, root, file, finding, Path(work))
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    return place


def _make_smaller(target: FuzzTarget, root: Path, file: Path, finding: FuzzFinding, work: Path) -> None:
    from endurance.target import FuzzSeed

    copy = work / root.name
    if root.is_dir():
        shutil.copytree(root, copy)
    trial = copy / file.relative_to(root) if root.is_dir() else copy

    def fails(data: bytes) -> bool:
        trial.write_bytes(data)
        found = problem(target, FuzzSeed(trial, copy))
        return found.partition(":")[0] == finding.what.partition(":")[0]

    data = file.read_bytes()
    if fails(data):
        file.write_bytes(smaller(data, fails))


def smaller(data: bytes, fails: Callable[[bytes], bool], seconds: float = PATIENCE) -> bytes:
    """The bytes without the pieces that it does not take, large ones first.

    Args:
        data: they fail.
        fails: whether others do.
        seconds: how long to look [s].
    """
    end = time.monotonic() + seconds
    size = max(1, len(data) // 2)
    while size:
        at = 0
        while at < len(data):
            if time.monotonic() > end:
                return data
            less = data[:at] + data[at + size :]
            if fails(less):
                data = less
            else:
                at += size
        size //= 2
    return data
