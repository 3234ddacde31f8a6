"""Scoring a run: every prediction against its reference, then means with their uncertainty, by every way to cut them.

OUT/ gets scores.jsonl (one row an item) and summary.json. Which rows there are is decided by the benchmark, not by the
predictions: an item without a prediction scores 0 and is named, and so are predictions of items that there are not.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel, Field, TypeAdapter

from dataclaw.domain import Domain
from dataclaw.errors import ConfigError, UsageError
from dataclaw.evals.benchmark import BenchItem, Benchmark, SetName
from dataclaw.evals.metrics import CitedDraft, DraftSetting, Similarity, gate, score_all
from dataclaw.evals.open_scores import judge
from dataclaw.evals.predict import PREDICTIONS, REFUSED, EvalRun, Prediction, read_predictions, read_run
from dataclaw.evals.stats import RESAMPLES, SEED, estimate
from dataclaw.files import write_atomic
from dataclaw.models.prices import Price
from dataclaw.strict import load_json
from dataclaw.types import Json

SCORES, SUMMARY = "scores.jsonl", "summary.json"
TERMS: Mapping[SetName, tuple[str, ...]] = {
    "val": ("total", "gate", "field", "semantic", "sequence", "accepted", "handed_in"),
    "intent": ("total", "gate", "grounded", "useful", "accepted", "handed_in"),
}
"""Scores that are averaged, of each set; 0..1."""
EFFORT = ("steps", "calls", "wrote", "read", "seconds")
ASKED = ("requests", "prompt", "cached", "images")
"""What requests to a model took: how many, tokens read in all of them, of these kept by the model, and pictures."""
KNOWN = (*ASKED, "cost")
"""Effort that not every run knows: what requests took, and what tokens read and written cost."""
AXES = ("domain", "task", "style", "language", "difficulty", "kind")


@dataclass(frozen=True, slots=True)
class ScoredItem:
    """An item with what its prediction got.

    Attributes:
        id: the item.
        stream: the scene it is about.
        axes: domain, task, style, language, difficulty and kind.
        scores: what the set's `TERMS` name, 0..1, of those that apply.
        effort: what the rollout took: `EFFORT`, and `ASKED` where it is known; nothing where there was none.
        rules: score of each rule that judged the draft.
        held: rules that it is below the mark of.
        detail: likeness of the texts, what the course was read from, the task an open request was given to.
        why: why there is no accepted draft.
        missing: whether there was no prediction.
        unavailable: calls that failed because the pack does not have them, by tool.
    """

    id: str
    stream: str
    axes: Mapping[str, str]
    scores: Mapping[str, float]
    effort: Mapping[str, float] = field(default_factory=dict[str, float])
    rules: Mapping[str, float] = field(default_factory=dict[str, float])
    held: Sequence[str] = ()
    detail: Mapping[str, Json] = field(default_factory=dict[str, Json])
    why: str = ""
    missing: bool = False
    unavailable: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True, slots=True)
class Mismatches:
    """Predictions and items that do not meet.

    Attributes:
        missing: items without a prediction; they score 0.
        unknown: predictions of items that the benchmark does not have; they are left out.
        extra: predictions of items that were not asked for, or a second time; they are left out.
        refused: open requests that the router gave to no task; they score 0.
    """

    missing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """One sentence for each kind that there is."""
        said = {
            "without a prediction (scored 0)": self.missing,
            "predicted, but not in the benchmark (left out)": self.unknown,
            "predicted twice, or beyond --limit (left out)": self.extra,
            "refused by the router, as in any run (scored 0)": self.refused,
        }
        return [f"{len(ids)} {what}: {', '.join(ids[:10])}" + (", ..." if len(ids) > 10 else "")
                for what, ids in said.items() if ids]  # fmt: skip


def match_predictions(
    items: Sequence[BenchItem], asked: Sequence[BenchItem], predictions: Iterable[Prediction]
) -> tuple[dict[str, Prediction], Mismatches]:
    """The first prediction of every item that was asked for, and what does not meet.

    Args:
        items: all that the set has.
        asked: those that were asked for.
        predictions: what there is.
    """
    known, wanted = {item.id for item in items}, {item.id for item in asked}
    found: dict[str, Prediction] = {}
    unknown: list[str] = []
    extra: list[str] = []
    for one in predictions:
        if one.id not in known:
            unknown.append(one.id)
        elif one.id in found or one.id not in wanted:
            extra.append(one.id)
        else:
            found[one.id] = one
    missing = tuple(item.id for item in asked if item.id not in found)
    return found, Mismatches(missing, tuple(unknown), tuple(extra))


def read_run_predictions(
    out: Path, bench: Benchmark, file: Path | None = None
) -> tuple[list[BenchItem], dict[str, Prediction]]:
    """The items that a run was asked for, and the first prediction of each that has one.

    Args:
        out: folder of the run.
        bench: its benchmark.
        file: where its predictions lie, if not in its folder.

    Raises:
        ConfigError: there is no run, or a line is no prediction.
        UsageError: it is a run of another benchmark, or has no predictions.
    """
    told, file = read_run(out), file or out / PREDICTIONS
    if told.bench != bench.digest:
        raise UsageError("is a run of another benchmark.", place=str(out), remedy="Name its benchmark with --bench.")
    if not file.is_file():
        raise UsageError("no predictions.", place=str(file), remedy="Take a run that eval run made.")
    items = bench.items(told.set)
    asked = told.select(items)
    return asked, match_predictions(items, asked, read_predictions(file))[0]


def score_run(
    bench: Benchmark,
    run: EvalRun,
    predictions: Iterable[Prediction],
    domains: Mapping[str, Domain],
    similarity: Similarity,
) -> tuple[list[ScoredItem], Mismatches]:
    """Score predictions.

    Args:
        bench: the benchmark.
        run: which set, how many items.
        predictions: what a model made of them.
        domains: loaded domains.
        similarity: how texts are compared.

    Raises:
        ConfigError: a task's schema is not the one that the references were written for.
    """
    items = bench.items(run.set)
    asked = run.select(items)
    found, names = match_predictions(items, asked, predictions)
    names = replace(names, refused=tuple(name for name, one in found.items() if one.stop == REFUSED))
    made = [(item, found.get(item.id, Prediction(item.id))) for item in asked]
    if run.set == "intent":
        return [_open_row(item, one, domains, missing=item.id in names.missing) for item, one in made], names
    read = [(one.cited_draft(item), item.cited_reference(), item.setting(domains[item.domain])) for item, one in made]
    rows = [
        _row(item, one, asdict(scores), missing=item.id in names.missing)
        for (item, one), scores in zip(made, score_all(read, similarity), strict=True)
    ]
    return rows, names


def _row(item: BenchItem, one: Prediction, scores: Mapping[str, Any], *, missing: bool) -> ScoredItem:
    terms = {key: scores[key] for key in ("total", "gate", "field", "semantic", "sequence") if scores[key] is not None}
    detail = {"texts": scores["texts"], "course": scores["course"]}
    return _scored_item(item, one, terms, detail, missing=missing)


def _open_row(item: BenchItem, one: Prediction, domains: Mapping[str, Domain], *, missing: bool) -> ScoredItem:
    domain = domains.get(one.domain)
    task = domain.tasks.get(one.task) if domain else None
    setting = DraftSetting(task.schema, item.frames, item.window, item.labels) if task else None
    opened = setting is not None and gate(CitedDraft(one.draft, one.anchors or {}), setting)
    terms = judge(one.rules, one.held, task, item.kind, gate=opened)
    return _scored_item(item, one, terms, {"given_to": f"{one.domain}.{one.task}" if one.task else ""}, missing=missing)


def _scored_item(
    item: BenchItem, one: Prediction, terms: Mapping[str, float], detail: Mapping[str, Json], *, missing: bool
) -> ScoredItem:
    axes = {
        "domain": item.domain,
        "task": f"{item.domain}.{item.task}" if item.task else "",
        "style": item.style,
        "language": item.language,
        "difficulty": str(item.lot.get("difficulty", "")),
        "kind": item.kind,
    }
    flags = {"handed_in": float(one.draft is not None)}
    flags |= {} if one.accepted is None else {"accepted": float(one.accepted)}
    keys = (*EFFORT, *ASKED) if one.prompt else EFFORT
    effort = {} if missing or one.stop == REFUSED else {key: float(getattr(one, key)) for key in keys}
    why = "no prediction" if missing else one.why
    scores = {**terms, **flags}
    return ScoredItem(
        item.id, item.scene, axes, scores, effort, one.rules, one.held, detail, why, missing, one.unavailable
    )


def summarise(
    run: EvalRun, rows: Sequence[ScoredItem], names: Mismatches, similarity: str, price: Price | None = None
) -> dict[str, Json]:
    """Means with bootstrap 95 % intervals over streams: overall, and by each of `AXES`.

    Args:
        run: the run.
        rows: its scored items.
        names: predictions and items that do not meet.
        similarity: how texts were compared.
        price: what the model's tokens cost, None where nobody says.
    """
    groups: dict[str, Json] = {"overall": _group(run, rows, price)}
    for axis in AXES:
        kinds = sorted({row.axes[axis] for row in rows} - {""})
        groups[axis] = {name: _group(run, [row for row in rows if row.axes[axis] == name], price) for name in kinds}
    return {
        **asdict(run),
        "similarity": similarity if run.set == "val" else "",
        "statistics": {"resamples": RESAMPLES, "seed": SEED, "drawn": "streams", "interval": 0.95},
        "names": asdict(names),
        "price": asdict(price) if price else None,
        **groups,
        "rules": _rules(rows),
        "unavailable": _unavailable(rows),
        "why": dict(Counter(row.why[:200] for row in rows if row.why).most_common(20)),
    }


def _group(run: EvalRun, rows: Sequence[ScoredItem], price: Price | None) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for name in TERMS[run.set]:
        known = [row for row in rows if name in row.scores]
        one = estimate([row.scores[name] for row in known], [row.stream for row in known])
        found[name] = one.to_json() if one else None
    effort = _effort([row.effort for row in rows if row.effort], price)
    return {"n": len(rows), "streams": len({row.stream for row in rows}), **found, "effort": effort}


def _effort(rows: Sequence[Mapping[str, float]], price: Price | None) -> dict[str, float]:
    """Means over rollouts; of `KNOWN` only what is known of one of them at least."""
    if not rows:
        return {}
    mean = {key: sum(row.get(key, 0.0) for row in rows) / len(rows) for key in (*EFFORT, *ASKED)}
    found = {key: round(value, 3) for key, value in mean.items() if key in EFFORT or value}
    cost = (
        {"cost": round(price.of(mean["prompt"], mean["wrote"], mean["cached"]), 9)} if price and mean["prompt"] else {}
    )
    return found | cost


def _rules(rows: Sequence[ScoredItem]) -> dict[str, Json]:
    """Of each rule: drafts that it judged, its mean, and the share that was at its mark."""
    found: dict[str, Json] = {}
    for name in sorted({name for row in rows for name in row.rules}):
        judged = [row for row in rows if name in row.rules]
        mean = sum(row.rules[name] for row in judged) / len(judged)
        passed = sum(name not in row.held for row in judged) / len(judged)
        found[name] = {"judged": len(judged), "mean": round(mean, 6), "passed": round(passed, 6)}
    return found


def _unavailable(rows: Sequence[ScoredItem]) -> dict[str, Json]:
    """Calls that a pack did not have: how many, of how many items, and by tool."""
    counts: Counter[str] = Counter()
    for row in rows:
        counts.update(row.unavailable)
    items = sum(bool(row.unavailable) for row in rows)
    return {"calls": counts.total(), "items": items, "tools": dict(counts.most_common())}


def write_scores(out: Path, rows: Sequence[ScoredItem], summary: Mapping[str, Json]) -> None:
    """Write scores.jsonl and summary.json."""
    lines = (json.dumps(asdict(row), ensure_ascii=False, separators=(",", ":")) for row in rows)
    write_atomic(out / SCORES, "".join(f"{line}\n" for line in lines))
    write_atomic(out / SUMMARY, json.dumps(summary, ensure_ascii=False, indent=1) + "\n")


def read_scores(out: Path) -> list[ScoredItem]:
    """The rows of a scored run.

    Raises:
        ConfigError: there are none.
    """
    lines = _text(out / SCORES).split("\n")
    try:
        rows = [_adapter().validate_json(line) for line in lines if line]
        for row in rows:
            if missing := [*({"total"} - row.scores.keys()), *(set(AXES) - row.axes.keys())]:
                raise ValueError(f"{row.id} lacks {missing[0]}")
        return rows
    except ValueError as error:
        raise _unscored_error(out / SCORES, str(error)[:200]) from None


def read_summary(out: Path) -> dict[str, Any]:
    """The summary of a scored run.

    Raises:
        ConfigError: there is none.
    """
    try:
        said = load_json(_text(out / SUMMARY))
        _Summary.model_validate(said)
    except ValueError as error:
        raise _unscored_error(out / SUMMARY, str(error)[:200]) from None
    return cast("dict[str, Any]", said)


class _Summary(BaseModel):
    """What every summary says; the rest is shown where it is there."""

    bench: str
    set: SetName
    model: str
    similarity: str
    overall: dict[str, Any]
    domain: dict[str, Any] = Field(default_factory=dict[str, Any])
    names: dict[str, Any] = Field(default_factory=dict[str, Any])
    models: dict[str, str] | None = None


@cache
def _adapter() -> TypeAdapter[ScoredItem]:
    return TypeAdapter(ScoredItem)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _unscored_error(file, str(error)) from None


def _unscored_error(file: Path, why: str) -> ConfigError:
    return ConfigError(f"no scored run: {why}.", place=str(file), remedy="Run: dataclaw eval run, or eval score.")
