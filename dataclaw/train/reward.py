"""Rewards from the domains' rubrics: what the rules said when a draft was handed in, and R_eff in the group.

R is the weighted sum of the rubric's terms (paper: 0.7 format, 1.0 anchor, 0.3 efficiency). A term that none of its
rules could judge counts as the mean of the others, so that a rule which fails or does not apply is missing and never 0.
A draft that fails a gate has 0, and so has a rollout without a draft.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from dataclaw.agent import steps
from dataclaw.agent.case import case_of, narrow_schema
from dataclaw.agent.steps import Draft, State
from dataclaw.domain import Task
from dataclaw.plugins.guard import Limit, OverrunError, call_guarded
from dataclaw.rewards import Case, Rubric, Score, Verdict
from dataclaw.rewards.efficiency import reasoning_length
from dataclaw.rewards.rubric import HELD, WORTH, Use
from dataclaw.schema import citations
from dataclaw.train.prompts import Prompt

T = TypeVar("T")
OVERTIME = "rubric"
"""What is named as failed where the rules took longer than they may."""


@dataclass(frozen=True, slots=True)
class Reward:
    """The reward of one rollout.

    Attributes:
        total: R, from 0 to the sum of the terms' weights; NaN when the rules could not judge.
        terms: each term's score, None where nothing judged it.
        rules: score of each rule that judged.
        shares: weight of each rule in R, its term's weight times its share of the term.
        failed: rules that failed, with the reason.
        drafted: whether a draft was handed in.
        passed: whether one was accepted.
    """

    total: float
    terms: Mapping[str, float | None] = field(default_factory=dict[str, "float | None"])
    rules: Mapping[str, float] = field(default_factory=dict[str, float])
    shares: Mapping[str, float] = field(default_factory=dict[str, float])
    failed: Mapping[str, str] = field(default_factory=dict[str, str])
    drafted: bool = True
    passed: bool = False


@dataclass(slots=True)
class RuleTimer:
    """How long rules take: seconds and calls by rule."""

    seconds: dict[str, float] = field(default_factory=dict[str, float])
    calls: Counter[str] = field(default_factory=Counter[str])

    def wrap(self, use: Use) -> Use:
        """The rule, measured."""

        def judge(case: Case, **params: Any) -> Score:
            start = time.perf_counter()
            try:
                return use.rule.judge(case, **params)
            finally:
                self.seconds[use.name] = self.seconds.get(use.name, 0.0) + time.perf_counter() - start
                self.calls[use.name] += 1

        return replace(use, rule=replace(use.rule, judge=judge))


class GuardedRubric(Rubric):
    """A rubric whose rules are timed, and which gives no verdict where they take too long.

    Args:
        rubric: the rubric.
        seconds: how long it may take for a draft [s]; a rule that takes longer is stopped.
        watch: where the rules' time is noted.
    """

    def __init__(self, rubric: Rubric, seconds: float, watch: RuleTimer) -> None:
        super().__init__(rubric.terms, [watch.wrap(use) for use in rubric.uses], slowest=rubric.slowest)
        self._seconds = seconds

    def score(self, case: Case) -> Verdict:
        """The verdict, as any rubric gives it; one that is broken where the time is up."""
        late = {OVERTIME: f"took longer than {self._seconds:g} s"}
        return within(self._seconds, lambda: super(GuardedRubric, self).score(case)) or Verdict(
            math.nan, math.nan, failed=late, broken=(OVERTIME,)
        )


def guard(prompt: Prompt, seconds: float, watch: RuleTimer) -> Prompt:
    """The prompt with a guarded rubric."""
    task: Task = prompt.session.task
    kept = replace(task, rubric=GuardedRubric(task.rubric, seconds, watch))
    return replace(prompt, session=replace(prompt.session, task=kept))


def within(seconds: float, work: Callable[[], T]) -> T | None:
    """What the work gives, in a thread of its own; None when it takes longer.

    Raises:
        Exception: whatever it raises.
    """
    try:
        return call_guarded(OVERTIME, Limit(cpu=seconds, wall=seconds), work)
    except OverrunError:
        return None


def group_rewards(
    prompt: Prompt, states: Sequence[State], weights: Mapping[str, float], seconds: float
) -> list[Reward]:
    """The rewards of the rollouts of one prompt, aligned with `states`.

    Rules that look at the reference are asked here, since the rollouts must not hear from them; so are those that
    need the group, which is ranked by the totals of all other rules. Where there is no reference, what the rules said
    when the draft was handed in counts.

    Args:
        prompt: what they all began with; its rubric judges.
        states: their ends.
        weights: of the rubric's terms; a term that is not named counts nothing.
        seconds: how long the rules that are asked here may take for a rollout [s].
    """
    rubric = prompt.session.task.rubric
    drafts = [steps.best(state) for state in states]
    verdicts = [_verdict_on(prompt, state, draft) for state, draft in zip(states, drafts, strict=True)]
    alone = [_reward(rubric, weights, draft, verdict) for draft, verdict in zip(drafts, verdicts, strict=True)]
    group = Group(
        [reasoning_length(draft.draft) if draft else 0 for draft in drafts],
        [0.0 if math.isnan(reward.total) else reward.total for reward in alone],
    )
    if len(states) < 2:
        return alone
    rewards: list[Reward] = []
    for state, draft, verdict, reward in zip(states, drafts, verdicts, alone, strict=True):
        if draft and verdict and reward.total > 0.0:
            told = _with_the_group(prompt, state, draft, verdict, group, seconds)
            rewards.append(_reward(rubric, weights, draft, told))
        else:  # nothing was handed in, it failed a gate, or nobody could judge it
            rewards.append(reward)
    return rewards


@dataclass(frozen=True, slots=True)
class Group:
    """What rules of a group look at: lengths of reasoning [characters] and totals of all rollouts, aligned."""

    lengths: list[int]
    totals: list[float]


def _verdict_on(prompt: Prompt, state: State, draft: Draft | None) -> Verdict | None:
    """What the rules say of a draft; with the reference where there is one."""
    if draft is None:
        return None
    rubric = prompt.session.task.rubric
    known = prompt.reference is None or draft.verdict.broken or _fails_gate(rubric, draft.verdict)
    return draft.verdict if known else rubric.score(_case(prompt, state, draft))


def _with_the_group(
    prompt: Prompt, state: State, draft: Draft, verdict: Verdict, group: Group, seconds: float
) -> Verdict:
    """The verdict with those of the rules that need the group."""
    rubric = prompt.session.task.rubric
    uses = [use for use in rubric.uses if "group" in use.rule.needs]
    case = replace(_case(prompt, state, draft), group_lengths=group.lengths, group_totals=group.totals)
    more = within(seconds, lambda: Rubric(rubric.terms, uses, slowest=rubric.slowest).score(case)) if uses else None
    if more is None:
        late = {use.name: f"took longer than {seconds:g} s" for use in uses}
        return replace(verdict, failed={**verdict.failed, **late})
    scores, failed = {**verdict.scores, **more.scores}, {**verdict.failed, **more.failed}
    return replace(verdict, scores=scores, failed=failed)


def _case(prompt: Prompt, state: State, draft: Draft) -> Case:
    """What the rules may look at: of what the draft cites only what had been seen when it was handed in."""
    early = set(citations(draft.draft)) - draft.cited.keys()
    seen = {name: anchor for name, anchor in {**state.anchors, **draft.cited}.items() if name not in early}
    facts = prompt.session.facts(state.window)
    return case_of(
        draft.draft,
        narrow_schema(prompt.session.task.schema, facts, state.window, tuple(seen)),
        facts,
        task=prompt.session.task,
        anchors=seen,
        window=state.window,
        intent=state.intent.text,
        reference=prompt.reference,
    )


def _fails_gate(rubric: Rubric, verdict: Verdict) -> bool:
    """Whether a gate was judged and failed."""
    return any(use.declared.gate and use.name in verdict.held for use in rubric.uses)


def _reward(rubric: Rubric, weights: Mapping[str, float], draft: Draft | None, verdict: Verdict | None) -> Reward:
    if draft is None or verdict is None:
        return Reward(0.0, drafted=False)
    terms, worth = rubric.means(verdict.scores), rubric.worth(verdict.scores)
    judged = {name: value for name, value in terms.items() if value is not None and weights.get(name, 0.0) > 0}
    known = sum(weights[name] for name in judged)
    total = math.nan
    if _fails_gate(rubric, verdict):
        total = 0.0
    elif known > 0 and not verdict.broken:
        whole = sum(weights.get(name, 0.0) for name in rubric.terms if name != WORTH)
        total = whole * sum(weights[name] * value for name, value in judged.items()) / known
        total *= (worth if worth is not None else 1.0) ** weights.get(WORTH, 1.0) * (HELD if verdict.held else 1.0)
    rules = {name: score.value for name, score in verdict.scores.items() if score.value is not None}
    shares = _shares(rubric, weights, verdict.scores)
    return Reward(
        total,
        terms | ({} if worth is None else {WORTH: worth}),
        rules,
        shares,
        verdict.failed,
        passed=draft.verdict.passed,
    )


def _shares(rubric: Rubric, weights: Mapping[str, float], scores: Mapping[str, Score]) -> dict[str, float]:
    uses = [use for use in rubric.uses if use.name in scores and scores[use.name].value is not None]
    sums: dict[str, float] = {}
    for use in uses:
        sums[use.declared.term] = sums.get(use.declared.term, 0.0) + use.declared.weight
    return {
        use.name: weights.get(use.declared.term, 0.0) * use.declared.weight / sums[use.declared.term]
        for use in uses
        if sums[use.declared.term] > 0
    }
