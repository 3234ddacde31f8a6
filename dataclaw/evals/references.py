"""One held-out lot through its experts: the scene is made, asked, and what is accepted may become items."""

from __future__ import annotations

import hashlib
import json
import logging
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self, cast

from dataclaw.domain import Domain
from dataclaw.errors import DataClawError, MissingExtraError
from dataclaw.evals.benchmark import SCENES, anchors_json
from dataclaw.evals.embedding import Fuzzy
from dataclaw.evals.metrics import score
from dataclaw.evals.rollouts import cited_draft, folder_hash, rollout_summary, setting_of, source_hash
from dataclaw.files import write_atomic
from dataclaw.plugins import load_domain
from dataclaw.schema import evidence_of, schema_hash
from dataclaw.streams import open_stream
from dataclaw.strict import load_json
from dataclaw.tools.cache import Cache
from dataclaw.types import Json, Stream
from dataclaw.version import __version__
from dataclaw.worlds import Request, Scene, SceneSpec, find_world
from dataclaw.worlds.experts import answer, expert_of
from dataclaw.worlds.maker import Failure, Maker

log = logging.getLogger(__name__)
WORK = ".work"
ASKS = 2
"""Asks a task that a scene is asked at most."""
LotRecord = dict[str, Json]


@dataclass
class BenchWorker:
    """What a process keeps while it works through lots. Close it, or use `with`.

    Attributes:
        out: folder of the benchmark.
    """

    out: Path
    _makers: dict[str, Maker] = field(default_factory=dict[str, Maker])
    _domains: dict[str, Domain] = field(default_factory=dict[str, Domain])
    _versions: dict[str, str] = field(default_factory=dict[str, str])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let the engines end."""
        for maker in self._makers.values():
            maker.close()

    def domain(self, name: str) -> Domain:
        """The domain, loaded once."""
        if name not in self._domains:
            self._domains[name] = load_domain(name)
        return self._domains[name]

    def version(self, name: str) -> str:
        """Everything that decides what comes of a world's lots: its code, the domain's, tools, rules, this release."""
        if name not in self._versions:
            domain = self.domain(find_world(name).domain)
            ours = Path(__file__).parents[1]
            folders = [folder_hash(folder) for folder in (domain.root, ours / "tools", ours / "rewards")]
            said = [source_hash(name), domain.manifest.model_dump(mode="json"), *folders, __version__, ASKS]
            self._versions[name] = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]
        return self._versions[name]

    def scene(self, spec: SceneSpec) -> Scene | Failure:
        """The scene of a lot, made once."""
        version = self.version(spec.world)
        if version not in self._makers:
            self._makers[version] = Maker(self.out / WORK / SCENES / version)
        return self._makers[version].make(spec)

    def load_record(self, spec: SceneSpec) -> LotRecord | None:
        """What an earlier build made of a lot, when nothing has changed since."""
        try:
            record = cast("LotRecord", load_json(self._file(spec).read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError):
            return None
        return record if record.get("version") == self.version(spec.world) else None

    def work(self, spec: SceneSpec) -> tuple[LotRecord, float]:
        """Make a lot, ask it, and keep what its experts answered; with the seconds it took."""
        start = time.perf_counter()
        try:
            record = self._answer_spec(spec)
        except (MissingExtraError, OSError, MemoryError):
            raise  # it says nothing of the world, and another lot would fail as well
        except DataClawError as error:
            record = failure_record(spec, f"{error.message} {error.remedy}".strip())
        except Exception as error:
            log.warning("world %s failed on %s", spec.world, spec.name, exc_info=True)
            record = failure_record(spec, f"the world failed: {type(error).__name__}: {error}")
        record["version"] = self.version(spec.world)
        write_atomic(self._file(spec), json.dumps(record, ensure_ascii=False))
        return record, time.perf_counter() - start

    def _file(self, spec: SceneSpec) -> Path:
        return self.out / WORK / "done" / f"{spec.name}.json"

    def _answer_spec(self, spec: SceneSpec) -> LotRecord:
        scene = self.scene(spec)
        if isinstance(scene, Failure):
            return failure_record(spec, f"{scene.reason} {scene.remedy}".strip())
        world = find_world(spec.world)
        domain = self.domain(world.domain)
        stream = open_stream(scene.path, loaders=domain.loaders)
        record: LotRecord = {**failure_record(spec, ""), "stream": _stream(scene, stream, domain)}
        cache = Cache(self.out / WORK / "tools.sqlite")
        for number, ask in enumerate(world.requests(scene, ASKS * len(world.experts))):
            item, why = _item(domain, scene, stream, ask, number, cache)
            record["items"] += [item] if item else []
            record["refused"] += [why] if why else []
        return record


def failure_record(spec: SceneSpec, why: str) -> LotRecord:
    """The record of a lot that gave no scene."""
    return {"lot": spec.name, "failure": why, "items": [], "refused": [], "stream": None}


def _stream(scene: Scene, stream: Stream, domain: Domain) -> LotRecord:
    """What items of a scene share."""
    return {
        "domain": domain.name,
        "stream": f"{SCENES}/{scene.spec.name}/{scene.stream}",
        "stream_id": stream.id,
        "kind": stream.kind,
        "lot": asdict(scene.spec),
        "window": [0.0, stream.duration],
        "frames": len(stream.frames.times) if stream.frames else 0,
        "labels": list(stream.parts),
        "sources": {key: sorted(set(values)) for key, values in sorted(scene.sources.items())},
    }


def _item(
    domain: Domain, scene: Scene, stream: Stream, ask: Request, number: int, cache: Cache
) -> tuple[LotRecord | None, str]:
    """The item of an ask, or why there is none."""
    state, session = answer(domain, stream, ask, cache, expert_of(find_world(scene.spec.world), scene, ask))
    run = rollout_summary(state, 0.0)
    if not run.accepted:
        return None, f"{domain.name}.{ask.task}: {run.why}"
    side = cited_draft(state)
    whole = score(side, side, setting_of(state, session), Fuzzy())
    if whole.total < 1.0:
        return None, f"{domain.name}.{ask.task}: the reference scores {100 * whole.total:.1f} against itself"
    said = {key: getattr(ask, key) for key in ("task", "intent", "style", "language", "template")}
    return {
        "id": f"{scene.spec.name}-{ask.task}-{number}",
        **_stream(scene, stream, domain),
        **said,
        "schema": schema_hash(session.task.schema),
        "reference": run.draft,
        "anchors": anchors_json(side.anchors),
        "evidence": dict(evidence_of(run.draft, "")),
    }, ""
