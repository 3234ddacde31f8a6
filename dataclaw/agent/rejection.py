"""Why a rollout gave no sample, and what to do about it, in words for whoever asked for the sample."""

from __future__ import annotations

from collections.abc import Mapping

from dataclaw.agent.steps import Draft, State
from dataclaw.domain import Task
from dataclaw.rewards import breakage
from dataclaw.schema import dotted_path
from dataclaw.types import StopReason

_OPTIONS: Mapping[StopReason, tuple[str, str]] = {
    StopReason.STEPS_SPENT: ("steps", "steps"),
    StopReason.TOOL_CALLS_SPENT: ("calls", "tool_calls"),
    StopReason.TOKENS_SPENT: ("tokens", "tokens"),
    StopReason.SECONDS_SPENT: ("seconds", "seconds"),
    StopReason.REPAIRS_SPENT: ("repairs", "repairs"),
}
"""The option that raises what ran out, and its name among budgets."""


def why(state: State, draft: Draft | None, task: Task, policy: str, *, min_total: float = 0.0) -> tuple[str, str]:
    """`(reason, remedy)` of a rollout that gave no sample.

    Args:
        state: the rollout at its end.
        draft: its best draft, None when it handed in none.
        task: the task.
        policy: name of the policy.
        min_total: least total of a sample that is kept.
    """
    if state.stop == StopReason.REVIEW_REJECTED:
        return f"rejected in review: {state.error or 'no note given'}", "Change the intent or the policy."
    if draft is None and state.error:
        return state.error, state.remedy or "See the trace; choose another --task or --model, or mend the plugin."
    if draft is None:
        return f"no draft was handed in ({state.stop})", _raise_budget(state) or "Choose another --model."
    if draft.verdict.unjudged:
        said = breakage(draft.verdict) or "no rule applies to it"
        return f"the draft cannot be judged: {said}", f"Mend the rule; dataclaw domain test {state.domain} shows it."
    if draft.verdict.passed and draft.verdict.total < min_total:
        least = sorted(
            (s.value, name) for name, s in draft.verdict.scores.items() if s.value is not None and s.value < 1
        )
        costs = ", ".join(f"{name} {value:.2f}" for value, name in least[:3])
        reason = f"its total is {draft.verdict.total:.2f}, and --min-total asks for {min_total:g}: {costs}"
        return reason, "Lower --min-total, or read in report.html what the rules hold against it."
    worst = draft.verdict.findings()[:3]
    text = "; ".join(f"{dotted_path(f.path)}: {f.message}, rule {f.rule}" for f in worst)
    return f"the best of {len(state.drafts)} draft(s) failed verification: {text}", _after_findings(
        state, draft, task, policy
    )


def _after_findings(state: State, draft: Draft, task: Task, policy: str) -> str:
    """What the rule that holds the draft wants, and who could give it."""
    held = draft.verdict.held[0]
    use = next((use for use in task.rubric.uses if use.name == held), None)
    score = draft.verdict.scores.get(held)
    value = f"{score.value:.2f}" if score and score.value is not None else "nothing"
    mark = 1.0 if use and use.declared.gate else use.declared.pass_at if use else 0.0
    told = f"Rule {held} gave {value} and passes at {mark:g}"
    wants = f"{told} ({use.rule.doc.rstrip('.')})." if use else f"{told}."
    return f"{wants} {_tries(state, policy)} report.html shows the draft beside what was found."


def _tries(state: State, policy: str) -> str:
    if policy == "planner":  # it would do the same again
        plan = f"if it should have passed, mend the plan or the rule: dataclaw domain test {state.domain}"
        return f"Ask for less or in other words, or let a model try (--model embedded); {plan}."
    raised = _raise_budget(state).rstrip(".")
    return f"{f'{raised}, or try' if raised else 'Try'} --best-of {max(4, 2 * state.best_of)}, or another --model."


def _raise_budget(state: State) -> str:
    if state.stop is None or state.stop not in _OPTIONS:
        return ""
    option, name = _OPTIONS[state.stop]
    return f"Raise --budget-{option} (it was {getattr(state.budget, name):g})."
