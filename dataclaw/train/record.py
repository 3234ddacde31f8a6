"""What is written beside the checkpoints: the run's full record, and its figures line by line."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import platform
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self, cast

from pydantic import BaseModel, model_validator

from dataclaw.errors import ConfigError, MissingExtraError
from dataclaw.strict import load_json
from dataclaw.train.config import TrainConfig
from dataclaw.train.devices import library
from dataclaw.version import __version__

RUN, METRICS = "run.json", "metrics.jsonl"
RESULTS = ("adapter", "model", "chooser")
"""Folders with what was learnt, each written beside its place and moved there when it is whole."""
LIBRARIES = ("torch", "transformers", "peft", "trl", "numpy")
FREE = {
    "model": {"device", "compile", "checkpointing", "attention"},
    "sft": {"eval_every", "save_every", "keep", "tensorboard"},
    "grpo": {"server", "shared", "batch_tokens", "save_every", "keep"},
}
"""Settings that may change when a run is continued: what is learnt stays the same."""


def run_record(config: TrainConfig, stage: str, corpus: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
    """All that a run depends on.

    Args:
        config: its settings.
        stage: "sft" or "grpo".
        corpus: what became of the corpus, with its digest.
        base: name, digest and kind of the model it began with.
    """
    torch = library("torch")
    return {
        "stage": stage,
        "config": config.model_dump(mode="json", include={"model", "data", stage}),
        "seed": config.data.seed,
        "corpus": dict(corpus),
        "base": dict(base),
        "versions": {"dataclaw": __version__, "python": platform.python_version(), **_versions()},
        "machine": {
            "system": f"{platform.system()} {platform.machine()}",
            "device": torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu",
        },
    }


class _RunRecord(BaseModel):
    """What every record says; it says more."""

    stage: str
    config: dict[str, dict[str, Any]]
    corpus: dict[str, dict[str, Any]]
    base: dict[str, Any]

    @model_validator(mode="after")
    def _has_data_and_digest(self) -> Self:
        if "data" not in self.config or "digest" not in self.base:
            raise ValueError("it names no data, or no base")
        return self


def read_run(folder: Path) -> dict[str, Any]:
    """The record of a training run.

    Raises:
        ConfigError: it is missing or damaged.
    """
    try:
        said = load_json((folder / RUN).read_text(encoding="utf-8"))
        _RunRecord.model_validate(said)
        return cast("dict[str, Any]", said)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"the training run has no record that can be read: {error}.",
            place=str(folder),
            remedy="Name the folder that the training wrote to.",
        ) from None


def essence(record: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a record that must be the same when a run is continued."""
    config = {
        table: {key: value for key, value in settings.items() if key not in FREE.get(table, set())}
        for table, settings in cast("dict[str, dict[str, Any]]", record["config"]).items()
    }
    for folder in ("corpus", "frames"):
        config["data"].pop(folder, None)  # it may move; its digest identifies it
    if not config["data"].get("images"):  # older runs have no such settings
        config["data"] = {key: value for key, value in config["data"].items() if not key.startswith("image")}
    digests = {kind: file.get("sha256") for kind, file in record["corpus"].items()}
    return {"stage": record["stage"], "config": config, "corpus": digests, "base": record["base"]["digest"]}


def begin(out: Path, record: Mapping[str, Any]) -> None:
    """Write a run's record, or make sure that it is the one that is there; what a kill left half written is removed.

    Raises:
        ConfigError: the folder has another run, the settings in which they differ are named.
    """
    file = out / RUN
    for name in RESULTS:
        for part in out.glob(f".{name}.*"):
            shutil.rmtree(part)
    if file.is_file():
        before = essence(read_run(out))
        differing = differences(before, essence(json.loads(json.dumps(record))))
        if differing:
            remedy = "Put them back to go on, or begin anew: --out another folder, or --fresh."
            raise ConfigError(f"another run lies here: {'; '.join(differing)}.", place=str(out), remedy=remedy)
        return
    out.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    part.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    part.replace(file)


def forget(out: Path) -> None:
    """Remove what a run wrote, and nothing else."""
    for name in ("checkpoints", *RESULTS, "tensorboard"):
        shutil.rmtree(out / name, ignore_errors=True)
    for name in (RUN, METRICS):
        (out / name).unlink(missing_ok=True)


def differences(before: object, now: object, path: str = "") -> list[str]:
    """Where two records differ, as `key: before, now`."""
    if isinstance(before, dict) and isinstance(now, dict):
        old, new = cast("dict[str, object]", before), cast("dict[str, object]", now)
        keys = [*old, *(key for key in new if key not in old)]
        return [line for key in keys for line in differences(old.get(key), new.get(key), f"{path}.{key}".lstrip("."))]
    return [] if before == now else [f"{path} was {json.dumps(before)}, is {json.dumps(now)}"]


class Metrics:
    """The figures of a run: `metrics.jsonl`, and TensorBoard files where they are asked for."""

    def __init__(self, out: Path, *, step: int, tensorboard: bool) -> None:
        """Open the files; lines behind `step` are of steps that are done again, and are dropped.

        Raises:
            MissingExtraError: TensorBoard is to be written and is not installed.
        """
        self._board = _board(out, step) if tensorboard else None
        path = out / METRICS
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        kept = [line for line in lines if _step(line) <= step]
        self._file = path.open("w", encoding="utf-8", buffering=1)
        self._file.writelines(f"{line}\n" for line in kept)

    def write(self, figures: Mapping[str, Any]) -> None:
        """Add the figures of a step; nested tables become `a/b` in TensorBoard."""
        self._file.write(json.dumps(figures) + "\n")
        if self._board is not None:
            for name, value in _flat(figures):
                self._board.add_scalar(name, value, figures["step"])

    def close(self) -> None:
        """Close the files."""
        self._file.close()
        if self._board is not None:
            self._board.close()


def read_metrics(folder: Path) -> list[dict[str, Any]]:
    """The figures of each step of a training; none where it did not begin. A last line that was cut short is left out.

    Raises:
        ConfigError: a line is none.
    """
    file = folder / METRICS
    found: list[dict[str, Any]] = []
    try:
        for line in file.read_text(encoding="utf-8").splitlines() if file.is_file() else []:
            row = load_json(line) if line.endswith("}") else None
            found += [cast("dict[str, Any]", row)] if isinstance(row, dict) else []
    except (OSError, ValueError) as error:
        raise ConfigError(f"the figures are damaged: {error}.", place=str(file), remedy="Remove the file.") from None
    return found


def _board(out: Path, step: int) -> Any:
    try:
        return library("torch.utils.tensorboard").SummaryWriter(str(out / "tensorboard"), purge_step=step + 1)
    except ModuleNotFoundError:
        raise MissingExtraError("TensorBoard is not installed.", remedy="Run: pip install tensorboard") from None


def _step(line: str) -> float:
    """The step of a line; one that was cut short is dropped."""
    try:
        return float(load_json(line)["step"])
    except (ValueError, KeyError, TypeError):
        return float("inf")


def _flat(figures: Mapping[str, Any], path: str = "") -> list[tuple[str, float]]:
    flat = list[tuple[str, float]]()
    for key, value in figures.items():
        if isinstance(value, dict):
            flat += _flat(cast("dict[str, Any]", value), f"{path}{key}/")
        elif isinstance(value, int | float) and key != "step":
            flat.append((f"{path}{key}", float(value)))
    return flat


def _versions() -> dict[str, str]:
    found = dict[str, str]()
    for name in LIBRARIES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "missing"
    return found


def digest_of(value: object) -> str:
    """sha256 of plain JSON."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
