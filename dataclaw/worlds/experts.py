"""Running a task with an expert in the plan's place, through the very steps, tools and rules that every policy has."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace

from dataclaw.agent.batch import run_batch
from dataclaw.agent.policy.planner import Planner
from dataclaw.agent.session import Session
from dataclaw.agent.steps import State
from dataclaw.choosing import BY_RULES, Chooser
from dataclaw.domain import Domain, Task
from dataclaw.tools.cache import Cache
from dataclaw.types import Action, Brief, Intent, Observation, Plan, Stream
from dataclaw.worlds.base import ExpertBrief, Request, Scene, World

EXPERT = "expert"
"""What `made_by.policy` says of samples that know the truth."""


@dataclass(frozen=True, slots=True)
class KnowingExpert:
    """Who answers a request knowing the truth.

    Attributes:
        plan: the expert of the task as a plan.
        chooser: who decides at its choice points.
    """

    plan: Plan
    chooser: Chooser

    def into(self, session: Session) -> Session:
        """The session with this expert in the plan's place."""
        return replace(session, task=with_plan(session.task, self.plan), chooser=self.chooser)


def expert_of(world: World, scene: Scene, request: Request) -> KnowingExpert:
    """The expert of a request."""

    def plan(brief: Brief) -> Generator[Action, Observation, None]:
        yield from world.experts[request.task](ExpertBrief(brief, scene, request))

    return KnowingExpert(plan, world.chooser(scene, request) if world.chooser else BY_RULES)


def with_plan(task: Task, plan: Plan) -> Task:
    """The task with another plan."""
    return replace(task, plan=plan)


def begin(stream: Stream, task: Task, request: Request) -> State:
    """The state that a rollout of an ask begins in."""
    key = f"{stream.id}-{task.name}-0"
    return State(key, task.domain, task.name, Intent(request.intent), (0.0, stream.duration), budget=task.budget)


def answer(
    domain: Domain, stream: Stream, request: Request, cache: Cache, expert: KnowingExpert | None = None
) -> tuple[State, Session]:
    """One rollout of an ask to its end, by the given expert or by the task's own plan (the planner's)."""
    task = domain.task(request.task)
    session = Session(stream, task, cache)
    session = expert.into(session) if expert else session
    (state,) = run_batch([(begin(stream, task, request), session)], Planner())
    return state, session
