"""What is in a corpus and what was dropped, as numbers and as a page of Markdown."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from dataclaw.corpus.config import CorpusConfig
from dataclaw.corpus.export import ExportCounts, records
from dataclaw.files import write_atomic
from dataclaw.models.prices import Price
from dataclaw.types import Json

_AXES = ("world", "difficulty", "style", "language")


def write_report(config: CorpusConfig, out: Path, done: ExportCounts, price: Price | None = None) -> dict[str, Json]:
    """Write `report.json` and `report.md`; the numbers.

    Args:
        config: what was built.
        out: folder of the corpus.
        done: what the export kept and dropped.
        price: what the writer's tokens cost.
    """
    measured = _record_numbers(out)
    tokens: Mapping[str, int] = measured["tokens"]
    cost = {"cost": round(price.of(tokens["prompt_tokens"], tokens["tokens"]), 4)} if price else {}
    numbers = {**_export_numbers(done), **measured, **cost, "config": config.model_dump()}
    write_atomic(out / "report.json", json.dumps(numbers, ensure_ascii=False, indent=1))
    write_atomic(out / "report.md", page(numbers))
    return numbers


def _export_numbers(done: ExportCounts) -> dict[str, Json]:
    return {
        "samples": {f"{d}.{t}": {"training": 0, "validation": 0} for _, d, t in sorted(done.kept)}
        | _by_task(done.kept),
        "total": sum(done.kept.values()),
        "dropped": [{"reason": r, "task": t, "count": n} for (r, t), n in done.dropped.most_common()],
        "units": dict(done.units),
        "failures": [{"unit": unit, "reason": reason} for unit, reason in done.failures[:200]],
        "near_duplicates": [{"dropped": a, "kept": b} for a, b in done.near[:50]],
    }


def _by_task(kept: Counter[tuple[str, str, str]]) -> dict[str, Json]:
    found: dict[str, dict[str, int]] = defaultdict(lambda: {"training": 0, "validation": 0})
    for (part, domain, task), count in sorted(kept.items()):
        found[f"{domain}.{task}"][part] = count
    return dict(found)


def _record_numbers(out: Path) -> dict[str, Json]:
    """What a walk over the records gives: time, effort, variety."""
    seconds: dict[str, list[float]] = defaultdict(list)
    effort: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    axes: dict[str, Counter[str]] = {axis: Counter() for axis in _AXES}
    sources: dict[str, set[str]] = defaultdict(set)
    detours: Counter[str] = Counter()
    tokens: Counter[str] = Counter({"prompt_tokens": 0, "tokens": 0})
    for record in records(out):
        world = record["key"].partition("-")[0]
        for stage, spent in record["seconds"].items():
            seconds[f"{world} {stage}"].append(spent)
        tasks = {row["id"]: f"{row['domain']}.{row['task']}" for row in record["candidates"]}
        for row in record["drafts"]:
            _add(effort[tasks[row["id"]]], row)
            detours[row["detour"] or "none"] += 1
            tokens.update({"prompt_tokens": row["prompt_tokens"], "tokens": row["spent"]["tokens"]})
        for row in record["validated"]:
            if row["sample"]:
                _vary(row["sample"]["origin"], axes, sources)
    return {
        "seconds": {name: {"mean": round(fmean(v), 3), "sum": round(sum(v), 1)} for name, v in sorted(seconds.items())},
        "effort": {t: {k: round(fmean(v), 2) for k, v in rows.items()} for t, rows in sorted(effort.items())},
        "axes": {axis: dict(counts.most_common()) for axis, counts in axes.items()},
        "sources": {kind: len(names) for kind, names in sorted(sources.items())},
        "detours": dict(detours),
        "tokens": dict(tokens),
    }


def _add(rows: dict[str, list[float]], draft: Mapping[str, Any]) -> None:
    for key in ("steps", "tool_calls", "tokens"):
        rows[key].append(draft["spent"][key])
    rows["read_characters"].append(draft["read_characters"])
    rows["seconds"].append(draft["seconds"])


def _vary(origin: Mapping[str, Any], axes: Mapping[str, Counter[str]], sources: Mapping[str, set[str]]) -> None:
    for axis, counts in axes.items():
        counts[str(origin.get(axis, "recorded"))] += 1
    for kind, names in {"template": [origin["template"]], **origin.get("sources", {})}.items():
        sources[kind].update(names)


def page(numbers: Mapping[str, Any]) -> str:
    """The report as Markdown."""
    dropped: Counter[str] = Counter()
    for row in numbers["dropped"]:
        dropped[row["reason"]] += row["count"]
    tasks = [
        (task, n["training"], n["validation"], *_effort_cells(numbers["effort"].get(task, {})))
        for task, n in numbers["samples"].items()
    ]
    parts = [
        f"# A corpus of {numbers['total']:,} samples",
        f"{numbers['units'].get('made', 0):,} streams, {numbers['units'].get('failed', 0):,} that could not be made; "
        f"{sum(dropped.values()):,} asks gave no sample.",
        _table(("task", "training", "validation", "tool calls", "tokens written", "characters read", "seconds"), tasks),
        *(f"## By {axis}\n\n{_table((axis, 'samples'), counts.items())}" for axis, counts in numbers["axes"].items()),
        *_bill(numbers),
        f"## Different sources\n\n{_table(('kind', 'different ones'), numbers['sources'].items())}",
        f"## Detours in traces\n\n{_table(('detour', 'drafts'), numbers['detours'].items())}",
        f"## What was dropped\n\n{_table(('reason', 'asks'), dropped.most_common(40))}",
        f"## Streams that could not be made\n\n{_table(('unit', 'reason'), _failures(numbers))}",
        f"## Time\n\n{_table(('what', 'mean [s]', 'sum [s]'), _times(numbers))}",
    ]
    return "\n\n".join(parts) + "\n"


def _effort_cells(effort: Mapping[str, float]) -> tuple[float | str, ...]:
    return tuple(effort.get(key, "") for key in ("tool_calls", "tokens", "read_characters", "seconds"))


def _bill(numbers: Mapping[str, Any]) -> list[str]:
    """What a model read and wrote, where one wrote; who reads nothing is no model."""
    read, wrote = numbers["tokens"]["prompt_tokens"], numbers["tokens"]["tokens"]
    if not read:
        return []
    rows: list[tuple[str, object]] = [("tokens read", read), ("tokens written", wrote)]
    rows += [("cost", numbers["cost"])] if "cost" in numbers else []
    return [f"## What the model took\n\n{_table(('what', 'sum'), rows)}"]


def _failures(numbers: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(row["unit"], row["reason"]) for row in numbers["failures"][:40]]


def _times(numbers: Mapping[str, Any]) -> list[tuple[str, float, float]]:
    return [(name, spent["mean"], spent["sum"]) for name, spent in numbers["seconds"].items()]


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    body = "\n".join(f"| {' | '.join(_cell(cell) for cell in row)} |" for row in lines)
    return body if len(lines) > 2 else "None."


def _cell(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value).replace("|", "\\|").replace("\n", " ")
