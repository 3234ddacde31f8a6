"""The rubric: a task's rules, gated and weighed into one reward; what it holds against a draft goes back to the policy.

Rules that do not apply carry no weight, rules that break are named and count as missing, never as 0: a reward that is
silently 0 teaches the policy that its good drafts were bad. A gate that breaks leaves open what it would have said, so
its draft is not passed either.
"""

from __future__ import annotations

import difflib
import inspect
import math
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from dataclaw.config import RuleUse
from dataclaw.errors import ConfigError
from dataclaw.rewards.base import MAX_FINDINGS, Case, Rule, Score
from dataclaw.rewards.efficiency import reasoning_length
from dataclaw.schema import dotted_path
from dataclaw.types import Finding, Json

WORTH = "worth"
"""The term that multiplies: what is well formed and borne out, and of no use to a reader, is worth little.

A rule's weight in it is the share of the total that is lost where the rule scores 0; every rubric may use it.
"""
HELD = 0.7
"""Factor on what a draft that is sent back earns: to leave out what is plain must not pay more than to keep it."""
SLOWEST = 2.0
"""CPU time that a rule may take for one draft [s]; measured in its thread, so that a busy machine changes no reward."""
_FULL = 1.0 - 1e-9


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rubric says about one draft.

    Attributes:
        total: 0..1, weighted mean of the terms that apply times the worth; 0.7 of it when the draft is sent back, 0
            when a gate failed; NaN when no rule could judge.
        paper_total: weighted sum of the terms that apply, not normalised, times the worth: the paper's R, the reward of
            GRPO.
        terms: each term's score and the worth, None where none of its rules applies.
        scores: each rule's score by its name in the rubric (a second use of a rule is `name#2`).
        held: rules that scored below their `pass_at`, failed gates first.
        failed: rules that raised, gave no number in 0..1 or took too long, with the reason; they count as missing.
        skipped: rules that were not run, with the reason.
        broken: the gates among `failed`; without them the draft cannot be judged.
    """

    total: float
    paper_total: float
    terms: Mapping[str, float | None] = field(default_factory=dict[str, "float | None"])
    scores: Mapping[str, Score] = field(default_factory=dict[str, Score])
    held: tuple[str, ...] = ()
    failed: Mapping[str, str] = field(default_factory=dict[str, str])
    skipped: Mapping[str, str] = field(default_factory=dict[str, str])
    broken: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether nothing sends the draft back: it was judged, all gates are open and no rule is below its mark."""
        return not self.held and not self.unjudged

    @property
    def unjudged(self) -> bool:
        """Whether the rules are at fault and not the draft: a gate broke, or no rule could judge; nothing holds it."""
        return not self.held and (bool(self.broken) or math.isnan(self.total))

    def findings(self, limit: int = MAX_FINDINGS) -> tuple[Finding, ...]:
        """What to send back: findings of the rules that hold the draft first, each worst first."""
        found = [(name not in self.held, f.score, f) for name, score in self.scores.items() for f in score.findings]
        found.sort(key=lambda entry: entry[:2])
        return tuple(finding for _, score, finding in found if score < 1.0)[:limit]

    def to_json(self) -> dict[str, Json]:
        """Plain JSON; NaN becomes null."""
        return {
            "total": None if math.isnan(self.total) else round(self.total, 6),
            "paper_total": None if math.isnan(self.paper_total) else round(self.paper_total, 6),
            "passed": self.passed,
            "terms": {name: None if value is None else round(value, 6) for name, value in self.terms.items()},
            "scores": {n: None if s.value is None else round(s.value, 6) for n, s in self.scores.items()},
            "held": list(self.held),
            "failed": dict(self.failed),
            "skipped": dict(self.skipped),
            "broken": list(self.broken),
            "findings": [
                {"path": f.path, "message": f.message, "rule": f.rule, "score": round(f.score, 6)}
                for f in self.findings()
            ],
        }


def render(finding: Finding) -> str:
    """A finding as people and models read it: `$.steps[3].point: (512, 300) is 41 px outside ..., rule evidence`."""
    return f"{dotted_path(finding.path)}: {finding.message}, rule {finding.rule}"


@dataclass(frozen=True, slots=True)
class Use:
    """A rule as a task uses it.

    Attributes:
        name: its name in the verdict.
        rule: the rule.
        declared: term, weight, gate, mark and parameters from the manifest.
    """

    name: str
    rule: Rule
    declared: RuleUse


@dataclass(slots=True)
class _Run:
    """The scores of one draft while its rules run."""

    scores: dict[str, Score] = field(default_factory=dict[str, Score])
    failed: dict[str, str] = field(default_factory=dict[str, str])
    skipped: dict[str, str] = field(default_factory=dict[str, str])
    clock: float = field(default_factory=time.thread_time)

    def judge(self, use: Use, case: Case, slowest: float) -> None:
        """Run one rule and note its score, or why there is none."""
        missing = _missing(use.rule, case)
        if missing:
            self.skipped[use.name] = f"needs a {missing}"
            return
        self.skipped.pop(use.name, None)
        start = self.clock
        try:
            score = use.rule.judge(case, **use.declared.params)
        except Exception as error:  # noqa: BLE001 - a plugin's rule may raise anything; it is named in the verdict
            self.failed[use.name] = f"{type(error).__name__}: {error}"[:300]
            self.clock = time.thread_time()
            return
        self.clock = time.thread_time()
        spent = self.clock - start
        problem = f"took {spent:.1f} s of CPU time, at most {slowest:g} allowed" if spent > slowest else _flaw(score)
        if problem:
            self.failed[use.name] = problem
        else:
            self.scores[use.name] = score

    def is_closed(self, use: Use) -> bool:
        """Whether a gate was judged and is not fully open."""
        score = self.scores.get(use.name)
        return use.declared.gate and score is not None and score.value is not None and score.value < _FULL


class Rubric:
    """The rules of one task, ready to judge drafts; build it with `Rubric.build`.

    Attributes:
        terms: weight of each term; that of the worth is its exponent, 1 by default.
        uses: the rules as the task uses them, in the manifest's order.
        slowest: CPU time a rule may take [s].
    """

    def __init__(self, terms: Mapping[str, float], uses: Sequence[Use], *, slowest: float = SLOWEST) -> None:
        self.terms = dict(terms)
        self.uses = tuple(uses)
        self.slowest = slowest
        self._gates = tuple(use for use in self.uses if use.declared.gate)
        self._rest = tuple(use for use in self.uses if not use.declared.gate)

    @classmethod
    def build(
        cls,
        terms: Mapping[str, float],
        rule_uses: Sequence[RuleUse],
        rules: Mapping[str, Rule],
        *,
        place: str = "",
        slowest: float = SLOWEST,
    ) -> Rubric:
        """Resolve a manifest's rules.

        Args:
            terms: weight of each term.
            rule_uses: the task's rules.
            rules: every rule by name, the library's and the domain's.
            place: manifest and task to name in errors.
            slowest: CPU time that a rule may take for one draft [s].

        Raises:
            ConfigError: unknown rule, term or parameter, with the nearest known name; all of them at once.
        """
        problems: list[str] = []
        uses: list[Use] = []
        counts: dict[str, int] = {}
        for declared in rule_uses:
            known = rules.get(declared.rule)
            if known is None:
                problems.append(f'no rule "{declared.rule}"{_nearest(declared.rule, rules)}')
            else:
                problems += _parameter_problems(known, declared)
                if declared.term == WORTH and declared.weight > 1.0:
                    problems.append(
                        f'rule "{declared.rule}" costs {declared.weight:g} of the worth, at most 1 is there'
                    )
                counts[declared.rule] = count = counts.get(declared.rule, 0) + 1
                uses.append(Use(declared.rule if count == 1 else f"{declared.rule}#{count}", known, declared))
            if not declared.term:
                problems.append(f'rule "{declared.rule}" names no term')
            elif declared.term != WORTH and declared.term not in terms:
                problems.append(f'rule "{declared.rule}" is in term "{declared.term}", which has no weight in [terms]')
        if problems:
            remedy = f"Terms: {', '.join(terms)}. Rules: {', '.join(sorted(rules))}."
            raise ConfigError("; ".join(problems) + ".", place=place, remedy=remedy)
        return cls(terms, uses, slowest=slowest)

    def score(self, case: Case) -> Verdict:
        """Judge one draft: gates first, in their order; after one that is not open nothing else runs."""
        return self._verdict(self._run(case))

    def score_group(self, cases: Sequence[Case]) -> list[Verdict]:
        """Judge the rollouts of one group, aligned with `cases`: rules that need the group see the others' totals.

        The totals that rank the group are those of all other rules, as the paper has it; each other rule runs once.
        """
        runs = [self._run(replace(case, group_lengths=None, group_totals=None)) for case in cases]
        alone = [self._verdict(run) for run in runs]
        totals = [0.0 if math.isnan(verdict.paper_total) else verdict.paper_total for verdict in alone]
        lengths = [reasoning_length(case.draft) for case in cases]
        uses = [use for use in self.uses if "group" in use.rule.needs]
        for case, run in zip(cases, runs, strict=True):
            if not any(run.is_closed(gate) for gate in self._gates):
                run.clock = time.thread_time()
                for use in uses:
                    run.judge(use, replace(case, group_lengths=lengths, group_totals=totals), self.slowest)
        return [self._verdict(run) for run in runs]

    def _run(self, case: Case) -> _Run:
        run = _Run()
        for index, gate in enumerate(self._gates):
            run.judge(gate, case, self.slowest)
            if run.is_closed(gate):
                rest = (*self._gates[index + 1 :], *self._rest)
                run.skipped.update({use.name: f"gate {gate.name} is closed" for use in rest})
                return run
        for use in self._rest:
            run.judge(use, case, self.slowest)
        return run

    def means(self, scores: Mapping[str, Score]) -> dict[str, float | None]:
        """Weighted mean of the rules of each term, 0..1; None for a term that none of its rules could judge.

        Args:
            scores: what rules said, by the name of their use.
        """
        return {name: _mean(self._weights_and_scores(name, scores)) for name in self.terms if name != WORTH}

    def worth(self, scores: Mapping[str, Score]) -> float | None:
        """Product of `1 - weight * (1 - score)` over the rules of the worth, 0..1; None where none of them could judge.

        Args:
            scores: what rules said, by the name of their use.
        """
        pairs = list(self._weights_and_scores(WORTH, scores))
        return math.prod(1.0 - weight * (1.0 - value) for weight, value in pairs) if pairs else None

    def _verdict(self, run: _Run) -> Verdict:
        values = self.means(run.scores)
        judged = {name: value for name, value in values.items() if value is not None}
        weight = sum(self.terms[name] for name in judged)
        paper = sum(self.terms[name] * value for name, value in judged.items()) if judged else math.nan
        worth = self.worth(run.scores)
        factor = 1.0 if worth is None else worth ** self.terms.get(WORTH, 1.0)
        total, paper = factor * min(1.0, paper / weight) if weight > 0 else math.nan, factor * paper
        closed = [gate.name for gate in self._gates if run.is_closed(gate)]
        held = (*closed, *(use.name for use in self.uses if use.name not in closed and _below(use, run.scores)))
        scale = 0.0 if closed else HELD if held else 1.0
        total, paper = scale * total, scale * paper
        broken = tuple(gate.name for gate in self._gates if gate.name in run.failed)
        if any(use.declared.term == WORTH for use in self.uses):
            values[WORTH] = worth
        return Verdict(total, paper, values, run.scores, held, run.failed, run.skipped, broken)

    def _weights_and_scores(self, term: str, scores: Mapping[str, Score]) -> Iterable[tuple[float, float]]:
        for use in self.uses:
            score = scores.get(use.name)
            if use.declared.term == term and score is not None and score.value is not None:
                yield use.declared.weight, score.value


def _mean(weighted: Iterable[tuple[float, float]]) -> float | None:
    pairs = list(weighted)
    weight = sum(weight for weight, _ in pairs)
    return sum(weight * value for weight, value in pairs) / weight if weight > 0 else None


def _below(use: Use, scores: Mapping[str, Score]) -> bool:
    score = scores.get(use.name)
    return score is not None and score.value is not None and score.value < use.declared.pass_at


def _missing(known: Rule, case: Case) -> str:
    if "reference" in known.needs and case.reference is None:
        return "reference"
    return "group" if "group" in known.needs and case.group_totals is None else ""


def _flaw(score: object) -> str:
    if not isinstance(score, Score):
        return f"gave {type(score).__name__} instead of a Score"
    if score.value is not None and not _is_share(score.value):
        return f"gave {score.value!r} instead of a number from 0 to 1"
    wrong = next((finding for finding in cast("Iterable[object]", score.findings) if not _is_finding(finding)), None)
    return f"gave {wrong!r} among its findings" if wrong is not None else ""


def _is_share(value: object) -> bool:
    return isinstance(value, int | float) and 0.0 <= value <= 1.0


def _is_finding(found: object) -> bool:
    """Whether it is a finding that can be sorted, sent back and shown."""
    if not isinstance(found, Finding) or not _is_share(found.score):
        return False
    texts = cast("tuple[object, ...]", (found.path, found.message, found.rule))
    return all(isinstance(text, str) for text in texts) and (not found.path or found.path.startswith("/"))


def _parameter_problems(known: Rule, declared: RuleUse) -> list[str]:
    parameters = list(inspect.signature(known.judge).parameters.values())[1:]
    if any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters):
        return []
    names = {parameter.name: parameter for parameter in parameters}
    problems = [
        f'rule "{declared.rule}" has no parameter "{name}"{_nearest(name, names)}'
        for name in declared.params
        if name not in names
    ]
    needed = [name for name, p in names.items() if p.default is inspect.Parameter.empty and name not in declared.params]
    return problems + [f'rule "{declared.rule}" needs the parameter "{name}"' for name in needed]


def _nearest(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f' (did you mean "{near[0]}"?)' if near else ""


def breakage(verdict: Verdict) -> str:
    """Which rules failed on a draft and why, gates first, each with the plugin it comes from; "" when none did.

    `gate surgery.order of plugin surgery failed: KeyError: 'boo'`
    """
    names = sorted(verdict.failed, key=lambda name: name not in verdict.broken)
    return "; ".join(
        f"{'gate' if name in verdict.broken else 'rule'} {name} of {_owner(name)} failed: {verdict.failed[name]}"
        for name in names
    )


@dataclass(slots=True)
class Failures:
    """Rules that failed, counted over many drafts.

    Attributes:
        reasons: by rule, how often it failed for which reason.
    """

    reasons: dict[str, Counter[str]] = field(default_factory=dict[str, "Counter[str]"])

    def add(self, failed: Mapping[str, str]) -> None:
        """Count what failed on one draft, `Verdict.failed`."""
        for name, reason in failed.items():
            self.reasons.setdefault(name, Counter())[reason] += 1

    def summary_lines(self) -> list[str]:
        """A sentence for each rule: `rule surgery.order failed on 3 drafts: KeyError: 'boo'`."""
        return [self._summary_line(name, reasons) for name, reasons in sorted(self.reasons.items())]

    def _summary_line(self, name: str, reasons: Counter[str]) -> str:
        drafts = f"{reasons.total()} draft{'s' if reasons.total() != 1 else ''}"
        ((reason, _),) = reasons.most_common(1)
        others = f" (and {len(reasons) - 1} other reasons)" if len(reasons) > 1 else ""
        return f"rule {name} failed on {drafts}: {reason}{others}"


def _owner(name: str) -> str:
    plugin, dot, _ = name.partition(".")
    return f"plugin {plugin}" if dot else "the library"
