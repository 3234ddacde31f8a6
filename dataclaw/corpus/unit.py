"""One stream through the first four stages: candidates, packages, drafts, and what was validated.

A unit is one stream: a scene of a world, or a recording. What goes wrong with one request is noted in its record and
stops nothing else.
"""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from itertools import pairwise
from pathlib import Path

from dataclaw.agent.batch import run_batch
from dataclaw.agent.materialise import materialise
from dataclaw.agent.policy import make_policy
from dataclaw.agent.policy.planner import Planner
from dataclaw.agent.session import Session
from dataclaw.agent.steps import State
from dataclaw.choosing import CHOOSE, point_of
from dataclaw.config import ModelOptions
from dataclaw.corpus.config import PLANNER, TRUTH, CorpusConfig
from dataclaw.corpus.detours import find_detour, with_detour
from dataclaw.domain import Domain
from dataclaw.errors import DataClawError
from dataclaw.media import Artifacts
from dataclaw.plugins import find_plugins, installed_loaders, load_domain
from dataclaw.schema import outline
from dataclaw.streams import Sampling, open_stream
from dataclaw.tools.cache import Cache
from dataclaw.types import Json, Picture, Plan, Stream
from dataclaw.worlds import find_world
from dataclaw.worlds.base import Request, Scene, SceneSpec
from dataclaw.worlds.experts import EXPERT, begin, expert_of, with_plan
from dataclaw.worlds.maker import Failure, Maker
from dataclaw.worlds.wording import declared_templates, slots

Row = dict[str, Json]
STAGES = ("candidates", "packages", "drafts", "validated")


@dataclass(frozen=True, slots=True)
class CorpusUnit:
    """One stream to make samples of: a scene of a world, or a recording.

    Attributes:
        key: its name; of its files and, with a number, of its samples.
        spec: what the world is to make, None for a recording.
        path: where the recording lies, "" for a scene.
    """

    key: str
    spec: SceneSpec | None = None
    path: str = ""


@dataclass(slots=True)
class UnitRecord:
    """What came of a unit, stage by stage; plain JSON rows."""

    key: str
    seconds: dict[str, float] = field(default_factory=dict[str, float])
    candidates: list[Row] = field(default_factory=list[Row])
    packages: list[Row] = field(default_factory=list[Row])
    drafts: list[Row] = field(default_factory=list[Row])
    validated: list[Row] = field(default_factory=list[Row])
    artifacts: list[Row] = field(default_factory=list[Row])
    traces: list[Row] = field(default_factory=list[Row])
    failure: Row | None = None


@dataclass
class CorpusRuntime:
    """What a process holds while it works through units. Close it.

    Attributes:
        config: what is built.
        out: folder of the corpus.
    """

    config: CorpusConfig
    out: Path

    def __post_init__(self) -> None:
        self.maker = Maker(self.out / "scenes")
        self.cache = Cache(self.out / "tools.sqlite")
        self.domain = cache(load_domain)
        self.loaders = installed_loaders()
        own = self.config.by not in (TRUTH, PLANNER)
        options = ModelOptions(base_url=self.config.base_url)
        self.model = make_policy(self.config.by, options) if own else None

    def close(self) -> None:
        """Close the engines and the model."""
        self.maker.close()
        if self.model:
            self.model.close()

    def work(self, unit: CorpusUnit) -> UnitRecord:
        """All four stages of a unit."""
        record = UnitRecord(unit.key)
        start = time.monotonic()
        try:
            scene, stream = self._open(unit)
        except DataClawError as error:
            record.failure = {"unit": unit.key, "reason": error.message, "remedy": error.remedy, "place": error.place}
            return record
        record.seconds["make"] = time.monotonic() - start
        for number, (domain, request) in enumerate(self._requests(unit, scene, stream)):
            name = f"{unit.key}-{number:02d}"
            record.candidates.append(_candidate(name, unit, scene, stream, domain, request))
            self._work_request(record, name, scene, stream, domain, request)
        record.seconds["all"] = time.monotonic() - start
        return record

    def _open(self, unit: CorpusUnit) -> tuple[Scene | None, Stream]:
        if unit.spec is None:
            return None, open_stream(unit.path, loaders=self.loaders)
        scene = self.maker.make(unit.spec)
        if isinstance(scene, Failure):
            raise DataClawError(f"seed {unit.spec.seed}: {scene.reason}", remedy=scene.remedy, place=unit.key)
        stream = open_stream(scene.path, sampling=Sampling(), loaders=self.loaders)
        return scene, replace(stream, path=f"scenes/{unit.key}/{scene.stream}")

    def _requests(self, unit: CorpusUnit, scene: Scene | None, stream: Stream) -> Iterator[tuple[str, Request]]:
        if scene is not None:
            world = find_world(scene.spec.world)
            yield from ((world.domain, request) for request in world.requests(scene, self.config.asks))
            return
        rng = random.Random(f"{unit.key}:asks")
        names = self.config.domains or list(find_plugins())
        found = [
            (name, request) for name in names for request in _declared_requests(self.domain(name), stream.kind, rng)
        ]
        yield from found[: self.config.asks]

    def _work_request(
        self, record: UnitRecord, name: str, scene: Scene | None, stream: Stream, domain: str, request: Request
    ) -> None:
        task = self.domain(domain).task(request.task)
        expert = expert_of(find_world(scene.spec.world), scene, request) if scene and self.config.by == TRUTH else None
        session = Session(stream, task, self.cache)
        session = expert.into(session) if expert else session
        state = replace(begin(stream, task, request), key=name)
        record.packages.append(_package(name, state, session))
        start = time.monotonic()
        (done,) = run_batch([(state, session)], self.model or Planner())
        detour = ""
        if expert and done.drafts and done.drafts[-1].verdict.passed:
            done, session, detour = self._detour(state, done, session, expert.plan)
        by = EXPERT if expert else (self.model.name if self.model else PLANNER)
        record.drafts.append(_draft(name, done, by, detour, time.monotonic() - start))
        artifacts = Artifacts(self.out / "export") if self.config.media else None
        made = materialise(done, session, by, artifacts)
        origin = _origin(scene, request)
        record.validated += [{"sample": sample | {"origin": origin}, "rejected": None} for sample in made.samples]
        record.validated += [{"sample": None, "rejected": row | {"origin": origin}} for row in made.rejected]
        record.artifacts += made.artifacts
        record.traces += [
            {
                "id": name,
                "domain": domain,
                "task": request.task,
                "detour": detour,
                "messages": trace_of(done, session),
                "choices": choices_of(done, session) if expert else [],
            }
            for _ in made.samples
        ]

    def _detour(self, state: State, done: State, session: Session, plan: Plan) -> tuple[State, Session, str]:
        """The rollout once more with a detour, where one is due and really is one; else the rollout as it is."""
        rng = random.Random(f"{state.key}:detour")
        if rng.random() >= self.config.detours:
            return done, session, ""
        found = find_detour(done, session, rng)
        if found is None:
            return done, session, ""
        kind, before = found
        around = replace(session, task=with_plan(session.task, with_detour(plan, before)))
        (again,) = run_batch([(state, around)], Planner())
        turned = any(turn.observation and not turn.observation.ok for turn in again.turns)
        passed = bool(again.drafts) and again.drafts[-1].verdict.passed
        same = passed and again.drafts[-1].draft == done.drafts[-1].draft
        return (again, around, kind) if turned and same else (done, session, "")


def _declared_requests(domain: Domain, kind: str, rng: random.Random) -> list[Request]:
    """One declared intent without slots for each task that reads such streams."""
    tasks = [name for name, task in domain.tasks.items() if kind in task.reads]
    plain = {name: [t for t in declared_templates(domain.name, name) if not slots(t)] for name in tasks}
    return [Request(name, rng.choice(said), template=said[0]) for name, said in plain.items() if said]


def _candidate(name: str, unit: CorpusUnit, scene: Scene | None, stream: Stream, domain: str, request: Request) -> Row:
    where = {"unit": unit.key, "path": stream.path, "stream": stream.id, "window": [0.0, stream.duration]}
    return {
        "id": name,
        **where,
        "domain": domain,
        "task": request.task,
        "intent": request.intent,
        "origin": _origin(scene, request),
    }


def _origin(scene: Scene | None, request: Request) -> Row:
    """Where a sample comes from: the sources that splits are made disjoint by, and how its intent was said."""
    said: Row = {"style": request.style, "language": request.language, "template": request.template}
    if scene is None:
        return said
    spec = asdict(scene.spec)
    return {**spec, **said, "sources": {key: list(values) for key, values in scene.sources.items()}}


def _package(name: str, state: State, session: Session) -> Row:
    """What the writer is given before its first call; the system prompt and the form by their hashes."""
    system, user = session.messages(state)
    stream = session.stream
    return {
        "id": name,
        "system": _sha(system.text),
        "system_characters": len(system.text),
        "user": user.text,
        "form": _sha(outline(session.task.schema)),
        "tools": list(session.task.tools),
        "frames": len(stream.frames.times) if stream.frames else 0,
        "events": len(stream.events),
        "series": list(stream.series),
        "parts": list(stream.parts),
        "budget": state.budget.model_dump(),
        "problems": list(stream.problems[:20]),
    }


def _draft(name: str, state: State, by: str, detour: str, seconds: float) -> Row:
    last = state.drafts[-1] if state.drafts else None
    spent = asdict(state.spent)
    return {
        "id": name,
        "by": by,
        "stop": str(state.stop),
        "error": state.error,
        "detour": detour,
        "drafts": len(state.drafts),
        "spent": {key: spent[key] for key in ("steps", "tool_calls", "tokens", "repairs")},
        "prompt_tokens": state.usage.read,
        "read_characters": sum(len(turn.text) for turn in state.turns if turn.role == "result"),
        "seconds": round(seconds, 3),
        "draft": last.draft if last else None,
        "passed": bool(last and last.verdict.passed),
        "total": last.verdict.to_json()["total"] if last else None,
    }


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def trace_of(state: State, session: Session) -> list[dict[str, Json]]:
    """The messages `{role, content, train}` of a finished rollout; `train` is true on what is to be learnt.

    A message with which frames were shown has `pictures`, too: `{frame, part, box, size}` each, `size` the width and
    height of the frame [px]. Left out is what a chooser was asked, since models that write choose for themselves, and
    what came back for the last draft, since nothing follows it.
    """
    head = session.messages(state)[:2]
    messages: list[dict[str, Json]] = [{"role": m.role, "content": m.text, "train": False} for m in head]
    choices = {at for at, turn in enumerate(state.turns) if turn.action and turn.action.tool == CHOOSE}
    turns = [turn for at, turn in enumerate(state.turns) if not {at, at - 1} & choices]
    if turns and turns[-1].role == "result":
        turns.pop()
    for at, turn in enumerate(turns):
        answer = turns[at + 1].observation if at + 1 < len(turns) else None
        if turn.role == "policy":
            went_well = answer is None or answer.ok
            messages.append({"role": "assistant", "content": turn.text, "train": went_well})
        else:
            shown = [_picture(picture, session.stream) for picture in turn.pictures]
            pictures: dict[str, Json] = {"pictures": shown} if shown else {}
            messages.append({"role": "user", "content": turn.text, "train": False} | pictures)
    return messages


def choices_of(state: State, session: Session) -> list[dict[str, Json]]:
    """The choice points of a finished rollout that the truth answered, options whole, with its answer (`wanted`)."""
    found: list[dict[str, Json]] = []
    for turn, answer in pairwise(state.turns):
        chosen = answer.observation
        if turn.action and turn.action.tool == CHOOSE and chosen and chosen.data.get("by") == TRUTH:
            point = point_of(turn.action.args, state.anchors, session.task.name, state.intent)
            options: list[Json] = [asdict(option) for option in point.options]
            found.append({"point": point.name, "intent": point.intent, "how": point.how, "options": options,
                          "kept": list(point.kept), "wanted": chosen.data["kept"]})  # fmt: skip
    return found


def _picture(picture: Picture, stream: Stream) -> dict[str, Json]:
    frames = stream.parts[picture.part].frames if picture.part else stream.frames
    box = list(picture.box) if picture.box else None
    return {"frame": picture.frame, "part": picture.part, "box": box, "size": list(frames.size) if frames else None}
