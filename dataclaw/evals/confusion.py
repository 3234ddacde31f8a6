"""Where the router sends the items of a benchmark, from intent and stream alone, against the tasks that they are of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dataclaw.agent.router import has_pictures, route
from dataclaw.domain import Domain
from dataclaw.evals.benchmark import Benchmark
from dataclaw.evals.stats import Estimate, estimate
from dataclaw.types import Stream

ELSEWHERE, REFUSED = "another domain", "refused"


@dataclass(frozen=True, slots=True)
class RoutedItem:
    """An item and where the router sent it.

    Attributes:
        stream: the scene it is about.
        domain: domain that it is of.
        task: task that it is of.
        to_domain: domain that it was sent to, "" where the router refuses it.
        to_task: task that it was sent to, "" where the router refuses it.
    """

    stream: str
    domain: str
    task: str
    to_domain: str
    to_task: str


@dataclass(frozen=True, slots=True)
class ConfusionMatrix:
    """Items by what they are and where they were sent.

    Attributes:
        title: whose items they are, "" for all.
        rows: what they are.
        columns: where they were sent; rows first, then whatever else there is.
        counts: items of each row and column.
    """

    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


def route_items(bench: Benchmark, domains: Mapping[str, Domain]) -> list[RoutedItem]:
    """Route every item that has a task.

    Raises:
        StreamError: a stream cannot be read, or reads differently than when the benchmark was made.
    """
    streams: dict[str, Stream] = {}
    found: list[RoutedItem] = []
    for item in bench.items("val"):
        stream = streams.get(item.stream) or bench.open(item, domains[item.domain])
        streams[item.stream] = stream
        routed = route(item.intent, stream.kind, domains, pictures=has_pictures(stream))
        to = ("", "") if routed.lost else (routed.choice.domain, routed.choice.task)
        found.append(RoutedItem(item.scene, item.domain, item.task, *to))
    return found


def over_domains(items: Sequence[RoutedItem]) -> ConfusionMatrix:
    """Domains against domains."""
    rows = sorted({one.domain for one in items})
    pairs = [(one.domain, one.to_domain or REFUSED) for one in items]
    return _matrix("", rows, [*sorted({to for _, to in pairs} - {*rows, REFUSED}), REFUSED], pairs)


def over_tasks(items: Sequence[RoutedItem]) -> list[ConfusionMatrix]:
    """Tasks against tasks, one matrix a domain."""
    found: list[ConfusionMatrix] = []
    for domain in sorted({one.domain for one in items}):
        own = [one for one in items if one.domain == domain]
        rows = sorted({one.task for one in own})
        pairs = [(one.task, _place(one)) for one in own]
        others = sorted({to for _, to in pairs} - {*rows, ELSEWHERE, REFUSED})
        found.append(_matrix(domain, rows, [*others, ELSEWHERE, REFUSED], pairs))
    return found


def shares(items: Sequence[RoutedItem]) -> dict[str, dict[str, Estimate]]:
    """Share of items whose domain, and whose task, is found, and that are refused; "overall" and by domain."""
    groups = {"overall": list(items)}
    groups |= {name: [one for one in items if one.domain == name] for name in sorted({one.domain for one in items})}
    return {name: _shares(group) for name, group in groups.items() if group}


def _shares(items: Sequence[RoutedItem]) -> dict[str, Estimate]:
    values = {
        "domain": [float(one.to_domain == one.domain) for one in items],
        "task": [float((one.to_domain, one.to_task) == (one.domain, one.task)) for one in items],
        "refused": [float(not one.to_task) for one in items],
    }
    streams = [one.stream for one in items]
    return {name: found for name, numbers in values.items() if (found := estimate(numbers, streams))}


def _place(one: RoutedItem) -> str:
    if not one.to_task:
        return REFUSED
    return one.to_task if one.to_domain == one.domain else ELSEWHERE


def _matrix(title: str, rows: Sequence[str], more: Sequence[str], pairs: Sequence[tuple[str, str]]) -> ConfusionMatrix:
    counts = Counter(pairs)
    columns = (*rows, *more)
    return ConfusionMatrix(
        title, tuple(rows), columns, tuple(tuple(counts[row, column] for column in columns) for row in rows)
    )
