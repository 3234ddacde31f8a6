"""A domain whose own rules, tools and plans are watched: each call is told, and what it does outside is written down.

Rules judge frozen copies, ours as well as others': the check finds a rule that changes its case. Tools are asked twice,
since later calls are answered from a cache.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any, TypeVar

from dataclaw.domain import Domain, Task
from dataclaw.kit.audit import Audit
from dataclaw.kit.line_numbers import function_line
from dataclaw.kit.progress import CheckStep, trying
from dataclaw.plugins.find import Plugin
from dataclaw.plugins.load import load_plugin
from dataclaw.rewards import Rubric
from dataclaw.rewards.base import Case, Rule, Score
from dataclaw.rewards.frozen import frozen_case
from dataclaw.tools import builtin
from dataclaw.tools.base import Tool, ToolContext, ToolResult
from dataclaw.tools.cache import encode_result, fingerprint
from dataclaw.types import Action, Brief, Json, Observation, Plan

_FROZEN = "kit.frozen"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Observed:
    """A watched domain and what was seen.

    Attributes:
        domain: the domain.
        audit: what its parts did outside.
        results: hash of what each call of a tool of its own gave, by tool, stream and arguments.
        wavering: tools that gave the same call two results.
    """

    domain: Domain
    audit: Audit
    results: dict[str, str] = field(default_factory=dict[str, str])
    wavering: set[str] = field(default_factory=set[str])


def observe(domain: Domain) -> Observed:
    """Watch a domain's own code."""
    seen = Observed(domain, Audit(domain.root))
    tasks = {name: _task(domain.name, task, seen) for name, task in domain.tasks.items()}
    return replace(seen, domain=replace(domain, tasks=tasks))


def load_observed(plugin: Plugin) -> Observed:
    """Load a domain and watch its own code.

    Raises:
        PluginError: as `load_plugin`.
    """
    with trying(CheckStep("importing its code", "import")):
        domain = load_plugin(plugin)
    return observe(domain)


def is_own(rule: Rule, domain: str) -> bool:
    """Whether it is a rule of the domain's own."""
    return rule.name.startswith(f"{domain}.")


def _task(domain: str, task: Task, seen: Observed) -> Task:
    uses = [
        replace(use, rule=_rule(use.rule, task.name)) if is_own(use.rule, domain) else use for use in task.rubric.uses
    ]
    own = set(task.tools) - set(builtin())
    tools = {name: _tool(tool, task.name, seen) if name in own else tool for name, tool in task.tools.items()}
    rubric = Rubric(task.rubric.terms, uses, slowest=task.rubric.slowest)
    look = tuple(
        call if call.tool.name in builtin() else replace(call, tool=_tool(call.tool, task.name, seen))
        for call in task.look
    )
    plan = _plan(task.plan, task.name) if task.plan else None
    return replace(task, rubric=rubric, tools=tools, plan=plan, look=look)


def _rule(rule: Rule, task: str) -> Rule:
    step = CheckStep(f"rule {rule.name}", "rule", "rules.py", function_line(rule.judge), task)

    @functools.wraps(rule.judge)
    def judge(case: Case, **params: Json) -> Score:
        if _FROZEN not in case.memo:  # one for all rules of a case: what they share is worth keeping
            case.memo[_FROZEN] = frozen_case(case)
        with trying(step):
            return rule.judge(case.memo[_FROZEN], **params)

    return replace(rule, judge=judge)


def _tool(tool: Tool, task: str, seen: Observed) -> Tool:
    step = CheckStep(f"tool {tool.name}", "tool", "tools.py", function_line(tool.run), task)

    @functools.wraps(tool.run)
    def run(context: ToolContext, **args: Json) -> ToolResult:
        with trying(step):
            result = tool.run(context, **args)
        with trying(step):
            again = tool.run(context, **args)
        text = encode_result(result)
        if text != encode_result(again):
            seen.wavering.add(tool.name)
        asked = json.dumps([fingerprint(context.stream), list(context.window), args], sort_keys=True, default=str)
        key = f"{tool.name} {_digest(asked)}"
        seen.results[key] = _digest(text)
        return result

    return replace(tool, run=run)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _plan(plan: Plan, task: str) -> Plan:
    step = CheckStep(f"plan of {task}", "plan", "plans.py", function_line(plan), task)

    @functools.wraps(plan)
    def start(brief: Brief) -> Generator[Action, Observation, None]:
        return _Steps(_within(step, lambda: plan(brief)), step)

    return start


def _within(step: CheckStep, call: Callable[[], T]) -> T:
    with trying(step):
        return call()


class _Steps(Generator[Action, Observation, None]):
    """A plan under way, each of its decisions told."""

    def __init__(self, steps: Generator[Action, Observation, None], step: CheckStep) -> None:
        self._steps, self._step = steps, step

    def send(self, value: Observation) -> Action:
        with trying(self._step):
            return self._steps.send(value)

    def throw(self, typ: Any, val: Any = None, tb: TracebackType | None = None) -> Action:
        return self._steps.throw(typ, val, tb)
