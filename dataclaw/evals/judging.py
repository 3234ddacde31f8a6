"""A model as a judge of drafts, by a stated rubric (`templates/judge.md`), beside the rules' scores and never in them.

OUT/
  judge.jsonl   one rating a line; which judge, rubric and draft it is of stands in it

Each draft is rated once, at temperature 0 where the judge has one, in the order of the benchmark; the judge does not
see who made it. It reads text only: the request, the stream's events, the draft and the evidence that it cites.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import cast

from pydantic import TypeAdapter

from dataclaw.agent import steps
from dataclaw.agent.policy.base import ModelQuestion, Policy, PolicyInput
from dataclaw.agent.session import Session
from dataclaw.agent.steps import State
from dataclaw.domain import Domain, Task
from dataclaw.errors import ConfigError, UsageError
from dataclaw.evals.benchmark import BenchItem, Benchmark
from dataclaw.evals.diversity import raw_text
from dataclaw.evals.metrics import parse_draft
from dataclaw.evals.predict import Prediction, whole_lines
from dataclaw.evals.stats import Estimate, PairedTest, estimate, paired_test
from dataclaw.schema import citations, outline
from dataclaw.tools.cache import Cache
from dataclaw.tools.view import plain
from dataclaw.types import Decision, Intent, Json, Message, Stream

RATINGS = "judge.jsonl"
CRITERIA = ("valid", "grounded", "useful", "fits")
MARKS = ("mean", *CRITERIA)
LOWEST, HIGHEST = 1, 5
RATE = "rate"
EVENTS, EVIDENCE, LINE, DRAFT = 80, 60, 160, 12_000
"""What a judge is shown at most: lines of the stream, cited facts, characters of each, characters of the draft."""


@dataclass(frozen=True, slots=True)
class Rating:
    """What a judge says of one draft.

    Attributes:
        id: the item.
        by: the judge.
        rubric: hash of the rubric that it rated by.
        draft: hash of the draft that it rated.
        marks: 1..5 of each of `CRITERIA`; nothing where it gave no rating.
        why: what decided, or why there is no rating.
        read: tokens that it read, 0 where it does not say.
        wrote: tokens that it wrote.
    """

    id: str
    by: str
    rubric: str
    draft: str
    marks: Mapping[str, int]
    why: str
    read: int = 0
    wrote: int = 0

    @property
    def mean(self) -> float:
        """Mean of the marks, 1..5."""
        return sum(self.marks.values()) / len(self.marks)


def rate(
    bench: Benchmark,
    items: Sequence[BenchItem],
    made: Mapping[str, Prediction],
    judge: Policy,
    domains: Mapping[str, Domain],
    out: Path,
    *,
    batch: int = 1,
) -> Iterator[Rating]:
    """Rate the drafts that this judge has not rated yet.

    Args:
        bench: the benchmark.
        items: items to rate.
        made: their predictions, by item; one without a draft gets the lowest marks, and nobody is asked.
        judge: who rates.
        domains: loaded domains.
        out: folder of the run.
        batch: drafts that the judge gets at once.

    Yields:
        Every item's rating, in order. One without marks is not kept, and asked for again next time.

    Raises:
        UsageError: the judge is no language model.
        StreamError: a stream cannot be read, or reads differently than when the benchmark was made.
    """
    if judge.name == "planner":
        raise UsageError("the planner is no judge.", place="--by", remedy="Name a model: provider:model, or embedded.")
    known = {(one.id, one.draft): one for one in read_ratings(out) if (one.by, one.rubric) == (judge.name, rubric())}
    cache_ = Cache()
    for start in range(0, len(items), batch):
        part = [(item, made.get(item.id, Prediction(item.id))) for item in items[start : start + batch]]
        fresh = [(item, one) for item, one in part if (item.id, draft_hash(one)) not in known]
        asked = [(item, one) for item, one in fresh if one.draft is not None]
        new = [_lowest_rating(one, judge.name) for _, one in fresh if one.draft is None]
        if asked:
            scenes = [_question(bench, item, one, domains, cache_) for item, one in asked]
            new += [_rating(one, judge.name, said) for (_, one), said in zip(asked, judge.decide(scenes), strict=True)]
        _keep(out, [one for one in new if one.marks])
        by_item = known | {(one.id, one.draft): one for one in new}
        yield from (by_item[item.id, draft_hash(one)] for item, one in part)


def read_ratings(out: Path) -> list[Rating]:
    """The ratings in a run's folder; a last line that was cut off by a stop is cut away.

    Raises:
        ConfigError: a line is none.
    """
    file = out / RATINGS
    if not file.exists():
        return []
    try:
        found = [_adapter().validate_json(line) for line in whole_lines(file).split("\n") if line]
        if any(sorted(one.marks) != sorted(CRITERIA) for one in found):
            raise ValueError(f"a rating has marks for {', '.join(CRITERIA)}")
    except ValueError as error:
        raise ConfigError(f"no rating: {str(error)[:200]}.", place=str(file), remedy="Remove the file.") from None
    return found


def latest(out: Path) -> dict[str, dict[str, Rating]]:
    """The last rating of every item, by judge and rubric (`name (rubric)`) and item."""
    found: dict[str, dict[str, Rating]] = {}
    for one in read_ratings(out):
        found.setdefault(f"{one.by} ({one.rubric})", {})[one.id] = one
    return found


def mean_marks(out: Path, streams: Mapping[str, str]) -> dict[str, dict[str, Estimate]]:
    """Means of the marks, 1..5, with their intervals, by judge; "mean" of all of `CRITERIA` and each of them.

    Args:
        out: folder of the run.
        streams: which stream each of its items is about.
    """
    found: dict[str, dict[str, Estimate]] = {}
    for judge, ratings in latest(out).items():
        known = [one for name, one in ratings.items() if name in streams]
        about = [streams[one.id] for one in known]
        means = {name: estimate(_values(known, name), about) for name in MARKS}
        found |= {judge: {name: one for name, one in means.items() if one}} if known else {}
    return found


def mark_tests(first: Path, second: Path, streams: Mapping[str, str]) -> dict[str, dict[str, PairedTest]]:
    """The second run's marks minus the first's, over items that one judge rated of both, by judge and by mark.

    Args:
        first: folder of the first run.
        second: folder of the second run.
        streams: which stream each item of both is about.
    """
    found: dict[str, dict[str, PairedTest]] = {}
    ours, theirs = latest(first), latest(second)
    for judge in [name for name in ours if name in theirs]:
        shared = [name for name in streams if name in ours[judge] and name in theirs[judge]]
        sides = [[one[judge][name] for name in shared] for one in (ours, theirs)]
        about = [streams[name] for name in shared]
        tests = {name: paired_test(_values(sides[0], name), _values(sides[1], name), about) for name in MARKS}
        found |= {judge: {name: test for name, test in tests.items() if test}} if shared else {}
    return found


def _values(ratings: Sequence[Rating], mark: str) -> list[float]:
    return [one.mean if mark == "mean" else float(one.marks[mark]) for one in ratings]


@cache
def rubric() -> str:
    """Hash of the rubric (8 hex digits): ratings by another are not compared with it."""
    limits = f"{EVENTS} {EVIDENCE} {LINE} {DRAFT}"
    return hashlib.sha256(f"{_instructions()}{limits}".encode()).hexdigest()[:8]


def draft_hash(one: Prediction) -> str:
    """Hash of a draft (12 hex digits)."""
    return hashlib.sha256(json.dumps(one.draft, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:12]


def _question(
    bench: Benchmark, item: BenchItem, one: Prediction, domains: Mapping[str, Domain], cache_: Cache
) -> PolicyInput:
    stream = bench.open(item, domains[item.domain])
    domain, task = (one.domain or item.domain), (one.task or item.task)
    if domain not in domains or task not in domains[domain].tasks:
        raise UsageError(f"has a draft of no task ({domain}.{task}).", place=item.id,
                         remedy="A prediction for an open request says its domain and its task.")  # fmt: skip
    state = State(item.id, domain, task, Intent(item.intent), item.window)
    session = Session(stream, domains[domain].task(task), cache_)
    material = _material(item, one, session.task, stream)
    asked = ModelQuestion((Message("system", _instructions()), Message("user", material)), _form())
    return PolicyInput(state, session, asked)


def _form() -> dict[str, Json]:
    """One call, `rate`."""
    mark: Json = {"type": "integer", "enum": [*range(LOWEST, HIGHEST + 1)]}
    args = _closed_object({"why": {"type": "string"}} | dict.fromkeys(CRITERIA, mark))
    return _closed_object({"tool": {"const": RATE}, "args": args})


def _material(item: BenchItem, one: Prediction, task: Task, stream: Stream) -> str:
    draft = one.draft if isinstance(one.draft, str) else json.dumps(one.draft, ensure_ascii=False)
    anchors = one.cited_draft(item).anchors
    cited = [anchors[name] for name in citations(parse_draft(one.draft)) if name in anchors]
    evidence = [f"{a.id} ({a.kind}, {a.t0:.1f}-{a.t1:.1f}): {a.content}" for a in cited]
    return "\n\n".join(
        [
            f"Request: {plain(item.intent, 2000)}",
            f"Stream: {stream.kind}, {item.window[0]:g} to {item.window[1]:g} {stream.clock}, {item.frames} frames",
            f"What it holds as text:\n{_limit_lines(raw_text(stream, item.window).splitlines(), EVENTS)}",
            f"Form that a draft of {task.name} has:\n{outline(task.schema)}",
            f"Draft:\n{plain(draft, DRAFT)}",
            f"Evidence that it cites:\n{_limit_lines(evidence, EVIDENCE)}",
        ]
    )


def _limit_lines(lines: Sequence[str], most: int) -> str:
    """Lines, each made harmless; the middle left out where there are too many, and said so."""
    shown = [plain(line, LINE) for line in lines]
    if len(shown) > most:
        left_out = f"... {len(shown) - most} lines left out ..."
        shown = [*shown[: most // 2], left_out, *shown[len(shown) - most // 2 :]]
    return "\n".join(shown) or "(nothing)"


def _rating(one: Prediction, by: str, said: Decision) -> Rating:
    marks, why = _marks(said)
    return Rating(one.id, by, rubric(), draft_hash(one), marks, why, said.prompt_tokens, said.tokens)


def _marks(said: Decision) -> tuple[dict[str, int], str]:
    """The marks and what decided; no marks, and why, where the answer is no rating."""
    if said.error:
        return {}, said.error
    try:
        action = steps.parse_action(said.text)
    except ValueError as error:
        return {}, f"no rating: {error}"
    marks = {name: action.args.get(name) for name in CRITERIA}
    wrong = [name for name, mark in marks.items() if type(mark) is not int or not LOWEST <= mark <= HIGHEST]
    if action.tool != RATE or wrong:
        return {}, f"no rating: {', '.join(wrong) or action.tool} is not from {LOWEST} to {HIGHEST}"
    return cast("dict[str, int]", marks), str(action.args.get("why", ""))[:1000]


def _lowest_rating(one: Prediction, by: str) -> Rating:
    return Rating(one.id, by, rubric(), draft_hash(one), dict.fromkeys(CRITERIA, LOWEST), "no draft")


def _keep(out: Path, ratings: Sequence[Rating]) -> None:
    with (out / RATINGS).open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(asdict(one), ensure_ascii=False) + "\n" for one in ratings)


def _closed_object(properties: Mapping[str, Json]) -> dict[str, Json]:
    return {"type": "object", "properties": properties, "required": [*properties], "additionalProperties": False}


@cache
def _instructions() -> str:
    return files("dataclaw.evals").joinpath("templates", "judge.md").read_text(encoding="utf-8").strip()


@cache
def _adapter() -> TypeAdapter[Rating]:
    return TypeAdapter(Rating)
