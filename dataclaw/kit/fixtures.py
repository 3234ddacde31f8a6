"""A domain's examples at work: read them, make their streams, judge drafts as the agent would, let the planner try.

Everything goes through the agent's own steps, session and drivers, so that what passes here passes in a run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import numpy as np
from pydantic import ValidationError

from dataclaw.agent import steps
from dataclaw.agent.batch import advance, run_batch
from dataclaw.agent.policy.planner import Planner
from dataclaw.agent.session import Session
from dataclaw.agent.steps import SUBMIT, State, action_text
from dataclaw.choosing import BY_RULES, CHOOSE, Chooser
from dataclaw.config import Budget, LookCall
from dataclaw.domain import Domain, Task
from dataclaw.errors import ConfigError, UsageError
from dataclaw.kit.drawn_frames import DrawnFrames
from dataclaw.kit.fixture_form import DescribedEvent, DescribedSeries, DescribedStream, Fixture
from dataclaw.rewards import Verdict, breakage
from dataclaw.rewards.base import Case
from dataclaw.schema import parse_json
from dataclaw.streams.identity import derived_id
from dataclaw.strict import describe_error
from dataclaw.tools.base import ToolResult
from dataclaw.tools.cache import Cache
from dataclaw.types import Action, Anchor, Decision, Event, Intent, Json, Series, Stream

MAX_BYTES = 16 * 1024 * 1024
LOOKING = Budget(steps=1000, tool_calls=1000)


def read_fixtures(path: Path) -> list[Fixture]:
    """The fixtures of a file, one a line; empty lines are skipped.

    Raises:
        ConfigError: the file is missing or too large, or lines are wrong; each wrong line is named.
    """
    rows: list[Fixture] = []
    wrong: list[str] = []
    for number, line in fixture_lines(path):
        try:
            rows.append(fixture_of(line, number))
        except UsageError as error:
            wrong.append(f"line {number}: {error.message.rstrip('.')}")
    if wrong:
        raise ConfigError(f"{len(wrong)} wrong line(s): {'; '.join(wrong)}.", place=str(path))
    return rows


def fixtures_of(domain: Domain) -> list[Fixture]:
    """The fixtures that a domain brings; none when its manifest names no file.

    Raises:
        ConfigError: as `read_fixtures`.
    """
    return read_fixtures(domain.root / domain.manifest.fixtures) if domain.manifest.fixtures else []


def fixture_of(line: str, number: int = 0) -> Fixture:
    """The fixture of one line.

    Raises:
        UsageError: not JSON, or not a fixture; everything wrong is named.
    """
    value: Json = parse_json(line)
    if not isinstance(value, dict):
        raise UsageError("a fixture is a JSON object.")
    try:
        return Fixture.model_validate({**cast("dict[str, Json]", value), "line": number})
    except ValidationError as error:
        problems = [f"/{'/'.join(map(str, e['loc']))}: {describe_error(e, Fixture)}" for e in error.errors()]
        raise UsageError(f"{'; '.join(problems)}.") from None


def fixture_lines(path: Path) -> Iterator[tuple[int, str]]:
    """`(number, text)` of the lines that are not empty.

    Raises:
        ConfigError: the file is missing, too large or not UTF-8.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ConfigError(f"larger than {MAX_BYTES} bytes.", place=str(path), remedy="Describe shorter streams.")
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigError("file not found.", place=str(path), remedy="Check `fixtures` in domain.toml.") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"not UTF-8 at byte {error.start}.", place=str(path), remedy="Save it as UTF-8.") from None
    yield from ((number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip())


def stream_of(row: Fixture | DescribedStream) -> Stream:
    """The stream that a fixture describes; equal words give an equal id."""
    said = row.stream if isinstance(row, Fixture) else row
    return Stream(
        id=derived_id("fixture", said.model_dump_json()),
        kind=said.kind,
        name=said.name,
        path=said.name,
        format=said.format,
        duration=said.duration,
        clock=said.clock,
        frames=DrawnFrames(said.pictures) if said.pictures else None,
        events=tuple(_event(index, event) for index, event in enumerate(said.events)),
        series={name: _series(name, series) for name, series in said.series.items()},
        parts={label: stream_of(part) for label, part in said.parts.items()},
        meta=said.meta,
        annotations=said.annotations,
    )


def _event(index: int, said: DescribedEvent) -> Event:
    fields = {name: getattr(said, name) for name in DescribedEvent.model_fields}
    return Event(index=index, **fields)


def _series(name: str, said: DescribedSeries) -> Series:
    values = [[np.nan if value is None else value for value in row] for row in said.values]
    units = said.units or [""] * len(said.columns)
    return Series(name, np.array(said.times, float), np.array(values, float), tuple(said.columns), tuple(units))


class FixtureSession:
    """One task at one fixture: the look is taken once, then any number of drafts are judged.

    Args:
        task: the task.
        row: the fixture.
        reference: show the gold answer to rules that compare with one, as in training and on the benchmark.
        cache: results of tools; shared where one fixture is used more than once.

    Raises:
        ConfigError: a call of the fixture's look failed.
    """

    def __init__(self, task: Task, row: Fixture, *, reference: bool = False, cache: Cache | None = None) -> None:
        self.task, self.row = task, row
        session = Session(stream_of(row), task, cache or MemoryCache(), reference=row.gold if reference else None)
        self.session = session
        self.state = self._take_look()

    def judge(self, draft: Json, seen: Mapping[str, Anchor] | None = None) -> Verdict:
        """What the rubric says about a draft that is handed in now.

        Args:
            draft: the draft.
            seen: what a policy saw that looked less; None: all that the look found.
        """
        state = self._handed_in(draft)
        verdict, _ = self.session.verify(state if seen is None else replace(state, anchors=seen))
        return verdict

    def case(self, draft: Json) -> Case:
        """What the rules may look at, for a draft that is handed in now."""
        return self.session.case(self._handed_in(draft))

    def _handed_in(self, draft: Json) -> State:
        return replace(self.state, pending=Action(SUBMIT, {"draft": draft}), phase="verify")

    def _take_look(self) -> State:
        state = begin(self.task, self.row, LOOKING)
        if self.row.look is not None:
            for look in self.row.look:
                state = self._call(state, look.tool, look.args)
            return state
        if "overview" in self.task.tools:
            state = self._call(state, "overview", {})
        return self._list_all_events(state) if "list_events" in self.task.tools else state

    def _list_all_events(self, state: State) -> State:
        for part in self.session.labels or ("",):
            page, pages = 1, 1
            while page <= pages:
                args: dict[str, Json] = {"page": page} | ({"part": part} if part else {})
                state = self._call(state, "list_events", args)
                seen = state.turns[-1].observation
                page, pages = page + 1, int(seen.data.get("pages", 1)) if seen else 1
        return state

    def _call(self, state: State, tool: str, args: Mapping[str, Json]) -> State:
        state = advance(steps.decide(state, Decision(action_text(Action(tool, args)))), self.session)
        seen = state.turns[-1].observation
        if seen is None or not seen.ok:
            why = seen.note if seen else "no answer"
            raise ConfigError(f"its look {tool} {dict(args)} failed: {why}", place=place_of(self.row))
        return state


def judge(task: Task, row: Fixture, draft: Json, *, reference: bool = False) -> Verdict:
    """Judge one draft; `Bench` for several of one fixture.

    Raises:
        ConfigError: a call of the fixture's look failed.
    """
    return FixtureSession(task, row, reference=reference).judge(draft)


@dataclass(frozen=True, slots=True)
class PlayedFixture:
    """What the planner made of a fixture.

    Attributes:
        state: the rollout at its end.
        why: why no draft was accepted, "" when one was.
    """

    state: State
    why: str

    @property
    def is_accepted(self) -> bool:
        """Whether a draft was accepted."""
        return not self.why

    @property
    def look(self) -> list[LookCall]:
        """The calls that it made and that were answered."""
        turns = zip(self.state.turns[::2], self.state.turns[1::2], strict=False)
        actions = [one.action for one, answer in turns if one.action and answer.observation and answer.observation.ok]
        return [LookCall(tool=one.tool, args=dict(one.args)) for one in actions if one.tool not in (SUBMIT, CHOOSE)]

    @property
    def failed_rules(self) -> str:
        """Which rules failed on the best draft and why, "" when none did: accepted or not, they must be mended."""
        found = steps.best(self.state)
        return breakage(found.verdict) if found else ""

    @property
    def draft(self) -> Json:
        """The best draft, None when there is none."""
        found = steps.best(self.state)
        return found.draft if found else None


def play(domain: Domain, row: Fixture, *, cache: Cache | None = None, chooser: Chooser = BY_RULES) -> PlayedFixture:
    """Run the planner on a fixture, end to end, through the plain driver.

    Args:
        domain: the domain.
        row: the fixture.
        cache: results of tools; shared where one fixture is used more than once.
        chooser: who decides at the choice points of plans.

    Raises:
        UsageError: the domain has no task of that name.
    """
    task = domain.task(row.task)
    session = Session(stream_of(row), task, cache or MemoryCache(), chooser=chooser)
    (state,) = run_batch([(begin(task, row, task.budget), session)], Planner())
    return PlayedFixture(state, _why(state))


def _why(state: State) -> str:
    found = steps.best(state)
    if found and found.verdict.passed:
        return ""
    if not found:
        return state.error or f"no draft was handed in ({state.stop})"
    held = ", ".join(found.verdict.held)
    said = "; ".join(f"{finding.path or '/'}: {finding.message}" for finding in found.verdict.findings(3))
    if not held:
        return f"it cannot be judged: {breakage(found.verdict) or 'no rule applies to it'}"
    return f"held by {held}: {said}" if said else f"held by {held}"


def begin(task: Task, row: Fixture, budget: Budget) -> State:
    """The state in which a rollout on a fixture begins."""
    window = (0.0, row.stream.duration)
    return State(f"fixture-{row.line}", task.domain, task.name, Intent(row.intent), window, budget)


def place_of(row: Fixture) -> str:
    """File and line of a fixture, for messages."""
    return f"fixtures.jsonl:{row.line}" if row.line else "the fixture"


class MemoryCache(Cache):
    """Tool results in memory, for as long as a fixture is tried.

    A tool that is being written must not be answered from last time's file.
    """

    def __init__(self) -> None:
        super().__init__(Path("unused"))
        self._results: dict[str, ToolResult] = {}

    def get(self, key: str) -> ToolResult | None:
        """The result of this key, or None."""
        return self._results.get(key)

    def put(self, key: str, tool: str, result: ToolResult) -> None:
        """Keep a result."""
        del tool
        self._results[key] = result
