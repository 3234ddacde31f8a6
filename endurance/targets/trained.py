"""What training writes and reads back: choosers, adapters, GGUF files, records, figures, ledgers of studies."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path

from endurance.target import FuzzTarget
from endurance.targets.opening import put


def _chooser(folder: Path) -> None:
    import numpy as np

    from dataclaw.choosing.learned import ARRAYS, WEIGHTS

    out = folder / "chooser"
    shutil.copytree(WEIGHTS, out, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    with np.load(WEIGHTS / ARRAYS) as arrays:  # numbers that take little room
        small = {name: np.round(arrays[name].astype(np.float32)).astype(np.float16) for name in arrays.files}
    np.savez_compressed(out / ARRAYS, allow_pickle=False, **small)


def read_chooser(folder: Path) -> None:
    """A chooser, its card signed again after its weights were damaged."""
    from dataclaw.choosing.learned import ARRAYS, load_learned

    card = folder / "chooser.toml"
    digest = hashlib.sha256((folder / ARRAYS).read_bytes()).hexdigest()
    card.write_bytes(
        re.sub(rb'sha256 = "[0-9a-f]{64}"', b'sha256 = "%s"' % digest.encode(), card.read_bytes(), count=1)
    )
    load_learned(folder)


def _adapter(folder: Path, digest: str = "ab" * 32) -> None:
    import numpy as np
    from safetensors.numpy import save_file

    from dataclaw.models.adapter_folder import RECORD

    out = folder / "adapter"
    out.mkdir()
    name = "base_model.model.model.layers.0.self_attn.{}_proj.lora_{}.weight"
    shapes = {"A": (2, 16), "B": (16, 2)}
    save_file({name.format(part, side): np.ones(shape, np.float32) for part in "qv" for side, shape in shapes.items()},
              out / "adapter_model.safetensors")  # fmt: skip
    said = {"peft_type": "LORA", "r": 2, "lora_alpha": 4, "target_modules": ["q_proj", "v_proj"], "bias": "none"}
    put(out, {"adapter_config.json": json.dumps(said),
              RECORD: json.dumps({"base": "tiny", "base_digest": digest, "files": {}})})  # fmt: skip


def read_adapter(folder: Path) -> None:
    """An adapter as training wrote it, its hashes made to fit, turned into a GGUF file, whose base is read."""
    from dataclaw.models.adapter_folder import RECORD
    from dataclaw.models.gguf_files import base_digest
    from dataclaw.train.convert import convert_adapter

    record = folder / RECORD
    try:
        said = json.loads(record.read_bytes())
        names = ("adapter_config.json", "adapter_model.safetensors")
        said["files"] = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}
        record.write_text(json.dumps(said))
    except (ValueError, TypeError, RecursionError):
        pass
    with tempfile.TemporaryDirectory(dir=folder.parent) as work:
        base_digest(convert_adapter(folder, Path(work) / "a.gguf", heads=2, kv_heads=2).file)


def _gguf(folder: Path) -> None:
    from dataclaw.models.weights import EMBEDDED
    from dataclaw.train.convert import convert_adapter

    with tempfile.TemporaryDirectory() as work:
        _adapter(Path(work), EMBEDDED.sha256)
        adapter = Path(work) / "adapter"
        convert_adapter(adapter, folder / "a.gguf", heads=2, kv_heads=2)


def read_gguf(file: Path) -> None:
    """A file with an adapter that somebody sent."""
    from dataclaw.models.gguf_files import check_adapter

    check_adapter(file, "gui")


def _training(folder: Path) -> None:
    record = {"stage": "sft", "config": {"model": {"name": "chooser"}, "data": {"seed": 1}, "sft": {"steps": 4}},
              "corpus": {"training": {"sha256": "ab" * 32}}, "base": {"name": "c", "digest": "cd" * 32}}  # fmt: skip
    state = json.dumps({"step": 2, "totals": {"loss": 1.5}, "files": {"state.pt": 3}})
    put(folder / "run", {
        "run.json": json.dumps(record), "metrics.jsonl": '{"step": 1, "loss": 2.5}\n{"step": 2, "loss": 1.5}\n',
        "checkpoints/step-0000002/checkpoint.json": state, "checkpoints/step-0000002/state/state.pt": b"abc",
        "summary.json": '{"overall": {"mean": 0.5}}', "hacked.json": '{"drafts": 3}'})  # fmt: skip


def read_training(folder: Path) -> None:
    """The record, the figures and the checkpoints of a training run, as going on and `train ship` read them."""
    from dataclaw.evals.study.results import read_metrics
    from dataclaw.train import checkpoints, record
    from dataclaw.train.shipping import read_benchmark

    record.essence(record.read_run(folder))
    read_metrics(folder)
    checkpoints.newest(folder / "checkpoints")
    read_benchmark(folder / "summary.json")


def _study(folder: Path) -> None:
    from dataclaw.evals.study.ledger import STUDY, StageRecord

    given = {"corpus": "c", "bench": "b", "limit": 3, "steps": None, "device": "cpu"}
    put(folder / "study", {STUDY: json.dumps(given), "stages/a.json": json.dumps(asdict(StageRecord()))})


def read_study(folder: Path) -> None:
    """What a study was run with, and how a stage of it went."""
    from types import SimpleNamespace
    from typing import Any, cast

    from dataclaw.evals.study.ledger import StageLedger, last_inputs

    last_inputs(Path("study.toml"), folder)
    StageLedger(folder).record(cast("Any", SimpleNamespace(name="a")))


def _traces(folder: Path) -> None:
    from tests.train.choices import choice, write_corpus

    write_corpus(folder / "corpus", [choice(1), choice(2)], [choice(3)])
    turns = [{"role": "user", "content": "go", "train": False},
             {"role": "assistant", "content": '{"tool":"submit","args":{"draft":{"a":1}}}', "train": True}]  # fmt: skip
    row = {"id": "a", "domain": "gui", "task": "t", "messages": turns}
    put(folder / "spoken" / "export", {"traces.jsonl": json.dumps(row) + "\n"})


def read_traces(folder: Path) -> None:
    """The choices and the turns that a run learns."""
    from dataclaw.errors import ConfigError
    from dataclaw.train.choice_data import read_choices
    from dataclaw.train.config import DataConfig
    from dataclaw.train.tokens import read_examples
    from tests.train.tiny import tiny_tokeniser

    global _tokeniser
    _tokeniser = _tokeniser or tiny_tokeniser()
    config = DataConfig(corpus=folder)
    try:
        read_choices(config, "training")
    except ConfigError:
        read_examples(config, _tokeniser)
        raise
    if folder.name == "spoken":
        read_examples(config, _tokeniser)


_tokeniser: object | None = None


def _cached(folder: Path) -> None:
    from dataclaw.tools.base import ToolResult
    from dataclaw.tools.cache import Cache
    from dataclaw.types import Anchor

    home = folder / "cache"
    home.mkdir()
    cache = Cache(home / "tools.sqlite")
    cache.put("ab" * 32, "list_events", ToolResult("so", (Anchor("e0", "event", "a", 0.0, 1.0),), (), {"a": 1}))
    import sqlite3

    with sqlite3.connect(home / "tools.sqlite") as connection:
        connection.execute("PRAGMA journal_mode=DELETE")


def read_cached(folder: Path) -> None:
    """What tools gave, remembered in a database; in a copy, for a damaged one is moved aside."""
    from dataclaw.tools.base import ToolResult
    from dataclaw.tools.cache import Cache

    with tempfile.TemporaryDirectory(dir=folder.parent) as work:
        copy = shutil.copy(folder / "tools.sqlite", work)
        cache = Cache(Path(copy))
        cache.get("ab" * 32)
        cache.put("cd" * 32, "overview", ToolResult("so"))


TARGETS = (
    FuzzTarget("chooser", _chooser, read_chooser, 4),
    FuzzTarget("adapter folder", _adapter, read_adapter, 8),
    FuzzTarget("adapter gguf", _gguf, read_gguf, 8),
    FuzzTarget("training run", _training, read_training, 20, files=("*.json", "*.jsonl")),
    FuzzTarget("training traces", _traces, read_traces, 10, files=("*.jsonl",)),
    FuzzTarget("study ledger", _study, read_study, 16),
    FuzzTarget("tool cache", _cached, read_cached, 8),
)
