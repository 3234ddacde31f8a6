"""From finished units to the files that are trained on: stage tables, near-duplicates dropped, validation kept apart.

Validation is apart by stream (no stream is in both); what is apart in every source, application, object and template is
the benchmark, which worlds draw from their held-out halves.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, cast

from dataclaw.corpus.build import read_record
from dataclaw.corpus.config import CorpusConfig
from dataclaw.corpus.unit import STAGES, Row
from dataclaw.export.duplicates import NearDuplicates
from dataclaw.files import TEMPORARY

EXPORTS = (
    "training_samples",
    "training_artifacts",
    "traces",
    "validation_samples",
    "validation_artifacts",
    "validation_traces",
)


APART = 0.8
"""Share of word runs in common with an item of a benchmark from which a sample is left out."""


@dataclass(frozen=True, slots=True)
class Apart:
    """What benchmarks ask for; nothing that is like it may be in a corpus.

    Attributes:
        samples: their references, as a corpus would have them.
        templates: what their intents were made from.
    """

    samples: Iterable[Row] = ()
    templates: frozenset[str] = frozenset()


class _Known:
    """What a sample may not be like: the samples that were kept, and what benchmarks ask for."""

    def __init__(self, near: float, apart: Apart) -> None:
        self.kept, self._apart, self._templates = NearDuplicates(near), NearDuplicates(APART), apart.templates
        for sample in apart.samples:
            self._apart.add(sample)

    def why(self, sample: Row) -> tuple[str, str]:
        """Why a sample is left out and what it is like, both "" when it is not."""
        template = str(cast("Row", sample["origin"])["template"])
        if template in self._templates:
            return "asked in the words of a benchmark", template
        if like := self._apart.like(sample):
            return "near an item of a benchmark", like
        like = self.kept.like(sample)
        return ("near-duplicate", like) if like else ("", "")


@dataclass
class ExportCounts:
    """What the export kept and dropped.

    Attributes:
        kept: samples by `(set, domain, task)`.
        dropped: `(reason, domain.task)` counts.
        near: `(dropped id, kept id)` of near-duplicates, at most 1,000 of them.
        units: units by what became of them: "made", "failed".
        failures: `(unit, reason)` of units without a stream.
    """

    kept: Counter[tuple[str, str, str]] = field(default_factory=Counter[tuple[str, str, str]])
    dropped: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    near: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    units: Counter[str] = field(default_factory=Counter[str])
    failures: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])


def records(out: Path) -> Iterator[dict[str, Any]]:
    """The records of finished units, by key; one that is damaged is passed over and is done again by the next build."""
    for file in sorted((out / "done").glob("*.json")):
        record = read_record(out, file.stem)
        if record is not None:
            yield record


def export(config: CorpusConfig, out: Path, apart: Apart | None = None) -> ExportCounts:
    """Write the stage tables and `export/`, each file whole or not at all.

    Args:
        config: what was built.
        out: folder of the corpus.
        apart: what benchmarks ask for; what is like it is left out.
    """
    done = ExportCounts()
    seen = _Known(config.near, apart or Apart())
    with ExitStack() as stack:
        tables = {f"{i}_{name}": _open(stack, out / f"{i}_{name}.jsonl") for i, name in enumerate(STAGES, 1)}
        exports = {name: _open(stack, out / "export" / f"{name}.jsonl") for name in EXPORTS}
        for record in records(out):
            for table, file in tables.items():
                _write(file, cast("list[Row]", record[table[2:]]))
            _unit(config, record, seen, exports, done)
    for name in [*tables, *(f"export/{name}" for name in EXPORTS)]:
        (out / f"{name}.jsonl{TEMPORARY}").replace(out / f"{name}.jsonl")
    return done


def _unit(
    config: CorpusConfig, record: Mapping[str, Any], seen: _Known, files: Mapping[str, IO[str]], done: ExportCounts
) -> None:
    if record["failure"]:
        done.units["failed"] += 1
        done.failures.append((record["key"], record["failure"]["reason"]))
        return
    done.units["made"] += 1
    part = "validation" if _share(record["key"]) < config.validation else "training"
    traces = {row["id"]: row for row in record["traces"]}
    for row in record["validated"]:
        if row["sample"] is None:
            rejected = row["rejected"]
            done.dropped[_reason(rejected), f"{rejected['domain']}.{rejected['task']}"] += 1
            continue
        sample = cast("Row", row["sample"])
        why, like = seen.why(sample)
        if why:
            done.dropped[why, f"{sample['domain']}.{sample['task']}"] += 1
            done.near += [(str(sample["id"]), like)] if len(done.near) < 1000 else []
            continue
        seen.kept.add(sample)
        done.kept[part, str(sample["domain"]), str(sample["task"])] += 1
        _write(files[f"{part}_samples"], [sample])
        _write(files[f"{part}_artifacts"], [a for a in record["artifacts"] if a["sample"] == sample["id"]])
        _write(files["traces" if part == "training" else "validation_traces"], [traces[sample["id"]]])


def _reason(rejected: Mapping[str, Any]) -> str:
    """Why there is no sample, in few kinds: a draft that was held counts by the first rule that held it."""
    verdict = cast("Mapping[str, list[str]]", rejected["verdict"] or {})
    held = verdict.get("held")
    return f"held by {held[0]}" if held else str(rejected["reason"])[:120]


def _share(key: str) -> float:
    """0..1 from a unit's key, the same in every build."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:4]) / 2**32


def _open(stack: ExitStack, file: Path) -> IO[str]:
    file.parent.mkdir(parents=True, exist_ok=True)
    return stack.enter_context(file.with_name(file.name + TEMPORARY).open("w", encoding="utf-8"))


def _write(file: IO[str], rows: list[Row]) -> None:
    for row in rows:
        file.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")
