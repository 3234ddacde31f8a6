"""The figures of a dataset report, out of the folders of runs."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean
from typing import cast

import numpy as np
from pydantic import ValidationError

from dataclaw.agent.case import load_facts
from dataclaw.domain import Domain
from dataclaw.errors import UsageError
from dataclaw.export.duplicates import NearDuplicates
from dataclaw.plugins import load_domain
from dataclaw.run.report.folder import RunFolder
from dataclaw.run.report.records import RejectionRecord, SampleRecord, UsageRecord
from dataclaw.schema import parse_json
from dataclaw.tools.facts import describe
from dataclaw.types import Json

NEAR = 0.9
"""Likeness from which two samples of a task are near-duplicates."""
BINS = 20
RECORD_CHARS = 64_000_000


@dataclass
class TaskFigures:
    """One task of a report.

    Attributes:
        accepted: samples.
        repaired: those whose draft was sent back at least once.
        rejected: rejections.
        totals: total of each sample.
        templates: templates of intents that were matched, and how many the task declares.
        intents: samples by the words that were asked for.
        lengths: characters of `question`, `answer` and `cot`, and `evidence`: fields with anchors; one a sample.
    """

    accepted: int = 0
    repaired: int = 0
    rejected: int = 0
    totals: list[float] = field(default_factory=list[float])
    templates: set[str] = field(default_factory=set[str])
    declared: int = 0
    intents: Counter[str] = field(default_factory=Counter[str])
    lengths: dict[str, list[int]] = field(default_factory=dict[str, list[int]])

    @property
    def share(self) -> float:
        """Share of what was asked for that became a sample, 0..1."""
        return self.accepted / max(1, self.accepted + self.rejected)

    def spread(self, what: str) -> tuple[float, float, float]:
        """10th, 50th and 90th percentile of a length, or of "total"."""
        values = self.totals if what == "total" else self.lengths.get(what, [])
        low, mid, high = np.percentile(values or [0], [10, 50, 90])
        return float(low), float(mid), float(high)


@dataclass
class RuleFigures:
    """One rule over all samples that it applies to.

    Attributes:
        scores: its scores.
        held: drafts that it sent back, of rejections.
        lost: samples that lose points by it.
    """

    scores: list[float] = field(default_factory=list[float])
    held: int = 0

    @property
    def mean(self) -> float:
        """Mean score; NaN of nothing."""
        return fmean(self.scores) if self.scores else float("nan")

    @property
    def lost(self) -> int:
        """Samples that it takes points from."""
        return sum(score < 0.9995 for score in self.scores)


@dataclass(frozen=True, slots=True)
class SampleText:
    """What a sample says, and what its stream says, for the map.

    Attributes:
        id: the sample.
        task: `<domain>.<task>`.
        said: question and answer.
        raw: text of its stream inside its window, "" where it has none or no trace is kept.
    """

    id: str
    task: str
    said: str
    raw: str


@dataclass
class DatasetFigures:
    """Everything that a report shows.

    Attributes:
        runs: folders.
        versions: versions that made them.
        asked: words of the runs' intents.
        streams: paths of the streams.
        formats: samples by the format of their stream.
        tasks: figures by `<domain>.<task>`.
        rules: figures by rule.
        stops: rejections by why the rollout ended.
        reasons: `(reason, remedy)` of rejections without what is of one stream alone, counted.
        examples: name of a rejected stream for each, and its own reason.
        events: events of the samples' windows, and `left_out` of them by reason.
        makers: samples by policy.
        near: `(sample, earlier sample that it is like)`.
        texts: texts for the map, in order.
        seconds: time of each stream [s].
        usage: what asking models took.
    """

    runs: list[Path]
    versions: set[str] = field(default_factory=set[str])
    asked: Counter[str] = field(default_factory=Counter[str])
    streams: set[str] = field(default_factory=set[str])
    formats: Counter[str] = field(default_factory=Counter[str])
    tasks: dict[str, TaskFigures] = field(default_factory=dict[str, TaskFigures])
    rules: dict[str, RuleFigures] = field(default_factory=dict[str, RuleFigures])
    stops: Counter[str] = field(default_factory=Counter[str])
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    examples: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict[tuple[str, str], "tuple[str, str]"])
    events: int = 0
    left_out: Counter[str] = field(default_factory=Counter[str])
    makers: Counter[str] = field(default_factory=Counter[str])
    near: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    texts: list[SampleText] = field(default_factory=list[SampleText])
    seconds: list[float] = field(default_factory=list[float])
    usage: UsageRecord = field(default_factory=UsageRecord)

    @property
    def accepted(self) -> int:
        """Samples in all."""
        return sum(task.accepted for task in self.tasks.values())

    @property
    def rejected(self) -> int:
        """Rejections in all, those of streams that could not be read included."""
        return sum(self.reasons.values())

    def histogram(self) -> list[int]:
        """Samples by total, in `BINS` equal steps from 0 to 1."""
        totals = [total for task in self.tasks.values() for total in task.totals]
        return np.histogram(totals, bins=BINS, range=(0, 1))[0].tolist()


def measure(outs: Sequence[Path], registry: Path | None = None) -> DatasetFigures:
    """The figures of finished runs.

    Args:
        outs: folders of runs.
        registry: the `plugins.toml` to use.

    Raises:
        UsageError: a folder holds no finished run, or a record is broken.
        MissingExtraError: what finds near-duplicates is not installed.
    """
    found = DatasetFigures(list(outs))
    alike = NearDuplicates(NEAR)
    seen: set[str] = set()
    for out in outs:
        folder = RunFolder(out)
        version, run = folder.config()
        found.versions.add(version)
        found.asked[str(run.get("intent", ""))] += 1
        for sample in folder.rows("samples", SampleRecord):
            if sample.id not in seen:
                seen.add(sample.id)
                _add_sample(found, sample, alike)
                found.texts.append(_texts(folder, sample))
        for rejection in folder.rows("rejected", RejectionRecord):
            _add_rejection(found, rejection)
        found.seconds += _seconds(folder)
        found.usage = _sum(found.usage, folder.usage())
    _add_declared(found, registry)
    return found


def _add_sample(found: DatasetFigures, sample: SampleRecord, alike: NearDuplicates) -> None:
    task = found.tasks.setdefault(f"{sample.domain}.{sample.task}", TaskFigures())
    task.accepted += 1
    task.repaired += bool(sample.made_by.repairs)
    task.intents[sample.intent.text] += 1
    task.templates |= {sample.intent.template} - {""}
    for key, length in _lengths(sample).items():
        task.lengths.setdefault(key, []).append(length)
    if sample.verdict.total is not None:
        task.totals.append(sample.verdict.total)
    for name, score in sample.verdict.scores.items():
        if score is not None:
            found.rules.setdefault(name, RuleFigures()).scores.append(score)
    found.streams.add(sample.stream.path)
    found.formats[sample.stream.format or "unknown"] += 1
    found.events += sample.left_out.events
    found.left_out.update(sample.left_out.by_reason)
    found.makers[sample.made_by.policy] += 1
    known = sample.model_dump(include={"id", "domain", "task", "question", "answer", "data", "intent", "evidence"})
    if like := alike.like(known):
        found.near.append((sample.id, like))
    alike.add(known)


def _add_rejection(found: DatasetFigures, rejection: RejectionRecord) -> None:
    found.streams.add(rejection.stream.path)
    found.stops[rejection.stop] += 1
    reason = _kind(rejection.reason), _kind(rejection.remedy)
    found.reasons[reason] += 1
    found.examples.setdefault(reason, (rejection.stream.name, rejection.reason))
    if rejection.domain and rejection.task:
        found.tasks.setdefault(f"{rejection.domain}.{rejection.task}", TaskFigures()).rejected += 1
    for name in rejection.verdict.held if rejection.verdict else []:
        found.rules.setdefault(name, RuleFigures()).held += 1


def _kind(text: str) -> str:
    """A reason without what is of one stream alone: lists in parentheses, quotes and numbers."""
    return re.sub(r"\([^()]*\)|\"[^\"]*\"|\d+(?:[.,]\d+)*", "…", " ".join(text.split()))[:300]


def _add_declared(found: DatasetFigures, registry: Path | None) -> None:
    """How many templates each task declares; 0 where its domain is not installed here."""
    domains: dict[str, Domain | None] = {}
    for name, task in found.tasks.items():
        domain, _, which = name.partition(".")
        if domain not in domains:
            try:
                domains[domain] = load_domain(domain, registry=registry)
            except UsageError:
                domains[domain] = None
        loaded = domains[domain]
        if loaded is not None and which in loaded.tasks:
            task.declared = len(loaded.task(which).manifest.intents)


def _lengths(sample: SampleRecord) -> dict[str, int]:
    return {
        "question": len(sample.question),
        "answer": len(_plain(sample.answer)),
        "cot": sum(len(_plain(thought)) for thought in cast("list[Json]", sample.cot or [])),
        "evidence": len(sample.evidence),
    }


def _plain(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _texts(folder: RunFolder, sample: SampleRecord) -> SampleText:
    raw = sample.input_text or _recorded_events(folder, sample.id)
    return SampleText(sample.id, f"{sample.domain}.{sample.task}", f"{sample.question}\n{_plain(sample.answer)}", raw)


def _recorded_events(folder: RunFolder, sample: str) -> str:
    """The events of a sample's stream as text, by what its trace says that rules look at; "" where it says nothing.

    Raises:
        UsageError: the trace is broken.
    """
    file = folder.inside(f"traces/{sample}.json")
    if file is None:
        return ""
    trace = parse_json(file.read_text(encoding="utf-8"), max_chars=RECORD_CHARS, max_depth=256)
    facts = cast("Mapping[str, Json]", trace).get("facts") if isinstance(trace, dict) else None
    if facts is None:  # an older version wrote it
        return ""
    try:
        return "\n".join(describe(event) for event in load_facts(facts).events)
    except ValidationError as error:
        message = f"not a trace: {error.error_count()} wrong fields in its facts."
        raise UsageError(message, place=str(file), remedy="Remove the file.") from None


def _seconds(folder: RunFolder) -> Iterator[float]:
    """Time of each finished stream [s]."""
    for file in sorted((folder.root / "done").glob("*.json")):
        record = parse_json(file.read_text(encoding="utf-8"), max_chars=RECORD_CHARS, max_depth=256)
        spent = cast("Mapping[str, Json]", record).get("seconds") if isinstance(record, dict) else None
        if isinstance(spent, int | float):
            yield float(spent)


def _sum(one: UsageRecord, other: UsageRecord) -> UsageRecord:
    counts = {
        key: getattr(one, key) + getattr(other, key) for key in ("requests", "read", "cached", "written", "images")
    }
    costs = [usage.cost for usage in (one, other) if usage.cost is not None]
    return UsageRecord(**counts, seconds=one.seconds + other.seconds, cost=sum(costs) if costs else None)
