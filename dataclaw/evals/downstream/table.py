"""The table of a downstream run: means, intervals over trainings and test streams, pairs, volumes and cost."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dataclaw.errors import count_of
from dataclaw.evals.downstream.config import Share
from dataclaw.evals.downstream.run import DownstreamRun
from dataclaw.evals.downstream.spread import Spread, spread_between, spread_of

NOT_RUN = "not run"


@dataclass(frozen=True, slots=True)
class ScoredAnnotator:
    """How well the base model does that learnt from an annotator.

    Attributes:
        shares: of each share the values by seed, of rows or of groups, and the stream of each.
        kinds: kind of each value, of rows and of groups alike.
        by_seed: the first share that is told, by seed.
    """

    shares: Mapping[Share, tuple[Sequence[Sequence[float]], Sequence[str]]]
    kinds: Mapping[Share, Sequence[str]]
    by_seed: Mapping[int, float]

    def of_kind(self, share: Share, kind: str) -> float:
        """A share among the rows or groups of a kind."""
        at = [place for place, one in enumerate(self.kinds[share]) if one == kind]
        return _mean([values[place] for values in self.shares[share][0] for place in at])


def scores(run: DownstreamRun, name: str, metric: str) -> ScoredAnnotator | None:
    """What was measured of an annotator; None before all seeds are there."""
    found = {seed: run.scores_of(name, seed) for seed in run.task.seeds}
    lines = [some for some in found.values() if some is not None]
    if len(lines) < len(found) or not all(lines):
        return None
    groups = {line["group"]: line for line in lines[0]}
    by_seed: dict[Share, list[list[float]]] = {"right": [], "mean": [], "whole": []}
    for some in lines:
        whole = _whole(some, metric)
        by_seed["right"].append([float(line[metric] >= 1.0) for line in some])
        by_seed["mean"].append([float(line[metric]) for line in some])
        by_seed["whole"].append([float(whole[group]) for group in groups])
    told: dict[Share, Collection[Mapping[str, Any]]] = {"right": lines[0], "mean": lines[0], "whole": groups.values()}
    first = next(iter(run.task.figures))
    return ScoredAnnotator(
        shares={share: (by_seed[share], [line["stream"] for line in told[share]]) for share in told},
        kinds={share: [line["kind"] for line in told[share]] for share in told},
        by_seed={seed: _mean(values) for seed, values in zip(found, by_seed[first], strict=True)},
    )  # fmt: skip


def _whole(lines: Sequence[Mapping[str, Any]], metric: str) -> dict[str, bool]:
    found: dict[str, bool] = {}
    for line in lines:
        found[line["group"]] = found.get(line["group"], True) and line[metric] >= 1.0
    return found


def table_lines(about: str, run: DownstreamRun) -> Iterator[str]:
    """The table as Markdown. What was not run is said to be so, and never filled in."""
    task = run.task
    seeds = ", ".join(map(str, task.seeds))
    yield from (f"# {about}", "")
    yield f"Base model: {task.base}. Seeds: {seeds}. Every annotator has the same streams, and as many samples with"
    yield "nearly as many words of them. Figures are means over the seeds. Intervals of 95 % come from trainings and"
    yield "test streams drawn anew; p is twice the share of such draws on the other side of zero."
    known = (scores(run, name, next(iter(task.metrics))) for name in task.annotators)
    if tested := next(filter(None, known), None):
        rows, groups = (len(tested.kinds[share]) for share in ("right", "whole"))
        yield f"Tested on {count_of(rows, 'row')} in {count_of(groups, 'group')}."
    yield "The numbers do not compare with those of the paper: base model, streams and sizes are others."
    for metric, what in task.metrics.items():
        yield from ("", f"## Scored {what}", "")
        yield from _score_lines(run, metric)
    first = next(iter(task.metrics))
    yield from _kind_lines(run, first)
    yield from ("", "## Pairs", "")
    yield from _tests(run, first)
    yield from ("", "## What it took", "")
    yield from _cost(run)


def _score_lines(run: DownstreamRun, metric: str) -> Iterator[str]:
    figures = run.task.figures
    yield f"| annotator | {' | '.join(figures.values())} | by seed |"
    yield "|---|" + "---|" * (len(figures) + 1)
    for name, annotator in run.task.annotators.items():
        found = scores(run, name, metric)
        if found is None:
            yield f"| {name}: {annotator.about} | " + " | ".join([NOT_RUN] * (len(figures) + 1)) + " |"
            continue
        cells = [_cell(spread_of(*found.shares[share])) for share in figures]
        spread = ", ".join(f"{100 * share:.1f}" for share in found.by_seed.values())
        yield f"| {name}: {annotator.about} | {' | '.join(cells)} | {spread} |"


def _kind_lines(run: DownstreamRun, metric: str) -> Iterator[str]:
    """The shares by kind of row, where rows have kinds; what was not run stands above."""
    found = {name: one for name in run.task.annotators if (one := scores(run, name, metric))}
    kinds = sorted({kind for one in found.values() for kind in one.kinds["whole"] if kind})
    if not kinds:
        return
    yield from ("", f"## {', '.join(run.task.figures.values())}, by kind", "")
    yield f"| annotator | {' | '.join(kinds)} |"
    yield "|---|" + "---|" * len(kinds)
    for name, one in found.items():
        cells = [", ".join(f"{100 * one.of_kind(share, kind):.1f}" for share in run.task.figures) for kind in kinds]
        yield f"| {name} | {' | '.join(cells)} |"


def _cell(found: Spread | None) -> str:
    return "-" if found is None else f"{100 * found.mean:.1f} [{100 * found.low:.1f}, {100 * found.high:.1f}]"


def _tests(run: DownstreamRun, metric: str) -> Iterator[str]:
    figures = list(run.task.figures.items())
    tested = dict([figures[0], figures[-1]])
    yield f"| pair | {' | '.join(f'{what} | p' for what in tested.values())} |"
    yield "|---|" + "---|---|" * len(tested)
    for pair in run.task.compare:
        one, other = scores(run, pair.row, metric), scores(run, pair.against, metric)
        if one is None or other is None:
            yield f"| {pair.row} against {pair.against} | " + " | ".join([f"{NOT_RUN} |"] * len(tested)) + " |"
            continue
        cells = [_difference(spread_between(other.shares[share][0], *one.shares[share])) for share in tested]
        yield f"| {pair.row} against {pair.against} | {' | '.join(cells)} |"


def _difference(found: Spread | None) -> str:
    if found is None:
        return "- | -"
    return f"{100 * found.mean:+.1f} [{100 * found.low:+.1f}, {100 * found.high:+.1f}] | {found.p:.4f}"


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
