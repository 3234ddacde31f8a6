"""Writing packs of benchmarks (see `packed` for reading them). Equal benchmarks give equal bytes."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from dataclaw.agent.batch import run_batch
from dataclaw.agent.policy.planner import Planner
from dataclaw.agent.router import has_pictures, route
from dataclaw.agent.session import Session
from dataclaw.agent.steps import SUBMIT, State
from dataclaw.choosing import CHOOSE
from dataclaw.config import RunConfig
from dataclaw.corpus.packs.benchmark_pack import BenchManifest
from dataclaw.corpus.packs.corpus_packer import hold_pack
from dataclaw.corpus.packs.shards import PackedLines, ShardWriter, file_of
from dataclaw.corpus.packs.stream_packer import OCR, Packing, PackProgress, PackRequest, StreamPacker
from dataclaw.corpus.packs.xz import pack_lines
from dataclaw.domain import Domain
from dataclaw.errors import DataClawError, UsageError
from dataclaw.evals.benchmark import SCENES, SETS, BenchItem, Benchmark, SetName
from dataclaw.evals.pinned_benchmarks import name_of
from dataclaw.evals.references import ASKS, WORK
from dataclaw.run.prepare import prepare
from dataclaw.tools.cache import Cache
from dataclaw.types import Action, Intent, Stream
from dataclaw.worlds import Scene, find_world
from dataclaw.worlds.base import TRUTH, Request, load_scene
from dataclaw.worlds.experts import expert_of

log = logging.getLogger(__name__)


def pack_bench(bench: Benchmark, out: Path, packing: Packing | None = None) -> Iterator[PackProgress]:
    """Pack a benchmark; the pack is whole once this has ended, and is none before.

    Nothing is written into the benchmark; results of tools are remembered where every run does, so that packing that
    was stopped goes on quickly.

    Args:
        bench: the benchmark, not a pack of one.
        out: folder of the pack; a pack that is there is replaced.
        packing: what is packed, and how; its domains count as in a corpus: only their streams are packed.

    Yields:
        News of every stream.

    Raises:
        OwnedError: somebody writes into the folder.
        UsageError: the folder holds something else, it is a pack already, or there is nothing to pack.
    """
    packing = packing or Packing(planner=True, side=0)
    if bench.pack is not None:
        raise UsageError("is a pack already.", place=str(bench.root), remedy="Name the benchmark that it was made of.")
    with hold_pack(out):
        asked = scenes_of(bench, packing.domains)
        if not asked:
            raise UsageError(
                "nothing is asked in these domains.", place=str(bench.root), remedy="See: dataclaw bench show"
            )
        cache = Cache(first=bench.root / WORK / "tools.sqlite")
        packer = StreamPacker(packing, ShardWriter(out, packing.shard_bytes), cache)
        everything = prepare(RunConfig(intent="benchmark")).domains
        for key in sorted(asked):
            yield _pack_scene(packer, bench, everything, key, asked[key], cache)
        manifest = dict(bench.manifest)
        hashes = manifest.pop("files")
        sets = {name: _set(bench, out, name) for name in SETS}
        own = {"digest": bench.digest, "name": name_of(bench.digest), "hashes": hashes, "bench": manifest, "sets": sets}
        packer.write_manifest(BenchManifest, "benchmark", out, **own)


def scenes_of(bench: Benchmark, domains: Sequence[str]) -> dict[str, list[tuple[SetName, BenchItem]]]:
    """The items of each scene, of these domains or of all, with their sets."""
    found: dict[str, list[tuple[SetName, BenchItem]]] = {}
    for name in SETS:
        for item in bench.items(name):
            if not domains or item.domain in domains:
                found.setdefault(item.scene, []).append((name, item))
    return found


def _set(bench: Benchmark, out: Path, name: SetName) -> PackedLines:
    source, target = bench.root / f"{name}.jsonl", out / f"{name}.jsonl.xz"
    with source.open("rb") as lines:
        size = pack_lines(target, lines)
    return PackedLines(**file_of(target).model_dump(), unpacked=size)


def _pack_scene(
    packer: StreamPacker,
    bench: Benchmark,
    domains: Mapping[str, Domain],
    key: str,
    items: Sequence[tuple[SetName, BenchItem]],
    cache: Cache,
) -> PackProgress:
    first = items[0][1]

    def asks(stream: Stream) -> list[PackRequest]:
        known = _Expert(bench, first, stream, domains[first.domain], cache)
        return [asked for name, item in items if (asked := _begin_rollout(name, item, stream, domains, known))]

    return packer.pack(key, first.stream, lambda: bench.open(first, domains[first.domain]), asks, {})


def _begin_rollout(
    name: SetName, item: BenchItem, stream: Stream, domains: Mapping[str, Domain], expert: _Expert
) -> PackRequest | None:
    """An item as its rollouts begin; None for a request that the router gives to no task."""
    where, what = item.domain, item.task
    if not what:
        routed = route(item.intent, stream.kind, domains, pictures=has_pictures(stream))
        if routed.lost:
            return None
        where, what = routed.choice.domain, routed.choice.task
    task = domains[where].task(what)
    state = State(item.id, where, task.name, Intent(item.intent), item.window, budget=task.budget)
    return PackRequest(name, task, state, expert.actions(item) if item.task else (), list(item.anchors.values()))


class _Expert:
    """What the expert did for the items of a scene, played again by the world that made it."""

    def __init__(self, bench: Benchmark, item: BenchItem, stream: Stream, domain: Domain, cache: Cache) -> None:
        self._stream, self._domain, self._cache = stream, domain, cache
        self._scene: Scene | None = None
        self._asks: Sequence[Request] = ()
        folder = bench.root / SCENES / item.scene
        if not (folder / TRUTH).is_file():
            return
        try:
            world = find_world(str(item.lot["world"]))
            self._scene = load_scene(folder)
            self._asks = list(world.requests(self._scene, ASKS * len(world.experts)))
        except DataClawError as error:
            log.warning("what experts did with %s is not known: %s", item.scene, error)

    def actions(self, item: BenchItem) -> list[Action]:
        """The calls behind an item's reference; none where they cannot be played again."""
        number = int(item.id.rpartition("-")[2])
        if self._scene is None or not number < len(self._asks) or self._asks[number].intent != item.intent:
            log.warning("what the expert did for %s is not known", item.id)
            return []
        ask, task = self._asks[number], self._domain.task(item.task)
        expert = expert_of(find_world(self._scene.spec.world), self._scene, ask)
        session = expert.into(Session(self._stream, task, self._cache, ocr=OCR))
        state = State(item.id, task.domain, task.name, Intent(item.intent), item.window, budget=task.budget)
        (done,) = run_batch([(state, session)], Planner())
        return [turn.action for turn in done.turns if turn.action and turn.action.tool not in (SUBMIT, CHOOSE)]
