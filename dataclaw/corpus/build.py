"""Building a corpus: every unit on its own, in several processes, kept as it is finished; then the export.

out/
  corpus.toml          settings, and the version that built it
  scenes/<spec>/       streams of worlds, with their truth
  done/<unit>.json     all stages of one unit, written whole (the truth the rest is made from)
  1_candidates.jsonl 2_packages.jsonl 3_drafts.jsonl 4_validated.jsonl
  export/              training_samples.jsonl, training_artifacts.jsonl, traces.jsonl, the same for validation
  report.json report.md
"""

from __future__ import annotations

import hashlib
import json
import signal
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import tomli_w

from dataclaw.corpus.config import CorpusConfig
from dataclaw.corpus.unit import CorpusRuntime, CorpusUnit, UnitRecord
from dataclaw.errors import ConfigError, UsageError
from dataclaw.files import owned_folder, remove_halves, write_atomic
from dataclaw.plugins import installed_loaders
from dataclaw.run.ledger import log_into
from dataclaw.run.pool import Died, map_in_processes
from dataclaw.streams import discover
from dataclaw.strict import load_json, parse_toml
from dataclaw.version import __version__
from dataclaw.worlds import WorldPlace, entries, find_world, register_all, worlds
from dataclaw.worlds.base import SceneSpec


@dataclass(frozen=True, slots=True)
class BuildProgress:
    """News of one unit.

    Attributes:
        unit: its key.
        samples: samples that passed.
        rejected: requests that gave none.
        seconds: time it took [s].
        failure: why there is no stream, "" when there is one.
        again: whether an earlier build had done it.
    """

    unit: str
    samples: int
    rejected: int
    seconds: float = 0.0
    failure: str = ""
    again: bool = False


def units(config: CorpusConfig) -> list[CorpusUnit]:
    """What there is to do: the worlds' scenes, seed by seed so that a stop leaves all worlds even, then the recordings.

    Raises:
        UsageError: a named world does not exist or serves none of the domains, or there is nothing to do.
        StreamError: no loader reads anything at one of the paths.
    """
    serves = {name: find_world(name).domain for name in config.worlds or worlds()}
    chosen = [name for name, domain in serves.items() if not config.domains or domain in config.domains]
    if config.worlds and len(chosen) < len(config.worlds):
        strange = sorted(set(config.worlds) - set(chosen))
        raise UsageError(f"{', '.join(strange)} serves none of {config.domains}.", remedy="See: dataclaw world list")
    turns = config.difficulties
    found = [
        SceneSpec(name, config.first_seed + at, turns[at % len(turns)], config.split)
        for at in range(config.streams)
        for name in chosen
    ]
    recorded = (
        [str(Path(str(root)).absolute()) for root in discover(config.paths, loaders=installed_loaders())]
        if config.paths
        else []
    )
    paths = [CorpusUnit(f"path-{hashlib.sha256(path.encode()).hexdigest()[:16]}", path=path) for path in recorded]
    if not found and not paths:
        raise UsageError("no world and no path to build from.", remedy="See: dataclaw world list")
    return [*(CorpusUnit(spec.name, spec) for spec in found), *paths]


def build(config: CorpusConfig, out: Path, *, workers: int = 1, resume: bool = True) -> Iterator[BuildProgress]:
    """Do every unit that is not done; the export is another call, so that it can be made anew.

    Args:
        config: what is built.
        out: folder of the corpus.
        workers: processes.
        resume: keep what an earlier build of the same configuration finished.

    Yields:
        News of every unit, those done before first.

    Raises:
        ConfigError: the folder holds a corpus of another configuration.
        UsageError: there is nothing to do.
        OwnedError: somebody else writes into the folder.
        MissingExtraError: an engine is not installed.
    """
    todo = units(config)
    with owned_folder(out):
        remove_halves(out, "done", "media/*")
        yield from _build(config, todo, out, workers, resume=resume)


def _build(
    config: CorpusConfig, todo: Sequence[CorpusUnit], out: Path, workers: int, *, resume: bool
) -> Iterator[BuildProgress]:
    _begin(config, out, resume=resume)
    waiting: list[CorpusUnit] = []
    for unit in todo:
        kept = read_record(out, unit.key)
        if kept is None:
            waiting.append(unit)
        else:
            yield _news(kept, again=True)
    for unit, result in map_in_processes(
        partial(_work, config, out), waiting, workers, begin=_begin_worker, given=(out, entries())
    ):
        if isinstance(result, Died):
            record = UnitRecord(
                unit.key, failure={"unit": unit.key, "reason": result.reason, "remedy": "", "place": ""}
            )
            result = _keep(out, record)
        yield result


def read_record(out: Path, key: str) -> dict[str, Any] | None:
    """The record of a unit that is finished; None when it is missing or damaged."""
    file = out / "done" / f"{key}.json"
    try:
        record = load_json(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return record if _is_whole(record, key) else None


def _is_whole(record: Any, key: str) -> bool:
    """Whether a record is of its unit and has a trace for each of its samples."""
    try:
        samples = {row["sample"]["id"] for row in record["validated"] if row["sample"] is not None}
        return record["key"] == key and samples <= {row["id"] for row in record["traces"]}
    except (TypeError, KeyError):
        return False


def _begin(config: CorpusConfig, out: Path, *, resume: bool) -> None:
    file = out / "corpus.toml"
    asked = config.model_dump(exclude_none=True)
    if file.exists() and resume:
        before = parse_toml(file.read_bytes()).get("corpus", {})
        # More streams and other worlds are more units of the same, and the export's settings change none.
        free = {"streams", "worlds", "near", "validation"}
        changed = sorted(k for k in {*before, *asked} - free if before.get(k) != asked.get(k))
        if changed:
            raise ConfigError(
                f"{out} holds a corpus that differs in {', '.join(changed)}.",
                remedy="Use another --out, or --no-resume to build this one anew.",
            )
    if not resume:
        for old in (out / "done").glob("*.json"):
            old.unlink()
    write_atomic(file, tomli_w.dumps({"dataclaw": __version__, "corpus": asked}))


_benches: dict[str, CorpusRuntime] = {}


def _begin_worker(out: Path, known: Mapping[str, WorldPlace]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    register_all(known)
    log_into(out)


def _work(config: CorpusConfig, out: Path, unit: CorpusUnit) -> BuildProgress:
    key = config.model_dump_json()
    if key not in _benches:
        _benches[key] = CorpusRuntime(config, out)
    return _keep(out, _benches[key].work(unit))


def _keep(out: Path, record: UnitRecord) -> BuildProgress:
    data = asdict(record)
    write_atomic(out / "done" / f"{record.key}.json", json.dumps(data, ensure_ascii=False))
    return _news(data)


def _news(data: dict[str, Any], *, again: bool = False) -> BuildProgress:
    passed = sum(row["sample"] is not None for row in data["validated"])
    failure = str(data["failure"]["reason"]) if data["failure"] else ""
    seconds = float(data["seconds"].get("all", 0.0))
    return BuildProgress(data["key"], passed, len(data["validated"]) - passed, seconds, failure, again)
