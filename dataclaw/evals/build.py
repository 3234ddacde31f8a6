"""Making a benchmark: held-out lots of every world, asked in turn over tasks, styles and difficulties.

What an expert answers with an accepted draft may become an item; items are chosen in the order of the lots, so that the
benchmark is the same however many processes make it. What is finished of a lot is kept under `.work`, by the versions
of everything that decides it, so that a build that is stopped goes on where it was.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from random import Random
from typing import cast

from dataclaw.domain import Domain
from dataclaw.errors import ConfigError, UsageError
from dataclaw.evals.benchmark import FORMAT, MANIFEST, SCENES, benchmark_files, sha256
from dataclaw.evals.leaks import NEAR, sample_like
from dataclaw.evals.open_requests import OpenRequest, requests
from dataclaw.evals.references import WORK, BenchWorker, LotRecord, failure_record
from dataclaw.evals.rollouts import source_hash
from dataclaw.export.duplicates import NearDuplicates
from dataclaw.files import is_vacant, owned_folder, remove_halves, write_atomic
from dataclaw.plugins import find_plugins
from dataclaw.run.pool import Died, map_in_processes
from dataclaw.schema import schema_hash
from dataclaw.types import Json
from dataclaw.version import __version__
from dataclaw.worlds import SceneSpec, entries, find_world, register_all, worlds
from dataclaw.worlds.base import EASIEST, HARDEST
from dataclaw.worlds.maker import Failure
from dataclaw.worlds.versions import engine_versions

A_SCENE = 3
"""Most items from one scene."""
LOTS = 60
"""Lots a world that are tried at most for each 40 items of its domain."""
IDLE = 24
"""Lots in a row without an item after which what is still missing is given up."""


@dataclass(frozen=True, slots=True)
class BenchPlan:
    """What is built.

    Attributes:
        count: items with a reference.
        requests: open requests, even over the kinds of streams.
        domains: names of the domains.
        worlds: names of the worlds.
        first_seed: seed of the first lot.
    """

    count: int
    requests: int
    domains: tuple[str, ...]
    worlds: tuple[str, ...]
    first_seed: int = 0

    @classmethod
    def of(
        cls, count: int, requests: int, domains: Sequence[str] = (), names: Sequence[str] = (), first_seed: int = 0
    ) -> BenchPlan:
        """A plan over the named worlds, or all those of the named domains, or all.

        Raises:
            UsageError: a named domain has no world, or there is nothing to make.
        """
        unknown = sorted(set(domains) - set(find_plugins()))
        if unknown:
            raise UsageError(f"no domain {', '.join(unknown)}.", remedy="See: dataclaw domain list")
        serving = {name: find_world(name).domain for name in names or worlds()}
        chosen = {name: domain for name, domain in serving.items() if not domains or domain in domains}
        empty = sorted(set(domains) - set(chosen.values()))
        if empty or not chosen or count < 1:
            raise UsageError(f"no world serves {', '.join(empty) or 'this'}.", remedy="See: dataclaw world list")
        return cls(count, requests, tuple(sorted(set(chosen.values()))), tuple(chosen), first_seed)

    def settings(self) -> dict[str, Json]:
        """Plain JSON values."""
        return {**asdict(self), "domains": list(self.domains), "worlds": list(self.worlds)}

    def quota(self) -> dict[tuple[str, str], int]:
        """How many items each `(domain, task)` is to get: even over domains, and within them over tasks."""
        shares = dict(zip(self.domains, _even(self.count, len(self.domains)), strict=True))
        found: dict[tuple[str, str], int] = {}
        for domain, share in shares.items():
            tasks = dict.fromkeys(task for name in self.of_domain(domain) for task in find_world(name).experts)
            found |= {(domain, task): n for task, n in zip(tasks, _even(share, len(tasks)), strict=True)}
        return found

    def of_domain(self, domain: str) -> list[str]:
        """The worlds that serve a domain."""
        return [name for name in self.worlds if find_world(name).domain == domain]

    def specs(self, domain: str) -> Iterator[SceneSpec]:
        """The held-out lots of a domain: its worlds and all difficulties in turn."""
        share = max(1, -(-self.count // (40 * len(self.domains))))
        for at in range(LOTS * share):
            for name in self.of_domain(domain):
                yield SceneSpec(name, self.first_seed + at, EASIEST + at % (HARDEST - EASIEST + 1), "held")


@dataclass
class BenchResult:
    """News of a build, and in the end what it is.

    Attributes:
        items: items of each set.
        refused: why asks gave no reference, with counts.
        failures: lots without a scene, and why.
        short: tasks that got fewer items than they should, with how many are missing.
    """

    items: dict[str, int] = field(default_factory=dict[str, int])
    refused: Counter[str] = field(default_factory=Counter[str])
    failures: dict[str, str] = field(default_factory=dict[str, str])
    short: dict[str, int] = field(default_factory=dict[str, int])


def _even(count: int, parts: int) -> list[int]:
    return [count // parts + (at < count % parts) for at in range(parts)]


@dataclass(frozen=True, slots=True)
class SceneNews:
    """A lot is done: how many of its asks may become items, and how long it took [s] (0 when it was done before)."""

    spec: str
    accepted: int
    refused: int
    failure: str
    seconds: float


def make_bench(plan: BenchPlan, out: Path, *, workers: int = 1) -> Iterator[SceneNews | BenchResult]:
    """Make a benchmark.

    Args:
        plan: what is built.
        out: its folder; a finished benchmark in it is replaced when the new one is whole.
        workers: processes.

    Yields:
        News of every lot, then what was made.

    Raises:
        MissingExtraError: an engine is not installed.
        ConfigError: the folder holds something else.
        OwnedError: somebody else writes into it.
    """
    if not (is_vacant(out) or (out / MANIFEST).exists() or (out / WORK).exists()):
        raise ConfigError("holds something that is no benchmark.", place=str(out), remedy="Use another --out.")
    made = BenchResult()
    items: list[list[LotRecord]] = []
    with owned_folder(out), BenchWorker(out) as station:
        remove_halves(out, WORK, f"{WORK}/done")
        for domain in plan.domains:
            quota = {task: n for (name, task), n in plan.quota().items() if name == domain}
            records = yield from _gather_records(plan, station, domain, quota, workers)
            items.append(_pick(station.domain(domain), records, quota)[0])
            _note(made, domain, quota, records, items[-1])
        _write(plan, station, _in_turn(items), made)
    yield made


def _gather_records(
    plan: BenchPlan, station: BenchWorker, domain: str, quota: Mapping[str, int], workers: int
) -> Generator[SceneNews, None, list[LotRecord]]:
    """Records of a domain's lots, in order, until its items are complete or the lots are at their end."""
    records: list[LotRecord] = []
    specs = list(plan.specs(domain))
    while specs:
        picked, finished = _pick(station.domain(domain), records, quota)
        if finished:
            break
        size = max(2 * workers, -(-(sum(quota.values()) - len(picked)) // A_SCENE))
        wave, specs = specs[:size], specs[size:]
        for record, seconds in _work_in_order(station, wave, workers):
            records.append(record)
            yield SceneNews(record["lot"], len(record["items"]), len(record["refused"]), record["failure"], seconds)
    return records


def _note(
    made: BenchResult, domain: str, quota: Mapping[str, int], records: Sequence[LotRecord], items: Sequence[LotRecord]
) -> None:
    got = Counter(item["task"] for item in items)
    made.short |= {f"{domain}.{task}": n - got[task] for task, n in quota.items() if n > got[task]}
    for record in records:
        made.refused.update(cast("list[str]", record["refused"]))
        made.failures |= {record["lot"]: record["failure"]} if record["failure"] else {}


def _in_turn(lists: Sequence[Sequence[LotRecord]]) -> list[LotRecord]:
    """One of each list in turn, so that the first so many items are even over domains."""
    return [items[at] for at in range(max(map(len, lists), default=0)) for items in lists if at < len(items)]


def _pick(
    domain: Domain, records: Sequence[Mapping[str, Json]], quota: Mapping[str, int]
) -> tuple[list[LotRecord], bool]:
    """The items of a domain, from its lots in order, and whether more lots would be of no use.

    Tasks that lack most come first, then styles and languages in turn. What says nearly the same as an item that was
    picked is none: it would measure the same thing again.
    """
    picked: list[LotRecord] = []
    seen = NearDuplicates(NEAR)
    used: Counter[tuple[str, ...]] = Counter()
    idle = 0
    for record in records:
        waiting = list(cast("list[LotRecord]", record["items"]))
        before = len(picked)
        while len(picked) < before + A_SCENE:
            open_ = [item for item in waiting if used[(item["task"],)] < quota[item["task"]]]
            if not open_:
                break
            best = min(open_, key=partial(_priority, used, quota))
            waiting.remove(best)
            sample = sample_like(best["id"], domain.task(best["task"]), best["intent"], best["reference"])
            if seen.like(sample):
                continue
            seen.add(sample)
            picked.append(best)
            used.update([(best["task"],), (best["task"], best["style"]), (best["task"], best["language"])])
        idle = 0 if len(picked) > before else idle + 1
        if idle == IDLE or len(picked) == sum(quota.values()):
            return picked, True
    return picked, not sum(quota.values())


def _priority(used: Counter[tuple[str, ...]], quota: Mapping[str, int], item: Mapping[str, Json]) -> tuple[float, ...]:
    task = item["task"]
    return used[(task,)] / quota[task], used[(task, item["style"])], used[(task, item["language"])]


_stations: dict[Path, BenchWorker] = {}


def _work_in_order(station: BenchWorker, specs: Sequence[SceneSpec], workers: int) -> Iterator[tuple[LotRecord, float]]:
    """The records of lots, in their order, with the seconds each took."""
    found = {spec.name: (kept, 0.0) for spec in specs if (kept := station.load_record(spec))}
    waiting = [spec for spec in specs if spec.name not in found]
    if workers > 1 and len(waiting) > 1:
        for spec, result in map_in_processes(
            partial(_work, station.out), waiting, workers, begin=register_all, given=(entries(),)
        ):
            found[spec.name] = (failure_record(spec, result.reason), 0.0) if isinstance(result, Died) else result
    else:
        found |= {spec.name: station.work(spec) for spec in waiting}
    yield from (found[spec.name] for spec in specs)


def _work(out: Path, spec: SceneSpec) -> tuple[LotRecord, float]:
    if out not in _stations:
        _stations[out] = BenchWorker(out)
    return _stations[out].work(spec)


def _open_items(plan: BenchPlan, chosen: Sequence[LotRecord]) -> list[LotRecord]:
    """Underspecified requests about the benchmark's streams, their kinds in turn; each text once."""
    by_kind: dict[str, dict[str, LotRecord]] = {}
    for item in chosen:
        by_kind.setdefault(f"{item['domain']}:{item['kind']}", {}).setdefault(item["stream"], item)
    texts: set[str] = set()
    found: list[list[LotRecord]] = []
    for (kind, streams), share in zip(by_kind.items(), _even(plan.requests, len(by_kind)), strict=True):
        rng = Random(f"requests:{plan.first_seed}:{kind}")
        shown = list(streams.values())
        wanted = (request for request in requests(shown[0]["kind"], rng) if request.text not in texts)
        rows: list[LotRecord] = []
        for number, request in enumerate(islice(wanted, share)):
            texts.add(request.text)
            rows.append(_open_item(shown[number % len(shown)], request, number))
        found.append(rows)
    return _in_turn(found)


def _open_item(item: LotRecord, request: OpenRequest, number: int) -> LotRecord:
    """An item that asks for something that no one says, of the stream of another."""
    said = {"intent": request.text, "style": "fuzzy", "language": request.language, "template": request.template}
    scene = Path(item["stream"]).parts[1]
    nothing: LotRecord = {"task": "", "schema": "", "reference": None, "anchors": {}, "evidence": {}}
    return {**item, **nothing, **said, "id": f"{scene}-intent-{number}"}


def _write(plan: BenchPlan, station: BenchWorker, chosen: Sequence[LotRecord], made: BenchResult) -> None:
    out = station.out
    (out / MANIFEST).unlink(missing_ok=True)  # a benchmark without a manifest is none
    _place_scenes(station, {item["stream"].split("/")[1]: SceneSpec(**item["lot"]) for item in chosen})
    for name, rows in (("val", chosen), ("intent", _open_items(plan, chosen) if chosen else [])):
        lines = (json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows)
        write_atomic(out / f"{name}.jsonl", "".join(f"{line}\n" for line in lines))
        made.items[name] = len(rows)
    manifest = _manifest(plan, station, chosen, made)
    manifest["files"] = {name: sha256(out / name) for name in benchmark_files(out)}
    write_atomic(out / MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1) + "\n")


def _place_scenes(station: BenchWorker, specs: Mapping[str, SceneSpec]) -> None:
    """Lay the scenes of the benchmark beside its items, and no others."""
    shutil.rmtree(station.out / SCENES, ignore_errors=True)
    for name, spec in specs.items():
        scene = station.scene(spec)
        if isinstance(scene, Failure):
            raise ConfigError(f"cannot be made again: {scene.reason}", place=name, remedy="Build with a new --out.")
        shutil.copytree(scene.folder, station.out / SCENES / name)


def _manifest(plan: BenchPlan, station: BenchWorker, chosen: Sequence[LotRecord], made: BenchResult) -> LotRecord:
    domains = {name: station.domain(name) for name in plan.domains}
    axes = ("domain", "task", "style", "language", "kind")
    counts = {axis: dict(sorted(Counter(str(item[axis]) for item in chosen).items())) for axis in axes}
    counts["difficulty"] = dict(sorted(Counter(str(item["lot"]["difficulty"]) for item in chosen).items()))
    return {
        "format": FORMAT,
        "dataclaw": __version__,
        "asked": plan.settings(),
        "split": "held",
        "items": made.items,
        "counts": counts,
        "streams": len({item["stream"] for item in chosen}),
        "worlds": {name: source_hash(name) for name in plan.worlds},
        "engines": engine_versions(),
        "domains": {name: domain.manifest.version for name, domain in domains.items()},
        "schemas": {f"{d}.{t}": schema_hash(domains[d].task(t).schema) for d, t in plan.quota()},
        "short": made.short,
        "refused": dict(made.refused.most_common()),
        "failures": made.failures,
    }
