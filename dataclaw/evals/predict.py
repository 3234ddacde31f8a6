"""Letting a model do a benchmark: one prediction an item, kept as it comes, so that a run that is stopped goes on.

OUT/
  run.json            which benchmark, which model, how
  predictions.jsonl   one line an item
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import cast

from pydantic import TypeAdapter

from dataclaw.agent import steps
from dataclaw.agent.batch import run_many
from dataclaw.agent.router import has_pictures, route
from dataclaw.agent.runtime import Runtime
from dataclaw.agent.session import Session
from dataclaw.agent.steps import State
from dataclaw.corpus.packs.session import PackedSession
from dataclaw.errors import ConfigError, RunStoppedError
from dataclaw.evals.benchmark import BenchItem, Benchmark, SetName, anchors_json, load_anchors
from dataclaw.evals.metrics import CitedDraft
from dataclaw.evals.rollouts import cited_draft, rollout_summary
from dataclaw.files import is_vacant, write_atomic
from dataclaw.strict import load_json
from dataclaw.types import Anchor, Intent, Json
from dataclaw.version import __version__

log = logging.getLogger(__name__)
RUN, PREDICTIONS = "run.json", "predictions.jsonl"
SILENT = 3
"""Rollouts in a row that a server gave no answer to, after which a run is given up."""
REFUSED = "refused"
"""Stop of an open request that the router gives to no task; `dataclaw run` refuses it, too."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a model made of an item.

    Attributes:
        id: the item.
        domain: domain that it was done in.
        task: task that it was done as.
        draft: the best draft that was handed in, or its text; None without one.
        anchors: what it cites, of what its rollout had seen; None where nobody says (predictions made elsewhere).
        accepted: every rule of the task's rubric accepted it; None where nobody asked them.
        stop: why the rollout ended; `REFUSED` where it did not begin.
        why: why there is no accepted draft, "" where there is one.
        steps: decisions of the policy.
        calls: tool calls.
        wrote: tokens written.
        read: tokens of results (characters / 4).
        prompt: tokens read in all requests together, as the model counts them; 0 where it does not say.
        cached: of these, tokens that the model had kept.
        requests: requests that a model got.
        images: pictures that these had.
        seconds: wall-clock time [s].
        rules: score of each rule that judged the draft, by name.
        held: rules that it is below the mark of.
        unavailable: calls that failed because the pack does not have them, by tool.
    """

    id: str
    domain: str = ""
    task: str = ""
    draft: Json = None
    anchors: Mapping[str, Anchor] | None = None
    accepted: bool | None = None
    stop: str = ""
    why: str = ""
    steps: int = 0
    calls: int = 0
    wrote: int = 0
    read: int = 0
    prompt: int = 0
    cached: int = 0
    requests: int = 0
    images: int = 0
    seconds: float = 0.0
    rules: Mapping[str, float] = field(default_factory=dict[str, float])
    held: Sequence[str] = ()
    unavailable: Mapping[str, int] = field(default_factory=dict[str, int])

    def cited_draft(self, item: BenchItem) -> CitedDraft:
        """The draft for the metrics; one that came without anchors may cite what the reference cites."""
        return CitedDraft(self.draft, item.anchors if self.anchors is None else self.anchors)

    def to_json(self) -> dict[str, Json]:
        """Plain JSON."""
        plain = {field.name: getattr(self, field.name) for field in fields(self)}
        anchors = None if self.anchors is None else anchors_json(self.anchors)
        return {**plain, "anchors": anchors, "held": list(self.held)}


@dataclass(frozen=True, slots=True)
class EvalRun:
    """What a run is.

    Attributes:
        bench: sha256 of the benchmark's manifest.
        set: which set of it.
        model: who decided.
        constrained: whether it decoded under the schema where the runtime can.
        limit: how many items were asked for, None for all.
        tokens: most tokens that it might write for an item, None for what the task allows.
        models: who decided for each domain, where that was left to `plugins.toml`; adapters with their hash.
        routed: whether the router chose domain and task of every item, as in any run, and not the item.
        dataclaw: version that ran it.
        packed: whether it was a pack of the benchmark, which lacks results of some calls.
        domains: domains whose items were asked for; empty: all.
        choose: who decided at the choice points of plans: "rules", "learned", or folders of trained choosers.
        choosers: sha256 of the weights of trained choosers that `choose` names, by domain; "" for all.
        asked: how the model was asked, where that was not as usual (`ModelOptions.unusual_options`).
    """

    bench: str
    set: SetName
    model: str
    constrained: bool = True
    limit: int | None = None
    tokens: int | None = None
    models: Mapping[str, str] = field(default_factory=dict[str, str])
    routed: bool = False
    dataclaw: str = __version__
    packed: bool = False
    domains: Sequence[str] = field(default_factory=list[str])
    choose: str = "rules"
    choosers: Mapping[str, str] = field(default_factory=dict[str, str])
    asked: Mapping[str, Json] = field(default_factory=dict[str, Json])

    def select(self, items: Sequence[BenchItem]) -> list[BenchItem]:
        """The items that were asked for, of all in the set."""
        return [item for item in items if not self.domains or item.domain in self.domains][: self.limit]


def predict(
    bench: Benchmark, run: EvalRun, runtime: Runtime, out: Path, *, batch: int = 1
) -> Iterator[tuple[BenchItem, Prediction]]:
    """Do the items that are not done yet.

    Args:
        bench: the benchmark.
        run: which set, how many, by whom.
        runtime: domains and policies.
        out: folder of the run.
        batch: items that the policy decides about at once; several are taken task by task.

    Yields:
        Every item with its prediction, those done before first.

    Raises:
        ConfigError: the folder holds another run.
        RunStoppedError: the model cannot be asked; what is done is kept.
        DataClawError: the benchmark's streams cannot be read, or an engine of a tool is missing.
    """
    begin(run, out)
    done, waiting = so_far(bench, run, out)
    yield from done
    if batch > 1:  # those of a task share their prompt's beginning, their adapter, and how long they take
        waiting.sort(key=lambda item: (item.domain, item.task))
    with (out / PREDICTIONS).open("a", encoding="utf-8") as file:
        for item, prediction in _predict_items(bench, runtime, waiting, run, batch):
            file.write(json.dumps(prediction.to_json(), ensure_ascii=False, separators=(",", ":")) + "\n")
            file.flush()
            yield item, prediction


def so_far(bench: Benchmark, run: EvalRun, out: Path) -> tuple[list[tuple[BenchItem, Prediction]], list[BenchItem]]:
    """The items of a run that are predicted, with their first prediction, and those that are left."""
    done: dict[str, Prediction] = {}
    for one in read_predictions(out / PREDICTIONS):
        done.setdefault(one.id, one)
    items = run.select(bench.items(run.set))
    return [(item, done[item.id]) for item in items if item.id in done], [one for one in items if one.id not in done]


def begin(run: EvalRun, out: Path) -> None:
    """Make the folder of a run, or find it to be of this very run.

    Raises:
        ConfigError: it holds another one, or something that is none.
    """
    file = out / RUN
    said = {field.name: getattr(run, field.name) for field in fields(run)}
    if file.exists():
        before = {field.name: getattr(read_run(out), field.name) for field in fields(run)}
        changed = [key for key in said if key != "limit" and said[key] != before[key]]
        if changed:
            raise ConfigError(f"holds a run that differs in {', '.join(changed)}.", place=str(out),
                              remedy="Use another --out.")  # fmt: skip
    elif not is_vacant(out):
        raise ConfigError("holds something that is no run.", place=str(out), remedy="Use another --out.")
    write_atomic(file, json.dumps(said, ensure_ascii=False, indent=1) + "\n")


def read_run(out: Path) -> EvalRun:
    """What the run in a folder is.

    Raises:
        ConfigError: there is none.
    """
    try:
        return EvalRun(**load_json((out / RUN).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        remedy = "Run: dataclaw eval run --bench DIR --model MODEL --out OUT"
        raise ConfigError(f"no run of a benchmark: {error}.", place=str(out), remedy=remedy) from None


def read_predictions(file: Path) -> list[Prediction]:
    """The predictions in a file, own ones or somebody else's (`id` and `draft` or `text` are enough).

    A last line that was cut off by a stop is passed over and cut away.

    Raises:
        ConfigError: the file cannot be read, or a line is no prediction.
    """
    if not file.exists():
        return []
    text = whole_lines(file) if file.name == PREDICTIONS else file.read_bytes().decode("utf-8", "replace")
    lines = enumerate(text.split("\n"), 1)
    return [_prediction(line, f"{file}:{number}") for number, line in lines if line.strip()]


def whole_lines(file: Path) -> str:
    """The text of a file that lines are added to; a last line that was cut off by a stop is cut away, there too."""
    raw = file.read_bytes()
    whole = raw[: raw.rfind(b"\n") + 1]
    if len(whole) < len(raw):
        write_atomic(file, whole)
    return whole.decode("utf-8", "replace")


def _prediction(line: str, place: str) -> Prediction:
    try:
        said = cast("dict[str, Json]", load_json(line))
        draft = said.get("draft", said.get("text"))
        anchors = None if said.get("anchors") is None else load_anchors(said["anchors"])
        return _adapter().validate_python({**said, "draft": draft, "anchors": anchors})
    except (ValueError, TypeError, AttributeError) as error:
        remedy = "A prediction is a JSON object with id and draft (or text)."
        raise ConfigError(f"no prediction: {str(error)[:200]}.", place=place, remedy=remedy) from None


@cache
def _adapter() -> TypeAdapter[Prediction]:
    return TypeAdapter(Prediction)


def _predict_items(
    bench: Benchmark, runtime: Runtime, items: Sequence[BenchItem], run: EvalRun, batch: int
) -> Iterator[tuple[BenchItem, Prediction]]:
    """The predictions of some items as they come; `batch` of them are in the works at a time.

    An item that a server gave no answer to has none: it is left for another time.

    Raises:
        RunStoppedError: no item would get one (a key, a model's name, a server that is down).
    """
    silent = 0
    begun: dict[str, tuple[BenchItem, Session]] = {}
    refused: list[tuple[BenchItem, Prediction]] = []

    def rollouts() -> Iterator[tuple[State, Session]]:
        for item in items:
            first = _begin_rollout(bench, runtime, item, run)
            if isinstance(first, Prediction):
                refused.append((item, first))
            else:
                begun[item.id] = (item, first[1])
                yield first

    for state, seconds in run_many(rollouts(), runtime.policy_of, batch):
        item, session = begun.pop(state.key)
        silent = silent + 1 if state.passing else 0
        if state.fatal or silent == SILENT:
            raise RunStoppedError(state.error, remedy=state.remedy)
        if state.passing:
            log.warning("%s: %s", item.id, state.error)
        else:
            yield item, _prediction_of(state, session, seconds)
    yield from refused


def _begin_rollout(
    bench: Benchmark, runtime: Runtime, item: BenchItem, run: EvalRun
) -> tuple[State, Session] | Prediction:
    """A rollout before its first decision; or what an open request gets that the router refuses, as any run would."""
    stream = bench.open(item, runtime.domains[item.domain])
    named, name, tokens = item.domain, item.task, run.tokens
    if not name or run.routed:
        routed = route(item.intent, stream.kind, runtime.domains, pictures=has_pictures(stream))
        if routed.lost:
            return Prediction(item.id, stop=REFUSED, why=f"refused: {routed.lost}")
        named, name = routed.choice.domain, routed.choice.task
    task = runtime.domains[named].task(name)
    budget = task.budget.model_copy(update={"tokens": min(tokens, task.budget.tokens)}) if tokens else task.budget
    state = State(item.id, named, name, Intent(item.intent), item.window, budget=budget)
    return state, bench.session(item, stream, task, runtime)


def _prediction_of(state: State, session: Session, seconds: float) -> Prediction:
    run, side, best = rollout_summary(state, seconds), cited_draft(state), steps.best(state)
    scores = best.verdict.scores.items() if best else ()
    return Prediction(
        id=state.key,
        domain=state.domain,
        task=state.task,
        draft=run.draft,
        anchors=side.anchors,
        accepted=run.accepted,
        stop=str(state.stop),
        why=run.why,
        steps=state.spent.steps,
        calls=run.calls,
        wrote=run.wrote,
        read=run.read,
        prompt=state.usage.read,
        cached=state.usage.cached,
        requests=state.usage.requests,
        images=state.usage.images,
        seconds=round(seconds, 3),
        rules={name: round(score.value, 6) for name, score in scores if score.value is not None},
        held=best.verdict.held if best else (),
        unavailable=dict(Counter(session.missed)) if isinstance(session, PackedSession) else {},
    )
