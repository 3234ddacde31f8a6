"""Running a task with an expert in the plan's place, through the very steps, tools and rules that every policy has."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

from dataclaw.agent.batch import run_batch
from dataclaw.agent.policy.planner import Planner
from dataclaw.agent.session import Session
from dataclaw.agent.steps import State
from dataclaw.domain import Domain, Task
from dataclaw.tools.cache import Cache
from dataclaw.types import Action, Brief, Intent, Observation, Plan, Stream
from dataclaw.worlds.base import ExpertBrief, Request, Scene, World

EXPERT = "expert"
"""What `made_by.policy` says of samples that know the truth."""


def expert_plan(world: World, scene: Scene, request: Request) -> Plan:
    """The expert of the asked task as a plan."""

    def plan(brief: Brief) -> Generator[Action, Observation, None]:
        yield from world.experts[request.task](ExpertBrief(brief, scene, request))

    return plan


def with_plan(task: Task, plan: Plan) -> Task:
    """The task with another plan."""
    return replace(task, plan=plan)


def begin(stream: Stream, task: Task, request: Request) -> State:
    """The state that a rollout of an ask begins in."""
    key = f"{stream.id}-{task.name}-0"
    return State(key, task.domain, task.name, Intent(request.intent), (0.0, stream.duration), budget=task.budget)


def answer(
    domain: Domain, stream: Stream, request: Request, cache: Cache, plan: Plan | None = None
) -> tuple[State, Session]:
    """One rollout of an ask to its end, by the given plan or by the task's own (the planner's)."""
    task = domain.task(request.task)
    session = Session(stream, with_plan(task, plan) if plan else task, cache)
    (state,) = run_batch([(begin(stream, task, request), session)], Planner())
    return state, session
