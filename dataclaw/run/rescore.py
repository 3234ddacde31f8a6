"""Judging a finished run again, with other weights or other rules, without running it: from its traces alone.

Nothing of the run is changed. Rules that need a group of rollouts stay out, as they did in the run.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, cast

from pydantic import Field, ValidationError

from dataclaw.agent import steps
from dataclaw.agent.case import SHOWN, Facts, case_of, load_facts, narrow_schema
from dataclaw.agent.materialise import TOLD, left_out, told_fields, verdict_record
from dataclaw.agent.steps import State, load_state
from dataclaw.config import RuleUse
from dataclaw.domain import Domain, Task
from dataclaw.errors import UsageError, did_you_mean
from dataclaw.plugins import load_domain
from dataclaw.rewards import Rubric, Verdict, library
from dataclaw.rewards.base import Case
from dataclaw.schema import citations, problems
from dataclaw.strict import Strict, load_json, read_toml
from dataclaw.types import Anchor, Json

Weight = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class TaskRules(Strict):
    """Rules of one task in a rules file, in place of those it declares."""

    rules: Annotated[list[RuleUse], Field(min_length=1)]


class RulesFile(Strict):
    """A rules file: `[terms]`, and `[tasks."<domain>.<task>"]` with `rules` as in `domain.toml`.

    Attributes:
        terms: weights of terms, beside or in place of the domain's.
        tasks: rules by task.
    """

    terms: dict[str, Weight] = Field(default_factory=dict[str, float])
    tasks: dict[str, TaskRules] = Field(default_factory=dict[str, TaskRules])


@dataclass(frozen=True, slots=True)
class RescoredDraft:
    """A draft judged again.

    Attributes:
        id: name of the rollout, as in `samples.jsonl`.
        task: `<domain>.<task>`.
        before: the verdict of the run.
        after: the verdict now.
    """

    id: str
    task: str
    before: Verdict
    after: Verdict

    @property
    def new_state(self) -> str:
        """What it has become, "accepted" or "rejected", when it was not that before; else ""."""
        if self.before.passed == self.after.passed:
            return ""
        return "accepted" if self.after.passed else "rejected"

    def to_json(self) -> dict[str, Json]:
        """A line of `scores.jsonl`."""
        total = None if math.isnan(self.before.total) else round(self.before.total, 6)
        before = {"total": total, "passed": self.before.passed}
        return {"id": self.id, "task": self.task, "before": before, "after": self.after.to_json()}


@dataclass
class Rescorer:
    """Rubrics to judge with.

    Attributes:
        registry: the `plugins.toml` to use.
        weights: weights of terms and of rules, by name.
        rules: a rules file.
        domains: domains by name; those that are missing are loaded when a rollout is of them.
    """

    registry: Path | None = None
    weights: Mapping[str, float] = field(default_factory=dict[str, float])
    rules: RulesFile = field(default_factory=RulesFile)
    domains: dict[str, Domain] = field(default_factory=dict[str, Domain])
    _rubrics: dict[str, Rubric] = field(default_factory=dict[str, Rubric])
    _used: set[str] = field(default_factory=set[str])

    def judge(self, state: State, facts: Facts, sample: Mapping[str, Json] | None = None) -> RescoredDraft | None:
        """The best draft of a rollout judged again; None when it handed in none.

        Args:
            state: the rollout.
            facts: what its trace says of the stream.
            sample: the sample that was written of it, whose question and inputs count; None where none was.

        Raises:
            UsageError: a weight or a rule is unknown, or the trace holds no facts.
        """
        draft = steps.best(state)
        if draft is None:
            return None
        task = self.task(state)
        name = self._name_of(state, task)
        case = _case(state, draft.draft, draft.cited, task, facts)
        if sample is not None:
            inputs = {key: sample.get(key) for key in SHOWN}
            case = replace(case, question=str(sample.get("question") or ""), inputs=inputs)
        return RescoredDraft(state.key, name, draft.verdict, self._rubrics[name].score(case))

    def revise(self, state: State, facts: Facts, sample: Mapping[str, Json], draft: Json) -> dict[str, Json]:
        """A sample made anew of another draft, as the run would have written it: its fields, evidence and verdict.

        What it cites may be anything that the rollout saw. What the intent left out is counted anew, but for fragments,
        whose events are not in the trace.

        Args:
            state: the rollout.
            facts: what its trace says of the stream.
            sample: the sample that was written of it.
            draft: the draft in place of the one that the sample was made of.

        Raises:
            UsageError: the draft does not have the form of the task's schema; every problem is named.
        """
        task = self.task(state)
        name = self._name_of(state, task)
        made_of = steps.best(state)
        known = {**state.anchors, **(made_of.cited if made_of else {})}
        case = _case(state, draft, known, task, facts)
        wrong = problems(draft, case.schema)
        if wrong:
            said = "; ".join(f"{place or '/'}: {what}" for place, what in wrong[:8])
            raise UsageError(f"the draft does not fit the schema of {name}: {said}.", remedy="Change what is named.")
        cited = {cite: known[cite] for cite in citations(draft) if cite in known}
        verdict = self._rubrics[name].score(case)
        made = told_fields(case, cited)
        made |= {"left_out": _left_out(sample, case, cited), "verdict": verdict_record(verdict, self._rubrics[name])}
        return {key: made.get(key, value) for key, value in sample.items() if key in made or key not in TOLD} | made

    def rubric(self, task: str) -> Rubric:
        """The rubric that a task (`<domain>.<task>`) was judged by.

        Raises:
            KeyError: no draft of that task was judged.
        """
        return self._rubrics[task]

    def check_all_used(self) -> None:
        """Complain about weights and tasks that no draft of the run has.

        Raises:
            UsageError: naming them.
        """
        known = {n for r in self._rubrics.values() for n in (*r.terms, *(use.name for use in r.uses))}
        unknown = [name for name in self.weights if name not in known]
        if unknown and self._rubrics:
            remedy = did_you_mean(unknown[0], known)
            raise UsageError(f"no term or rule {unknown[0]!r} in this run.", place="--weights", remedy=remedy)
        lost = [name for name in self.rules.tasks if name not in self._rubrics]
        if lost and self._rubrics:
            raise UsageError(f"no draft of task {lost[0]!r} in this run.", remedy=did_you_mean(lost[0], self._rubrics))

    def task(self, state: State) -> Task:
        """The task of a rollout; its domain is loaded once."""
        if state.domain not in self.domains:
            self.domains[state.domain] = load_domain(state.domain, registry=self.registry)
        return self.domains[state.domain].task(state.task)

    def _name_of(self, state: State, task: Task) -> str:
        """Name of the rollout's task, whose rubric stands ready from here on."""
        name = f"{state.domain}.{state.task}"
        if name not in self._rubrics:
            self._rubrics[name] = self._rubric(name, task)
        return name

    def _rubric(self, name: str, task: Task) -> Rubric:
        declared = self.rules.tasks.get(name)
        uses = declared.rules if declared else [use.declared for use in task.rubric.uses]
        terms = {**task.rubric.terms, **self.rules.terms}
        terms |= {term: weight for term, weight in self.weights.items() if term in terms}
        uses = [use.model_copy(update={"weight": self.weights.get(use.rule, use.weight)}) for use in uses]
        domain = self.domains[task.domain]
        own = {use.rule.name: use.rule for t in domain.tasks.values() for use in t.rubric.uses}
        return Rubric.build(terms, uses, {**library(), **own}, place=name)


def rescore(out: Path, judge: Rescorer) -> Iterator[RescoredDraft]:
    """Every draft of a run judged again, in the order of their names.

    Args:
        out: folder of a run.
        judge: what to judge with.

    Raises:
        UsageError: there is no run, a trace is broken or of an older version, or `judge` names what the run lacks.
    """
    files = sorted((out / "traces").glob("*.json"))
    if not (out / "run.toml").is_file() or not files:
        raise UsageError("no run with traces is here.", place=str(out), remedy="Name the --out folder of dataclaw run.")
    samples = read_samples(out / "samples.jsonl")
    for file in files:
        state, facts = read_trace(file)
        found = judge.judge(state, facts, samples.get(state.key))
        if found:
            yield found
    judge.check_all_used()


def read_rules(file: Path) -> RulesFile:
    """A rules file.

    Raises:
        ConfigError: it is missing or wrong; every problem is named.
    """
    return read_toml(file, RulesFile)


def read_trace(file: Path) -> tuple[State, Facts]:
    """The rollout behind a sample, and what its rules look at.

    Raises:
        UsageError: the trace is broken or of an older version.
    """
    try:
        data = cast("dict[str, Json]", load_json(file.read_text(encoding="utf-8")))
        state = load_state({key: value for key, value in data.items() if key != "facts"})
        return state, load_facts(data["facts"])
    except KeyError:
        message = "the trace does not say what rules look at: an older version wrote it."
        raise UsageError(message, place=str(file), remedy="Run dataclaw run again with --no-resume.") from None
    except (ValueError, TypeError, AttributeError) as error:  # JSON, UTF-8 and validation errors are ValueErrors
        raise UsageError(f"not a trace: {_short(error)}.", place=str(file), remedy="Remove the file.") from None


def read_samples(file: Path) -> dict[str, dict[str, Json]]:
    """The samples of a run by id; none where it wrote none.

    Raises:
        UsageError: the file is broken.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
        return {str(sample["id"]): sample for sample in map(load_json, lines)}
    except (ValueError, TypeError, KeyError) as error:
        raise UsageError(f"not a list of samples: {error}.", place=str(file), remedy="Restore the file.") from None


def _short(error: Exception) -> str:
    return f"{error.error_count()} wrong fields" if isinstance(error, ValidationError) else str(error)[:200]


def _case(state: State, draft: Json, cited: Mapping[str, Anchor], task: Task, facts: Facts) -> Case:
    anchors = {**state.anchors, **cited}
    schema = narrow_schema(task.schema, facts, state.window, tuple(anchors))
    return case_of(draft, schema, facts, task=task, anchors=anchors, window=state.window, intent=state.intent.text)


def _left_out(sample: Mapping[str, Json], case: Case, cited: Mapping[str, Anchor]) -> Json:
    before = cast("dict[str, Json]", sample["left_out"])
    if case.labels:
        return before
    count = int(before["events"])
    near = [(f"e{event.index}", event) for event in case.events]
    return left_out(cast("dict[str, Json]", case.draft), cited, near, events=count, own=count)
