"""One run: every stream through the agent, each on its own, in this process or in several.

A stream that fails is a rejection with its reason; it never stops the others.
"""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from threading import RLock
from typing import Literal, TypeAlias, cast

from dataclaw.agent.nodes import TailorInput, TailorOutput
from dataclaw.agent.router import Chooser, Routing, has_pictures, route
from dataclaw.agent.runtime import Runtime
from dataclaw.config import RunConfig
from dataclaw.errors import DataClawError, RunStoppedError, StreamError, UsageError
from dataclaw.files import owned_folder
from dataclaw.run.drive import Progress, Reviewer, drive
from dataclaw.run.ledger import Ledger, Outcome, log_into, unread_key
from dataclaw.run.pool import Died, map_in_processes
from dataclaw.run.prepare import Setup, make_runtime, prepare
from dataclaw.run.windows import parts_of, tell_part
from dataclaw.streams.loader import Loader, Reader
from dataclaw.streams.sources import survey
from dataclaw.types import Json, Span, Stream, Usage

log = logging.getLogger(__name__)


@dataclass
class Interaction:
    """Who is asked while a run goes on, and what was answered.

    Attributes:
        reviewer: asked before a sample is written.
        chooser: asked which task is meant where that is not sure.
        answers: what was chosen, by kind of stream.
    """

    reviewer: Reviewer | None = None
    chooser: Chooser | None = None
    answers: dict[str, Routing] = field(default_factory=dict[str, Routing])
    _turn: RLock = field(default_factory=RLock)

    def review(self, question: Mapping[str, Json]) -> Mapping[str, Json]:
        """What the reviewer says; of streams that go on at once one asks at a time."""
        if self.reviewer is None:
            raise UsageError("this rollout waits for a review.", remedy="Run it with --review.")
        with self._turn:
            return self.reviewer(question)

    def settle(self, routed: Routing, kind: str) -> Routing:
        """The choice as it stands, or the user's where it is not sure and there is a user; asked once a kind.

        Raises:
            UsageError: nothing matches the intent, and there is no user to ask.
        """
        if routed.sure or self.chooser is None:
            return routed.require_match()
        with self._turn:
            if kind not in self.answers:
                self.answers[kind] = routed.settle(self.chooser(routed))
            return self.answers[kind]


Engine = Literal["pool", "ray"]
Begin: TypeAlias = Callable[[], None]
Sources: TypeAlias = Mapping[str, Reader | None]
"""Streams by the text that names them, with what reads each; None where opening it has to find out."""


def sources_at(
    paths: Sequence[str | Path], loaders: Sequence[Loader] = (), *, left_out: list[str] | None = None
) -> Sources:
    """The streams at the given places, as `run` takes them, with what reads each.

    A place where there is none stays among them: it is rejected with its reason, and the others are done.

    Args:
        paths: files, folders, patterns.
        loaders: readers of raw files that domains bring.
        left_out: takes what was passed over although it may have been meant, a sentence for each reason.

    Raises:
        UsageError: there is no stream at any of the places.
    """
    sources: dict[str, Reader | None] = {}
    lost: list[StreamError] = []
    for path in paths:
        try:
            seen = survey([path], loaders=loaders)
            sources |= {str(root): reader for root, reader in seen.roots.items()}
            if left_out is not None:
                left_out += seen.sentences()
        except StreamError as error:
            lost.append(error)
            sources[str(path)] = None
    if len(lost) == len(paths):
        where = "; ".join(f"{error.place}: {error.message.rstrip('.')}" for error in lost[:5])
        raise UsageError(f"nothing to read ({where}).", remedy="Name a trace, a video, or a folder that holds some.")
    return sources


def run(
    setup: Setup,
    sources: Sequence[str] | Sources,
    out: Path,
    *,
    workers: int = 1,
    engine: Engine = "pool",
    resume: bool = True,
    reviewer: Reviewer | None = None,
    chooser: Chooser | None = None,
) -> Generator[Progress]:
    """Tailor every source into `out`, telling what happens as it happens.

    Args:
        setup: what the run needs (`prepare`).
        sources: streams, as `sources_at` or `dataclaw.streams.discover` names them.
        out: folder of the run.
        workers: processes; 1 works in this one and tells of every step, more tell of every stream.
        engine: where the processes are: "pool", on this machine; "ray", on a Ray cluster, even where it is one.
        resume: keep what an earlier run of the same configuration finished.
        reviewer: asked before a sample is written, given `{key, draft, verdict}`, answers `{accept, note}`.
        chooser: asked once for each kind of stream whose task is not sure; one process only.

    Yields:
        Progress; the JSONL files are complete when the iterator ends.

    Raises:
        DataClawError: the run cannot begin (configuration, policy, somebody else writes into `out`).
    """
    ledger = Ledger(out)
    order: dict[str, str] = {}
    sources = sources if isinstance(sources, Mapping) else dict.fromkeys(sources)
    places = {source: place for place, source in enumerate(sources)}
    kept: dict[str, int] = {}  # the first place of each content: tables do not tell who was done first
    with ExitStack() as held:
        begin = partial(_begin, setup, ledger, resume, held)
        news = (
            _here(setup, sources, ledger, begin, Interaction(reviewer, chooser))
            if workers <= 1 and engine == "pool"
            else _there(setup, sources, ledger, begin, workers, engine)
        )
        try:
            for progress in news:
                told = count_once(progress, order)
                if told.outcome:
                    place = places.get(told.outcome.source, len(places))
                    kept[told.outcome.key] = min(place, kept.get(told.outcome.key, place))
                yield told
        except (KeyboardInterrupt, GeneratorExit, RunStoppedError):  # what is finished is there for whoever goes on
            if order:
                ledger.export(sorted(kept, key=kept.__getitem__))
            raise
        ledger.export(sorted(kept, key=kept.__getitem__))


def run_in_memory(setup: Setup, sources: Sources) -> Iterator[Progress]:
    """As `run`, without a folder: nothing is written, no media are cut, and nothing can be resumed."""
    setup.warn()
    order: dict[str, str] = {}
    for progress in _here(setup, sources, None, _begin_nothing, Interaction()):
        yield count_once(progress, order)


def count_once(progress: Progress, order: dict[str, str]) -> Progress:
    """Note the outcome's place; of streams with one content, which two workers may meet at once, the first counts."""
    outcome = progress.outcome
    if outcome is None:
        return progress
    first = order.setdefault(outcome.key, outcome.same_as or outcome.source)
    if outcome.same_as or first != outcome.source:
        outcome = replace(outcome, again=True, same_as=first)
    return replace(progress, text=_summary(outcome), outcome=outcome)


def _here(
    setup: Setup, sources: Sources, ledger: Ledger | None, begin: Begin, asked: Interaction
) -> Iterator[Progress]:
    with closing(make_runtime(setup)) as runtime:
        begin()
        runtime.readers.update(sources)
        if not setup.remote:
            for source in sources:
                yield from tailor_source(setup, runtime, source, ledger, asked)
            return
        from dataclaw.run.threads import in_threads

        work = partial(tailor_source, setup, runtime, ledger=ledger, asked=asked)
        yield from in_threads(work, sources, setup.config.concurrency, runtime.close)


def _there(
    setup: Setup, sources: Sources, ledger: Ledger, begin: Begin, workers: int, engine: Engine
) -> Iterator[Progress]:
    """Worker processes, one stream a task; what a worker dies on, alone, is rejected."""
    with closing(make_runtime(setup)):  # a policy that cannot be made is told once, here
        begin()
    work = partial(_work, setup.config, setup.registry, ledger.out)
    for (source, _), outcome in _mapping(engine)(
        work, list(sources.items()), workers, begin=_begin_worker, given=(ledger.out,)
    ):
        if isinstance(outcome, Died):
            yield _give_up(source, ledger, outcome.reason)
        else:
            yield Progress(outcome.source, "done", _summary(outcome), outcome)


def _mapping(engine: Engine) -> Callable[..., Iterator[tuple[tuple[str, Reader | None], Outcome | Died]]]:
    if engine == "ray":
        from dataclaw.run.ray_pool import map_in_ray

        return map_in_ray
    return map_in_processes


def _begin(setup: Setup, ledger: Ledger, resume: bool, held: ExitStack) -> None:
    """Take the run's folder and begin it, now that nothing else can keep the run from beginning."""
    held.enter_context(owned_folder(ledger.out))
    ledger.begin(setup.config, resume=resume, models=setup.record())
    setup.warn()


def _begin_nothing() -> None:
    """Without a folder there is nothing to begin."""


_ready: dict[str, tuple[Setup, Runtime]] = {}
"""What a worker process works with, by the run's configuration."""


def _begin_worker(out: Path) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # ctrl-C ends it without a word; its stream is done again
    log_into(out)


def _work(config: RunConfig, registry: Path | None, out: Path, item: tuple[str, Reader | None]) -> Outcome:
    key = config.model_dump_json()
    if key not in _ready:
        setup = prepare(config, registry)
        _ready[key] = (setup, make_runtime(setup))
    setup, runtime = _ready[key]
    source, reader = item
    runtime.readers[source] = reader
    news = list(tailor_source(setup, runtime, source, Ledger(out)))
    outcome = news[-1].outcome
    if outcome is None:
        raise RuntimeError("a stream ended without an outcome")
    return replace(outcome, traces=())  # they are long, and in the folder


def tailor_source(
    setup: Setup, runtime: Runtime, source: str, ledger: Ledger | None, asked: Interaction | None = None
) -> Iterator[Progress]:
    """Everything one stream gives, as news; the last one carries the outcome. Failures become rejections."""
    start = time.monotonic()
    if ledger:
        ledger.forget(unread_key(source))  # it may be mended by now
    try:
        stream = runtime.stream(source)
        finished = ledger.find(stream.id) if ledger else None
        if finished:
            outcome = _finished_before(finished, source)
            yield Progress(source, "done", _summary(outcome), outcome)
            return
        outcome = yield from _rollouts(setup, runtime, source, stream, ledger, asked or Interaction())
    except RunStoppedError:
        raise
    except DataClawError as error:
        outcome = unreadable(source, error.message, error.remedy, error.place)
    except Exception as error:  # a bug of ours or a plugin's must not take the other streams along
        log.exception("%s failed", source)
        outcome = unreadable(source, f"internal error: {type(error).__name__}: {error}", "Please report it.", "")
    outcome = replace(outcome, seconds=time.monotonic() - start)
    if ledger:
        ledger.commit(outcome)
    yield Progress(source, "done", _summary(outcome), outcome)


def _rollouts(
    setup: Setup, runtime: Runtime, source: str, stream: Stream, ledger: Ledger | None, users: Interaction
) -> Generator[Progress, None, Outcome]:
    config = setup.config
    routed = route(
        config.intent, stream.kind, setup.domains, domain=setup.domain, task=config.task, pictures=has_pictures(stream)
    )
    routed = users.settle(routed, stream.kind).require_confidence(config.min_confidence)
    choice = routed.choice
    yield Progress(source, "route", routed.describe())
    session = runtime.session(source, choice.domain, choice.task)

    def of(cut: Sequence[Span], parts: int) -> Generator[Progress, None, list[TailorOutput]]:
        made: list[TailorOutput] = []
        for number, window in enumerate(cut):
            given = _graph_input(config, source, routed, window, number)
            thread, reviewer = f"{stream.id}-{choice.task}-{number}", users.review if users.reviewer else None
            out = yield from drive(runtime, given, choice.domain, thread, ledger, reviewer)
            if out["trace"]["fatal"]:
                raise RunStoppedError(out["trace"]["error"], remedy=out["trace"]["remedy"])
            if parts > config.samples:
                told = {name: tell_part(out[name], number + 1, parts) for name in ("samples", "rejected")}
                out = cast("TailorOutput", {**out, **told})
            made.append(out)
        return made

    whole = config.samples == 1 and stream.duration <= session.longest
    made = (yield from of([(0.0, stream.duration)], 1)) if whole else []
    if not whole or (session.is_too_long and not made[0]["samples"]):
        cut = parts_of(session, config.samples)
        made = yield from of(cut[: config.samples], len(cut))
    used = sum((Usage(**out["trace"]["usage"]) for out in made if out["trace"]["usage"]["requests"]), Usage())
    return Outcome(
        stream.id,
        source,
        samples=tuple(row for out in made for row in out["samples"]),
        rejected=tuple(row for out in made for row in out["rejected"]),
        artifacts=tuple(row for out in made for row in out["artifacts"]),
        traces=tuple(out["trace"] for out in made),
        usage=used,
        cost=setup.meter.cost_of(setup.deciders[choice.domain].model, used) if used.requests else None,
    )


def _graph_input(config: RunConfig, source: str, routed: Routing, window: Span, number: int) -> TailorInput:
    return {
        "path": source,
        "intent": config.intent,
        "domain": routed.choice.domain,
        "task": routed.choice.task,
        "resolved": asdict(routed.intent),
        "window": list(window),
        "number": number,
        "best_of": config.best_of,
        "budget": config.budget,
    }


def unreadable(source: str, reason: str, remedy: str, place: str) -> Outcome:
    """The outcome of a stream that could not even be opened."""
    key = unread_key(source)
    row: dict[str, Json] = {
        "id": key,
        "domain": None,
        "task": None,
        "stream": {"id": None, "name": Path(source).name, "path": source},
        "place": place or source,
        "stop": "stream_error",
        "reason": reason,
        "remedy": remedy,
        "draft": None,
        "verdict": None,
    }
    return Outcome(key, source, rejected=(row,))


def _give_up(source: str, ledger: Ledger, reason: str) -> Progress:
    outcome = unreadable(source, reason, "Try it alone with --workers 1.", "")
    ledger.commit(outcome)
    return Progress(source, "done", _summary(outcome), outcome)


def _finished_before(finished: Outcome, source: str) -> Outcome:
    """The outcome that is there already, for this source of the same content."""
    same = os.path.abspath(finished.source) == os.path.abspath(source)  # noqa: PTH100 - links are not followed
    return finished if same else replace(finished, source=source, same_as=finished.source)


def _summary(outcome: Outcome) -> str:
    if outcome.same_as:
        return f"the same content as {outcome.same_as}, done once"
    if outcome.again:
        return f"done before: {len(outcome.samples)} sample(s), {len(outcome.rejected)} rejected"
    if outcome.samples or not outcome.rejected:
        return f"{len(outcome.samples)} sample(s), {len(outcome.rejected)} rejected"
    return f"rejected: {outcome.rejected[0]['reason']}"
