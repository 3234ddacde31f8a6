"""Checkpoints of a run: what is trained and the optimizer's state, each whole or not there.

A checkpoint is written beside its place and moved there when it is complete; its `checkpoint.json`, written last, has
the sizes of its files, so that one of which a machine lost a part is not taken for whole. Nothing random is kept: what
is random in a step follows from the seed and the step's number.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from dataclaw.errors import ConfigError
from dataclaw.strict import load_json
from dataclaw.train.devices import library
from dataclaw.train.workers import Workers

RECORD = "checkpoint.json"
ALONE = "alone.pt"
"""The one file of a run of one process."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The newest whole checkpoint.

    Attributes:
        step: optimizer steps that it has behind it.
        folder: where it lies.
        totals: what the run counted so far.
        broken: newer ones that are not whole.
    """

    step: int
    folder: Path
    totals: dict[str, float]
    broken: list[Path] = field(default_factory=list[Path])


def prepare(learnt: Mapping[str, Any], optimizer: Any) -> None:
    """Make the optimizer's state before the first step, so that it has the same form in every checkpoint.

    Args:
        learnt: parameters that are trained, by name.
        optimizer: AdamW over them.
    """
    torch = library("torch")
    fused = bool(optimizer.defaults.get("fused"))
    for p in learnt.values():
        step = torch.zeros((), dtype=torch.float32, device=p.device if fused else "cpu")
        optimizer.state[p] = {"step": step, "exp_avg": torch.zeros_like(p), "exp_avg_sq": torch.zeros_like(p)}


def save(
    folder: Path, step: int, learnt: Mapping[str, Any], optimizer: Any, totals: Mapping[str, float], workers: Workers
) -> Path:
    """Write the checkpoint of a step into a folder of checkpoints.

    Args:
        folder: the run's checkpoints.
        step: optimizer steps done.
        learnt: parameters that are trained, by name.
        optimizer: AdamW over them, after `prepare`.
        totals: what the run counted so far.
        workers: the processes; each writes its part.
    """
    target = folder / f"step-{step:07d}"
    part = folder / f".{target.name}.part"
    if workers.first:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
    workers.wait()
    _write(_state(learnt, optimizer), part / "state", workers)
    workers.wait()
    if workers.first:
        files = {file.name: file.stat().st_size for file in (part / "state").iterdir()}
        record = {"step": step, "totals": dict(totals), "files": files}
        (part / RECORD).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        shutil.rmtree(target, ignore_errors=True)
        part.replace(target)
    workers.wait()
    return target


def load(found: Checkpoint, learnt: Mapping[str, Any], optimizer: Any, workers: Workers) -> None:
    """Put a checkpoint into the parameters and the optimizer.

    Raises:
        ConfigError: one process wrote it and several are to go on, or the other way round.
    """
    state, folder = _state(learnt, optimizer), found.folder / "state"
    alone = (folder / ALONE).is_file()
    if alone != (workers.world == 1):
        remedy = "Go on with as many processes as it began with, or begin anew with --fresh."
        raise ConfigError(
            f"the checkpoint is of {'one process' if alone else 'several processes'}.",
            place=str(found.folder),
            remedy=remedy,
        )
    if alone:
        kept = library("torch").load(folder / ALONE, map_location="cpu", weights_only=True)
        for name, value in state.items():
            value.copy_(kept[name])
    else:
        library("torch.distributed.checkpoint").load(state, checkpoint_id=folder)


def newest(folder: Path) -> Checkpoint | None:
    """The newest whole checkpoint of a run, or None."""
    broken = list[Path]()
    for one in sorted(folder.glob("step-*"), reverse=True):
        record = _record(one)
        if record:
            return Checkpoint(record.step, one, record.totals, broken)
        broken.append(one)
    return None


def prune(folder: Path, keep: int) -> None:
    """Remove all whole checkpoints but the newest ones, and what is not whole."""
    there = sorted(folder.glob("step-*"))
    whole = [one for one in there if _record(one)][-keep:]
    for old in [*(one for one in there if one not in whole), *folder.glob(".step-*.part")]:
        shutil.rmtree(old)


def _write(state: Mapping[str, Any], folder: Path, workers: Workers) -> None:
    """Several processes write their parts side by side; one writes one file, which is far faster."""
    if workers.world > 1:
        library("torch.distributed.checkpoint").save(dict(state), checkpoint_id=folder)
    else:
        folder.mkdir()
        library("torch").save(dict(state), folder / ALONE)


class _Record(BaseModel):
    """What `checkpoint.json` says: the step, what was counted, and the sizes of the files [bytes]."""

    step: int
    totals: dict[str, float]
    files: dict[str, int]


def _record(folder: Path) -> _Record | None:
    try:
        record = _Record.model_validate(load_json((folder / RECORD).read_text(encoding="utf-8")))
        whole = all((folder / "state" / name).stat().st_size == size for name, size in record.files.items())
    except (OSError, ValueError):
        return None
    return record if whole else None


def _state(learnt: Mapping[str, Any], optimizer: Any) -> dict[str, Any]:
    """Tensors by name; loading writes into them."""
    state = {f"weights.{name}": p.detach() for name, p in learnt.items()}
    for name, p in learnt.items():
        state |= {f"optimizer.{name}.{key}": value for key, value in optimizer.state[p].items()}
    return state
