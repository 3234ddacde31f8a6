"""The table of a downstream run: means over seeds with intervals over streams, paired tests, volumes and cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dataclaw.errors import count_of
from dataclaw.evals.downstream.run import DownstreamRun
from dataclaw.evals.stats import Estimate, PairedTest, estimate, paired_test

NOT_RUN = "not run"


@dataclass(frozen=True, slots=True)
class ScoredAnnotator:
    """How well the base model does that learnt from an annotator; means over seeds.

    Attributes:
        right: of each row of the test split, whether it is wholly right.
        mean: of each row, its score.
        whole: of each group, whether all of its rows are right.
        streams: the stream of each row.
        groups: the stream of each group.
        by_seed: share of rows that are right, by seed.
    """

    right: Sequence[float]
    mean: Sequence[float]
    whole: Sequence[float]
    streams: Sequence[str]
    groups: Sequence[str]
    by_seed: Mapping[int, float]


def scores(run: DownstreamRun, name: str, metric: str) -> ScoredAnnotator | None:
    """What was measured of an annotator; None before all seeds are there."""
    found = {seed: run.scores_of(name, seed) for seed in run.task.seeds}
    lines = [some for some in found.values() if some is not None]
    if len(lines) < len(found) or not all(lines):
        return None
    rows = [[float(line[metric]) for line in some] for some in lines]
    groups = list(dict.fromkeys((line["group"], line["stream"]) for line in lines[0]))
    whole = [_whole(some, metric) for some in lines]
    return ScoredAnnotator(
        right=[_mean([float(score >= 1.0) for score in scores]) for scores in zip(*rows, strict=True)],
        mean=[_mean(scores) for scores in zip(*rows, strict=True)],
        whole=[_mean([float(one[group]) for one in whole]) for group, _ in groups],
        streams=[line["stream"] for line in lines[0]],
        groups=[stream for _, stream in groups],
        by_seed={seed: _mean([float(score >= 1.0) for score in some]) for seed, some in zip(found, rows, strict=True)},
    )


def _whole(lines: Sequence[Mapping[str, Any]], metric: str) -> dict[str, bool]:
    found: dict[str, bool] = {}
    for line in lines:
        found[line["group"]] = found.get(line["group"], True) and line[metric] >= 1.0
    return found


def table_lines(run: DownstreamRun) -> Iterator[str]:
    """The table as Markdown. What was not run is said to be so, and never filled in."""
    task = run.task
    seeds = ", ".join(map(str, task.seeds))
    yield from (f"# {task.about}", "")
    yield f"Base model: {task.base}. Seeds: {seeds}. Every annotator has the same streams, and as many samples with"
    yield "nearly as many words of them. Intervals are 95 %, from resampled test streams; a figure is the mean over"
    yield "the seeds."
    yield "The numbers do not compare with those of the paper: base model, streams and sizes are others."
    for metric, what in task.metrics.items():
        yield from ("", f"## Scored {what}", "")
        yield from _score_lines(run, metric)
    first = next(iter(task.metrics))
    yield from ("", "## Paired tests", "")
    yield from _tests(run, first)
    yield from ("", "## What it took", "")
    yield from _cost(run)


def _score_lines(run: DownstreamRun, metric: str) -> Iterator[str]:
    names = run.task.figures
    yield f"| annotator | {' | '.join(names)} | by seed |"
    yield "|---|" + "---|" * (len(names) + 1)
    for name, annotator in run.task.annotators.items():
        found = scores(run, name, metric)
        if found is None:
            yield f"| {name}: {annotator.about} | " + " | ".join([NOT_RUN] * (len(names) + 1)) + " |"
            continue
        cells = [
            _cell(estimate(values, streams))
            for values, streams in ((found.right, found.streams), (found.mean, found.streams),
                                    (found.whole, found.groups))
        ]  # fmt: skip
        spread = ", ".join(f"{100 * share:.1f}" for share in found.by_seed.values())
        yield f"| {name}: {annotator.about} | {' | '.join(cells)} | {spread} |"


def _cell(found: Estimate | None) -> str:
    return "-" if found is None else f"{100 * found.mean:.1f} [{100 * found.low:.1f}, {100 * found.high:.1f}]"


def _tests(run: DownstreamRun, metric: str) -> Iterator[str]:
    yield f"| pair | {run.task.figures[0]} | p | {run.task.figures[2]} | p |"
    yield "|---|---|---|---|---|"
    for pair in run.task.compare:
        one, other = scores(run, pair.row, metric), scores(run, pair.against, metric)
        if one is None or other is None:
            yield f"| {pair.row} against {pair.against} | {NOT_RUN} | | {NOT_RUN} | |"
            continue
        rows = paired_test(other.right, one.right, one.streams)
        groups = paired_test(other.whole, one.whole, one.groups)
        yield f"| {pair.row} against {pair.against} | {_difference(rows)} | {_difference(groups)} |"


def _difference(found: PairedTest | None) -> str:
    if found is None:
        return "- | -"
    d = found.difference
    return f"{100 * d.mean:+.1f} [{100 * d.low:+.1f}, {100 * d.high:+.1f}] | {found.p:.4f}"


def _cost(run: DownstreamRun) -> Iterator[str]:
    yield "| annotator | streams | gave nothing | rows in all | rows learnt | words learnt | telling |"
    yield "|---|---|---|---|---|---|---|"
    for name in run.task.annotators:
        told, drawn = run.told_of(name), run.set_of(name, run.task.seeds[0])
        if not told or not drawn:
            yield f"| {name} | {NOT_RUN} | | | | | |"
            continue
        asked = f", {count_of(told['tokens'], 'token')} of a model" if told["tokens"] else ""
        yield (f"| {name} | {told['streams']} | {told['refused']} | {told['rows']} | {drawn['rows']} | "
               f"{drawn['words']} | {told['seconds']:.0f} s{asked} |")  # fmt: skip


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
