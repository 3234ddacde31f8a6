"""A domain's own rules, the same drafts again and again: chance at one percent shows within two hundred times."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from dataclaw.domain import Domain
from dataclaw.kit.fixture_trial import FixtureTrial
from dataclaw.kit.fixtures import FixtureSession
from dataclaw.kit.observed import is_own
from dataclaw.rewards.base import Case, Score
from dataclaw.rewards.rubric import Use
from dataclaw.tools.cache import Cache
from dataclaw.types import Json

TIMES = 200
FEWEST = 5
SECONDS = 3.0
"""CPU time that all repetitions of a domain may take, the first few of each aside [s]."""


@dataclass(slots=True)
class Repetitions:
    """What came of repeating.

    Attributes:
        times: how often each rule judged one draft, at least.
        wavering: `(task, rule)` of those that gave one draft two results.
    """

    times: dict[str, int] = field(default_factory=dict[str, int])
    wavering: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])


def repeat_rules(domain: Domain, trials: Sequence[FixtureTrial], cache: Cache) -> Repetitions:
    """Let each rule of the domain's own judge the same few drafts 200 times, or as often as the time allows."""
    found = Repetitions()
    pairs = list(_pairs(domain, trials, cache))
    end = time.process_time() + SECONDS
    for done, (task, use, case) in enumerate(pairs):
        until = (now := time.process_time()) + max(0.0, end - now) / (len(pairs) - done)
        times = 1
        first = _result(use, case)
        while times < TIMES and (times < FEWEST or time.process_time() < until):
            times += 1
            if _result(use, case) != first:
                found.wavering.add((task, use.name))
                break
        else:
            found.times[use.name] = min(times, found.times.get(use.name, TIMES))
    return found


def _pairs(domain: Domain, trials: Sequence[FixtureTrial], cache: Cache) -> Iterator[tuple[str, Use, Case]]:
    """Each own rule with gold, a wrong answer and nothing at all, at the first fixture of each task that uses it."""
    seen: set[str] = set()
    for trial in trials:
        task = domain.tasks[trial.row.task]
        uses = [use for use in task.rubric.uses if is_own(use.rule, domain.name) and not use.rule.needs]
        if trial.row.task in seen or not trial.verdicts or not uses:
            continue
        seen.add(trial.row.task)
        session = FixtureSession(task, trial.row, cache=cache)
        drafts: list[Json] = [trial.row.gold, *(wrong.draft for wrong in trial.row.wrong[:1]), {}]
        yield from ((task.name, use, session.case(draft)) for draft in drafts for use in uses)


def _result(use: Use, case: Case) -> Score | str:
    try:
        return use.rule.judge(replace(case), **use.declared.params)
    except Exception as error:  # noqa: BLE001 - a rule that fails is told where every draft is judged
        return type(error).__name__
